/** Single keys, where the lab has the focus, and nobody is typing. */

import { ENCODINGS, NOTHING, type Store } from "../store";
import { advance, toggle } from "./topbar";

const TYPING = "input:not([type=checkbox], [type=radio], [type=range], [type=file]), textarea, select, [contenteditable]";
const NUMBER = "input[inputmode=decimal]"; // in which no bracket can be meant
const PRESSED = "button, summary, input, select, a"; // Space is their own

const isTyping = (at: Element, isGraph: boolean): boolean => Boolean(at.matches?.(TYPING)) && !(isGraph && at.matches(NUMBER));

/** What keys do; of letters the small ones stand for both. False: there was nothing to do, and the key is left to others. */
type Actions = Readonly<Record<string, (lab: Element) => unknown>>;

/** Close the inspector, unless the browser has something to close that lies over it. */
function close(lab: Element, store: Store): boolean {
  if (lab.querySelector(":popover-open") || !lab.querySelector(".crl-inspector")) return false;
  store.select(NOTHING);
  return true;
}

/** The keys of a lab. */
export const labKeys = (store: Store): Actions => ({
  " ": () => toggle(store),
  ".": () => advance(store),
  w: () => { store.encoding.value = ENCODINGS[(ENCODINGS.indexOf(store.encoding.peek()) + 1) % ENCODINGS.length]!; },
  r: () => { store.reverse.value = !store.reverse.peek(); },
  t: (lab) => { lab.dispatchEvent(new Event("crl-table")); },
  Escape: (lab) => close(lab, store),
});

/** Listen for keys in the lab around an element; the function that is given back ends it. */
export function keysOf(inside: Element, actions: Actions): () => void {
  const lab = inside.closest(".crl") ?? inside;
  const pressed = (event: Event): void => {
    const { key, ctrlKey, metaKey, altKey, target } = event as KeyboardEvent;
    const name = key.length === 1 ? key.toLowerCase() : key;
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
    const isGraph = key === "[" || key === "]"; // AltGr types them on many keyboards
    if (!action || event.defaultPrevented || ((ctrlKey || altKey) && !isGraph) || metaKey || isTyping(target as Element, isGraph)) return;
    if (key === " " && (target as Element).matches(PRESSED)) return;
    if (action(lab) !== false) event.preventDefault();
  };
  lab.addEventListener("keydown", pressed);
  return () => lab.removeEventListener("keydown", pressed);
}

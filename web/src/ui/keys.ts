/** Single keys, where the lab has the focus, and nobody is typing. */

const TYPING = "input:not([type=checkbox]):not([type=range]), textarea, select, [contenteditable]";
const NUMBER = "input[inputmode=decimal]"; // in which no bracket can be meant

const isTyping = (at: Element, isGraph: boolean): boolean => Boolean(at.matches?.(TYPING)) && !(isGraph && at.matches(NUMBER));

/** Listen for keys in the lab around an element; the function that is given back ends it. */
export function keysOf(inside: Element, actions: Readonly<Record<string, () => void>>): () => void {
  const lab: EventTarget = inside.closest(".crl") ?? inside;
  const pressed = (event: Event): void => {
    const { key, ctrlKey, metaKey, altKey, target } = event as KeyboardEvent;
    const action = Object.hasOwn(actions, key) ? actions[key] : undefined;
    const isGraph = key === "[" || key === "]"; // AltGr types them on many keyboards
    if (!action || ((ctrlKey || altKey) && !isGraph) || metaKey || isTyping(target as Element, isGraph)) return;
    event.preventDefault();
    action();
  };
  lab.addEventListener("keydown", pressed);
  return () => lab.removeEventListener("keydown", pressed);
}

/** The part of a lab's state that stands in the address, so that a link restores it. */

import { effect } from "@preact/signals";
import { ENCODINGS, MODES, NOTHING, UNITS, type Selection, type Store } from "./store";

type Values = Readonly<Record<string, string>>;

/** A key of the address: how it is read into the state, and what is written; null is left out. */
interface Key {
  readonly read: (store: Store, text: string) => void;
  readonly write: (store: Store) => string | null;
}

const SELECTION = /^(\d{1,6})\.(\d{1,9})(?:\.(\d{1,9}|b))?$/;
const whole = (text: string): number | null => (/^\d{1,15}$/.test(text) ? Number(text) : null);

function choice<T extends string>(name: "mode" | "encoding" | "unit", all: readonly T[], usual: T): Key {
  return {
    read: (store, text) => { if (all.includes(text as T)) (store[name].value as string) = text; },
    write: (store) => (store[name].value === usual ? null : store[name].value),
  };
}

function flag(name: "reverse" | "predictFirst"): Key {
  return {
    read: (store, text) => { store[name].value = text === "1"; },
    write: (store) => (store[name].value ? "1" : null),
  };
}

/** A neuron is layer.neuron, a weight layer.neuron.from, a bias layer.neuron.b; layers from 2 on, neurons from 0. */
export function selectionOf(text: string, sizes: readonly number[]): Selection {
  const [, layer, to, from] = SELECTION.exec(text) ?? [];
  const [l, j] = [Number(layer), Number(to)];
  const lowest = from === undefined ? 1 : 2; // the input has neurons, but no weights
  if (layer === undefined || l < lowest || l > sizes.length || j >= sizes[l - 1]!) return NOTHING;
  if (from === undefined) return { kind: "neuron", l, j };
  if (from === "b") return { kind: "weight", l, j, k: -1 };
  return Number(from) < sizes[l - 2]! ? { kind: "weight", l, j, k: Number(from) } : NOTHING;
}

export function selectionText(s: Selection): string | null {
  if (s.kind === "none") return null;
  return s.kind === "neuron" ? `${s.l}.${s.j}` : `${s.l}.${s.j}.${s.k < 0 ? "b" : s.k}`;
}

const KEYS: Readonly<Record<string, Key>> = {
  mode: choice("mode", MODES, "train"),
  show: choice("encoding", ENCODINGS, "weights"),
  unit: choice("unit", UNITS, "batch"),
  reverse: flag("reverse"),
  predict: flag("predictFirst"),
  phase: {
    read: (store, text) => { store.phase.value = whole(text) ?? 0; },
    write: (store) => (store.phase.value > 0 ? String(store.phase.value) : null),
  },
  example: {
    read: (store, text) => store.pin(whole(text) ?? 0),
    write: (store) => (store.example.value > 0 ? String(store.example.value) : null),
  },
  at: {
    read: (store, text) => store.select(selectionOf(text, store.hello.peek()?.network.sizes ?? [])),
    write: (store) => selectionText(store.selection.value),
  },
  with: {
    read: (store, text) => { if (/^[\w.-]{1,80}$/.test(text) && store.compared.peek() !== text) void store.compare(text); },
    write: (store) => store.compared.value,
  },
  step: {
    read: (store, text) => { if (whole(text) !== null) void store.seek(whole(text)!); },
    write: (store) => (store.following.value || store.step.value === store.last.value ? null : String(store.step.value)),
  },
};

/** The keys and values of an address; the last of two values counts. */
export function parse(hash: string): Values {
  return Object.fromEntries(new URLSearchParams(hash.replace(/^#/, "")));
}

/** Bring the state to what the address says, once the store has been started; unknown keys go to `extra`. */
export function restore(store: Store, hash: string): void {
  const values = parse(hash);
  for (const [name, key] of Object.entries(KEYS)) if (Object.hasOwn(values, name)) key.read(store, values[name]!);
  store.extra.value = Object.fromEntries(Object.entries(values).filter(([name]) => !Object.hasOwn(KEYS, name)));
}

/** What the address says of the state, beginning with "#"; empty where all is as usual. */
export function link(store: Store): string {
  const found = new URLSearchParams(store.extra.value);
  for (const [name, key] of Object.entries(KEYS)) {
    const text = key.write(store);
    if (text !== null) found.set(name, text);
  }
  const text = found.toString();
  return text && `#${text}`;
}

const PAUSE = 300; // ms: browsers refuse an address that changes all the time

/**
 * Keep the state and the address of the page together; the function that is given back ends it. An address that is
 * not the one known here was given by the person a moment ago, and its event is under way: it is read, not overwritten.
 */
export function bind(store: Store): () => void {
  let known = location.hash;
  restore(store, known);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const later = (text: string): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (location.hash !== known) return;
      write(text);
      known = location.hash;
    }, PAUSE);
  };
  const end = effect(() => later(link(store)));
  const changed = (): void => {
    known = location.hash;
    if (known !== link(store)) restore(store, known);
    later(link(store));
  };
  addEventListener("hashchange", changed);
  return () => {
    clearTimeout(timer);
    end();
    removeEventListener("hashchange", changed);
  };
}

function write(text: string): void {
  try {
    history.replaceState(history.state, "", text || location.pathname + location.search);
  } catch { /* a frame without an address of its own, such as a notebook's */ }
}

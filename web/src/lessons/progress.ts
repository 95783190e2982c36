/** Which steps of which lessons are done: kept in the browser where it keeps things, else while the page is open. */

import { signal, type ReadonlySignal } from "@preact/signals";

type Done = Readonly<Record<string, readonly number[]>>;
export type Shelf = Pick<Storage, "getItem" | "setItem">;

const KEY = "chainrule-lessons";

/** The browser's own shelf; null in a page that has none, such as a file's under a strict policy. */
export function shelf(): Shelf | null {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}

function read(from: Shelf | null): Done {
  try {
    const value: unknown = JSON.parse(from?.getItem(KEY) ?? "{}");
    const entries = Object.entries(value as object).filter(([, steps]) => Array.isArray(steps) && steps.every(Number.isInteger));
    return Object.fromEntries(entries) as Done;
  } catch {
    return {};
  }
}

export class Progress {
  readonly #done;

  constructor(readonly place: Shelf | null = shelf()) {
    this.#done = signal<Done>(read(place));
  }

  get done(): ReadonlySignal<Done> {
    return this.#done;
  }

  has(lesson: string, step: number): boolean {
    return this.#done.value[lesson]?.includes(step) ?? false;
  }

  mark(lesson: string, step: number): void {
    const before = this.#done.peek();
    if (before[lesson]?.includes(step)) return;
    this.#write({ ...before, [lesson]: [...(before[lesson] ?? []), step].sort((a, b) => a - b) });
  }

  forget(lesson: string): void {
    this.#write({ ...this.#done.peek(), [lesson]: [] });
  }

  #write(done: Done): void {
    this.#done.value = done;
    try {
      this.place?.setItem(KEY, JSON.stringify(done));
    } catch { /* a full shelf: it is remembered while the page is open */ }
  }
}

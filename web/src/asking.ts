/** Questions about steps that take the engine a while: one at a time, of the newest step that is wanted, and not too often. */

import { signal } from "@preact/signals";
import { reason } from "./format";

const APART = 2000; // ms between two questions, at least
const REST = 300; // ms that a step must have been wanted: whoever drags the timeline passes many
const SHARE = 20; // asking takes at most one part in so many of the time
const TRIES = 2; // of a step whose question failed

export class Asking<T> {
  /** The newest answer, and why the newest question has none. */
  readonly found = signal<T | null>(null);
  readonly problem = signal<string | null>(null);
  #wanted: number | null = null;
  #isAsking = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #next = 0; // the time before which nothing is asked
  #failures = 0;

  constructor(readonly ask: (step: number) => Promise<T | null>) {}

  /** This step is wanted now; null: none. */
  want(step: number | null): void {
    if (step === this.#wanted) return;
    this.#wanted = step;
    this.#failures = 0;
    this.#plan();
  }

  stop(): void {
    this.#wanted = null;
    clearTimeout(this.#timer);
  }

  #plan(): void {
    clearTimeout(this.#timer);
    if (this.#wanted === null || this.#isAsking) return;
    this.#timer = setTimeout(() => void this.#go(this.#wanted!), Math.max(REST, this.#next - Date.now()));
  }

  async #go(step: number): Promise<void> {
    const begun = Date.now();
    this.#isAsking = true;
    const isDone = await this.#asked(step);
    this.#isAsking = false;
    this.#next = Date.now() + Math.max(APART, SHARE * (Date.now() - begun));
    if (!isDone) this.#failures++;
    if (this.#wanted !== step || (!isDone && this.#failures < TRIES)) this.#plan();
  }

  async #asked(step: number): Promise<boolean> {
    try {
      this.found.value = await this.ask(step);
      this.problem.value = null;
      return true;
    } catch (error) {
      this.problem.value = reason(error);
      return false;
    }
  }
}

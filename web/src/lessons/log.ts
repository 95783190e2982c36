/** What a learner answered: kept while the page is open and nowhere else; the learner may save it as a file, and hand that in. */

import { signal, type ReadonlySignal } from "@preact/signals";

export interface Entry {
  /** As ISO 8601, in UTC. */
  readonly time: string;
  readonly lesson: string;
  /** Counted from 1, and its title. */
  readonly step: number;
  readonly title: string;
  /** What was asked, or to be done. */
  readonly goal: string;
  readonly answer: string;
  /** "yes", "no", or "shown" where the page was asked to show it; empty where nothing was asked. */
  readonly right: "yes" | "no" | "shown" | "";
}

const COLUMNS = ["time", "lesson", "step", "title", "goal", "answer", "right"] as const satisfies readonly (keyof Entry)[];
const MOST = 5000;

export class AnswerLog {
  readonly #entries = signal<readonly Entry[]>([]);

  get entries(): ReadonlySignal<readonly Entry[]> {
    return this.#entries;
  }

  add(entry: Omit<Entry, "time">, time: Date = new Date()): void {
    this.#entries.value = [...this.#entries.peek(), { time: time.toISOString(), ...entry }].slice(-MOST);
  }

  /** Whether a step was answered rightly, or shown. */
  has(lesson: string, step: number): boolean {
    return this.#entries.peek().some((it) => it.lesson === lesson && it.step === step && it.right !== "no");
  }

  clear(): void {
    this.#entries.value = [];
  }
}

/** A cell: quoted where it must be; what a spreadsheet would take for a formula begins with an apostrophe. */
function cell(value: string | number): string {
  const text = String(value);
  const isFormula = /^[=+@\t\r-]/.test(text) && !/^[+-]?[\d.,]+(e[+-]?\d+)?$/i.test(text);
  const safe = isFormula ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}

/** The answers as a table (RFC 4180). */
export const csvOf = (entries: readonly Entry[]): string =>
  [COLUMNS, ...entries.map((entry) => COLUMNS.map((name) => entry[name]))].map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";

/** The answers as JSON. */
export const jsonOf = (entries: readonly Entry[]): string => `${JSON.stringify({ format: "chainrule answers 1", answers: entries }, null, 1)}\n`;

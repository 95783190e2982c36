/** Fields for numbers: what cannot be meant stays as it was typed, and it is said what is wanted. */

import { signal, type Signal } from "@preact/signals";
import type { JSX } from "preact";
import { useId, useMemo } from "preact/hooks";
import { parseNumber } from "../format";

/** What a number must be, and the words for it: "a number above 0". */
export interface Wanted { readonly words: string; readonly fits: (x: number) => boolean }

export const RATE: Wanted = { words: "a number above 0, such as 0.1", fits: (x) => x >= 1e-12 && x <= 1e6 }; // as in chainrule/lab/wire.py
export const COST: Wanted = { words: "a number", fits: (x) => Math.abs(x) <= 1e12 };
export const FINITE: Wanted = { words: "a finite number, such as −0.5 or 2e-3", fits: () => true };
export const NOISE: Wanted = { words: "a number from 0 on", fits: (x) => x >= 0 && x <= 1e6 };
export const EPOCHS: Wanted = { words: "a whole number from 1 on", fits: (x) => Number.isInteger(x) && x >= 1 && x < 2 ** 31 };

/** One of so many. */
export const whole = (low: number, high: number): Wanted =>
  ({ words: `a whole number from ${low} to ${high}`, fits: (x) => Number.isInteger(x) && x >= low && x <= high });

/** What was typed, if it is wanted. */
export function meant(text: string, { fits }: Wanted): number | null {
  const x = parseNumber(text);
  return x !== null && fits(x) ? x : null;
}

/** Whether something was typed that is not wanted; nothing at all may be left out. */
export const isOdd = (text: string, wanted: Wanted): boolean => text.trim() !== "" && meant(text, wanted) === null;

interface Props {
  readonly text: string;
  readonly label: string;
  readonly wanted: Wanted;
  readonly isBad: boolean;
  readonly size?: number;
  readonly usual?: string;
  readonly onInput?: (text: string) => void;
  readonly onChange?: (text: string) => void;
  readonly onBlur?: () => void;
}

function Text({ text, label, wanted, isBad, size = 6, usual, onInput, onChange, onBlur }: Props): JSX.Element {
  const id = useId();
  return (
    <>
      <input type="text" inputMode="decimal" size={size} aria-label={label} placeholder={usual} value={text}
        aria-invalid={isBad ? "true" : undefined} aria-describedby={isBad ? id : undefined}
        onInput={(event) => onInput?.(event.currentTarget.value)} onChange={(event) => onChange?.(event.currentTarget.value)}
        onBlur={() => onBlur?.()} />
      {isBad && <span id={id} class="crl-bad crl-wanted" role="status">{label}: {wanted.words}.</span>}
    </>
  );
}

type Own = Pick<Props, "label" | "wanted" | "size" | "usual">;
interface Put extends Own {
  readonly value: string;
  readonly onPut: (x: number) => void;
  /** What was typed is dropped when this changes: the number was set from elsewhere. */
  readonly until?: unknown;
}

/** A number that is put as soon as it is one; while somebody types, it may change without taking the text away. */
export function NumberField({ value, onPut, until, ...own }: Put): JSX.Element {
  const typed = useMemo(() => signal<{ readonly text: string; readonly isBad: boolean } | null>(null), [until]);
  const take = (text: string): void => {
    const x = meant(text, own.wanted);
    typed.value = x === null ? { text, isBad: true } : null;
    if (x !== null) onPut(x);
  };
  return (
    <Text {...own} text={typed.value?.text ?? value} isBad={typed.value?.isBad ?? false} onChange={take}
      onInput={(text) => { typed.value = { text, isBad: (typed.peek()?.isBad ?? false) && meant(text, own.wanted) === null }; }}
      onBlur={() => { if (!typed.peek()?.isBad) typed.value = null; }} />
  );
}

/** A number of a form that is sent later; it may be left out. */
export const FormNumber = ({ text, ...own }: Own & { readonly text: Signal<string> }): JSX.Element =>
  <Text {...own} text={text.value} isBad={isOdd(text.value, own.wanted)} onInput={(typed) => { text.value = typed; }} />;

/** Predict first: a result is typed before it is shown. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useId } from "preact/hooks";
import { EQUATIONS, Formula, type Known } from "../formula";
import { judge, type Verdict } from "../lessons/judge";
import { resultOf, slipsOf, type Item } from "../phases";

/** What an update adds to its parameter, −η times the gradient; null of other results. */
export function changeOf({ equation, at }: Item, known: Known): number | null {
  const gradient = EQUATIONS[at.k < 0 ? "BP3" : "BP4"]!;
  return equation === "GD" ? -((known.eta ?? NaN) / (known.m ?? 1)) * gradient.result(at, known) : null;
}

/** So many digits of a result that what changed is seen in it. */
export function digitsOf(item: Item, known: Known): number {
  const [size, by] = [resultOf(item, known), changeOf(item, known) ?? 0].map(Math.abs) as [number, number];
  return by > 0 && by <= size && size < Infinity ? Math.max(4, Math.min(15, Math.floor(Math.log10(size)) - Math.floor(Math.log10(by)) + 3)) : 4;
}

/** Whether a prediction is right, to 1 %, and what to say of it. Of an update its change is judged: 1 % of the value would hide it. */
export function judged(typed: string, item: Item, known: Known): Verdict {
  const [change, result, slips] = [changeOf(item, known), resultOf(item, known), slipsOf(item, known)];
  if (change === null) return judge(typed, result, undefined, slips);
  const old = result - change;
  const whole: [number, string] = [result, "That is about the whole value. By how much does it change?"];
  return judge(typed, change, undefined, [...slips.map(([value, text]): [number, string] => [value - old, text]), whole]);
}

export function Predict({ item, known, onRight }: { item: Item; known: Known; onRight: () => void }): JSX.Element {
  const typed = useSignal("");
  const said = useSignal("");
  const id = useId();
  const check = (event: Event): void => {
    event.preventDefault();
    const verdict = judged(typed.peek(), item, known);
    said.value = verdict.text;
    if (verdict.right) onRight();
  };
  const asked = EQUATIONS[item.equation]!.left(item.at);
  const isChange = changeOf(item, known) !== null;
  return (
    <form class="crl-row crl-predict" onSubmit={check}>
      <label for={id}>Your prediction{isChange && " of the change"}: <Formula>{isChange && <mi mathvariant="normal">Δ</mi>}{asked}<mo>=</mo></Formula></label>
      <input id={id} type="text" inputMode="decimal" autocomplete="off" size={10} value={typed} onInput={(e) => { typed.value = e.currentTarget.value; }} />
      <button type="submit">Check</button>
      <button type="button" class="crl-link" onClick={onRight}>Show it</button>
      <output role="status">{said}</output>
    </form>
  );
}

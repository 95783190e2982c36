/** Predict first: a result is typed before it is shown. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useId } from "preact/hooks";
import { EQUATIONS, Formula, type Known } from "../formula";
import { judge, type Verdict } from "../lessons/judge";
import { resultOf, slipsOf, type Item } from "../phases";

/** Whether a prediction is right, to 1 %, and what to say of it. */
export function judged(typed: string, item: Item, known: Known): Verdict {
  return judge(typed, resultOf(item, known), undefined, slipsOf(item, known));
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
  return (
    <form class="crl-row crl-predict" onSubmit={check}>
      <label for={id}>Your prediction: <Formula>{EQUATIONS[item.equation]!.left(item.at)}<mo>=</mo></Formula></label>
      <input id={id} type="text" inputMode="decimal" autocomplete="off" size={10} value={typed} onInput={(e) => { typed.value = e.currentTarget.value; }} />
      <button type="submit">Check</button>
      <button type="button" class="crl-link" onClick={onRight}>Show it</button>
      <output role="status">{said}</output>
    </form>
  );
}

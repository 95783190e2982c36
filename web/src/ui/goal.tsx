/** What a step of a lesson asks for: a number, a choice, or something to be done in the lab. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useId } from "preact/hooks";
import { number } from "../format";
import { verdict, type Bench, type ChoiceGoal, type Goal, type NumberGoal } from "../lessons/goals";

interface Props<G extends Goal> {
  readonly goal: G;
  readonly bench: Bench;
  readonly done: boolean;
}

const WORDS: Readonly<Record<string, string>> = { mean_cost: "the mean cost", cost: "the cost", step: "the step" };

/** A goal that is reached by doing something, as a sentence. */
function task(goal: Exclude<Goal, NumberGoal | ChoiceGoal>): string {
  switch (goal.kind) {
    case "select": return goal.what === "neuron" ? "Choose the neuron." : "Choose the weight.";
    case "set": return `Set it to ${number(goal.to, 3)}.`;
    case "sweep": return goal.mode === "forward" ? `Touch every edge, forward from ${goal.from}.` : `Touch every edge, in reverse from ${goal.from}.`;
    case "check": return `Check a parameter of ${goal.layers.map((l) => `layer ${l}`).join(" and ")}.`;
    case "phase": return `Go to ${goal.at}.`;
    case "reach": {
      if (goal.value === "step") return goal.above === 0 ? "Do a step." : `Go on to step ${(goal.above ?? 0) + 1}, or beyond.`;
      const what = WORDS[goal.value] ?? `${goal.value.split(".")[0]}`;
      return `Bring ${what} ${goal.below !== undefined ? `below ${goal.below}` : `above ${goal.above}`}.`;
    }
  }
}

export function GoalView({ goal, bench, done }: Props<Goal>): JSX.Element {
  if (goal.kind === "number") return <NumberView goal={goal} bench={bench} done={done} />;
  if (goal.kind === "choice") return <ChoiceView goal={goal} bench={bench} done={done} />;
  return <p class="crl-goal-task"><span aria-hidden="true">{done ? "✓" : "○"}</span> {task(goal)} <span role="status">{done ? "Done." : ""}</span></p>;
}

function NumberView({ goal, bench }: Props<NumberGoal>): JSX.Element {
  const typed = useSignal("");
  const said = useSignal("");
  const id = useId();
  const check = (event: Event): void => {
    event.preventDefault();
    bench.answer.value = typed.peek();
    said.value = verdict(goal, bench).text || "Type a number first.";
  };
  return (
    <form onSubmit={check}>
      <label for={id}>{goal.ask}</label>
      <div class="crl-row">
        <input id={id} type="text" inputMode="decimal" autocomplete="off" size={14} value={typed} onInput={(e) => { typed.value = e.currentTarget.value; }} />
        <button type="submit">Check</button>
        <span class="crl-faint">to 1 %</span>
      </div>
      <output role="status">{bench.answer.value && !typed.value ? `It is ${number(Number(bench.answer.value), 6)}.` : said}</output>
    </form>
  );
}

function ChoiceView({ goal, bench }: Props<ChoiceGoal>): JSX.Element {
  const chosen = bench.chosen.value;
  const name = useId();
  return (
    <fieldset>
      <legend>{goal.ask}</legend>
      {goal.options.map((option, i) => (
        <label key={i} class={`crl-option ${chosen === i ? (i === goal.answer ? "is-right" : "is-wrong") : ""}`}>
          <input type="radio" name={name} checked={chosen === i} onChange={() => { bench.chosen.value = i; }} />
          <span>{option.text}</span>
        </label>
      ))}
      <output role="status">{chosen === null ? "" : `${chosen === goal.answer ? "✓" : "Not quite."} ${goal.options[chosen]!.why}`}</output>
    </fieldset>
  );
}

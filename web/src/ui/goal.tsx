/** What a step of a lesson asks for: a number, a choice, or something to be done in the lab. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useId } from "preact/hooks";
import { count, number } from "../format";
import type { Bench } from "../lessons/bench";
import { verdict, type CheckGoal, type ChoiceGoal, type Deed, type Goal, type NumberGoal, type ReachGoal } from "../lessons/goals";
import { quantity, quantityWords, sceneOf } from "../lessons/quantity";
import type { Hello } from "../protocol";
import { selectionName, weightName } from "./names";

interface Props<G extends Goal> {
  readonly goal: G;
  readonly bench: Bench;
  readonly done: boolean;
  /** An answer was given: it goes into the learner's log. */
  readonly onAnswer: (answer: string, isRight: boolean) => void;
}

/** What is to be done or answered, as the lesson says it, or as a sentence that says just what and where. */
export function wordsOf(goal: Goal, hello: Hello | null): string {
  return goal.ask ?? (hello ? SENTENCES[goal.kind as Deed["kind"]](goal as never, hello) : "");
}

const SENTENCES: { readonly [K in Deed["kind"]]: (goal: Extract<Deed, { kind: K }>, hello: Hello) => string } = {
  select: ({ what, l, j, k }, hello) => {
    if (j === undefined || (what === "weight" && k === undefined)) return `Choose a ${what} ${what === "weight" ? "into" : "of"} layer ${l}.`;
    return `Choose ${selectionName(hello, what === "neuron" ? { kind: "neuron", l, j } : { kind: "weight", l, j, k: k! })}.`;
  },
  set: ({ l, j, k, to }, hello) => `Set ${weightName(hello, l, j, k)} to ${String(to).replace("-", "−")}.`,
  sweep: ({ mode, from }) => (mode === "forward" ? `Touch every edge, forward from ${from}.` : `Touch every edge, in reverse from ${from}.`),
  check: ({ layers, both }) => `Check ${both ? "a weight and a bias" : "a weight or a bias"} of each of the layers ${layers.join(", ")}.`,
  phase: ({ at, l }) => `Go to the phase of ${at}${l === undefined ? "" : ` for layer ${l}`}.`,
  reach: ({ value, below, above, by }) => {
    if (value === "step") return above === 0 ? "Do one step." : `Train to step ${count((above ?? 0) + 1)} or beyond.`;
    const how = by === "training" ? "By training, bring" : by === "editing" ? "By typing other numbers, bring" : "Bring";
    return `${how} ${quantityWords(value)} ${below !== undefined ? `below ${below}` : `above ${above}`}.`;
  },
};

export function GoalView(props: Props<Goal>): JSX.Element {
  const { goal, bench, done } = props;
  if (goal.kind === "number") return <NumberView {...props} goal={goal} />;
  if (goal.kind === "choice") return <ChoiceView {...props} goal={goal} />;
  return (
    <p class="crl-goal-task">
      <span aria-hidden="true">{done ? "✓" : "○"}</span> {wordsOf(goal, bench.store.hello.value)}{" "}
      {goal.kind === "reach" && goal.value !== "step" && <Now goal={goal} bench={bench} done={done} />}
      {goal.kind === "check" && !done && <Left goal={goal} bench={bench} />}
      <span role="status">{done ? "Done." : ""}</span>
    </p>
  );
}

/** Why a goal is open although its quantity is there. */
export function notCounted({ by }: Pick<ReachGoal, "by">, isEdited: boolean): string {
  if (by === "editing" && !isEdited) return "Training brought it there; only numbers that you type count. ";
  return by === "training" && isEdited ? "What you typed brought it there; only training counts. " : "";
}

/** Where the quantity stands, at most seven times a second. */
function Now({ goal, bench: { store, training }, done }: { goal: ReachGoal; bench: Bench; done: boolean }): JSX.Element {
  void store.calm.value;
  const x = quantity(goal.value, sceneOf(store, training?.task ?? null));
  const there = x < (goal.below ?? Infinity) && x > (goal.above ?? -Infinity);
  return <span class="crl-faint">Now {number(x, 3)}. {!done && there && notCounted(goal, store.whatIf.value !== null)}</span>;
}

/** What is still to be checked. */
function Left({ goal, bench }: { goal: CheckGoal; bench: Bench }): JSX.Element | null {
  const checked = bench.checked.value;
  const has = (l: number, isBias: boolean): boolean => checked.some((at) => at.startsWith(`${l}.`) && at.endsWith(".b") === isBias);
  const left = goal.layers.flatMap((l) => {
    if (!goal.both) return has(l, true) || has(l, false) ? [] : [`layer ${l}`];
    return [...(has(l, false) ? [] : [`a weight of layer ${l}`]), ...(has(l, true) ? [] : [`a bias of layer ${l}`])];
  });
  return checked.length > 0 && left.length > 0 ? <span class="crl-faint">Still to check: {left.join(", ")}. </span> : null;
}

function NumberView({ goal, bench, onAnswer }: Props<NumberGoal>): JSX.Element {
  const typed = useSignal("");
  const said = useSignal("");
  const id = useId();
  const check = (event: Event): void => {
    event.preventDefault();
    bench.answer.value = typed.peek();
    const { right, text } = verdict(goal, bench);
    said.value = text ? `${right ? "✓ " : ""}${text}` : "Type a number first.";
    if (text) onAnswer(typed.peek().trim(), right);
  };
  const tolerance = 100 * (goal.tolerance ?? 0.01);
  return (
    <form onSubmit={check}>
      <label for={id}>{goal.ask}</label>
      <div class="crl-row">
        <input id={id} type="text" inputMode="text" autocomplete="off" size={14} maxLength={40} placeholder="a number" value={typed}
          onInput={(e) => { typed.value = e.currentTarget.value; }} />
        <button type="submit">Check the answer</button>
        <span class="crl-faint">{Number(tolerance.toPrecision(2))} % off is near enough</span>
      </div>
      <output role="status">{bench.isShown.value ? `It is ${number(Number(bench.answer.value), 6)}.` : said}</output>
    </form>
  );
}

function ChoiceView({ goal, bench, onAnswer }: Props<ChoiceGoal>): JSX.Element {
  const chosen = bench.chosen.value;
  const name = useId();
  const choose = (i: number): void => {
    bench.chosen.value = i;
    onAnswer(goal.options[i]!.text, i === goal.answer);
  };
  return (
    <fieldset>
      <legend>{goal.ask}</legend>
      {goal.options.map((option, i) => (
        <label key={i} class={`crl-option ${chosen === i ? (i === goal.answer ? "is-right" : "is-wrong") : ""}`}>
          <input type="radio" name={name} checked={chosen === i} onChange={() => choose(i)} />
          <span>{option.text}</span>
        </label>
      ))}
      <output role="status">{chosen === null ? "" : `${chosen === goal.answer ? "✓" : "Not quite."} ${goal.options[chosen]!.why}`}</output>
    </fieldset>
  );
}

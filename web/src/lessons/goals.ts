/**
 * What a lesson asks for, one row a kind: when it is reached, and what a learner does to reach it.
 *
 * The second is what "Show me" does, and what the tests walk every lesson with. In here neurons are counted from 0, and -1 is a
 * bias; in a lesson's text, as on the screen, from 1.
 */

import type { Selection } from "../store";
import type { Bench } from "./bench";
import { GRAPHS, touches, type Mode } from "./graphs";
import { judge, type Verdict } from "./judge";
import { quantity, sceneOf } from "./quantity";

interface Asked {
  /** What is to be done, or answered; without it a sentence is made. */
  readonly ask?: string;
  readonly hint?: string;
}

/** A number to be worked out: the value, or the name of a quantity as the step finds it, whatever has been tried since. */
export interface NumberGoal extends Asked {
  readonly kind: "number";
  readonly ask: string;
  readonly value: number | string;
  /** As the source prints it: a test holds the lab to it. */
  readonly printed?: string;
  readonly tolerance?: number;
}

export interface ChoiceGoal extends Asked {
  readonly kind: "choice";
  readonly ask: string;
  readonly options: readonly { readonly text: string; readonly why: string }[];
  /** Which of them is right. */
  readonly answer: number;
}

export interface SelectGoal extends Asked {
  readonly kind: "select";
  readonly what: "neuron" | "weight";
  readonly l: number;
  readonly j?: number;
  readonly k?: number;
}

/** A quantity below or above a bound, by training, by editing, or by either: "mean_cost" below 0.01. */
export interface ReachGoal extends Asked {
  readonly kind: "reach";
  readonly value: string;
  readonly below?: number;
  readonly above?: number;
  readonly by?: "training" | "editing";
}

/** A weight or a bias set to a value, as a what-if. */
export interface SetGoal extends Asked {
  readonly kind: "set";
  readonly l: number;
  readonly j: number;
  readonly k: number;
  readonly to: number;
  readonly within?: number;
}

/** A whole sweep over the graph, in a mode, from a node. */
export interface SweepGoal extends Asked {
  readonly kind: "sweep";
  readonly mode: Mode;
  readonly from: string;
}

/** Parameters compared with the central difference: of each of these layers one at least, or one weight and one bias. */
export interface CheckGoal extends Asked {
  readonly kind: "check";
  readonly layers: readonly number[];
  readonly both?: boolean;
}

/** Step mode brought to a phase, such as "BP2", of a layer where that matters. */
export interface PhaseGoal extends Asked {
  readonly kind: "phase";
  readonly at: string;
  readonly l?: number;
}

export type Goal = NumberGoal | ChoiceGoal | SelectGoal | ReachGoal | SetGoal | SweepGoal | CheckGoal | PhaseGoal;
/** What is reached by doing something in the lab. */
export type Deed = Exclude<Goal, NumberGoal | ChoiceGoal>;

interface Row<G extends Goal> {
  readonly isReached: (goal: G, bench: Bench) => boolean;
  readonly solve: (goal: G, bench: Bench) => void | Promise<void>;
}

const MOST_STEPS = 20_000;

/** The number that a goal asks for: as the step found the network, so that trying something out does not change the question. */
export function numberOf(goal: NumberGoal, { store, training, opening }: Bench): number {
  if (typeof goal.value === "number") return goal.value;
  return quantity(goal.value, sceneOf(store, training?.task ?? null, opening.value ?? undefined));
}

/** What is said to an answer. */
export const verdict = (goal: NumberGoal, bench: Bench): Verdict =>
  judge(bench.answer.value, numberOf(goal, bench), goal.tolerance);

function reached(goal: ReachGoal, { store, training }: Bench): boolean {
  const isEdited = store.whatIf.value !== null;
  void [store.frame.value, store.example.value];
  if (goal.by && (goal.by === "editing") !== isEdited) return false;
  const x = quantity(goal.value, sceneOf(store, training?.task ?? null));
  return x < (goal.below ?? Infinity) && x > (goal.above ?? -Infinity);
}

/** Train until it is reached; where no training gets there, the lesson is at fault. */
async function trainUntil(goal: ReachGoal, bench: Bench): Promise<void> {
  const { store, training } = bench;
  await store.seek(training?.last ?? 0);
  for (let most = training?.last ?? 0; training && most < MOST_STEPS && !reached(goal, bench); ) {
    training.advance(goal.value === "step" ? Math.max(1, Math.min(10, (goal.above ?? 0) + 1 - most)) : 10);
    if (training.last === most) return; // it remembers no more
    most = training.last;
    await store.seek(most);
  }
}

/** Edit the biases until it is reached: a blunt way, but one that a learner may take. */
function editUntil(goal: ReachGoal, bench: Bench): void {
  const { store } = bench;
  const L = store.shape.peek()!.L;
  for (const to of [-1, -2, -4, -8, 1, 2, 4, 8]) {
    if (reached(goal, bench)) return;
    store.edit(store.index(L, 0, -1), to);
  }
}

const selected = (goal: SelectGoal, s: Selection): boolean =>
  s.kind !== "none" && s.kind === goal.what && s.l === goal.l && (goal.j ?? s.j) === s.j &&
  (s.kind === "neuron" || (goal.k ?? s.k) === s.k);

/** Whether enough of a layer was checked. */
function isChecked(l: number, { both = false }: CheckGoal, checked: readonly string[]): boolean {
  const mine = checked.filter((at) => at.startsWith(`${l}.`));
  const biases = mine.filter((at) => at.endsWith(".b")).length;
  return both ? biases > 0 && biases < mine.length : mine.length > 0;
}

const GOALS: { readonly [K in Goal["kind"]]: Row<Extract<Goal, { kind: K }>> } = {
  number: {
    isReached: (goal, bench) => verdict(goal, bench).right,
    solve: (goal, bench) => { bench.answer.value = String(numberOf(goal, bench)); },
  },
  choice: {
    isReached: (goal, bench) => bench.chosen.value === goal.answer,
    solve: (goal, bench) => { bench.chosen.value = goal.answer; },
  },
  select: {
    isReached: (goal, { store }) => selected(goal, store.selection.value),
    solve: ({ what, l, j = 0, k = 0 }, { store }) => store.select(what === "neuron" ? { kind: "neuron", l, j } : { kind: "weight", l, j, k }),
  },
  reach: { isReached: reached, solve: (goal, bench) => (goal.by === "editing" ? editUntil(goal, bench) : trainUntil(goal, bench)) },
  set: {
    isReached: ({ l, j, k, to, within = 0.005 }, { store }) =>
      Math.abs((store.parameters.value?.flat[store.index(l, j, k)] ?? NaN) - to) <= within,
    solve: ({ l, j, k, to }, { store }) => {
      store.select({ kind: "weight", l, j, k });
      store.edit(store.index(l, j, k), to);
    },
  },
  sweep: {
    isReached: (goal, { sweep, graph }) =>
      sweep.value.mode === goal.mode && sweep.value.from === goal.from && sweep.value.touched >= touches(GRAPHS[graph]!, goal.mode).length,
    solve: ({ mode, from }, { sweep, graph }) => { sweep.value = { mode, from, touched: touches(GRAPHS[graph]!, mode).length }; },
  },
  check: {
    isReached: (goal, { checked }) => goal.layers.every((l) => isChecked(l, goal, checked.value)),
    solve: ({ layers }, { checked }) => { checked.value = [...new Set([...checked.value, ...layers.flatMap((l) => [`${l}.0.0`, `${l}.0.b`])])]; },
  },
  phase: {
    isReached: ({ at, l }, { phase }) => phase.value.name === at && (l ?? phase.value.l) === phase.value.l,
    solve: ({ at, l }, { toPhase }) => toPhase(at, l),
  },
};

const rowOf = (goal: Goal): Row<Goal> => GOALS[goal.kind] as unknown as Row<Goal>;
export const isReached = (goal: Goal, bench: Bench): boolean => rowOf(goal).isReached(goal, bench);
export const solve = async (goal: Goal, bench: Bench): Promise<void> => rowOf(goal).solve(goal, bench);

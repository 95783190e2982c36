/**
 * What a lesson asks for, one row a kind: when it is reached, and what a learner does to reach it.
 *
 * The second is what "Show me" does, and what the tests walk every lesson with.
 */

import { signal, type Signal } from "@preact/signals";
import type { PageTraining } from "../sources/page";
import { NOTHING, type Store } from "../store";
import { GRAPHS, touches, type Mode } from "./graphs";
import { judge, type Verdict } from "./judge";
import { quantity } from "./quantity";

interface Asked {
  readonly hint?: string;
}

/** A number to be worked out: the value, or the name of a quantity. */
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
  readonly answer: number;
}

export interface SelectGoal extends Asked {
  readonly kind: "select";
  readonly what: "neuron" | "weight";
  readonly l: number;
  readonly j?: number;
  readonly k?: number;
}

/** A quantity below or above a bound, by training or by editing: "mean_cost" below 0.01. */
export interface ReachGoal extends Asked {
  readonly kind: "reach";
  readonly value: string;
  readonly below?: number;
  readonly above?: number;
}

/** A weight (k = -1: a bias) set to a value, as a what-if. */
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

/** Some parameters compared with the central difference: at least so many of a layer. */
export interface CheckGoal extends Asked {
  readonly kind: "check";
  readonly layers: readonly number[];
}

/** Step mode brought to a phase, such as "BP2". */
export interface PhaseGoal extends Asked {
  readonly kind: "phase";
  readonly at: string;
}

export type Goal = NumberGoal | ChoiceGoal | SelectGoal | ReachGoal | SetGoal | SweepGoal | CheckGoal | PhaseGoal;

/** All that a learner works on. */
export interface Bench {
  readonly store: Store;
  readonly training: PageTraining | null;
  readonly answer: Signal<string>;
  readonly chosen: Signal<number | null>;
  readonly sweep: Signal<{ readonly mode: Mode; readonly from: string; readonly touched: number }>;
  readonly graph: string;
  /** Parameters that were checked, as "l.j.k". */
  readonly checked: Signal<readonly string[]>;
  readonly phaseName: () => string;
  readonly toPhase: (name: string) => void;
}

interface Row<G extends Goal> {
  /** What its JSON must have. */
  readonly needs: readonly string[];
  readonly isReached: (goal: G, bench: Bench) => boolean;
  readonly solve: (goal: G, bench: Bench) => void | Promise<void>;
}

const MOST_STEPS = 20_000;

/** The number that a goal asks for. */
export function numberOf(goal: NumberGoal, { store, training }: Bench): number {
  return typeof goal.value === "number" ? goal.value : quantity(goal.value, store, training?.task ?? null);
}

/** What is said to an answer. */
export const verdict = (goal: NumberGoal, bench: Bench): Verdict =>
  judge(bench.answer.value, numberOf(goal, bench), goal.tolerance);

const isWithin = (goal: ReachGoal, x: number): boolean =>
  x < (goal.below ?? Infinity) && x > (goal.above ?? -Infinity);

function reached(goal: ReachGoal, { store, training }: Bench): boolean {
  void [store.frame.value, store.whatIf.value, store.example.value];
  return isWithin(goal, quantity(goal.value, store, training?.task ?? null));
}

/** Train until it is reached; where no training gets there, the lesson is at fault. */
async function trainUntil(goal: ReachGoal, bench: Bench): Promise<void> {
  const { store, training } = bench;
  for (let most = training?.last ?? 0; training && most < MOST_STEPS && !reached(goal, bench); ) {
    training.advance(10);
    most = training.last;
    await store.seek(most);
  }
}

const selected = (goal: SelectGoal, s: Store["selection"]["value"]): boolean =>
  s.kind !== "none" && s.kind === goal.what && s.l === goal.l && (goal.j ?? s.j) === s.j &&
  (s.kind === "neuron" || (goal.k ?? s.k) === s.k);

export const GOALS: { readonly [K in Goal["kind"]]: Row<Extract<Goal, { kind: K }>> } = {
  number: {
    needs: ["ask", "value"],
    isReached: (goal, bench) => verdict(goal, bench).right,
    solve: (goal, bench) => { bench.answer.value = String(numberOf(goal, bench)); },
  },
  choice: {
    needs: ["ask", "options", "answer"],
    isReached: (goal, bench) => bench.chosen.value === goal.answer,
    solve: (goal, bench) => { bench.chosen.value = goal.answer; },
  },
  select: {
    needs: ["what", "l"],
    isReached: (goal, { store }) => selected(goal, store.selection.value),
    solve: ({ what, l, j = 0, k = 0 }, { store }) => store.select(what === "neuron" ? { kind: "neuron", l, j } : { kind: "weight", l, j, k }),
  },
  reach: { needs: ["value"], isReached: reached, solve: trainUntil },
  set: {
    needs: ["l", "j", "k", "to"],
    isReached: ({ l, j, k, to, within = 0.005 }, { store }) =>
      Math.abs((store.parameters.value?.flat[store.index(l, j, k)] ?? NaN) - to) <= within,
    solve: ({ l, j, k, to }, { store }) => store.edit(store.index(l, j, k), to),
  },
  sweep: {
    needs: ["mode", "from"],
    isReached: (goal, { sweep, graph }) =>
      sweep.value.mode === goal.mode && sweep.value.from === goal.from && sweep.value.touched >= touches(GRAPHS[graph]!, goal.mode).length,
    solve: ({ mode, from }, { sweep, graph }) => { sweep.value = { mode, from, touched: touches(GRAPHS[graph]!, mode).length }; },
  },
  check: {
    needs: ["layers"],
    isReached: ({ layers }, { checked }) => layers.every((l) => checked.value.some((at) => at.startsWith(`${l}.`))),
    solve: ({ layers }, { checked }) => { checked.value = [...checked.value, ...layers.map((l) => `${l}.0.0`)]; },
  },
  phase: {
    needs: ["at"],
    isReached: ({ at }, { phaseName }) => phaseName() === at,
    solve: ({ at }, { toPhase }) => toPhase(at),
  },
};

const rowOf = (goal: Goal): Row<Goal> => GOALS[goal.kind] as unknown as Row<Goal>;
export const isReached = (goal: Goal, bench: Bench): boolean => rowOf(goal).isReached(goal, bench);
export const solve = async (goal: Goal, bench: Bench): Promise<void> => rowOf(goal).solve(goal, bench);

/** Nothing typed, chosen, swept or checked. */
export function clear(bench: Bench): void {
  bench.answer.value = "";
  bench.chosen.value = null;
  bench.store.select(NOTHING);
}

/** A bench for a lab. */
export function benchOf(
  store: Store, training: PageTraining | null, graph: string, phase: Pick<Bench, "phaseName" | "toPhase">,
): Bench {
  return {
    store, training, graph, ...phase, answer: signal(""), chosen: signal<number | null>(null),
    sweep: signal({ mode: "forward" as Mode, from: "", touched: 0 }), checked: signal<readonly string[]>([]),
  };
}

/** What a learner works on: the lab of a step, and what was typed and chosen in it. */

import { computed, signal, type ReadonlySignal, type Signal } from "@preact/signals";
import { errorEquation } from "../formula";
import { phaseAt, phasesOf } from "../phases";
import { PageTraining } from "../sources/page";
import { createStore, NOTHING, type Store } from "../store";
import type { Paint } from "../viewing";
import { solve, type Goal } from "./goals";
import type { Mode } from "./graphs";
import { runOf, type Lab } from "./lab";
import { labOf, type Lesson } from "./lesson";
import { locked, type Lock } from "./rules";

interface At {
  /** The equation of a phase; BP1 for each of its kinds. */
  readonly name: string;
  readonly l: number;
}

/** All that a learner works on. */
export interface Bench {
  readonly store: Store;
  readonly training: PageTraining | null;
  /** The parameters that the step begins with: numbers are asked of these. */
  readonly opening: Signal<Float64Array | null>;
  readonly answer: Signal<string>;
  readonly chosen: Signal<number | null>;
  /** Whether the goal of the step was reached by "Show me". */
  readonly isShown: Signal<boolean>;
  readonly sweep: Signal<{ readonly mode: Mode; readonly from: string; readonly touched: number }>;
  readonly graph: string;
  /** Parameters that were checked, as "l.j.k", "l.j.b" for a bias. */
  readonly checked: Signal<readonly string[]>;
  readonly phase: ReadonlySignal<At>;
  readonly toPhase: (name: string, l?: number) => void;
}

/** A source for a lab without a network, such as a graph's. */
const NO_NETWORK = { name: "", network: { sizes: [1, 1], activations: ["identity"], cost: "quadratic", biases: false, dtype: "float64" as const } };

function phaseOf(store: Store): At {
  const net = store.network.value;
  const phase = net ? phasesOf(net)[store.phase.value] : undefined;
  const name = phase?.equations[0] ?? "";
  return { name: net && name === errorEquation(net, net.L) ? "BP1" : name, l: phase?.l ?? 0 };
}

function goToPhase(store: Store, name: string, l?: number): void {
  const net = store.network.peek();
  if (!net) return;
  const first = phaseAt(net, name);
  const own = phasesOf(net).findIndex((phase, i) => i >= first && phase.l === l);
  store.phase.value = Math.max(0, l === undefined ? first : own);
}

/** Build what a lab describes; `locks` are asked again each time. `stop` of its store takes it away again. */
export async function openBench(lab: Lab, title: string, draw?: Paint, locks: () => readonly Lock[] = () => []): Promise<Bench> {
  const run = runOf(lab, title);
  const one = { data: Float64Array.of(0), rows: 1, columns: 1 };
  const training = new PageTraining(run ?? { ...NO_NETWORK, start: Float64Array.of(0), x: one, y: one, learningRate: 0 });
  const store = locked(createStore(training, draw), training, locks);
  await store.start();
  store.reverse.value = lab.panels.includes("reverse");
  store.mode.value = lab.panels.includes("steps") ? "step" : "train";
  return {
    store, training: run ? training : null, graph: lab.graph ?? "product", opening: signal(null),
    answer: signal(""), chosen: signal<number | null>(null), isShown: signal(false),
    sweep: signal({ mode: "forward" as Mode, from: "", touched: 0 }), checked: signal<readonly string[]>([]),
    phase: computed(() => phaseOf(store)), toPhase: (name, l) => goToPhase(store, name, l),
  };
}

/** What a step finds done: deeds of the steps before it in the same lab that change the network. */
function before(lesson: Lesson, step: number): readonly Goal[] {
  const lab = labOf(lesson, step);
  const goals = lesson.steps.slice(0, step).filter((_, i) => labOf(lesson, i) === lab).map(({ goal }) => goal);
  return goals.filter((goal) => goal !== null && (goal.kind === "set" || (goal.kind === "reach" && goal.by !== "editing"))) as Goal[];
}

/** Begin a step: nothing typed or chosen, and the network as the steps before leave it, also where they were skipped or the page is new. */
export async function openStep(bench: Bench, lesson: Lesson, step: number): Promise<void> {
  const { store, training } = bench;
  bench.answer.value = "";
  bench.chosen.value = null;
  bench.isShown.value = false;
  if (training) {
    await store.pause();
    store.undo("all");
    const deeds = before(lesson, step);
    if (!deeds.some(({ kind }) => kind === "reach")) await store.seek(0);
    for (const deed of deeds) await solve(deed, bench);
    const edits = deeds.filter((goal) => goal.kind === "set");
    if (deeds.length > 0) store.curves.value = await training.curves();
    bench.opening.value = edits.reduce((flat, { l, j, k, to }) => flat.with(store.index(l, j, k), to), training.plan.start);
  }
  store.select(NOTHING);
}

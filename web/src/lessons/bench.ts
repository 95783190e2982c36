/** What a learner works on: the lab of a step, and what was typed and chosen in it. */

import { errorEquation } from "../formula";
import { phaseAt, phasesOf } from "../phases";
import { PageTraining } from "../sources/page";
import { createStore, type Store } from "../store";
import type { Paint } from "../viewing";
import { benchOf, type Bench } from "./goals";
import { runOf, type Lab } from "./lesson";

/** A source for a lab without a network, such as a graph's. */
const NOTHING = { name: "", network: { sizes: [1, 1], activations: ["identity"], cost: "quadratic", biases: false, dtype: "float64" as const } };

/** The name of the equation of the phase that a store shows; BP1 for each of its kinds. */
function phaseName(store: Store): string {
  const net = store.network.value;
  const name = net ? phasesOf(net)[store.phase.value]?.equations[0] ?? "" : "";
  return net && name === errorEquation(net, net.L) ? "BP1" : name;
}

/** Build what a lab describes. `stop` of its store takes it away again. */
export async function openBench(lab: Lab, title: string, draw?: Paint): Promise<Bench> {
  const run = runOf(lab, title);
  const one = { data: Float64Array.of(0), rows: 1, columns: 1 };
  const training = new PageTraining(run ?? { ...NOTHING, start: Float64Array.of(0), x: one, y: one, learningRate: 0 });
  const store = createStore(training, draw);
  await store.start();
  store.mode.value = lab.panels.includes("steps") ? "step" : "train";
  return benchOf(store, run ? training : null, lab.graph ?? "product", {
    phaseName: () => phaseName(store),
    toPhase: (name) => { store.phase.value = Math.max(0, phaseAt(store.network.peek()!, name)); },
  });
}

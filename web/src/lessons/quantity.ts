/** A number of the lab by its name, such as "z.2.1", "nablaW.3.1.2" or "mean_cost": what lessons ask for. */

import { costOf, passOf, type Pass } from "../model";
import { indexOf, parametersOf, type Network, type Parameters } from "../network";
import type { Store } from "../store";
import { lengthOf, measured, type Task } from "../trainer";

/** What numbers are taken from: a network with its parameters, the example that is followed through it, and its training. */
export interface Scene {
  readonly net: Network;
  readonly p: Parameters;
  readonly pass: Pass;
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly eta: number | null;
  readonly step: number;
  readonly task: Task;
}

/** What the lab shows now; or, with `flat`, what it would show with these parameters. Null before there is anything. */
export function sceneOf(store: Store, task: Task | null, flat?: Float64Array): Scene | null {
  const [net, now, it] = [store.network.peek(), store.parameters.peek(), store.pinned.peek()];
  if (!net || !now || !it || !task) return null;
  const p = flat ? parametersOf(net, flat) : now;
  return { net, p, pass: passOf(net, p, it.x, it.y), ...it, eta: store.learningRate.peek(), step: store.step.peek(), task };
}

type Of = (scene: Scene, l: number, j: number, k: number) => number | undefined;
interface Row {
  /** How many places follow the name: layer; layer and neuron; layer, neuron and the neuron before. */
  readonly places: 0 | 1 | 2 | 3;
  readonly of: Of;
  /** In words, for a sentence such as "Bring ... below 0.3." */
  readonly words: string;
}

const vector = (name: "z" | "a" | "sigmaPrime" | "nablaA" | "delta" | "nablaB", words: string): Row =>
  ({ places: 2, of: ({ pass }, l, j) => pass[name][l]?.[j], words });
const gradient: Of = ({ net, pass }, l, j, k) => pass.nablaW[l]?.[j * net.sizes[l - 2]! + k];
const weight: Of = ({ net, p }, l, j, k) => p.flat[indexOf(net, l, j, k)];

/** Quantities by name: of the pinned example. Layers, neurons and inputs are counted from 1, as on the screen. */
const QUANTITIES: Readonly<Record<string, Row>> = {
  z: vector("z", "z"),
  a: vector("a", "the activation"),
  slope: vector("sigmaPrime", "the slope σ′(z)"),
  nablaA: vector("nablaA", "∂C/∂a"),
  delta: vector("delta", "the error δ"),
  nablaB: vector("nablaB", "∂C/∂b"),
  b: { places: 2, of: (it, l, j) => weight(it, l, j, -1), words: "the bias" },
  w: { places: 3, of: weight, words: "the weight" },
  nablaW: { places: 3, of: gradient, words: "∂C/∂w" },
  /** What an error is multiplied by on its way back over a weight. */
  factor: { places: 3, of: (it, l, j, k) => weight(it, l, j, k)! * it.pass.sigmaPrime[l]![j]!, words: "w σ′(z)" },
  update: { places: 3, of: (it, l, j, k) => (it.eta === null ? undefined : -it.eta * gradient(it, l, j, k)!), words: "the change of the weight" },
  /** How long the vector of a layer's errors is. */
  length: { places: 1, of: ({ pass }, l) => pass.delta[l] && lengthOf(pass.delta[l]!), words: "the length of the errors" },
  cost: { places: 0, of: ({ net, p, x, y }) => costOf(net, p, x, y), words: "the cost" },
  mean_cost: { places: 0, of: ({ task, p }) => measured(task, p.flat).cost, words: "the cost" },
  step: { places: 0, of: ({ step }) => step, words: "the step" },
};

const read = (name: string): { row: Row | undefined; places: number[] } => {
  const [kind = "", ...rest] = name.split(".");
  return { row: Object.hasOwn(QUANTITIES, kind) ? QUANTITIES[kind] : undefined, places: rest.map(Number) };
};

/** The number of that name; NaN where there is none. */
export function quantity(name: string, scene: Scene | null): number {
  const { row, places: [l = 0, j = 0, k = 0] } = read(name);
  return (scene && row?.of(scene, l, j - 1, k - 1)) ?? NaN;
}

/** "the activation of neuron 1 of layer 2" */
export function quantityWords(name: string): string {
  const { row, places: [l, j] } = read(name);
  if (!row) return name;
  return row.words + (row.places >= 2 ? ` of neuron ${j} of layer ${l}` : row.places === 1 ? ` of layer ${l}` : "");
}

/** What is wrong with a name, in words; null where it is a quantity of this network. */
export function quantityFault(name: string, sizes: readonly number[]): string | null {
  const { row, places } = read(name);
  if (!row) return `there is no quantity "${name}"; there are ${Object.keys(QUANTITIES).join(", ")}, each with its places, such as z.2.1`;
  if (places.length !== row.places) {
    const want = ["nothing", "the layer", "the layer and the neuron", "the layer, the neuron, and the neuron before"][row.places];
    return `after "${name.split(".")[0]}" stands ${want}, counted from 1, with dots between`;
  }
  const [l = 2, j = 1, k = 1] = places;
  const isIn = (x: number, low: number, high: number): boolean => Number.isInteger(x) && x >= low && x <= high;
  if (!isIn(l, name.startsWith("a.") ? 1 : 2, sizes.length)) return `"${name}": the layers of this network are 2 to ${sizes.length}`;
  if (!isIn(j, 1, sizes[l - 1]!)) return `"${name}": layer ${l} has the neurons 1 to ${sizes[l - 1]}`;
  return isIn(k, 1, sizes[l - 2] ?? 1) ? null : `"${name}": layer ${l - 1} has the neurons 1 to ${sizes[l - 2]}`;
}

/** A network apart from its numbers, and where its numbers lie in one flat array: w2 .. wL row by row, then b2 .. bL. */

import { ACTIVATIONS, SOFTMAX, type Activation } from "./activations";
import { COSTS, type Cost } from "./costs";
import type { NetworkFacts, Numbers } from "./protocol";

/** What is known of every network. */
export interface Shape {
  readonly sizes: readonly number[];
  /** The number of layers, and of the output layer; the input is layer 1. */
  readonly L: number;
  readonly biases: boolean;
  /** How many parameters it has. */
  readonly size: number;
}

/** A network that the page can compute. */
export interface Network extends Shape {
  readonly names: readonly (string | readonly string[])[];
  /** By layer (2 to L), of each neuron; null for a softmax layer. */
  readonly sigma: readonly (readonly Activation[] | null)[];
  readonly cost: Cost;
  readonly costName: string;
  /** Whether cost and output activation match, so that the output error is a - y (BP1c). */
  readonly canonical: boolean;
}

/** float64 parameters: views into one flat array, by layer. */
export interface Parameters {
  readonly flat: Float64Array;
  readonly w: readonly Float64Array[];
  readonly b: readonly Float64Array[];
}

/** What the page cannot compute by itself, in words; null if it can. */
export function unknown(facts: NetworkFacts): string | null {
  const named = facts.activations.flatMap((spec) => spec);
  const missing = [
    ...named.filter((name) => name !== SOFTMAX && !Object.hasOwn(ACTIVATIONS, name)),
    ...(Object.hasOwn(COSTS, facts.cost) ? [] : [facts.cost]),
  ].map((name) => name.replace(/^own:/, ""));
  if (missing.length === 0) return null;
  const list = [...new Set(missing)].join(", ");
  return `This network uses a function of its own (${list}), which the page does not have: it shows the recorded numbers, and computes none itself.`;
}

/** The shape that the facts describe. */
export function shapeOf({ sizes, biases }: NetworkFacts): Shape {
  return { sizes, L: sizes.length, biases, size: place(sizes, biases, sizes.length + 1, 0, -1) };
}

/** The network that the facts describe; an error where `unknown` says why. */
export function network(facts: NetworkFacts): Network {
  const why = unknown(facts);
  if (why) throw new Error(why);
  const { sizes, activations } = facts;
  const sigma = sizes.map((n, i) => {
    const spec = i === 0 ? [] : activations[i - 1]!;
    if (spec === SOFTMAX) return null;
    return typeof spec === "string" ? Array.from({ length: n }, () => ACTIVATIONS[spec]!) : spec.map((s) => ACTIVATIONS[s]!);
  });
  const cost = COSTS[facts.cost]!;
  return {
    ...shapeOf(facts), names: ["", "", ...activations], sigma: [[], ...sigma], cost, costName: facts.cost,
    canonical: cost.partner !== "" && activations.at(-1) === cost.partner,
  };
}

/** Where a parameter lies in the flat array: the weight into neuron j of layer l from neuron k of the layer before; k = -1: the bias. */
export function indexOf(net: Pick<Shape, "sizes" | "biases">, l: number, j: number, k: number): number {
  return place(net.sizes, net.biases, l, j, k);
}

function place(sizes: readonly number[], biases: boolean, l: number, j: number, k: number): number {
  const before = (upTo: number, per: (i: number) => number): number => {
    let sum = 0;
    for (let i = 1; i < upTo - 1 && i < sizes.length; i++) sum += per(i);
    return sum;
  };
  const weights = (i: number): number => sizes[i]! * sizes[i - 1]!;
  if (k >= 0) return before(l, weights) + j * sizes[l - 2]! + k;
  return before(sizes.length + 1, weights) + (biases ? before(l, (i) => sizes[i]!) : 0) + j;
}

/** The parameters in float64, as views by layer; where there are no biases, `b` holds zeros of its own. */
export function parametersOf(net: Shape, flat: Numbers): Parameters {
  if (flat.length !== net.size) {
    throw new Error(`The frame holds ${flat.length} parameters, but the network [${net.sizes}] has ${net.size}.`);
  }
  const all = flat instanceof Float64Array ? flat : new Float64Array(flat); // from() takes ten times as long
  const none = new Float64Array(0);
  const w: Float64Array[] = [none, none];
  const b: Float64Array[] = [none, none];
  for (let l = 2; l <= net.L; l++) {
    const n = net.sizes[l - 1]!;
    w.push(all.subarray(indexOf(net, l, 0, 0), indexOf(net, l, 0, 0) + n * net.sizes[l - 2]!));
    const at = indexOf(net, l, 0, -1);
    b.push(net.biases ? all.subarray(at, at + n) : new Float64Array(n));
  }
  return { flat: all, w, b };
}

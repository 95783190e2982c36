/** A number of the lab by its name, such as "z.2.0", "nablaW.3.0.1" or "mean_cost": what lessons ask for. */

import { costOf } from "../model";
import { indexOf } from "../network";
import type { Store } from "../store";
import { lengthOf, measured, type Task } from "../trainer";

type Of = (store: Store, at: readonly number[], task: Task | null) => number | undefined;

const vector = (name: "z" | "a" | "sigmaPrime" | "nablaA" | "delta" | "nablaB"): Of =>
  (store, [l, j]) => store.pass.peek()?.[name][l!]?.[j!];

const parameter = (store: Store, l: number, j: number, k: number): number | undefined => {
  const shape = store.shape.peek();
  return shape ? store.parameters.peek()?.flat[indexOf(shape, l, j, k)] : undefined;
};

const gradient = (store: Store, l: number, j: number, k: number): number | undefined => {
  const [pass, shape] = [store.pass.peek(), store.shape.peek()];
  return pass && shape ? pass.nablaW[l]?.[j * shape.sizes[l - 2]! + k] : undefined;
};

/** Quantities by name: of the pinned example, at the step shown; layers from 1, neurons from 0. */
const QUANTITIES: Readonly<Record<string, Of>> = {
  z: vector("z"),
  a: vector("a"),
  slope: vector("sigmaPrime"),
  nablaA: vector("nablaA"),
  delta: vector("delta"),
  nablaB: vector("nablaB"),
  w: (store, [l, j, k]) => parameter(store, l!, j!, k!),
  b: (store, [l, j]) => parameter(store, l!, j!, -1),
  nablaW: (store, [l, j, k]) => gradient(store, l!, j!, k!),
  /** What an error is multiplied by on its way back over a weight: w σ′(z). */
  factor: (store, [l, j, k]) => (parameter(store, l!, j!, k!) ?? NaN) * (store.pass.peek()?.sigmaPrime[l!]?.[j!] ?? NaN),
  update: (store, [l, j, k]) => {
    const [eta, g] = [store.learningRate.peek(), gradient(store, l!, j!, k!)];
    return eta === null || g === undefined ? undefined : -eta * g;
  },
  /** How long the vector of a layer's errors is. */
  length: (store, [l]) => {
    const delta = store.pass.peek()?.delta[l!];
    return delta && lengthOf(delta);
  },
  cost: (store) => {
    const [net, p, it] = [store.network.peek(), store.parameters.peek(), store.pinned.peek()];
    return net && p && it ? costOf(net, p, it.x, it.y) : undefined;
  },
  mean_cost: (store, _, task) => {
    const flat = store.parameters.peek()?.flat;
    return task && flat ? measured(task, flat).cost : undefined;
  },
  step: (store) => store.step.peek(),
};

/** The number of that name; NaN where there is none. */
export function quantity(name: string, store: Store, task: Task | null): number {
  const [kind = "", ...rest] = name.split(".");
  const of = Object.hasOwn(QUANTITIES, kind) ? QUANTITIES[kind] : undefined;
  return of?.(store, rest.map(Number), task) ?? NaN;
}

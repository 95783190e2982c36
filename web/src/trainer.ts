/**
 * Plain gradient descent with the mirror's gradients: for the networks of lessons, which are so small that the page trains them.
 *
 * Nothing here is a second engine: runs are trained by chainrule.
 */

import { meanGradient } from "./model";
import { parametersOf, type Network } from "./network";
import type { Matrix } from "./protocol";

/** What is learned from. */
export interface Task {
  readonly net: Network;
  readonly x: Matrix;
  readonly y: Matrix;
}

/** A matrix from rows of numbers. */
export function matrixOf(rows: readonly (readonly number[])[]): Matrix {
  return { data: Float64Array.from(rows.flat()), rows: rows.length, columns: rows[0]?.length ?? 0 };
}

/** The mean cost of all examples, and its gradient. */
export function measured({ net, x, y }: Task, flat: Float64Array): { cost: number; gradient: Float64Array } {
  return meanGradient(net, parametersOf(net, flat), x, y, Array.from({ length: x.rows }, (_, i) => i));
}

/** GD: the parameters one step downhill, along the mean gradient of all examples. */
export function descended(flat: Float64Array, gradient: Float64Array, eta: number): Float64Array {
  return flat.map((theta, i) => theta - eta * gradient[i]!);
}

/** Uniform numbers in (0, 1) from a seed (mulberry32): lessons begin the same for everybody. */
function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 2 ** 32;
  };
}

/** N(0, 1) from a seed (Box and Muller 1958). */
function normal(seed: number): () => number {
  const u = uniform(seed);
  return () => Math.sqrt(-2 * Math.log(u())) * Math.cos(2 * Math.PI * u());
}

/** Standard deviation of the first weights, by the number of inputs of a neuron. */
const SPREAD: Readonly<Record<Initial, (inputs: number) => number>> = {
  small: (n) => 1 / Math.sqrt(n),
  large: () => 1,
  he: (n) => Math.sqrt(2 / n),
};
export type Initial = "small" | "large" | "he";

/** First parameters: weights N(0, spread²); biases N(0, 1) where the spread is "small" or "large", else 0. */
export function firstParameters(net: Network, initial: Initial, seed: number): Float64Array {
  const draw = normal(seed);
  const p = parametersOf(net, new Float64Array(net.size));
  for (let l = 2; l <= net.L; l++) {
    p.w[l]!.forEach((_, i) => { p.w[l]![i] = draw() * SPREAD[initial](net.sizes[l - 2]!); });
    if (net.biases && initial !== "he") p.b[l]!.forEach((_, i) => { p.b[l]![i] = draw(); });
  }
  return p.flat;
}

/** How long a vector is: of a layer's errors, how fast its biases learn. */
export const lengthOf = (values: ArrayLike<number>): number => Math.hypot(...Array.from(values));

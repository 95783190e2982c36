/**
 * The mirror: the equations of chainrule/equations.py in float64, for one example, with the names that they have there.
 *
 * The engine remains the truth; this is what is shown between its frames. test/fixtures holds the one to the other.
 */

import { softmax, type Activation } from "./activations";
import type { Network, Parameters } from "./network";

/** Quantities by layer, as in the book: a[1] is the input; what a layer does not have is an empty array. */
export type ByLayer = readonly Float64Array[];

/** All quantities of one example, forward and back. */
export interface Pass {
  readonly z: ByLayer;
  readonly a: ByLayer;
  readonly sigmaPrime: ByLayer;
  readonly nablaA: ByLayer;
  readonly delta: ByLayer;
  readonly nablaW: ByLayer;
  readonly nablaB: ByLayer;
  readonly y: Float64Array;
  readonly cost: number;
}

const NONE = new Float64Array(0);

/** FP1: z = w a + b. */
function weightedInput(w: Float64Array, aPrev: Float64Array, b: Float64Array): Float64Array {
  const n = aPrev.length;
  const z = new Float64Array(b.length);
  for (let j = 0, at = 0; j < z.length; j++) {
    let sum = 0;
    for (let k = 0; k < n; k++) sum += w[at++]! * aPrev[k]!;
    z[j] = sum + b[j]!;
  }
  return z;
}

/** FP2: a = sigma(z). */
const activation = (sigma: readonly Activation[] | null, z: Float64Array): Float64Array =>
  sigma ? z.map((v, j) => sigma[j]!.value(v)) : softmax(z);

/** SP: the slope of each neuron; a softmax neuron's own is a (1 - a). */
const slope = (sigma: readonly Activation[] | null, z: Float64Array, a: Float64Array): Float64Array =>
  z.map((v, j) => (sigma ? sigma[j]!.slope(v, a[j]!) : a[j]! * (1 - a[j]!)));

/** BP2 without the slope (BPa): w of the next layer, transposed, times its delta: dC/da. */
function backpropagatedSlope(wNext: Float64Array, deltaNext: Float64Array, n: number): Float64Array {
  const nablaA = new Float64Array(n);
  for (let i = 0, at = 0; i < deltaNext.length; i++) {
    for (let k = 0; k < n; k++) nablaA[k]! += wNext[at++]! * deltaNext[i]!;
  }
  return nablaA;
}

/** BPs: the error of a softmax layer, a (dC/da - sum of a dC/da). */
function softmaxError(a: Float64Array, nablaA: Float64Array): Float64Array {
  const mean = a.reduce((sum, v, j) => sum + v * nablaA[j]!, 0);
  return a.map((v, j) => v * (nablaA[j]! - mean));
}

/** BP4: delta of the neuron that a weight leads to, times a of the one that it comes from. */
function weightGradient(aPrev: Float64Array, delta: Float64Array): Float64Array {
  const n = aPrev.length;
  const nablaW = new Float64Array(delta.length * n);
  for (let j = 0, at = 0; j < delta.length; j++) {
    for (let k = 0; k < n; k++) nablaW[at++] = delta[j]! * aPrev[k]!;
  }
  return nablaW;
}

const times = (u: Float64Array, v: Float64Array): Float64Array => u.map((x, i) => x * v[i]!);

/** The forward pass: z and a by layer. */
export function forward(net: Network, p: Parameters, x: ArrayLike<number>): { z: Float64Array[]; a: Float64Array[] } {
  const z: Float64Array[] = [NONE, NONE];
  const a: Float64Array[] = [NONE, Float64Array.from(x)];
  for (let l = 2; l <= net.L; l++) {
    z.push(weightedInput(p.w[l]!, a[l - 1]!, p.b[l]!));
    a.push(activation(net.sigma[l]!, z[l]!));
  }
  return { z, a };
}

/** C of one example: from z where cost and activation match (Cz), from a elsewhere. */
function costOfOutput(net: Network, z: Float64Array, a: Float64Array, y: ArrayLike<number>): number {
  if (net.canonical && !net.cost.ofZ) return logLikelihoodOfZ(z, y);
  let sum = 0;
  for (let j = 0; j < a.length; j++) {
    sum += net.canonical ? net.cost.ofZ!(z[j]!, y[j]!) : net.cost.value(a[j]!, y[j]!);
  }
  return sum;
}

/** Log-likelihood of a softmax layer, from z: the sum of y (ln sum e^z - z), with the largest z taken off first. */
function logLikelihoodOfZ(z: Float64Array, y: ArrayLike<number>): number {
  const most = z.reduce((a, b) => Math.max(a, b), -Infinity);
  const all = Math.log(z.reduce((sum, v) => sum + Math.exp(v - most), 0));
  return z.reduce((sum, v, j) => sum + y[j]! * (all - (v - most)), 0);
}

/** The cost of one example. */
export function costOf(net: Network, p: Parameters, x: ArrayLike<number>, y: ArrayLike<number>): number {
  const { z, a } = forward(net, p, x);
  return costOfOutput(net, z[net.L]!, a[net.L]!, y);
}

/** One example forward and back: every quantity of every layer. */
export function passOf(net: Network, p: Parameters, x: ArrayLike<number>, target: ArrayLike<number>): Pass {
  const { z, a } = forward(net, p, x);
  const L = net.L;
  const y = Float64Array.from(target);
  const empty = (): Float64Array[] => Array.from({ length: L + 1 }, () => NONE);
  const [sigmaPrime, nablaA, delta, nablaB] = [empty(), empty(), empty(), empty()];
  let nablaW: Float64Array[] | null = null;
  for (let l = L; l >= 2; l--) {
    const sigma = net.sigma[l]!;
    sigmaPrime[l] = slope(sigma, z[l]!, a[l]!);
    nablaA[l] = l === L // NA at the output, BPa before it
      ? a[L]!.map((v, j) => net.cost.slope(v, y[j]!))
      : backpropagatedSlope(p.w[l + 1]!, delta[l + 1]!, net.sizes[l - 1]!);
    if (l === L && net.canonical) delta[l] = a[L]!.map((v, j) => v - y[j]!); // BP1c
    else delta[l] = sigma ? times(nablaA[l]!, sigmaPrime[l]!) : softmaxError(a[l]!, nablaA[l]!); // BP1, BP2; BPs
    nablaB[l] = delta[l]!; // BP3
  }
  return {
    z, a, sigmaPrime, nablaA, delta, nablaB, y, cost: costOfOutput(net, z[L]!, a[L]!, y),
    get nablaW() { // BP4: as many numbers as there are weights, and seldom looked at
      nablaW ??= delta.map((d, l) => (l < 2 ? NONE : weightGradient(a[l - 1]!, d)));
      return nablaW;
    },
  };
}

/** dC/dx: how the cost changes with each input. */
export function inputGradient(net: Network, p: Parameters, pass: Pass): Float64Array {
  return backpropagatedSlope(p.w[2]!, pass.delta[2]!, net.sizes[0]!);
}

/** The gradient of one example in the order of the parameters. */
export function flatGradient(net: Network, pass: Pass): Float64Array {
  const flat = new Float64Array(net.size);
  let at = 0;
  for (const part of [...pass.nablaW, ...(net.biases ? pass.nablaB : [])]) {
    flat.set(part, at);
    at += part.length;
  }
  return flat;
}

/** The mean cost of some examples, and its gradient: of `rows`, or of all. */
export function meanGradient(
  net: Network, p: Parameters, x: { data: ArrayLike<number>; columns: number }, y: { data: ArrayLike<number>; columns: number },
  rows: readonly number[],
): { cost: number; gradient: Float64Array } {
  const gradient = new Float64Array(net.size);
  let cost = 0;
  for (const i of rows) {
    const pass = passOf(net, p, rowOf(x, i), rowOf(y, i));
    const g = flatGradient(net, pass);
    for (let n = 0; n < g.length; n++) gradient[n]! += g[n]! / rows.length;
    cost += pass.cost / rows.length;
  }
  return { cost, gradient };
}

/** A row of a matrix. */
export function rowOf(m: { data: ArrayLike<number>; columns: number }, i: number): Float64Array {
  return Float64Array.from({ length: m.columns }, (_, k) => m.data[i * m.columns + k]!);
}

/** The cost as a function of one parameter alone, at each of some values of it. */
export function costAlong(
  net: Network, p: Parameters, x: ArrayLike<number>, y: ArrayLike<number>, index: number, values: ArrayLike<number>,
): Float64Array {
  const was = p.flat[index]!;
  const costs = new Float64Array(values.length);
  try {
    for (let i = 0; i < values.length; i++) {
      p.flat[index] = values[i]!;
      costs[i] = costOf(net, p, x, y);
    }
  } finally {
    p.flat[index] = was; // lent, not changed: faster than a copy of all parameters
  }
  return costs;
}

/** (C(w + epsilon) - C(w - epsilon)) / 2 epsilon: the slope by two forward passes. */
export function centralDifference(
  net: Network, p: Parameters, x: ArrayLike<number>, y: ArrayLike<number>, index: number, epsilon: number,
): number {
  const w = p.flat[index]!;
  const [above, below] = [w + epsilon, w - epsilon];
  const [high, low] = costAlong(net, p, x, y, index, [above, below]) as unknown as [number, number];
  return (high - low) / (above - below); // by what was really added
}

/** The outputs for many inputs at once, in flat arrays: for the decision boundary. */
export function outputs(net: Network, p: Parameters, x: ArrayLike<number>, count: number): Float64Array {
  let a: Float64Array = x instanceof Float64Array ? x : Float64Array.from(x);
  for (let l = 2; l <= net.L; l++) {
    const [n, m, w, b, sigma] = [net.sizes[l - 1]!, net.sizes[l - 2]!, p.w[l]!, p.b[l]!, net.sigma[l]!];
    const next = new Float64Array(count * n);
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < n; j++) {
        let z = b[j]!;
        for (let k = 0; k < m; k++) z += w[j * m + k]! * a[i * m + k]!;
        next[i * n + j] = sigma ? sigma[j]!.value(z) : z;
      }
      if (!sigma) next.set(softmax(next.subarray(i * n, i * n + n)), i * n);
    }
    a = next;
  }
  return a;
}

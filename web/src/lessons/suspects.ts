/** Backpropagation with one equation wrong, for the lesson that finds it by checking. The mirror itself is never touched. */

import { centralDifference, passOf, type Pass } from "../model";
import { indexOf, type Network, type Parameters } from "../network";

/** The equations as functions of one neuron's or weight's quantities. */
interface Rules {
  readonly BP1: (nablaA: number, slope: number) => number;
  readonly BP2: (wNext: Float64Array, deltaNext: Float64Array, j: number, n: number, slope: number) => number;
  readonly BP3: (delta: number) => number;
  readonly BP4: (aPrev: number, zPrev: number, delta: number) => number;
}

const RIGHT: Rules = {
  BP1: (nablaA, slope) => nablaA * slope,
  BP2: (w, delta, j, n, slope) => delta.reduce((sum, d, i) => sum + w[i * n + j]! * d, 0) * slope,
  BP3: (delta) => delta,
  BP4: (aPrev, _, delta) => aPrev * delta,
};

/** Mistakes that programs make, by the equation that is wrong, and what was done there. */
export const MISTAKES: Readonly<Record<string, { readonly rules: Partial<Rules>; readonly text: string }>> = {
  BP1: { rules: { BP1: (nablaA) => nablaA }, text: "the slope of the output neuron was left out" },
  BP2: {
    // as many neurons in both layers: only then does a matrix that was not transposed go unnoticed
    rules: { BP2: (w, delta, j, n, slope) => delta.reduce((sum, d, i) => sum + w[j * n + i]! * d, 0) * slope },
    text: "the weights were not transposed",
  },
  BP3: { rules: { BP3: (delta) => 2 * delta }, text: "a factor 2 crept in" },
  BP4: { rules: { BP4: (_, zPrev, delta) => zPrev * delta }, text: "z was taken where a belongs" },
};

const array = (n: number, of: (i: number) => number): Float64Array => Float64Array.from({ length: n }, (_, i) => of(i));

/** The gradients of an example, with an equation wrong; "" for none. */
export function suspectPass(net: Network, p: Parameters, x: ArrayLike<number>, y: ArrayLike<number>, wrong: string): Pick<Pass, "delta" | "nablaW" | "nablaB"> {
  const rules: Rules = { ...RIGHT, ...MISTAKES[wrong]?.rules };
  const pass = passOf(net, p, x, y);
  const [delta, nablaW, nablaB]: Float64Array[][] = [[], [], []];
  for (let l = net.L; l >= 2; l--) {
    const [n, m, slope] = [net.sizes[l - 1]!, net.sizes[l - 2]!, pass.sigmaPrime[l]!];
    delta[l] = array(n, (j) => (l === net.L ? rules.BP1(pass.nablaA[l]![j]!, slope[j]!) : rules.BP2(p.w[l + 1]!, delta[l + 1]!, j, n, slope[j]!)));
    nablaB[l] = delta[l]!.map((d) => rules.BP3(d));
    const [a, z] = [pass.a[l - 1]!, l === 2 ? pass.a[1]! : pass.z[l - 1]!];
    nablaW[l] = array(n * m, (at) => rules.BP4(a[at % m]!, z[at % m]!, delta[l]![Math.floor(at / m)]!));
  }
  return { delta, nablaW, nablaB };
}

/** A gradient by backpropagation beside the same by two forward passes. */
export interface Comparison {
  readonly at: string;
  readonly ours: number;
  readonly difference: number;
  readonly error: number;
  readonly agrees: boolean;
}

const EPSILON = 1e-5;
const ALLOWED = 1e-6;

/** Compare one parameter (k = -1: a bias). */
export function compare(
  net: Network, p: Parameters, x: ArrayLike<number>, y: ArrayLike<number>, wrong: string, [l, j, k]: readonly [number, number, number],
): Comparison {
  const pass = suspectPass(net, p, x, y, wrong);
  const ours = k < 0 ? pass.nablaB[l]![j]! : pass.nablaW[l]![j * net.sizes[l - 2]! + k]!;
  const difference = centralDifference(net, p, x, y, indexOf(net, l, j, k), EPSILON);
  const error = Math.abs(ours - difference) / Math.max(Math.abs(ours), Math.abs(difference), 1e-12);
  return { at: `${l}.${j}.${k < 0 ? "b" : k}`, ours, difference, error, agrees: error < ALLOWED };
}

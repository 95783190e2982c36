/** The activations of chainrule/activations.py, one row each: a = sigma(z) and its slope, of z and a. */

import { erf, logistic, softplus } from "./special";

export interface Activation {
  readonly value: (z: number) => number;
  readonly slope: (z: number, a: number) => number;
  /** The interval of its values. */
  readonly range: readonly [number, number];
}

export const FLAT = 0.05; // a slope below this: saturated, as in chainrule/record/measures.py

const ALPHA = 1.6732632423543772; // Klambauer et al. 2017, appendix A1
const SCALE = 1.0507009873554805;
const ROOT = Math.sqrt(2 / Math.PI);
const INF = Infinity;
const cubic = (z: number): number => Math.tanh(ROOT * (z + 0.044715 * z * z * z));

function row(value: Activation["value"], slope: Activation["slope"], low: number = -INF, high: number = INF): Activation {
  return { value, slope, range: [low, high] };
}

export const ACTIVATIONS: Readonly<Record<string, Activation>> = {
  identity: row((z) => z, () => 1),
  sigmoid: row(logistic, (_, a) => a * (1 - a), 0, 1),
  tanh: row(Math.tanh, (_, a) => 1 - a * a, -1, 1),
  relu: row((z) => Math.max(z, 0), (z) => (z > 0 ? 1 : 0), 0),
  leaky_relu: row((z) => Math.max(z, 0.01 * z), (z) => (z > 0 ? 1 : 0.01)),
  elu: row((z) => (z > 0 ? z : Math.expm1(z)), (z, a) => (z > 0 ? 1 : a + 1), -1),
  selu: row(
    (z) => SCALE * (z > 0 ? z : ALPHA * Math.expm1(z)), (z, a) => (z > 0 ? SCALE : a + SCALE * ALPHA),
    -SCALE * ALPHA,
  ),
  softplus: row(softplus, (z) => logistic(z), 0),
  softsign: row((z) => z / (1 + Math.abs(z)), (z) => 1 / (1 + Math.abs(z)) ** 2, -1, 1),
  gelu: row(
    (z) => 0.5 * z * (1 + erf(z / Math.SQRT2)),
    (z) => 0.5 * (1 + erf(z / Math.SQRT2)) + (z * Math.exp(-0.5 * z * z)) / Math.sqrt(2 * Math.PI),
    -0.17,
  ),
  gelu_tanh: row(
    (z) => 0.5 * z * (1 + cubic(z)),
    (z) => {
      const t = cubic(z);
      return 0.5 * (1 + t) + 0.5 * z * (1 - t * t) * ROOT * (1 + 3 * 0.044715 * z * z);
    },
    -0.1701,
  ),
  silu: row(
    (z) => z * logistic(z),
    (z, a) => {
      const s = logistic(z);
      return s + a * (1 - s);
    },
    -0.2785,
  ),
  mish: row(
    (z) => z * Math.tanh(softplus(z)),
    (z) => {
      const t = Math.tanh(softplus(z));
      return t + z * (1 - t * t) * logistic(z);
    },
    -0.3089,
  ),
  hard_tanh: row((z) => Math.min(Math.max(z, -1), 1), (z) => (z > -1 && z < 1 ? 1 : 0), -1, 1),
  sine: row(Math.sin, (z) => Math.cos(z), -1, 1),
  exponential: row(Math.exp, (_, a) => a, 0),
};

export const SOFTMAX = "softmax"; // of a whole layer: see softmax() below, and BPs in model.ts

/** The activations of a softmax layer. */
export function softmax(z: Float64Array): Float64Array {
  const most = z.reduce((a, b) => Math.max(a, b), -INF);
  const e = z.map((v) => Math.exp(v - most));
  const sum = e.reduce((a, b) => a + b, 0);
  return e.map((v) => v / sum);
}

/** The costs of chainrule/costs.py, one row each: of an output neuron, from a and y; the cost of an example is the sum. */

import { softplus } from "./special";

export interface Cost {
  readonly value: (a: number, y: number) => number;
  readonly slope: (a: number, y: number) => number;
  /** The activation with which the output error is a - y (BP1c), and the cost is computed from z. */
  readonly partner: string;
  readonly ofZ?: (z: number, y: number) => number;
  /** A single output above this says class 1: halfway between the targets of the two classes. */
  readonly middle: number;
}

const TINY = 1e-37; // as in costs.py: a saturated output costs much, but not infinitely much
const ln = (x: number): number => Math.log(Math.max(x, TINY));
const per = (x: number): number => 1 / Math.max(x, TINY);

function row(value: Cost["value"], slope: Cost["slope"], partner = "", ofZ?: Cost["ofZ"], middle = 0.5): Cost {
  return { value, slope, partner, middle, ...(ofZ ? { ofZ } : {}) };
}

const half = (a: number, y: number): number => 0.5 * (a - y) * (a - y);
const sign = (e: number): number => (e > 0 ? 1 : e < 0 ? -1 : 0);

export const COSTS: Readonly<Record<string, Cost>> = {
  quadratic: row(half, (a, y) => a - y, "identity", half),
  absolute: row((a, y) => Math.abs(a - y), (a, y) => sign(a - y)),
  huber: row(
    (a, y) => (Math.abs(a - y) > 1 ? Math.abs(a - y) - 0.5 : half(a, y)), (a, y) => Math.min(Math.max(a - y, -1), 1),
  ),
  log_cosh: row(
    (a, y) => Math.abs(a - y) + Math.log1p(Math.exp(-2 * Math.abs(a - y))) - Math.LN2, (a, y) => Math.tanh(a - y),
  ),
  cross_entropy: row(
    (a, y) => -(y * ln(a) + (1 - y) * ln(1 - a)), (a, y) => (1 - y) * per(1 - a) - y * per(a),
    "sigmoid", (z, y) => softplus(z) - y * z,
  ),
  // Its cost from z needs the whole layer: see costOfOutput in model.ts.
  log_likelihood: row((a, y) => -y * ln(a), (a, y) => -y * per(a), "softmax"),
  poisson: row(
    (a, y) => a - y * ln(a), (a, y) => 1 - y * per(a), "exponential", (z, y) => Math.exp(z) - y * z,
  ),
  hinge: row((a, y) => Math.max(0, 1 - y * a), (a, y) => (y * a < 1 ? -y : 0), "", undefined, 0),
};

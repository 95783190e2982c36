/** The costs of chainrule/costs.py, one row each: of an output neuron, from a and y; the cost of an example is the sum. */

import { softplus } from "./special";

export interface Cost {
  readonly value: (a: number, y: number) => number;
  readonly slope: (a: number, y: number) => number;
  /** The activation with which the output error is a - y (BP1c), and the cost is computed from z. */
  readonly partner: string;
  readonly ofZ?: (z: number, y: number) => number;
  /** How the cost of one output neuron is written with symbols. */
  readonly text: string;
}

const TINY = 1e-37; // as in costs.py: a saturated output costs much, but not infinitely much
const ln = (x: number): number => Math.log(Math.max(x, TINY));
const per = (x: number): number => 1 / Math.max(x, TINY);

function row(value: Cost["value"], slope: Cost["slope"], text: string, partner = "", ofZ?: Cost["ofZ"]): Cost {
  return { value, slope, text, partner, ...(ofZ ? { ofZ } : {}) };
}

const half = (a: number, y: number): number => 0.5 * (a - y) * (a - y);
const sign = (e: number): number => (e > 0 ? 1 : e < 0 ? -1 : 0);

export const COSTS: Readonly<Record<string, Cost>> = {
  quadratic: row(half, (a, y) => a - y, "½ (a − y)²", "identity", half),
  absolute: row((a, y) => Math.abs(a - y), (a, y) => sign(a - y), "|a − y|"),
  huber: row(
    (a, y) => (Math.abs(a - y) > 1 ? Math.abs(a - y) - 0.5 : half(a, y)), (a, y) => Math.min(Math.max(a - y, -1), 1),
    "½ (a − y)² up to 1, then |a − y| − ½",
  ),
  log_cosh: row(
    (a, y) => Math.abs(a - y) + Math.log1p(Math.exp(-2 * Math.abs(a - y))) - Math.LN2, (a, y) => Math.tanh(a - y),
    "ln cosh(a − y)",
  ),
  cross_entropy: row(
    (a, y) => -(y * ln(a) + (1 - y) * ln(1 - a)), (a, y) => (1 - y) * per(1 - a) - y * per(a),
    "−(y ln a + (1 − y) ln(1 − a))", "sigmoid", (z, y) => softplus(z) - y * z,
  ),
  // Its cost from z needs the whole layer: see costFromZ in model.ts.
  log_likelihood: row((a, y) => -y * ln(a), (a, y) => -y * per(a), "−y ln a", "softmax"),
  poisson: row(
    (a, y) => a - y * ln(a), (a, y) => 1 - y * per(a), "a − y ln a", "exponential", (z, y) => Math.exp(z) - y * z,
  ),
  hinge: row((a, y) => Math.max(0, 1 - y * a), (a, y) => (y * a < 1 ? -y : 0), "max(0, 1 − y a)"),
};

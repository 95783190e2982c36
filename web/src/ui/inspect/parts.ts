/** What a number is made of: the terms of a sum, the way back to the cost, the cost along one weight. */

import { ACTIVATIONS, softmax } from "../../activations";
import { costAlong, type Pass } from "../../model";
import type { Network, Parameters } from "../../network";
import type { Curves, Hello } from "../../protocol";

/** One product of a sum: from neuron `from` (-1: the bias), `weight` times `other`. */
export interface Term {
  readonly from: number;
  readonly weight: number;
  readonly other: number;
  readonly value: number;
}

const bySize = (terms: Term[]): Term[] => terms.sort((u, v) => Math.abs(v.value) - Math.abs(u.value) || u.from - v.from);

/** FP1 term by term, the largest first: w a of every neuron of the layer before, and the bias. */
export function contributions(net: Network, p: Parameters, pass: Pass, l: number, j: number): Term[] {
  const n = net.sizes[l - 2]!;
  const terms = Array.from(pass.a[l - 1]!, (a, k) => {
    const weight = p.w[l]![j * n + k]!;
    return { from: k, weight, other: a, value: weight * a };
  });
  if (net.biases) terms.push({ from: -1, weight: p.b[l]![j]!, other: 1, value: p.b[l]![j]! });
  return bySize(terms);
}

/** The sum of BP2 term by term, the largest first: what each neuron of the next layer blames this one for. */
export function blames(net: Network, p: Parameters, pass: Pass, l: number, j: number): Term[] {
  if (l >= net.L) return [];
  const n = net.sizes[l - 1]!;
  return bySize(Array.from(pass.delta[l + 1]!, (delta, i) => {
    const weight = p.w[l + 1]![i * n + j]!;
    return { from: i, weight, other: delta, value: weight * delta };
  }));
}

/** From a neuron to the output, each time along the largest share of the blame. */
export function chain(net: Network, p: Parameters, pass: Pass, l: number, j: number): { l: number; j: number; share: number | null }[] {
  const path: { l: number; j: number; share: number | null }[] = [];
  for (let at = { l, j }; ;) {
    const terms = at.l >= 1 ? blames(net, p, pass, at.l, at.j) : [];
    const all = terms.reduce((sum, term) => sum + Math.abs(term.value), 0);
    path.push({ ...at, share: terms.length > 0 && all > 0 ? Math.abs(terms[0]!.value) / all : null });
    if (terms.length === 0) return path;
    at = { l: at.l + 1, j: terms[0]!.from };
  }
}

/** a neuron's a as a function of its own z alone; in a softmax layer the others stay. */
export function answerOf(net: Network, pass: Pass, l: number, j: number): (z: number) => number {
  const sigma = net.sigma[l];
  if (sigma) return sigma[j]!.value;
  return (z) => softmax(pass.z[l]!.with(j, z))[j]!;
}

export interface Curve { readonly x: Float64Array; readonly y: Float64Array }

/** n + 1 numbers from one to another, both included. */
export const between = (low: number, high: number, n: number): Float64Array =>
  Float64Array.from({ length: n + 1 }, (_, i) => low + ((high - low) * i) / n);

/** f around z, so wide that its bend is seen. */
export function activationCurve(f: (z: number) => number, z: number, n: number = 80): Curve {
  const reach = Number.isFinite(z) ? Math.max(4, 1.25 * Math.abs(z)) : 4;
  const x = between(-reach, reach, n);
  return { x, y: x.map(f) };
}

const POINTS = 41; // forward passes for the cost along a weight

/** The cost of the example as a function of one parameter, `span` to either side of it. */
export function costCurve(
  net: Network, p: Parameters, x: Float64Array, y: Float64Array, index: number, span: number,
): Curve {
  const at = between(p.flat[index]! - span, p.flat[index]! + span, POINTS - 1);
  return { x: at, y: costAlong(net, p, x, y, index, at) };
}

/** A straight line through a point with a slope, cut to a box. */
export function tangent(
  at: { readonly x: number; readonly y: number }, slope: number, box: { readonly x: readonly [number, number]; readonly y: readonly [number, number] },
): readonly [number, number, number, number] {
  let [x0, x1] = box.x;
  if (slope !== 0) {
    const reach = (y: number): number => at.x + (y - at.y) / slope;
    const [u, v] = [reach(box.y[0]), reach(box.y[1])];
    x0 = Math.max(x0, Math.min(u, v));
    x1 = Math.min(x1, Math.max(u, v));
  }
  return [x0, at.y + slope * (x0 - at.x), x1, at.y + slope * (x1 - at.x)];
}

/** What a check of one gradient found. */
export interface Check { readonly analytic: number; readonly numeric: number; readonly error: number; readonly isPassed: boolean }
export const TOLERANCE = 1e-6;

/** |u - v| over the larger of them; two numbers that are both (almost) 0 agree. */
export function checked(analytic: number, numeric: number): Check {
  const size = Math.max(Math.abs(analytic), Math.abs(numeric));
  const error = size < 1e-12 ? 0 : Math.abs(analytic - numeric) / size;
  return { analytic, numeric, error, isPassed: error <= TOLERANCE };
}

/** Whether a layer's slope is the same on both sides of 0; a kink next to z makes a difference quotient wrong. */
export const hasKink = (net: Network): boolean =>
  net.sigma.some((rows) => rows?.some((row) => row === ACTIVATIONS["relu"] || row === ACTIVATIONS["leaky_relu"] || row === ACTIVATIONS["hard_tanh"]));

const name = (setting: unknown): string => (typeof setting === "string" ? setting : (setting as { name?: string } | null)?.name ?? "");

/** By which rule weights are changed. */
export const optimizerOf = (hello: Hello): string => name(hello.settings["optimizer"]) || "sgd";
/** How the learning rate goes over the epochs. */
export const scheduleOf = (hello: Hello): string => name(hello.settings["schedule"]) || "constant";

/** Whether an update is -eta/m times the summed gradient and nothing else. */
export function isPlain(hello: Hello): boolean {
  const s = hello.settings;
  const others = ["lmbda", "clip_norm", "clip_value", "max_norm"].some((name) => s[name]);
  const rates = Object.keys((s["layer_rates"] as object | null) ?? {}).length;
  return optimizerOf(hello) === "sgd" && !others && rates === 0;
}

/** The learning rate at which the step was done that leads to `step`; null where a schedule changes it all the time. */
export function rateAt(hello: Hello, curves: Curves | null, step: number): number | null {
  if (scheduleOf(hello) !== "constant") return null;
  const set = (curves?.events ?? []).filter((event) => event.kind === "learning_rate" && event.step < step).at(-1)?.value;
  const rate = typeof set === "number" ? set : hello.settings["learning_rate"];
  return typeof rate === "number" ? rate : null;
}

/** What the measured figures say of a network's health, in numbers and in sentences. */

import { count, number, percent } from "../format";
import type { Curves, Examples, Hello, Maybe, Measures } from "../protocol";
import { ACTIVATIONS } from "../activations";
import { COSTS } from "../costs";

export type Shown = "gradient" | "ratio" | "saturated";
export const SHOWN: Readonly<Record<Shown, { readonly name: string; readonly words: string; readonly isLog: boolean }>> = {
  gradient: { name: "Gradient", words: "Length of the gradient of the weights", isLog: true },
  ratio: { name: "Update / weights", words: "Length of an update against that of the weights", isLog: true },
  saturated: { name: "Saturated", words: "Share of neurons with a slope under 0.05", isLog: false },
};

const VANISHING = 0.01; // of the output layer's gradient
const DEAD = 0.6; // of the slopes of a hidden layer of bounded neurons, as in chainrule/diagnosing/of_forward.py
const LEARNED = 0.75; // of what can be learned, as in chainrule/diagnosing/case.py: what has learned so much is not told how to learn
const PACE = [1e-4, 1e-1] as const; // of updates against weights; about 1e-3 is usual

/** The place of the last step that is not after another; the first where all are. */
export function lastBefore(steps: readonly number[], step: number): number {
  let [low, high] = [0, steps.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (steps[middle]! <= step) low = middle;
    else high = middle;
  }
  return low;
}

/** A figure of a layer at a measured step. */
export function valueOf(which: Shown, measures: Measures, l: number, at: number): Maybe {
  if (which !== "ratio") return measures[which][String(l)]?.[at] ?? null;
  const [update, weight] = [measures.update[String(l)]?.[at] ?? null, measures.weight[String(l)]?.[at] ?? null];
  return update === null || weight === null || weight === 0 ? null : update / weight;
}

export interface Finding { readonly isGood: boolean; readonly text: string }

/** What is worth knowing, in one sentence each; one that says so where all is well. What was measured at another step than the shown one says so. */
export function findings(hello: Hello, measures: Measures, at: number, step: number = measures.steps[at]!): Finding[] {
  const found = [vanishing, saturated, pace].flatMap((look) => look(measures, hello, at)).map((text) => ({ isGood: false, text }));
  const all = found.length > 0 ? found : [{ isGood: true, text: "The gradient reaches every layer, and the steps are of a good size." }];
  const of = measures.steps[at]!;
  return of === step ? all : all.map(({ isGood, text }) => ({ isGood, text: `At step ${count(of)}, ${text[0]!.toLowerCase()}${text.slice(1)}` }));
}

/** What a network that has learned well is told instead: small gradients and slopes do it no harm; null where it has not, or nobody knows. */
export function learned(hello: Hello, curves: Curves, examples: Examples | null, step: number): string | null {
  const record = curves.epochs.findLast((it) => it.step <= step);
  const name = hello.classify ? "accuracy" : "r2";
  const sets = [record?.["training_metrics"], record?.["metrics"]] as (Record<string, Maybe> | null | undefined)[];
  const value = sets.map((set) => set?.[name]).find((it) => typeof it === "number");
  const base = hello.classify ? examples && mostFrequent(hello, examples) : 0;
  if (!record || value == null || base === null || !(value - base >= LEARNED * (1 - base))) return null;
  return `The network has learned well: ${hello.classify ? `accuracy ${percent(value)}` : `R² ${number(value, 3)}`} at step ${count(record.step)}.`;
}

/** The share of the most frequent class: what is right without having learned anything. */
function mostFrequent({ network }: Hello, { y }: Examples): number {
  const middle = COSTS[network.cost]?.middle ?? 0.5;
  const counts = new Map<number, number>();
  for (let i = 0; i < y.rows; i++) {
    const row = y.data.subarray(i * y.columns, (i + 1) * y.columns);
    const of = row.length > 1 ? row.indexOf(Math.max(...row)) : Number(row[0]! > middle);
    counts.set(of, (counts.get(of) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values()) / Math.max(1, y.rows);
}

function vanishing(measures: Measures, { network }: Hello, at: number): string[] {
  const L = network.sizes.length;
  const [first, last] = [valueOf("gradient", measures, 2, at), valueOf("gradient", measures, L, at)];
  if (first === null || last === null || L < 3 || last === 0 || first >= VANISHING * last) return [];
  return [`Layer 2 gets ${percent(first / last, 1)} of layer ${L}'s gradient: it hardly learns.`];
}

/** Of bounded neurons alone: a rectifier's slope is 0 half of the time, and that is well. */
function isBounded({ network }: Hello, l: number): boolean {
  const spec = network.activations[l - 2];
  return typeof spec === "string" && (ACTIVATIONS[spec]?.range.every(Number.isFinite) ?? false);
}

function saturated(measures: Measures, hello: Hello, at: number): string[] {
  return layers(hello.network.sizes.length - 1).flatMap((l) => {
    const share = valueOf("saturated", measures, l, at);
    if (share === null || share <= DEAD || !isBounded(hello, l)) return [];
    return [`In layer ${l}, ${percent(share, 0)} of the slopes are under 0.05: its neurons are saturated and pass little on.`];
  });
}

function pace(measures: Measures, { network }: Hello, at: number): string[] {
  const ratios = layers(network.sizes.length).map((l) => ({ l, ratio: valueOf("ratio", measures, l, at) })).filter(({ ratio }) => ratio !== null);
  const fast = ratios.filter(({ ratio }) => ratio! > PACE[1]);
  const slow = ratios.filter(({ ratio }) => ratio! < PACE[0]);
  if (fast.length > 0) {
    return [`Layer ${fast[0]!.l} moves by ${number(fast[0]!.ratio, 2)} of its weights in one step: the learning rate may be too large.`];
  }
  const isSlow = slow.length === ratios.length && slow.length > 0;
  return isSlow ? ["Every layer moves by less than 0.0001 of its weights in a step: learning is slow, or done."] : [];
}

const layers = (L: number): number[] => Array.from({ length: L - 1 }, (_, i) => i + 2);

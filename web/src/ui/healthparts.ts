/** What the measured figures say of a network's health, in numbers and in sentences. */

import { number, percent } from "../format";
import type { Hello, Maybe, Measures } from "../protocol";

export type Shown = "gradient" | "ratio" | "saturated";
export const SHOWN: Readonly<Record<Shown, { readonly name: string; readonly words: string; readonly isLog: boolean }>> = {
  gradient: { name: "Gradient", words: "Length of the gradient of the weights", isLog: true },
  ratio: { name: "Update / weights", words: "Length of an update against that of the weights", isLog: true },
  saturated: { name: "Saturated", words: "Share of neurons with a slope under 0.05", isLog: false },
};

const VANISHING = 0.01; // of the output layer's gradient
const DEAD = 0.5; // of the neurons of a layer
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

/** What is worth knowing, in one sentence each; one that says so where all is well. */
export function findings(hello: Hello, measures: Measures, at: number): Finding[] {
  const L = hello.network.sizes.length;
  const found = [vanishing, saturated, pace].flatMap((look) => look(measures, L, at)).map((text) => ({ isGood: false, text }));
  return found.length > 0 ? found : [{ isGood: true, text: "The gradient reaches every layer, and the steps are of a good size." }];
}

function vanishing(measures: Measures, L: number, at: number): string[] {
  const [first, last] = [valueOf("gradient", measures, 2, at), valueOf("gradient", measures, L, at)];
  if (first === null || last === null || L < 3 || last === 0 || first >= VANISHING * last) return [];
  return [`Layer 2 gets ${percent(first / last, 1)} of layer ${L}'s gradient: it hardly learns.`];
}

function saturated(measures: Measures, L: number, at: number): string[] {
  return layers(L).flatMap((l) => {
    const share = valueOf("saturated", measures, l, at);
    if (share === null || share <= DEAD) return [];
    return [`In layer ${l}, ${percent(share, 0)} of the slopes are under 0.05: its neurons are saturated and pass little on.`];
  });
}

function pace(measures: Measures, L: number, at: number): string[] {
  const ratios = layers(L).map((l) => ({ l, ratio: valueOf("ratio", measures, l, at) })).filter(({ ratio }) => ratio !== null);
  const fast = ratios.filter(({ ratio }) => ratio! > PACE[1]);
  const slow = ratios.filter(({ ratio }) => ratio! < PACE[0]);
  if (fast.length > 0) {
    return [`Layer ${fast[0]!.l} moves by ${number(fast[0]!.ratio, 2)} of its weights in one step: the learning rate may be too large.`];
  }
  const isSlow = slow.length === ratios.length && slow.length > 0;
  return isSlow ? ["Every layer moves by less than 0.0001 of its weights in a step: learning is slow, or done."] : [];
}

const layers = (L: number): number[] => Array.from({ length: L - 1 }, (_, i) => i + 2);

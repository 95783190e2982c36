/** Steps: what one means, which are recorded, what happened at them. */

import { count, many, number } from "../format";
import type { Curves, Frame, Hello, Maybe, Unit } from "../protocol";

export const WALKED = 64; // examples of a mini-batch that one would look at one by one, as in chainrule/lab/study.py

/** How many examples a step takes the mean of. */
export const sizeOf = (hello: Hello): number => Math.min(hello.batch_size, hello.examples);

/** What one step does, in words. */
export function meaning(hello: Hello, unit: Unit): string {
  const m = sizeOf(hello);
  if (unit === "example" && m > 1) {
    return `One step = one example of the next mini-batch: you see its gradient, and no weight changes. After all ${m}, one step more makes the update with their mean.`;
  }
  const batch = m === 1 ? "one example: its gradient, and one update" : `one mini-batch: ${count(m)} examples, their mean gradient, one update`;
  if (unit !== "epoch") return `One step = ${batch}.`;
  const whole = `An epoch has ${many(hello.steps_in_epoch, "step")}: each of the ${count(hello.examples)} examples once, in mini-batches of ${count(m)}.`;
  return `One step = to the end of the epoch. ${whole}`;
}

/** The epoch that a step belongs to; 0 before the first. */
export const epochOf = (hello: Hello, step: number): number => Math.ceil(step / Math.max(1, hello.steps_in_epoch));

/** The cost of a step's mini-batch; where the curve has several steps together, their mean, and which ones. */
export function costAt(curves: Curves | null, step: number): { cost: number; from: number; to: number } | null {
  const costs = curves?.costs;
  if (!costs || step < 1) return null;
  const i = costs.steps.findIndex((to) => to >= step);
  const cost = costs.mean[i];
  return i < 0 || cost === null || cost === undefined ? null : { cost, from: (costs.steps[i - 1] ?? 0) + 1, to: costs.steps[i]! };
}

/** The cost to show at a step, and of which steps it is the mean: of the step alone where its frame says it. */
export function costShown(curves: Curves | null, step: number, frame: Frame | null, newest: Maybe): { cost: Maybe; from: number; to: number } {
  const own = frame?.step === step ? frame.cost ?? null : null;
  const alone = { from: step, to: step };
  return own === null ? costAt(curves, step) ?? { cost: newest, ...alone } : { cost: own, ...alone };
}

/** The next key frame of a recording, or the first of the next epoch. */
export function nextStep(hello: Hello, step: number, unit: Unit): number | null {
  const wanted = unit === "epoch" ? (Math.floor(step / hello.steps_in_epoch) + 1) * hello.steps_in_epoch : step + 1;
  return hello.key_frames.find((at) => at >= wanted) ?? (step < hello.last ? hello.last : null);
}

/** The recorded step next to another. */
export function nearest(steps: readonly number[], step: number): number {
  let [low, high] = [0, steps.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (steps[middle]! <= step) low = middle;
    else high = middle;
  }
  const [a, b] = [steps[low] ?? step, steps[high] ?? step];
  return step - a <= b - step ? a : b;
}

/** So many recorded steps further, or back. */
export function further(steps: readonly number[], step: number, by: number): number {
  const at = steps.indexOf(nearest(steps, step));
  return steps[Math.max(0, Math.min(steps.length - 1, at + by))] ?? step;
}

export interface Mark { readonly step: number; readonly kind: "epoch" | "best" | "event"; readonly text: string }

const FEW = 40; // epochs: of more only some are marked

/** What is marked: ends of epochs, the best held-out result, and what happened. */
export function marksOf(curves: Curves | null): Mark[] {
  const epochs = curves?.epochs ?? [];
  const every = Math.max(1, Math.ceil(epochs.length / FEW));
  const ends = epochs.filter((_, i) => (i + 1) % every === 0)
    .map(({ step, epoch }) => ({ step, kind: "epoch" as const, text: `end of epoch ${epoch}` }));
  const best = bestOf(curves);
  const events = (curves?.events ?? []).map(({ step, kind, value }) => ({ step, kind: "event" as const, text: sayEvent(kind, value) }));
  return [...ends, ...(best ? [best] : []), ...events];
}

const sayEvent = (kind: string, value: unknown): string =>
  kind === "learning_rate" ? `learning rate set to ${number(Number(value))}` : `${kind}: ${typeof value === "string" ? value.split("\n")[0] : ""}`;

/** The epoch with the lowest held-out cost. */
export function bestOf(curves: Curves | null): Mark | null {
  let best: Mark | null = null;
  let least = Infinity;
  for (const record of curves?.epochs ?? []) {
    const cost = (record["metrics"] as Record<string, number | null> | undefined)?.["cost"];
    if (typeof cost === "number" && cost < least) {
      least = cost;
      best = { step: record.step, kind: "best", text: `lowest held-out cost: ${number(cost)}, after epoch ${record.epoch}` };
    }
  }
  return best;
}

const COLUMNS = 300; // of the picture of the cost above the line

/** The cost of the steps as an outline, so that one sees where to go. */
export function outline(curves: Curves | null, first: number, last: number): string {
  const { steps, mean } = curves?.costs ?? { steps: [], mean: [] };
  const most = Math.max(...mean.map((v) => v ?? 0), 1e-300);
  const every = Math.max(1, Math.ceil(steps.length / COLUMNS));
  const points = steps.flatMap((step, i) => {
    const cost = mean[i];
    if (i % every !== 0 || cost === null || cost === undefined || step < first) return [];
    return [`${((1000 * (step - first)) / Math.max(1, last - first)).toFixed(1)} ${(30 - (28 * cost) / most).toFixed(1)}`];
  });
  return points.length > 1 ? `M${points[0]!.split(" ")[0]} 30L${points.join("L")}L${points.at(-1)!.split(" ")[0]} 30Z` : "";
}

/** How the cost fell: of every step, with the largest and the smallest, so that spikes are seen; and on held-out data. */

import { useSignal, type ReadonlySignal } from "@preact/signals";
import type { JSX } from "preact";
import uPlot from "uplot";
import { number } from "../format";
import type { Curves as Data, Maybe } from "../protocol";
import type { Store } from "../store";
import { Chart, type Line } from "./chart";
import { Compare, linesOfOther, OtherCost } from "./compare";
import { capital } from "./names";
import { useSlow } from "./slow";
import { goTo } from "./timeline";

/** What is measured after each epoch: on held-out data, and on the training data where it is asked for. */
function measuredOf(curves: Data | null, name: string): { steps: number[]; heldOut: Maybe[]; training: Maybe[] } {
  const epochs = curves?.epochs ?? [];
  const of = (set: "metrics" | "training_metrics") => epochs.map((record) => {
    const value = (record[set] as Record<string, Maybe> | undefined)?.[name];
    return typeof value === "number" ? value : null;
  });
  return { steps: epochs.map((record) => record.step), heldOut: of("metrics"), training: of("training_metrics") };
}

/** Besides the cost, what is measured after an epoch: the first such name, accuracy before others. */
function measureName(curves: Data | null): string | null {
  const names = Object.keys((curves?.epochs.at(-1)?.["metrics"] as object | undefined) ?? {}).filter((name) => name !== "cost");
  return names.includes("accuracy") ? "accuracy" : names[0] ?? null;
}

const positive = (values: readonly Maybe[], isLog: boolean): Maybe[] => values.map((v) => (isLog && v !== null && v <= 0 ? null : v));

/** The cost of the steps and of held-out data on common steps. */
export function costTable(curves: Data | null, isLog: boolean, other: Data | null = null): uPlot.AlignedData {
  if (!curves) return [[], []];
  const { steps, min, mean, max } = curves.costs;
  const heldOf = (of: Data): uPlot.AlignedData => {
    const held = measuredOf(of, "cost");
    return table(held.steps, positive(held.heldOut, isLog));
  };
  const edges = isEach(curves) ? [] : [positive(min, isLog), positive(max, isLog)];
  return uPlot.join([
    table(steps, ...edges, positive(mean, isLog)), ...(hasHeldOut(curves) ? [heldOf(curves)] : []),
    ...(other ? [table(other.costs.steps, positive(other.costs.mean, isLog)), heldOf(other)] : []),
  ]);
}

/** Whether the cost was measured on examples that are not trained on. */
const hasHeldOut = (curves: Data | null): boolean =>
  curves?.epochs.some((record) => typeof (record["metrics"] as Record<string, Maybe> | undefined)?.["cost"] === "number") ?? false;

const table = (x: readonly number[], ...ys: Maybe[][]): uPlot.AlignedData => [[...x], ...ys] as uPlot.AlignedData;

const HELD_OUT: Line = { name: "held-out", colour: (ink) => (ink.theme === "dark" ? "#ffa347" : "#c45400"), width: 2, points: true };
const EACH: readonly Line[] = [{ name: "cost of the step", colour: (ink) => ink.accent }, HELD_OUT];
const STRETCHES: readonly Line[] = [
  { name: "lowest", colour: (ink) => ink.accent, isEdge: true }, { name: "highest", colour: (ink) => ink.accent, isEdge: true },
  { name: "mean of the steps", colour: (ink) => ink.accent }, HELD_OUT,
];

/** Whether each point of the curve is one step, and not several together. */
const isEach = (curves: Data | null): boolean => {
  const steps = curves?.costs.steps ?? [];
  return steps.length > 0 && steps.at(-1)! - steps[0]! === steps.length - 1;
};

export function Curves({ store, height = 170 }: { store: Store; height?: number }): JSX.Element {
  const isLog = useSignal(false);
  const slow = useSlow(store.curves);
  const curves = slow.value;
  const hasCosts = (curves?.costs.steps.length ?? 0) > 0;
  const isAlone = isEach(curves);
  const name = measureName(curves);
  const other = store.other.value;
  const hasBoth = hasHeldOut(curves);
  const lines = [...(isAlone ? EACH : STRETCHES).filter((line) => line !== HELD_OUT || hasBoth), ...(other ? linesOfOther(other.id) : [])];
  return (
    <section class="crl-panel crl-curves" aria-label="Curves">
      <header class="crl-head">
        <h2>Cost</h2>
        <label class="crl-field">
          <input type="checkbox" checked={isLog.value} onChange={(event) => { isLog.value = event.currentTarget.checked; }} /> Log scale
        </label>
        <Compare store={store} />
        <span class="crl-faint crl-push">by step; click the curve to go to a step</span>
      </header>
      {other && <OtherCost store={store} other={other} />}
      {hasCosts ? (
        <Chart
          key={`${isLog.value} ${isAlone} ${hasBoth}`} label={say(curves)} lines={lines} {...(isAlone ? {} : { band: [0, 1] })}
          data={() => costTable(slow.value, isLog.value, other?.curves)} isLog={isLog.value} height={height} {...shared(store)}
        />
      ) : <p class="crl-empty">No step has been taken yet: press Run.</p>}
      {name && (curves?.epochs.length ?? 0) > 1 && <Measured store={store} slow={slow} name={name} height={Math.round(height * 0.75)} />}
    </section>
  );
}

/** All steps that there are, of the other run too. */
function rangeOf(store: Store): readonly [number, number] {
  const [first, last, other] = [store.first.peek(), store.last.peek(), store.other.peek()];
  return [Math.min(first, other?.hello.key_frames[0] ?? first), Math.max(last, first + 1, other?.hello.last ?? 0)];
}

/** What both charts have in common: the steps, the one that is shown, and the way to another. */
const shared = (store: Store) => ({
  range: () => rangeOf(store), step: store.calmStep, playing: store.playing, onSeek: (step: number): void => goTo(store, step),
});

function say(curves: Data | null): string {
  const costs = curves?.costs;
  return `Cost by step: from ${number(costs?.mean.find((cost) => cost !== null))} to ${number(costs?.mean.at(-1))}`;
}

function Measured({ store, slow, name, height }: { store: Store; slow: ReadonlySignal<Data | null>; name: string; height: number }): JSX.Element {
  const found = measuredOf(slow.value, name);
  const hasTraining = found.training.some((v) => v !== null);
  const other = store.other.value;
  const lines: Line[] = [
    HELD_OUT, ...(other ? linesOfOther(other.id).slice(1) : []),
    ...(hasTraining ? [{ name: "training", colour: (ink: { accent: string }) => ink.accent, dash: [4, 3] }] : []),
  ];
  const data = (): uPlot.AlignedData => {
    const [it, its] = [measuredOf(slow.value, name), other && measuredOf(other.curves, name)];
    return uPlot.join([
      table([0, ...it.steps], [null, ...it.heldOut]), ...(its ? [table(its.steps, its.heldOut)] : []),
      ...(hasTraining ? [table(it.steps, it.training)] : []),
    ]);
  };
  const title = capital(name).replace(/_/g, " ");
  return (
    <>
      <h3 class="crl-sub">{title} after each epoch <span class="crl-faint">last {number(found.heldOut.at(-1))}</span></h3>
      <Chart label={`${title} by epoch, at last ${number(found.heldOut.at(-1))}`} lines={lines} height={height} data={data} {...shared(store)} />
    </>
  );
}

/** The curves as a table. */

import { FIGURES, type Curves, type Maybe } from "./protocol";

/** A column of a table: a number for some steps. */
interface Column { readonly name: string; readonly at: ReadonlyMap<number, Maybe> }

const column = (name: string, steps: readonly number[], values: readonly Maybe[]): Column =>
  ({ name, at: new Map(steps.map((step, i) => [step, values[i] ?? null])) });

/** What was measured after each epoch, under the names that metrics have. */
function ofEpochs({ epochs }: Curves): Column[] {
  const steps = epochs.map(({ step }) => step);
  const sets = [["metrics", "held_out"], ["training_metrics", "training"]] as const;
  return sets.flatMap(([set, word]) => {
    const rows = epochs.map((record) => (record[set] ?? {}) as Readonly<Record<string, Maybe>>);
    return [...new Set(rows.flatMap(Object.keys))].map((name) => column(`${word}_${name}`, steps, rows.map((row) => row[name] ?? null)));
  });
}

/** How many steps a cost of the curves stands for, at most. */
export const stepsInRow = ({ costs: { steps } }: Curves): number => steps.reduce((most, step, i) => Math.max(most, step - (steps[i - 1] ?? step - 1)), 1);

/** All curves as one table (RFC 4180): a row for each step that anything is known of; nothing where it is not. */
export function csvOf(curves: Curves): string {
  const { costs, measures } = curves;
  const isEach = costs.min.every((v, i) => v === costs.max[i]);
  const columns = [
    column("epoch", curves.epochs.map(({ step }) => step), curves.epochs.map(({ epoch }) => epoch)),
    column("cost", costs.steps, costs.mean),
    ...(isEach ? [] : [column("cost_min", costs.steps, costs.min), column("cost_max", costs.steps, costs.max)]),
    ...ofEpochs(curves),
    ...FIGURES.flatMap((figure) => Object.entries(measures[figure]).map(([l, values]) => column(`${figure}_layer_${l}`, measures.steps, values))),
  ];
  const steps = [...new Set(columns.flatMap(({ at }) => [...at.keys()]))].sort((a, b) => a - b);
  const rows = steps.map((step) => [step, ...columns.map(({ at }) => at.get(step) ?? "")].join(","));
  return [["step", ...columns.map(({ name }) => name)].join(","), ...rows, ""].join("\r\n");
}

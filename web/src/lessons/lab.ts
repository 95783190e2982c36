/** What a lesson puts on the table: panels, and a small network of its own with what it learns from. */

import { network } from "../network";
import type { NetworkFacts } from "../protocol";
import type { PageRun } from "../sources/page";
import { firstParameters, matrixOf, type Initial } from "../trainer";

export const PANELS = ["stage", "inspector", "steps", "reverse", "curves", "health", "boundary", "graph", "check"] as const;
export type Panel = (typeof PANELS)[number];

/** What a lesson puts on the table. */
export interface Lab {
  readonly panels: readonly Panel[];
  readonly network?: Omit<NetworkFacts, "dtype">;
  readonly parameters?: readonly number[];
  readonly initial?: Initial;
  readonly seed?: number;
  readonly x?: readonly (readonly number[])[];
  readonly y?: readonly (readonly number[])[];
  readonly classes?: readonly string[];
  readonly learning_rate?: number;
  /** Steps between two pictures while it runs. */
  readonly pace?: number;
  /** The equation that the check panel has wrong. */
  readonly wrong?: string;
  readonly graph?: string;
}

const STILL: readonly Panel[] = ["steps", "check", "graph", "reverse"]; // their numbers are those of step 0

/** Whether a lab has Run and One step. */
export const canTrain = ({ panels }: Lab): boolean => !panels.some((name) => STILL.includes(name));

/** The training that a lab describes; null where it has no network. */
export function runOf(lab: Lab, name: string): PageRun | null {
  if (!lab.network) return null;
  const facts: NetworkFacts = { ...lab.network, dtype: "float64" };
  const start = lab.parameters ? Float64Array.from(lab.parameters) : firstParameters(network(facts), lab.initial ?? "small", lab.seed ?? 0);
  return {
    name, network: facts, start, x: matrixOf(lab.x!), y: matrixOf(lab.y!), learningRate: lab.learning_rate ?? 0.1,
    pace: lab.pace ?? 1, classes: lab.classes ?? null,
  };
}

/** What the page is given, and what it can ask for. README.md says the same in words. */

export type Dtype = "float32" | "float64";

/** Of a layer: a name, or one for each neuron; "own:NAME" is a user's function, which the page does not have. */
export type ActivationSpec = string | readonly string[];

/** A network apart from its numbers. */
export interface NetworkFacts {
  readonly sizes: readonly number[];
  readonly activations: readonly ActivationSpec[];
  readonly cost: string;
  readonly biases: boolean;
  readonly dtype: Dtype;
}

export interface Parent { readonly run: string; readonly step: number }

/** What a run is called that is named by its folder. */
export const nameOf = (run: string): string => run.split(/[/\\]/).filter(Boolean).at(-1) ?? run;

/** What is known of a run from the start. */
export interface Hello {
  readonly protocol: 1;
  readonly name: string;
  readonly network: NetworkFacts;
  readonly seed: number | null;
  /** Of a file: what its parameters are rounded to. */
  readonly precision?: "float16" | "float32" | "float64";
  readonly classify: boolean;
  readonly classes: readonly string[] | null;
  /** Rows and columns (and channels) of a picture in the input. */
  readonly image_shape: readonly number[] | null;
  readonly features: readonly string[] | null;
  readonly targets: readonly string[] | null;
  /** The numbers of a table: 0 is the mean of their column, 1 a standard deviation more. */
  readonly standardised?: boolean | null;
  readonly batch_size: number;
  readonly steps_in_epoch: number;
  readonly epochs: number;
  readonly examples: number;
  readonly engine: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** The run that it branched off from, and at which step. */
  readonly parent: Parent | null;
  readonly live: boolean;
  /** Of a server: it has the recording, but not what was trained and with which data. */
  readonly alone?: boolean;
  readonly last: number;
  readonly key_frames: readonly number[];
}

export type Numbers = Float32Array | Float64Array;

/** The parameters after a step, and where the training stood. */
export interface Frame {
  readonly step: number;
  readonly parameters: Numbers;
  readonly slots: Readonly<Record<string, Numbers>>;
  readonly state: Readonly<Record<string, unknown>>;
  /** The cost of the step that led here; null or nothing where that is not known. */
  readonly cost?: number | null;
  /** The learning rate of the step that comes next; null or nothing where that is not known. */
  readonly eta?: number | null;
  readonly bytes: number;
}

/** A number that may not be finite, or may not be known. */
export type Maybe = number | null;

/** The cost of every step, in stretches. */
export interface Costs {
  readonly steps: readonly number[];
  readonly min: readonly Maybe[];
  readonly mean: readonly Maybe[];
  readonly max: readonly Maybe[];
}

export const FIGURES = ["gradient", "bias_gradient", "weight", "update", "saturated"] as const;
export type Figure = (typeof FIGURES)[number];

/** The figures of the measured steps; of each the layers "2", "3" ... */
export type Measures = { readonly steps: readonly number[] } & {
  readonly [name in Figure]: Readonly<Record<string, readonly Maybe[]>>;
};

export interface EpochRecord {
  readonly step: number;
  readonly epoch: number;
  readonly [name: string]: unknown;
}

export interface EventRecord {
  readonly step: number;
  readonly kind: string;
  readonly value: unknown;
}

export interface Curves {
  readonly costs: Costs;
  readonly measures: Measures;
  readonly epochs: readonly EpochRecord[];
  readonly events: readonly EventRecord[];
}

/** Rows of numbers, one row after the other. */
export interface Matrix {
  readonly data: Numbers;
  readonly rows: number;
  readonly columns: number;
}

/** Some examples of the data; for two inputs also points of the plane. */
export interface Examples {
  readonly x: Matrix;
  readonly y: Matrix;
  readonly points: { readonly x: Matrix; readonly y: Matrix } | null;
}

/** The figures of each layer at one step: `steps` has it alone, or 1 in the place of step 0, which has none. */
export type MeasuresAt = Measures & { readonly step: number };

/** Something that is wrong, as `chainrule diagnose` says it. */
export interface Finding {
  readonly id: string;
  readonly title: string;
  readonly sentence: string;
  /** What the number is. */
  readonly measures: string;
  readonly number: Maybe;
  readonly usual: Maybe;
  /** The name of the equation behind it, and the equation in one line; empty where there is none. */
  readonly equation: string;
  readonly formula: string;
  readonly remedy: string;
}

/** All that is wrong after a step, worst first; and how many examples were looked at. */
export interface Findings {
  readonly step: number;
  readonly examples: number;
  readonly findings: readonly Finding[];
}

/** How often each class (row) is taken for each (column) after a step, and the place of one example of each kind. */
export interface Confusion {
  readonly step: number;
  readonly part: "held-out" | "test" | "training";
  readonly examples: number;
  readonly of: number;
  readonly counts: readonly (readonly number[])[];
  readonly sample: readonly (readonly (number | null)[])[];
}

/** Another run, to be compared with. */
export interface Other {
  readonly id: string;
  readonly hello: Hello;
  readonly curves: Curves;
}

export type Unit = "example" | "batch" | "epoch";

/** What can be changed while a training goes on; the speed in steps a second, null for as fast as it goes. */
export interface Settable {
  readonly learning_rate?: number;
  readonly speed?: number | null;
  /** Pause after the first epoch whose mean cost is under this; after this epoch; null: no such rule. */
  readonly stop_cost?: number | null;
  readonly stop_epoch?: number | null;
}

/** When a training pauses by itself. */
export interface Stop {
  readonly cost: number | null;
  readonly epoch: number | null;
}

/** What the page asks a training to do. */
export type Command =
  | { readonly command: "run" | "pause" | "ack" }
  | { readonly command: "step"; readonly unit: Unit; readonly count: number }
  | ({ readonly command: "set" } & Settable)
  | { readonly command: "reset"; readonly seed?: number }
  | { readonly command: "branch"; readonly at: number; readonly settings: Readonly<Record<string, unknown>> }
  | { readonly command: "view"; readonly fps: number };

export interface Answer {
  readonly id: number;
  readonly ok?: boolean;
  readonly error?: string;
  readonly run?: string;
}

/** What a training tells the page, beside its frames. */
export type LiveEvent =
  | {
      readonly event: "state"; readonly running: boolean; readonly last?: number;
      /** Not known of a training that has ended before it said anything. */
      readonly step?: number;
      readonly learning_rate?: Maybe; readonly finished?: boolean; readonly epoch?: number; readonly cost?: Maybe;
      readonly speed?: number | null; readonly steps_per_second?: Maybe; readonly live?: boolean;
      /** How many epochs it is to have; why it has paused by itself; and when it is finished, why it cannot be trained on. */
      readonly epochs?: number; readonly stop?: Stop; readonly stopped?: string | null; readonly closed?: string | null;
    }
  | { readonly event: "cost"; readonly steps: readonly number[]; readonly costs: readonly Maybe[] }
  | ({ readonly event: "epoch" } & EpochRecord)
  /** Made by the page itself, of a socket that opens or closes. */
  | { readonly event: "connection"; readonly connected: boolean }
  | { readonly event: "error"; readonly message: string };

/** hello as it came, or an error in words. */
export function checkedHello(value: unknown): Hello {
  const hello = value as Hello;
  if (typeof value !== "object" || value === null || hello.protocol !== 1) {
    const found = (value as { protocol?: unknown } | null)?.protocol;
    throw new Error(`This page speaks protocol 1; it was sent ${JSON.stringify(found ?? null)}. Reload it, or update chainrule.`);
  }
  if (!Array.isArray(hello.network?.sizes) || hello.network.activations.length !== hello.network.sizes.length - 1) {
    throw new Error("The description of the network does not hold together: sizes and activations do not match.");
  }
  return hello;
}

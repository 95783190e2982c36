/** Where a run comes from: a server, the page itself, or a notebook. Everything behind this is the same in all three. */

import type { Answer, Command, Confusion, Curves, Examples, Findings, Frame, Hello, LiveEvent, MeasuresAt, Other } from "./protocol";

/** A training that goes on, and does as it is told. */
export interface Live {
  /** Resolves when it is done; rejects with the reason in words. */
  send(command: Command): Promise<Answer>;
  /** The handlers are set by the store: the bytes of the newest frame, and what happens. */
  onFrame: (blob: Uint8Array) => void;
  onEvent: (event: LiveEvent) => void;
  /** Begin to be told. */
  start(): void;
}

export interface Source {
  hello(): Promise<Hello>;
  /** The frame of a step, or the last before it where there is no other. */
  frame(step: number): Promise<Frame>;
  /** Where `rows` says so, in as many stretches as are asked for. */
  curves(from?: number, to?: number, stretches?: number): Promise<Curves>;
  /** How many stretches its curves can have at most; where nothing is said, they are as they are. */
  readonly rows?: number;
  examples(): Promise<Examples | null>;
  readonly live?: Live;
  /** The mini-batch after a step, where the data is at hand. */
  readonly batch?: (step: number) => Promise<Examples>;
  /** The address of the other runs, where there are some. */
  readonly home?: string;
  /** What the engine says after a step; where it has said it of one step alone, of that one. */
  readonly study?: Study;
  readonly others?: Others;
  /** Python that trains the same once more. */
  readonly cell?: () => Promise<string>;
  readonly file?: RunFile;
  stop(): void;
}

export interface Study {
  /** The step that all is known of; null where it can be asked for any. */
  readonly only: number | null;
  findings(step: number): Promise<Findings | null>;
  measures(step: number): Promise<MeasuresAt | null>;
  confusion(step: number): Promise<Confusion | null>;
  /** One of the examples that a confusion names. */
  example(place: number): Promise<Examples>;
}

/** Other runs of the same server, or the one that stands in the file. */
export interface Others {
  readonly list: () => Promise<readonly string[]>;
  readonly get: (id: string) => Promise<Other>;
  /** A frame of one of them, where it can be asked for. */
  readonly frame?: (id: string, step: number) => Promise<Frame>;
  /** Whether the first of them is shown from the start. */
  readonly isShown: boolean;
}

/** How much of a run its file holds: so many megabytes at most, numbers of this precision, the steps from one to another. */
export interface Extent {
  readonly most: (typeof MEGABYTES)[number];
  readonly precision: (typeof PRECISIONS)[number];
  readonly from: number;
  readonly to: number;
}
export const MEGABYTES = [2, 8, 32] as const;
export const PRECISIONS = ["float16", "float32", "float64"] as const;

/** The run as one file: how large it is, and where it is to be had. */
export interface RunFile {
  size(extent: Extent): Promise<{ readonly bytes: number; readonly frames: number; readonly of: number }>;
  address(extent: Extent): string;
}

/** Commands that wait for their answers. */
export class Waiting {
  #next = 1;
  readonly #open = new Map<number, { resolve: (answer: Answer) => void; reject: (why: Error) => void }>();

  /** A number for a command, and the promise of its answer. */
  ask(): { id: number; answer: Promise<Answer> } {
    const id = this.#next++;
    return { id, answer: new Promise((resolve, reject) => this.#open.set(id, { resolve, reject })) };
  }

  /** An answer has come. */
  settle(answer: Answer): void {
    const waiting = this.#open.get(answer.id);
    this.#open.delete(answer.id);
    if (answer.error === undefined) waiting?.resolve(answer);
    else waiting?.reject(new Error(answer.error));
  }

  /** No answer will come any more. */
  fail(why: string): void {
    for (const { reject } of this.#open.values()) reject(new Error(why));
    this.#open.clear();
  }
}

export const isAnswer = (message: object): message is Answer => "id" in message && typeof message.id === "number";
export const isEvent = (message: object): message is LiveEvent => "event" in message && typeof message.event === "string";

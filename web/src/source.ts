/** Where a run comes from: a server, the page itself, or a notebook. Everything behind this is the same in all three. */

import type { Answer, Command, Curves, Examples, Frame, Hello, LiveEvent } from "./protocol";

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
  curves(from?: number, to?: number): Promise<Curves>;
  examples(): Promise<Examples | null>;
  readonly live?: Live;
  stop(): void;
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

/** A source for tests: a small network whose parameters say which step they are of. */

import { afterEach, beforeEach, vi } from "vitest";
import type { Answer, Command, Curves, Examples, Frame, Hello } from "../src/protocol";
import type { Live, Source } from "../src/source";
import { createStore, type Store } from "../src/store";

export const HELLO: Hello = {
  protocol: 1, name: "test", network: { sizes: [2, 3, 1], activations: ["tanh", "sigmoid"], cost: "quadratic", biases: true, dtype: "float64" },
  seed: 1, classify: false, classes: null, image_shape: null, features: null, targets: null, batch_size: 2, steps_in_epoch: 5,
  epochs: 4, examples: 10, engine: "numpy", settings: { learning_rate: 0.5 }, parent: null, live: false, last: 20,
  key_frames: [0, 4, 8, 16, 20],
};

export function frameOf(step: number, n: number = 13): Frame {
  return { step, parameters: Float64Array.from({ length: n }, (_, i) => step / 100 + i / 10), slots: {}, state: { updates: step }, bytes: 100 };
}

/** The bytes of the same frame, as a server sends them. */
export function bytesOf(step: number): Uint8Array {
  const data = frameOf(step).parameters;
  const header = JSON.stringify({
    __metadata__: { state: JSON.stringify({ updates: step }) }, parameters: { dtype: "F64", shape: [data.length], data_offsets: [0, 8 * data.length] },
  });
  const out = new Uint8Array(8 + header.length + 8 * data.length);
  new DataView(out.buffer).setBigUint64(0, BigInt(header.length), true);
  out.set(new TextEncoder().encode(header), 8);
  out.set(new Uint8Array(data.buffer), 8 + header.length);
  return out;
}

export const CURVES: Curves = {
  costs: { steps: [10, 20], min: [1, 1], mean: [2, 1.5], max: [3, 2] },
  measures: { steps: [], gradient: {}, bias_gradient: {}, weight: {}, update: {}, saturated: {} }, epochs: [], events: [],
};
export const EXAMPLES: Examples = {
  x: { data: Float32Array.of(1, 2, 3, 4), rows: 2, columns: 2 }, y: { data: Float32Array.of(0, 1), rows: 2, columns: 1 }, points: null,
};

export interface Fake extends Source {
  frame: Source["frame"];
  readonly asked: number[];
  readonly sent: Command[];
}

/** A recording, or with `live` a training that says yes to everything but what `refuse` names. */
export function fake({ live = false, refuse = "", hello = {} }: { live?: boolean; refuse?: string; hello?: Partial<Hello> } = {}): Fake {
  const asked: number[] = [];
  const sent: Command[] = [];
  const training: Live = {
    onFrame: () => {},
    onEvent: () => {},
    start: () => {},
    send: async (command): Promise<Answer> => {
      sent.push(command);
      if (command.command === refuse) throw new Error(`no ${refuse} today`);
      return { id: 1, ok: true, ...(command.command === "branch" ? { run: "b2" } : {}) };
    },
  };
  return {
    asked, sent,
    ...(live ? { live: training } : {}),
    hello: async () => ({ ...HELLO, live, ...hello }),
    frame: async (step) => {
      asked.push(step);
      await Promise.resolve();
      return frameOf(step);
    },
    curves: async () => CURVES,
    examples: async () => EXAMPLES,
    stop: () => {},
  };
}

/** Stores whose page paints when it is told to, on a clock that stands still: for a whole file of tests. */
export function stage(): { painted: (() => void)[]; repaint: () => void; started: (source: Source) => Promise<Store> } {
  const painted: (() => void)[] = [];
  beforeEach(() => { painted.length = 0; vi.useFakeTimers(); });
  afterEach(() => { vi.useRealTimers(); });
  return {
    painted,
    repaint: () => { for (const draw of painted.splice(0)) draw(); },
    started: async (source) => {
      const store = createStore(source, (draw) => painted.push(draw));
      await store.start();
      return store;
    },
  };
}

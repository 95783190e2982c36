/** A training that goes on in the page itself: for lessons, in the offline file too. It remembers every step. */

import { FLAT } from "../activations";
import { forward, rowOf } from "../model";
import { indexOf, network, parametersOf, type Network } from "../network";
import type { Answer, Command, Curves, Examples, Figure, Frame, Hello, Matrix, Maybe, NetworkFacts } from "../protocol";
import type { Live, Source } from "../source";
import { descended, lengthOf, measured, type Task } from "../trainer";

/** What a lesson's network is, and learns from. */
export interface PageRun {
  readonly name: string;
  readonly network: NetworkFacts;
  readonly start: Float64Array;
  readonly x: Matrix;
  readonly y: Matrix;
  readonly learningRate: number;
  readonly classes?: readonly string[] | null;
  readonly features?: readonly string[] | null;
  /** Steps between two pictures while it runs. */
  readonly pace?: number;
}

const MOST = 20_000; // steps: every one is remembered
const TICK = 33; // ms between two pictures
const BUCKETS = 2000;

/** A step as it is remembered. */
interface Moment {
  readonly flat: Float64Array;
  readonly cost: number;
  readonly gradient: Float64Array;
}

export class PageTraining implements Source, Live {
  onFrame: Live["onFrame"] = () => {};
  onEvent: Live["onEvent"] = () => {};
  readonly live: Live = this;
  readonly task: Task;
  readonly net: Network;
  #moments: Moment[] = [];
  #eta: number;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly plan: PageRun) {
    this.net = network(plan.network);
    this.task = { net: this.net, x: plan.x, y: plan.y };
    this.#eta = plan.learningRate;
    this.#begin();
  }

  get last(): number {
    return this.#moments.length - 1;
  }

  /** The mean cost of all examples after a step. */
  costAt(step: number): number {
    return this.#moments[Math.min(step, this.last)]!.cost;
  }

  #begin(): void {
    this.#moments = [];
    this.#remember(this.plan.start);
  }

  #remember(flat: Float64Array): void {
    this.#moments.push({ flat, ...measured(this.task, flat) });
  }

  /** Do some steps; fewer where the cost is no number any more, or nothing more is remembered. */
  advance(steps: number): void {
    for (let i = 0; i < steps && this.#canGoOn(); i++) {
      const { flat, gradient } = this.#moments.at(-1)!;
      this.#remember(descended(flat, gradient, this.#eta));
    }
    this.onFrame(encodeFrame(this.#moments.at(-1)!.flat, this.last));
    this.#tell();
  }

  #canGoOn(): boolean {
    return this.last < MOST && Number.isFinite(this.#moments.at(-1)!.cost);
  }

  #tell(): void {
    const state = { running: this.#timer !== undefined, step: this.last, last: this.last, learning_rate: this.#eta };
    this.onEvent({ event: "state", ...state, finished: !this.#canGoOn() });
  }

  #tick(): void {
    this.#timer = setTimeout(() => this.#tick(), TICK);
    this.advance(this.plan.pace ?? 1);
    if (!this.#canGoOn()) this.#pause();
  }

  #pause(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#tell();
  }

  // ------------------------------------------------------------------------------------------------ as a Live

  start(): void {
    this.#tell();
  }

  async send(command: Command): Promise<Answer> {
    switch (command.command) {
      case "run": if (this.#timer === undefined) this.#tick(); break;
      case "pause": this.#pause(); break;
      case "step": this.#pause(); this.advance(command.count); break;
      case "set": this.#eta = command.learning_rate ?? this.#eta; this.#tell(); break;
      case "reset": this.#pause(); this.#begin(); this.#tell(); break;
      case "branch": throw new Error("A lesson's network cannot branch: reset it, or start a run of your own.");
      default: break;
    }
    return { id: 0, ok: true };
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  // ---------------------------------------------------------------------------------------------- as a Source

  async hello(): Promise<Hello> {
    const { name, network: facts, x, classes = null, features = null } = this.plan;
    return {
      protocol: 1, name, network: facts, seed: null, classify: classes !== null, classes, image_shape: null, features,
      targets: null, batch_size: x.rows, steps_in_epoch: 1, epochs: MOST, examples: x.rows, engine: "this page",
      settings: { optimizer: "sgd", learning_rate: this.#eta }, parent: null, live: true, last: this.last, key_frames: [0],
    };
  }

  async frame(step: number): Promise<Frame> {
    const at = Math.max(0, Math.min(step, this.last));
    const { flat } = this.#moments[at]!;
    return { step: at, parameters: flat, slots: {}, state: { updates: at }, bytes: flat.byteLength };
  }

  async examples(): Promise<Examples> {
    const { x, y } = this.plan;
    return { x, y, points: x.columns === 2 ? { x, y } : null };
  }

  async curves(): Promise<Curves> {
    const every = Math.max(1, Math.ceil(this.#moments.length / BUCKETS));
    const steps = this.#moments.map((_, i) => i).filter((i) => i % every === 0);
    const mean = steps.map((i) => finite(this.#moments[i]!.cost));
    return { costs: { steps, min: mean, mean, max: mean }, measures: this.#measures(steps), epochs: [], events: [] };
  }

  #measures(all: readonly number[]): Curves["measures"] {
    const steps = all.filter((_, i) => i % Math.ceil(all.length / 300) === 0);
    const figures = { gradient: {}, bias_gradient: {}, weight: {}, update: {}, saturated: {} } as Record<Figure, Record<string, Maybe[]>>;
    for (let l = 2; l <= this.net.L; l++) {
      const rows = steps.map((step) => this.#figuresAt(step, l));
      for (const name of Object.keys(figures) as Figure[]) figures[name][l] = rows.map((row) => finite(row[name]));
    }
    return { steps, ...figures };
  }

  #figuresAt(step: number, l: number): Record<Figure, number> {
    const { flat, gradient } = this.#moments[step]!;
    const part = (of: Float64Array, k: number): Float64Array => of.subarray(
      indexOf(this.net, l, 0, k), indexOf(this.net, l, this.net.sizes[l - 1]! - 1, k < 0 ? k : this.net.sizes[l - 2]! - 1) + 1,
    );
    return {
      gradient: lengthOf(part(gradient, 0)), bias_gradient: this.net.biases ? lengthOf(part(gradient, -1)) : NaN,
      weight: lengthOf(part(flat, 0)), update: this.#eta * lengthOf(part(gradient, 0)), saturated: this.#saturated(flat, l),
    };
  }

  /** The share of neurons of a layer whose slope is nearly 0, over all examples. */
  #saturated(flat: Float64Array, l: number): number {
    const sigma = this.net.sigma[l];
    if (!sigma) return NaN;
    let flatOnes = 0;
    for (let i = 0; i < this.task.x.rows; i++) {
      const { z, a } = forward(this.net, parametersOf(this.net, flat), rowOf(this.task.x, i));
      z[l]!.forEach((v, j) => { if (Math.abs(sigma[j]!.slope(v, a[l]![j]!)) < FLAT) flatOnes++; });
    }
    return flatOnes / (this.task.x.rows * this.net.sizes[l - 1]!);
  }
}

const finite = (x: number): Maybe => (Number.isFinite(x) ? x : null);

/** A frame as bytes, as a training sends it. */
export function encodeFrame(flat: Float64Array, step: number): Uint8Array {
  const header = new TextEncoder().encode(JSON.stringify({
    __metadata__: { state: JSON.stringify({ updates: step }) },
    parameters: { dtype: "F64", shape: [flat.length], data_offsets: [0, flat.byteLength] },
  }));
  const blob = new Uint8Array(8 + header.length + flat.byteLength);
  new DataView(blob.buffer).setBigUint64(0, BigInt(header.length), true);
  blob.set(header, 8);
  blob.set(new Uint8Array(flat.buffer, flat.byteOffset, flat.byteLength), 8 + header.length);
  return blob;
}

/** Which frame is shown: a recorded one that is asked for, or the newest of a training. */

import { batch, effect } from "@preact/signals";
import { FrameCache } from "./cache";
import type { Frame } from "./protocol";
import { decodeFrame } from "./safetensors";
import type { Source } from "./source";
import { trying, type State } from "./state";

const CALM = 150; // ms between two changes of text while a training runs
const LATER = 100; // ms more that it waits for a frame to come with it

export type Paint = (draw: () => void) => unknown;
export const paint: Paint = (draw) =>
  typeof requestAnimationFrame === "function" ? requestAnimationFrame(draw) : setTimeout(draw, 0);

export class Viewing {
  readonly #ends: (() => void)[];
  #edits: { index: number; was: number }[] = [];
  #newest: Uint8Array | null = null;
  #owed = 0; // frames that came and were not shown yet
  #wanted: number | null = null; // the step that was asked for and is not shown yet
  #loading: Promise<void> | null = null;
  #last = 0; // as it was known before
  #training = 0; // frames of an earlier one are not kept
  #calmed = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly state: State, readonly source: Source, readonly paint: Paint, readonly cache: FrameCache = new FrameCache(),
  ) {
    this.#ends = [effect(() => this.#watchCalm()), effect(() => this.#watchPrevious()), effect(() => this.#watchLast())];
  }

  stop(): void {
    clearTimeout(this.#timer);
    for (const end of this.#ends.splice(0)) end();
  }

  /** Forget all: another training has begun. */
  clear(): void {
    this.#training++;
    this.cache.clear();
    this.#newest = null;
    this.state.previous.value = null;
  }

  async get(step: number): Promise<Frame> {
    const kept = this.cache.get(step);
    if (kept) return kept;
    const training = this.#training;
    const frame = await this.source.frame(step);
    if (training === this.#training) this.cache.put(step, frame);
    return frame;
  }

  /** Show a recorded step, and no longer the newest. */
  async seek(step: number): Promise<void> {
    const s = this.state;
    s.following.value = false;
    await this.#show(Math.max(s.first.peek(), Math.min(Math.round(step), s.last.peek())));
  }

  async #show(step: number): Promise<void> {
    this.undo("all");
    this.state.step.value = this.#wanted = step;
    this.#loading ??= this.#load();
    await this.#loading;
  }

  /** Nothing more is wanted than what is shown: what is on its way is not put. */
  #stay(): void {
    const s = this.state;
    if (this.#wanted === null) return;
    this.#wanted = null;
    s.step.value = s.frame.peek()?.step ?? s.step.peek();
  }

  /** Frames one after the other; while one is on its way, only the newest wish is kept. */
  async #load(): Promise<void> {
    try {
      for (let step = this.#wanted; step !== null; step = this.#wanted) {
        const [wish, shown] = [step, this.state.frame.peek()];
        const frame = await trying(this.state, async () => (shown?.step === wish ? shown : this.get(wish)));
        if (this.#wanted !== null) batch(() => {
          if (frame) this.#put(frame);
          if (this.#wanted === wish) this.#stay(); // of a file, at the one before; of none, where it was
        });
      }
    } finally {
      this.#loading = null; // at once: who comes now begins anew
    }
  }

  /** Show the newest frame, and each that comes. */
  follow(): void {
    const s = this.state;
    this.undo("all");
    this.#stay();
    s.following.value = true;
    if (this.#newest) this.arrived(this.#newest, 0);
    else if (s.step.peek() !== s.last.peek()) void this.#show(s.last.peek());
  }

  /** A frame has come: the newest is shown when the page is painted next, and the training is told so then. */
  arrived(blob: Uint8Array, owed: number = 1): void {
    const isPlanned = this.#owed > 0;
    this.#newest = blob;
    this.#owed += owed;
    if (isPlanned) return;
    this.paint(() => {
      void trying(this.state, async () => this.#showNewest());
      for (; this.#owed > 0; this.#owed--) void this.source.live?.send({ command: "ack" });
    });
  }

  #showNewest(): void {
    const s = this.state;
    if (!this.#newest) return;
    const frame = decodeFrame(this.#newest);
    s.last.value = Math.max(s.last.peek(), frame.step);
    if (!s.following.peek()) return;
    this.#stay();
    if (frame.step !== s.frame.peek()?.step) s.previous.value = s.frame.peek();
    s.step.value = frame.step;
    this.#put(frame);
  }

  /** A frame, and where they are due the words with it: so both are drawn at once. */
  #put(frame: Frame): void {
    const s = this.state;
    s.frame.value = frame;
    if (s.moving.peek() && Date.now() >= this.#calmed + CALM) this.#calm();
  }

  /** While a training is followed or a recording plays, text and charts change at most seven times a second; otherwise at once. */
  #watchCalm(): void {
    const s = this.state;
    void [s.frame.value, s.previous.value, s.whatIf.value, s.pinned.value, s.hello.value];
    const due = s.moving.value ? this.#calmed + CALM - Date.now() : 0;
    clearTimeout(this.#timer);
    if (due > 0) this.#timer = setTimeout(() => this.#calm(), due + LATER);
    else this.#calm();
  }

  #calm(): void {
    const s = this.state;
    this.#calmed = Date.now();
    s.calm.value = { frame: s.frame.peek(), previous: s.previous.peek(), parameters: s.parameters.peek(), pass: s.pass.peek() };
  }

  /** The frame before the shown one, where something on the screen wants it. */
  #watchPrevious(): void {
    const s = this.state;
    const isWanted = s.encoding.value === "update" || s.mode.value === "step" || s.selection.value.kind === "weight";
    const frame = s.frame.value;
    if (!isWanted || !frame || (s.following.value && s.running.value)) return; // then it is the one shown before
    if (frame.step <= s.first.peek()) s.previous.value = null;
    else void trying(s, async () => {
      const before = await this.get(frame.step - 1);
      if (s.frame.peek() === frame) s.previous.value = before;
    });
  }

  /** A training that is taken up again at an earlier step does the later ones anew; one that is gone sends no frame any more. */
  #watchLast(): void {
    const s = this.state;
    const [last, isLive] = [s.last.value, s.hello.value?.live];
    if (last < this.#last) this.clear();
    this.#last = last;
    if (s.step.peek() > last) void this.#show(last);
    else if (!isLive && s.following.peek() && s.step.peek() < last) void this.#end(last);
  }

  /** The last frame of a training that was followed; where it is not to be had, the shown one stays. */
  async #end(last: number): Promise<void> {
    const [s, frame] = [this.state, await this.get(last).catch(() => null)];
    if (!frame || !s.following.peek() || frame.step <= s.step.peek()) return;
    batch(() => { s.step.value = frame.step; this.#put(frame); });
  }

  /** What if this parameter had another value? Nothing of it is recorded. */
  edit(index: number, value: number): void {
    const s = this.state;
    const flat = s.parameters.peek()?.flat;
    if (!flat || !(index >= 0 && index < flat.length)) return;
    this.#stay();
    s.following.value = false;
    this.#edits.push({ index, was: flat[index]! });
    s.whatIf.value = flat.with(index, value);
  }

  /** Take the last edit back, or all. */
  undo(which: "last" | "all" = "last"): void {
    if (which === "all") this.#edits = [];
    const edit = this.#edits.pop();
    const now = this.state.whatIf.peek();
    this.state.whatIf.value = edit && now && this.#edits.length > 0 ? now.with(edit.index, edit.was) : null;
  }
}

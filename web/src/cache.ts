/** Frames that were shown, kept by bytes: those used longest ago go first. */

import type { Frame } from "./protocol";

export class FrameCache {
  readonly #frames = new Map<number, Frame>(); // in the order of their last use
  #bytes = 0;

  constructor(readonly budget: number = 64 * 2 ** 20) {}

  get bytes(): number {
    return this.#bytes;
  }

  get(step: number): Frame | undefined {
    const frame = this.#frames.get(step);
    if (frame) {
      this.#frames.delete(step);
      this.#frames.set(step, frame);
    }
    return frame;
  }

  /** Keep a frame under the step that it was asked for, which may be after its own. */
  put(step: number, frame: Frame): void {
    this.#drop(step);
    this.#frames.set(step, frame);
    this.#bytes += frame.bytes;
    for (const oldest of this.#frames.keys()) {
      if (this.#bytes <= this.budget || oldest === step) break;
      this.#drop(oldest);
    }
  }

  clear(): void {
    this.#frames.clear();
    this.#bytes = 0;
  }

  #drop(step: number): void {
    this.#bytes -= this.#frames.get(step)?.bytes ?? 0;
    this.#frames.delete(step);
  }
}

/** Playing what was recorded: one step after the other, at a speed, until the last. A training that runs is left alone. */

import type { Hello } from "./protocol";
import type { Source } from "./source";
import type { State } from "./state";

const FRAMES = 10; // key frames a second, where nothing else is chosen
const SPEEDS = [1, 2, 5, 10, 30, 100];
const MORE = [300, 1000, 3000, 10_000]; // where steps are counted, and not all are shown
const WHOLE = 30; // seconds that all steps of a recording take, about, where nothing else is chosen
const TICK = 40; // ms between two frames, at least

/** How far it has come: the n-th of the steps that `at` tells, at so many a second. */
interface Course {
  readonly at: (n: number) => number;
  readonly speed: number;
  readonly begun: number;
  readonly n: number;
  readonly step: number;
}

export class Player {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #round = 0; // what belongs to an earlier one does nothing any more

  constructor(readonly state: State, readonly source: Source, readonly seek: (step: number) => Promise<void>) {}

  /** Play from the shown step, so many steps (of a file: frames) a second; 0 stops. */
  play(speed: number): void {
    const s = this.state;
    clearTimeout(this.#timer);
    this.#round++;
    s.playing.value = speed > 0 && s.step.peek() < s.last.peek();
    if (!s.playing.peek()) return;
    s.following.value = false;
    this.#wait({ at: this.#ahead(), speed, begun: Date.now(), n: 0, step: s.step.peek() });
  }

  /** The steps after the shown one: all of them where a server has them, else those of the key frames. */
  #ahead(): Course["at"] {
    const [s, from] = [this.state, this.state.step.peek()];
    const last = (): number => s.last.peek(); // it grows while a training runs
    if (this.source.live) return (n) => Math.min(from + n, last());
    const keys = s.hello.peek()!.key_frames.filter((step) => step > from);
    return (n) => keys[Math.min(n, keys.length) - 1] ?? last();
  }

  /** Show the next step when it is due; what took too long to come is made up for by leaving steps out. */
  #wait(course: Course): void {
    const due = course.begun + (1000 * (course.n + 1)) / course.speed - Date.now();
    this.#timer = setTimeout(() => void this.#show(course), Math.max(due, TICK));
  }

  async #show(course: Course): Promise<void> {
    const [s, round, before] = [this.state, this.#round, this.state.frame.peek()];
    const { at, speed, begun } = course;
    if (s.step.peek() !== course.step) return this.play(speed); // somebody has gone elsewhere: on from there
    const n = Math.max(course.n + 1, Math.floor(((Date.now() - begun) * speed) / 1000));
    const step = at(n);
    await this.seek(step);
    if (round !== this.#round) return;
    const isOver = s.frame.peek() === before || s.step.peek() >= s.last.peek(); // nothing came, or it is the end
    if (isOver) this.play(0);
    else this.#wait({ ...course, n, step });
  }
}

/** The speeds to choose from; with a server, which has every step, so many that long trainings can be played too. */
export const speedsOf = (isLive: boolean): readonly number[] => (isLive ? [...SPEEDS, ...MORE] : SPEEDS);

/** The speed at which it plays where nobody has chosen one: the whole in about half a minute, as far as that can be said. */
export function usualSpeed(isLive: boolean, hello: Hello | null, last: number): number {
  const steps = last - (hello?.key_frames[0] ?? 0);
  return isLive ? speedsOf(true).find((speed) => speed >= Math.max(FRAMES, steps / WHOLE)) ?? MORE.at(-1)! : FRAMES;
}

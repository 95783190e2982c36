/** One lab: its state, and what can be done. Nothing of it is shared between two labs of a page. */

import { batch } from "@preact/signals";
import { Player, usualSpeed } from "./playing";
import type { Command, Settable, Unit } from "./protocol";
import type { Source } from "./source";
import { createState, trying, type Selection, type State } from "./state";
import { Training } from "./training";
import { Viewing, paint, type Paint } from "./viewing";
import { indexOf } from "./network";

export * from "./state";

/** What can be done. */
class Actions {
  readonly #training: Training;
  readonly #viewing: Viewing;
  readonly #player: Player;
  #isOver = false;

  constructor(readonly state: State, readonly source: Source, draw: Paint) {
    this.#training = new Training(state, source);
    const together = (show: () => void): void => batch(() => { this.#training.takeIn(); show(); }); // all that is new at once
    this.#viewing = new Viewing(state, source, (show) => draw(() => together(show)));
    this.#player = new Player(state, source, (step) => this.#viewing.seek(step));
  }

  /** Fetch what is needed, and follow a live training; what goes wrong is said in `problem`. */
  async start(): Promise<void> {
    const [s, { live }] = [this.state, this.source];
    await this.#reload();
    if (this.source.others?.isShown) void this.source.others.list().then(([first]) => this.compare(first ?? null));
    if (this.#isOver || !live || !s.hello.peek()) return;
    live.onFrame = (blob) => this.#viewing.arrived(blob);
    live.onEvent = (event) => this.#training.told(event);
    s.following.value = s.hello.peek()!.live;
    live.start(); // also to one that has no process now: a command gives it one
  }

  stop(): void {
    this.#isOver = true;
    this.play(0);
    this.#training.stop();
    this.#viewing.stop();
    this.source.stop();
  }

  async #reload(): Promise<void> {
    const s = this.state;
    this.#viewing.clear();
    await trying(s, async () => {
      const all = [this.source.hello(), this.source.examples(), this.source.curves()] as const;
      const [hello, examples, curves] = await Promise.all(all);
      const initial = await this.#viewing.get(hello.key_frames[0] ?? 0);
      const frame = await this.#viewing.get(hello.last);
      const rate = hello.settings["learning_rate"];
      s.whatIf.value = null;
      s.hello.value = hello;
      s.examples.value = examples;
      s.curves.value = curves;
      s.last.value = s.step.value = hello.last;
      s.learningRate.value = typeof rate === "number" ? rate : null;
      s.initial.value = initial;
      s.frame.value = frame;
    });
  }

  /** Show a recorded step, and no longer the newest. */
  async seek(step: number): Promise<void> {
    await this.#viewing.seek(step);
  }

  /** Show the newest frame, and each that comes; of a recording, the last. */
  follow(): void {
    this.play(0);
    if (this.state.hello.peek()?.live) this.#viewing.follow();
    else void this.#viewing.seek(this.state.last.peek());
  }

  /** Tell the training something; null if it could not be done. */
  async tell(command: Command): ReturnType<Training["tell"]> {
    return this.#training.tell(command);
  }

  /** Go on: a training at its speed; a recording is played. */
  async run(): Promise<void> {
    if (!this.source.live) return this.replay();
    this.follow();
    if (await this.tell({ command: "run" })) this.follow(); // it may have come to life by this
  }

  /** Let the training wait; of a recording, stop playing. */
  async pause(): Promise<void> {
    if (this.source.live) await this.tell({ command: "pause" });
    else this.play(0);
  }

  async stepOnce(unit: Unit = this.state.unit.peek(), count: number = 1): Promise<void> {
    this.follow();
    if (await this.tell({ command: "step", unit, count })) this.follow();
  }

  /** Play what was recorded from the shown step on, from the start where that is the last, as fast as was chosen. */
  async replay(): Promise<void> {
    const s = this.state;
    if (s.step.peek() >= s.last.peek()) await this.seek(s.first.peek());
    this.play(this.tempo());
  }

  /** So many steps (of a file: frames) a second, until the last step or `play(0)`; a training that runs is not followed then. */
  play(speed: number): void {
    this.#player.play(speed);
  }

  /** How fast it plays: as it was chosen, or as it suits the length. */
  tempo(): number {
    const s = this.state;
    return s.pace.value ?? usualSpeed(Boolean(this.source.live), s.hello.value, s.last.value);
  }

  /** Choose how fast it plays, now or later. */
  playAt(speed: number): void {
    this.state.pace.value = speed;
    if (this.state.playing.peek()) this.play(speed);
  }

  async set(settings: Settable): Promise<void> {
    const s = this.state;
    if (this.source.live && !(await this.tell({ command: "set", ...settings }))) return;
    if (settings.learning_rate !== undefined) this.#viewing.clear(); // frames have the rate of the next step
    if (settings.speed !== undefined) s.speed.value = settings.speed;
    if (settings.learning_rate !== undefined) s.learningRate.value = settings.learning_rate;
  }

  /** Begin again from the same first weights, or with a seed from others: the id of the new run, where it is one. */
  async reset(settings: { readonly seed?: number } = {}): Promise<string | null> {
    const answer = await this.tell({ command: "reset", ...settings });
    if (!answer || answer.run) return answer?.run ?? null;
    await this.#reload();
    this.follow();
    return null;
  }

  /** Train on from a step with other settings: the id of the new run. */
  async branch(at: number, settings: Readonly<Record<string, unknown>>): Promise<string | null> {
    return (await this.tell({ command: "branch", at, settings }))?.run ?? null;
  }

  /** Lay the curves of another run over those of this one; null for none. */
  async compare(id: string | null): Promise<void> {
    const [s, { others }] = [this.state, this.source];
    s.compared.value = id;
    const found = id === null || !others ? null : await trying(s, () => others.get(id));
    if (s.compared.peek() !== id) return; // another is wanted by now
    s.other.value = found;
    s.compared.value = found && id;
  }

  select(selection: Selection): void {
    this.state.selection.value = selection;
  }

  /** One example further through the mini-batch after the shown step; after its last one, the step that all of them make. */
  async walk(): Promise<void> {
    const [s, now] = [this.state, this.state.walked.peek()];
    if (now && now.at + 1 < now.examples.x.rows) { s.walking.value = { ...now, at: now.at + 1 }; return; }
    s.walking.value = null;
    if (now) return now.step < s.last.peek() ? this.seek(now.step + 1) : this.stepOnce("batch");
    if (s.running.peek()) await this.pause();
    const step = s.frame.peek()?.step;
    const examples = step === undefined ? null : await trying(s, () => this.source.batch!(step));
    if (examples && s.frame.peek()?.step === step) s.walking.value = { step: step!, examples, at: 0 };
  }

  /** Another example of the mini-batch that is walked through. */
  walkTo(at: number): void {
    const now = this.state.walked.peek();
    if (now) this.state.walking.value = { ...now, at: Math.max(0, Math.min(at, now.examples.x.rows - 1)) };
  }

  /** Choose the example that is followed through the network. */
  pin(example: number): void {
    this.state.walking.value = null;
    this.state.example.value = Math.max(0, Math.min(example, (this.state.examples.peek()?.x.rows ?? 1) - 1));
  }

  /** The place of a parameter in the flat array; k = -1 is the bias. */
  index(l: number, j: number, k: number): number {
    const shape = this.state.shape.peek();
    if (!shape) throw new Error("There is no network yet.");
    return indexOf(shape, l, j, k);
  }

  /** What if this parameter had another value? Nothing of it is recorded. */
  edit(index: number, value: number): void {
    this.#viewing.edit(index, value);
  }

  /** Take the last edit back, or all. */
  undo(which: "last" | "all" = "last"): void {
    this.#viewing.undo(which);
  }

  dismiss(): void {
    this.state.problem.value = null;
  }
}

/** The signals of a lab and what can be done with it, in one object. */
export type Store = Actions & State;

/** The lab on a source; `start` fills it. */
export function createStore(source: Source, draw: Paint = paint): Store {
  const state = createState();
  return Object.assign(new Actions(state, source, draw), state);
}

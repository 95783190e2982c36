/** What a training is told, and what it tells. */

import { batch } from "@preact/signals";
import { trying, type State } from "./state";
import type { Answer, Command, Curves, Hello, LiveEvent, Maybe } from "./protocol";
import type { Source } from "./source";

const CURVES = 2000; // ms between two questions for curves, at least
const SHARE = 20; // asking takes at most one part in so many of the time
const EVENTS = 50; // so many are remembered
const HELD = 120; // ms that news of a running training wait for the next frame, to be shown with it
const COSTS = 500; // ms between two changes of the curves

type Stand = Extract<LiveEvent, { event: "state" }>;

export class Training {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #held: LiveEvent[] = [];
  #holding: ReturnType<typeof setTimeout> | undefined;
  #costs: { steps: number[]; costs: Maybe[] } = { steps: [], costs: [] };
  #drawn = 0; // when the curves changed last
  #isTold = false; // whether it has said where it stands
  #refusal: string | null = null; // why a command was not done
  #asked = 0; // questions for curves: the answer to the newest alone counts

  constructor(readonly state: State, readonly source: Source) {}

  stop(): void {
    this.#asked++;
    clearTimeout(this.#timer);
    clearTimeout(this.#holding);
  }

  /** Tell the training something; null if it could not be done, and then `problem` says why. */
  async tell(command: Command): Promise<Answer | null> {
    const s = this.state;
    const answer = await trying(s, async () => {
      if (!this.source.live) throw new Error("This is a recording: it can be looked at, but there is no training to control.");
      return this.source.live.send(command);
    });
    if (!answer) this.#refusal = s.problem.peek();
    else if (s.problem.peek() === this.#refusal) s.problem.value = null; // this time it was done
    return answer;
  }

  /** An event has come: how a running training gets on waits for the next frame, so that the page is drawn once for both. */
  told(event: LiveEvent): void {
    const isNews = event.event === "cost" || event.event === "epoch" || (event.event === "state" && event.running);
    if (!isNews || !this.state.running.peek()) {
      this.takeIn();
      return batch(() => this.#take(event));
    }
    this.#held.push(event);
    this.#holding ??= setTimeout(() => batch(() => this.takeIn()), HELD);
  }

  /** Take in what has waited. */
  takeIn(): void {
    clearTimeout(this.#holding);
    this.#holding = undefined;
    for (const event of this.#held.splice(0)) this.#take(event);
  }

  #take(event: LiveEvent): void {
    const s = this.state;
    if (event.event === "state") this.#stands(event);
    else if (event.event === "cost") this.#lengthen(event);
    else s.events.value = [...s.events.peek().slice(1 - EVENTS), event];
    if (event.event === "connection") s.connected.value = event.connected;
    if (event.event === "error") s.problem.value = event.message;
    if (event.event === "epoch" || s.running.peek()) this.#timer ??= setTimeout(() => void this.fetchCurves(), CURVES);
  }

  /** Costs of further steps; the curves change now and then. */
  #lengthen({ steps, costs }: { readonly steps: readonly number[]; readonly costs: readonly Maybe[] }): void {
    const s = this.state;
    this.#costs.steps.push(...steps);
    this.#costs.costs.push(...costs);
    if (s.running.peek() && Date.now() - this.#drawn < COSTS) return;
    this.#drawn = Date.now();
    s.curves.value = s.curves.peek() && extended(s.curves.peek()!, this.#costs);
    this.#costs = { steps: [], costs: [] };
  }

  #stands(now: Stand): void {
    const s = this.state;
    const isPaused = s.running.peek() && !now.running;
    const hello = s.hello.peek();
    const isLive = now.live ?? true; // a training that says where it stands has a process
    const epochs = now.epochs ?? hello?.epochs;
    if (hello && (hello.live !== isLive || hello.epochs !== epochs)) s.hello.value = { ...hello, live: isLive, epochs: epochs! };
    s.running.value = now.running;
    s.finished.value = now.finished ?? false;
    s.last.value = this.#lastOf(now, hello);
    this.#isTold = true;
    s.learningRate.value = now.learning_rate ?? s.learningRate.peek();
    s.rate.value = now.steps_per_second ?? null;
    s.cost.value = now.cost ?? null;
    if (now.speed !== undefined) s.speed.value = now.speed;
    if (now.stop !== undefined) s.stopRule.value = now.stop;
    s.stopped.value = now.stopped ?? null;
    s.closed.value = now.closed ?? null;
    const isLonger = s.last.peek() > (s.curves.peek()?.costs.steps.at(-1) ?? 0);
    if (isPaused || (!now.running && isLonger)) void this.fetchCurves();
  }

  /** Its last step. The first that is heard of a training that nobody has watched may be older than what it has recorded. */
  #lastOf({ last, step = 0 }: Stand, hello: Hello | null): number {
    const isOld = hello?.live && !this.#isTold;
    return last === undefined || isOld ? Math.max(this.state.last.peek(), last ?? step) : last;
  }

  /** Curves once more; and again while the training runs, though until it pauses not for a page that nobody sees. */
  async fetchCurves(): Promise<void> {
    const s = this.state;
    clearTimeout(this.#timer);
    const [begun, mine] = [Date.now(), ++this.#asked];
    if (!s.running.peek() || typeof document === "undefined" || !document.hidden) {
      const found = await trying(s, () => this.source.curves());
      if (mine !== this.#asked) return;
      s.curves.value = found ?? s.curves.peek();
    }
    const wait = Math.max(CURVES, SHARE * (Date.now() - begun));
    this.#timer = s.running.peek() ? setTimeout(() => void this.fetchCurves(), wait) : undefined;
  }
}

/** Curves with new costs at their end. */
export function extended(curves: Curves, { steps, costs }: { steps: readonly number[]; costs: readonly Maybe[] }): Curves {
  const { costs: old } = curves;
  const from = steps.findIndex((step) => step > (old.steps.at(-1) ?? 0));
  if (from < 0) return curves;
  const fresh = costs.slice(from);
  return {
    ...curves,
    costs: {
      steps: [...old.steps, ...steps.slice(from)], min: [...old.min, ...fresh], mean: [...old.mean, ...fresh],
      max: [...old.max, ...fresh],
    },
  };
}

/** A run in a notebook: what is recorded stands in anywidget's model, what is new comes as messages of the kernel. */

import {
  checkedHello, type Answer, type Command, type Confusion, type Curves, type Findings, type Frame, type Hello,
  type LiveEvent, type MeasuresAt,
} from "../protocol";
import { exampleAt } from "../rows";
import { decodeExamples, decodeFrame, split } from "../safetensors";
import { Waiting, isAnswer, isEvent, type Live, type Source, type Study } from "../source";

/** The part of anywidget's model that is used. */
export interface Model {
  get(name: string): unknown;
  on(event: "msg:custom", handler: (message: object, buffers: DataView[]) => void): void;
  on(event: "change:hello", handler: () => void): void;
  off(event: string, handler: (...told: never[]) => void): void;
  send(message: object): void;
}

const bytes = (view: unknown): Uint8Array =>
  view instanceof DataView ? new Uint8Array(view.buffer, view.byteOffset, view.byteLength) : new Uint8Array(0);

const SILENCE = 3000; // ms: a kernel that has gone, or is busy, does not answer

/** hello as soon as there is one: a network that is watched is shown when its training begins. */
function arrival(model: Model): { hello: Promise<Hello>; end: () => void } {
  let look = (): void => {};
  const hello = new Promise<Hello>((resolve, reject) => {
    look = () => {
      const said = model.get("hello") as object | undefined;
      if (!said || Object.keys(said).length === 0) return;
      try { resolve(checkedHello(said)); } catch (error) { reject(error as Error); }
    };
    model.on("change:hello", look);
    look();
  });
  return { hello, end: () => model.off("change:hello", look) };
}

/** What a kernel says before the lab listens: nothing of it is said again. Of its frames the newest, and a credit for each. */
class Early {
  #events: LiveEvent[] = [];
  #newest: Uint8Array | null = null;
  #more = 0; // frames before the newest
  readonly onEvent = (event: LiveEvent): void => { this.#events.push(event); };
  readonly onFrame = (blob: Uint8Array): void => {
    if (this.#newest) this.#more++;
    this.#newest = blob;
  };

  /** Say it to who listens now. */
  repeat(live: Live): void {
    for (const event of this.#events.splice(0)) live.onEvent(event);
    for (; this.#more > 0; this.#more--) void live.send({ command: "ack" });
    if (this.#newest) live.onFrame(this.#newest);
    this.#newest = null;
  }
}

/** What the kernel is asked. */
type Question =
  | { readonly command: "frame" | "findings" | "measures" | "confusion"; readonly step: number }
  | { readonly command: "example"; readonly row: number } | { readonly command: "curves" };

/** What the engine said of the last step; nothing of a run whose data was not there. */
interface Carried {
  readonly findings?: Findings;
  readonly measures?: MeasuresAt;
  readonly confusion?: Confusion;
  readonly "held-out"?: unknown;
  readonly cell?: { readonly text: string };
}

function carried({ findings, measures, confusion, cell, "held-out": examples }: Carried): Pick<Source, "study" | "cell"> {
  const study = findings && {
    only: findings.step, findings: async () => findings, measures: async () => measures ?? null, confusion: async () => confusion ?? null,
    example: async (place: number) => exampleAt(decodeExamples(bytes(examples)), place),
  };
  return { ...(study ? { study } : {}), ...(cell ? { cell: async () => cell.text } : {}) };
}

/** The run of a model: key frames are there; another step is asked of the kernel, unless that is found to be silent. */
export function widgetSource(model: Model): Source {
  const waiting = new Waiting();
  let isSilent = false;
  const arriving = new Map<number, Uint8Array>();
  const { hello, end } = arrival(model);

  const ask = (command: Command | Question): { id: number; answer: Promise<Answer> } => {
    const asked = waiting.ask();
    model.send({ id: asked.id, ...command });
    return asked;
  };
  const answered = async (answer: Promise<Answer>): Promise<Answer> => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(() => { isSilent = true; reject(new Error("The kernel does not answer.")); }, SILENCE);
    });
    return Promise.race([answer, silence]).finally(() => clearTimeout(timer));
  };
  const early = new Early();
  const live: Live = {
    onFrame: early.onFrame,
    onEvent: early.onEvent,
    start: () => {
      live.onEvent({ event: "connection", connected: true });
      early.repeat(live);
    },
    send: async (command) => {
      if (command.command !== "ack") return ask(command).answer;
      model.send(command);
      return { id: 0, ok: true };
    },
  };
  const told = (message: object, buffers: DataView[]): void => {
    if (isAnswer(message)) {
      isSilent = false;
      if (buffers[0]) arriving.set(message.id, bytes(buffers[0]));
      waiting.settle(message);
    } else if ((message as { event?: unknown }).event === "frame" && buffers[0]) live.onFrame(bytes(buffers[0]));
    else if (isEvent(message)) live.onEvent(message);
  };
  const blobOf = async (question: Question): Promise<Uint8Array> => {
    const { id, answer } = ask(question);
    await answered(answer);
    const blob = arriving.get(id);
    arriving.delete(id);
    if (!blob) throw new Error(`The kernel sent nothing: ${question.command}.`);
    return blob;
  };
  const found = async <T>(question: Question): Promise<T> => ((await answered(ask(question).answer)) as Answer & { found: T }).found;
  const fromKernel = async (step: number): Promise<Frame> => decodeFrame(await blobOf({ command: "frame", step }));
  const study: Study = {
    only: null,
    findings: (step) => found<Findings>({ command: "findings", step }),
    measures: (step) => found<MeasuresAt>({ command: "measures", step }),
    confusion: (step) => found<Confusion>({ command: "confusion", step }),
    example: async (row) => decodeExamples(await blobOf({ command: "example", row })),
  };
  const steps = (): readonly number[] => (model.get("hello") as Hello).key_frames; // both are renewed when a training ends
  const kept = (step: number): Frame => {
    const blob = split(bytes(model.get("frames")))[Math.max(0, steps().findLastIndex((at) => at <= step))];
    if (!blob) throw new Error("This widget holds no frames.");
    return decodeFrame(blob);
  };
  model.on("msg:custom", told);
  return {
    ...(model.get("watched") ? { live, study } : carried((model.get("study") ?? {}) as Carried)),
    hello: async () => hello,
    curves: async () => {
      await hello;
      const kept = model.get("curves") as Curves;
      return model.get("watched") && !isSilent ? found<Curves>({ command: "curves" }).catch(() => kept) : kept;
    },
    examples: async () => hello.then(() => decodeExamples(bytes(model.get("examples")))),
    frame: async (step) => {
      await hello;
      return isSilent || steps().includes(step) ? kept(step) : fromKernel(step).catch(() => kept(step));
    },
    stop: () => { end(); model.off("msg:custom", told); },
  };
}

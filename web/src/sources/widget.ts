/** A run in a notebook: what is recorded stands in anywidget's model, what is new comes as messages of the kernel. */

import { checkedHello, type Answer, type Command, type Curves, type Frame } from "../protocol";
import { decodeExamples, decodeFrame, split } from "../safetensors";
import { Waiting, isAnswer, isEvent, type Live, type Source } from "../source";

/** The part of anywidget's model that is used. */
export interface Model {
  get(name: string): unknown;
  on(event: "msg:custom", handler: (message: object, buffers: DataView[]) => void): void;
  off(event: "msg:custom", handler: (message: object, buffers: DataView[]) => void): void;
  send(message: object): void;
}

const bytes = (view: unknown): Uint8Array =>
  view instanceof DataView ? new Uint8Array(view.buffer, view.byteOffset, view.byteLength) : new Uint8Array(0);

const SILENCE = 3000; // ms: a kernel that has gone does not answer

/** The run of a model: its key frames are there; another step is asked of the kernel, until that is found to be gone. */
export function widgetSource(model: Model): Source {
  const waiting = new Waiting();
  let gone = false;
  const arriving = new Map<number, Uint8Array>();
  const blobs = split(bytes(model.get("frames")));
  const hello = checkedHello(model.get("hello"));

  const ask = (command: Command | { command: "frame"; step: number }): { id: number; answer: Promise<Answer> } => {
    const asked = waiting.ask();
    model.send({ id: asked.id, ...command });
    return asked;
  };
  const live: Live = {
    onFrame: () => {},
    onEvent: () => {},
    start: () => live.onEvent({ event: "connection", connected: true }),
    send: async (command) => {
      if (command.command !== "ack") return ask(command).answer;
      model.send(command);
      return { id: 0, ok: true };
    },
  };
  const told = (message: object, buffers: DataView[]): void => {
    if (isAnswer(message)) {
      if (buffers[0]) arriving.set(message.id, bytes(buffers[0]));
      waiting.settle(message);
    } else if ((message as { event?: unknown }).event === "frame" && buffers[0]) live.onFrame(bytes(buffers[0]));
    else if (isEvent(message)) live.onEvent(message);
  };
  const fromKernel = async (step: number): Promise<Frame> => {
    const { id, answer } = ask({ command: "frame", step });
    const silence = new Promise<"silence">((resolve) => setTimeout(() => resolve("silence"), SILENCE));
    gone = (await Promise.race([answer, silence])) === "silence";
    const blob = arriving.get(id);
    arriving.delete(id);
    if (!blob) throw new Error(`The kernel sent no frame for step ${step}.`);
    return decodeFrame(blob);
  };
  const kept = (step: number): Frame => {
    const index = Math.max(0, hello.key_frames.findLastIndex((at) => at <= step));
    if (!blobs[index]) throw new Error("This widget holds no frames.");
    return decodeFrame(blobs[index]);
  };
  model.on("msg:custom", told);
  return {
    ...(hello.live ? { live } : {}),
    hello: async () => hello,
    curves: async () => model.get("curves") as Curves,
    examples: async () => decodeExamples(bytes(model.get("examples"))),
    frame: async (step) =>
      gone || (blobs.length && hello.key_frames.includes(step)) ? kept(step) : fromKernel(step).catch(() => kept(step)),
    stop: () => model.off("msg:custom", told),
  };
}

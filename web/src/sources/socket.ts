/** A run on the server that the page came from: HTTP for what can be asked at any time, a socket for what is new. */

import {
  checkedHello, type Answer, type Command, type Confusion, type Curves, type Examples, type Findings, type Frame, type Hello,
  type MeasuresAt,
} from "../protocol";
import { decodeExamples, decodeFrame } from "../safetensors";
import { Waiting, isAnswer, isEvent, type Extent, type Live, type Others, type RunFile, type Source, type Study } from "../source";

const LOST = "The connection to the lab was lost. Is `chainrule lab` still running?";
const ROWS = 2 ** 18; // buckets of a question for curves, at most
const LONGEST_WAIT = 10_000; // ms between two attempts to connect

async function get(address: string): Promise<Response> {
  const response = await fetch(address, { credentials: "same-origin" }).catch(() => {
    throw new Error(LOST);
  });
  if (response.ok) return response;
  const said = (await response.json().catch(() => ({}))) as { error?: string };
  throw new Error(said.error ?? `The lab answered ${response.status} ${response.statusText}.`);
}

const json = async <T>(address: string): Promise<T> => (await (await get(address)).json()) as T;
const bytes = async (address: string): Promise<Uint8Array> => new Uint8Array(await (await get(address)).arrayBuffer());
const helloOf = async (root: string): Promise<Hello> => checkedHello(await json(`${root}/hello`));
const rootOf = (run: string, base: string): string => `${base}/api/runs/${encodeURIComponent(run)}`;

const studyOf = (root: string): Study => ({
  only: null,
  findings: (step) => json<Findings>(`${root}/findings?step=${step}`),
  measures: (step) => json<MeasuresAt>(`${root}/measures?step=${step}`),
  confusion: (step) => json<Confusion>(`${root}/confusion?step=${step}`),
  example: async (place) => decodeExamples(await bytes(`${root}/example?row=${place}`)),
});

/** The other runs that were recorded. */
const othersOf = (run: string, base: string): Others => ({
  isShown: false,
  list: async () => (await json<readonly { id: string; recorded?: number; live?: boolean; error?: string }[]>(`${base}/api/runs`))
    .filter((it) => it.id !== run && !it.error && (it.live || (it.recorded ?? 0) > 0)).map((it) => it.id),
  get: async (id) => {
    const [hello, curves] = await Promise.all([helloOf(rootOf(id, base)), json<Curves>(`${rootOf(id, base)}/curves`)]);
    return { id, hello, curves };
  },
  frame: async (id, step) => decodeFrame(await bytes(`${rootOf(id, base)}/frame?step=${step}`)),
});

const askedFor = ({ most, precision, from, to }: Extent): string => `most=${most}&precision=${precision}&from=${from}&to=${to}`;

const fileOf = (root: string): RunFile => ({
  size: (extent) => json(`${root}/size?${askedFor(extent)}`),
  address: (extent) => `${root}/file?${askedFor(extent)}`,
});

/** Commands go out, newest frames and events come in; a lost connection is tried again. */
class Socket implements Live {
  onFrame: Live["onFrame"] = () => {};
  onEvent: Live["onEvent"] = () => {};
  readonly #waiting = new Waiting();
  #socket: WebSocket | null = null;
  #wait = 500;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  constructor(readonly address: string) {}

  start(): void {
    const socket = new WebSocket(this.address);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.#wait = 500;
      this.onEvent({ event: "connection", connected: true });
    };
    socket.onmessage = ({ data }: MessageEvent<ArrayBuffer | string>) => {
      if (typeof data === "string") this.#told(data);
      else this.onFrame(new Uint8Array(data));
    };
    socket.onclose = () => this.#closed();
    this.#socket = socket;
  }

  async send(command: Command): Promise<Answer> {
    if (this.#socket?.readyState !== WebSocket.OPEN) {
      if (command.command === "ack") return { id: 0, ok: true };
      throw new Error(LOST);
    }
    if (command.command === "ack") {
      this.#socket.send(JSON.stringify(command));
      return { id: 0, ok: true };
    }
    const { id, answer } = this.#waiting.ask();
    this.#socket.send(JSON.stringify({ id, ...command }));
    return answer;
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#socket?.close();
  }

  #told(text: string): void {
    const message = JSON.parse(text) as object;
    if (isAnswer(message)) this.#waiting.settle(message);
    else if (isEvent(message)) this.onEvent(message);
  }

  #closed(): void {
    this.#waiting.fail(LOST);
    if (this.#stopped) return;
    this.onEvent({ event: "connection", connected: false });
    this.#timer = setTimeout(() => this.start(), this.#wait);
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
  }
}

/** What the server has of a run; `base` is its address, without a slash at the end ("" is the page's own). */
export async function opened(run: string, base = ""): Promise<Source> {
  const source = socketSource(run, base);
  let first = await source.hello().catch(() => null); // what is wrong with it is said when the lab asks again
  if (first?.alone) return recordingSource(source, first);
  const hello = async (): Promise<Hello> => {
    const held = first;
    first = null; // it goes on: later it is asked anew
    return held ?? source.hello();
  };
  return { ...source, hello };
}

/** A recording alone, which does not go on: of all that can be asked, what stands in it. */
function recordingSource({ home, frame, examples, rows, curves, others, file, stop }: Source, hello: Hello): Source {
  return {
    home, examples, rows, curves, others, file, stop,
    hello: async () => hello,
    frame: (step) => frame(hello.key_frames.findLast((key) => key <= step) ?? step),
  };
}

/** A run of the server, which can train it and knows its data. */
export function socketSource(run: string, base = ""): Source {
  const root = rootOf(run, base);
  const socket = new URL(`${root}/live`, location.href);
  socket.protocol = socket.protocol === "https:" ? "wss:" : "ws:";
  const live = new Socket(socket.href);
  return {
    live,
    home: "?",
    hello: () => helloOf(root),
    frame: async (step): Promise<Frame> => decodeFrame(await bytes(`${root}/frame?step=${step}`)),
    examples: async (): Promise<Examples> => decodeExamples(await bytes(`${root}/examples`)),
    rows: ROWS,
    curves: async (from, to, buckets): Promise<Curves> => {
      const given = Object.entries({ from, to, buckets }).filter(([, value]) => value !== undefined);
      return json<Curves>(`${root}/curves?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`);
    },
    batch: async (step) => decodeExamples(await bytes(`${root}/batch?step=${step}`)),
    study: studyOf(root),
    others: othersOf(run, base),
    cell: async () => (await json<{ text: string }>(`${root}/cell`)).text,
    file: fileOf(root),
    stop: () => live.stop(),
  };
}

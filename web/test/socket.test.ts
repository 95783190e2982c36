/** A run on a server: what is asked, what is answered, and a connection that is lost and found again. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Source } from "../src/source";
import { opened, socketSource } from "../src/sources/socket";
import blobs from "./fixtures/blobs.json";
import { bytesOf, CURVES, HELLO } from "./fake";

class FakeSocket {
  static readonly OPEN = 1;
  static all: FakeSocket[] = [];
  readyState = 0;
  binaryType = "";
  sent: unknown[] = [];
  onopen: () => void = () => {};
  onmessage: (event: { data: unknown }) => void = () => {};
  onclose: () => void = () => {};
  constructor(readonly url: string) { FakeSocket.all.push(this); }
  open(): void { this.readyState = 1; this.onopen(); }
  send(text: string): void { this.sent.push(JSON.parse(text)); }
  close(): void { this.readyState = 3; this.onclose(); }
}

let asked: string[];
let source: Source;
let seen: unknown[];
let hello: object;
const newest = (): FakeSocket => FakeSocket.all.at(-1)!;

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.all = [];
  asked = [];
  seen = [];
  hello = HELLO;
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.stubGlobal("location", { href: "http://127.0.0.1:8000/?run=a%20b" });
  vi.stubGlobal("fetch", async (address: string) => {
    asked.push(address);
    if (address.includes("/hello")) return Response.json(hello);
    if (address.includes("/curves")) return Response.json(CURVES);
    if (address.includes("/examples")) return new Response(Buffer.from(blobs.examples, "base64"));
    if (address.endsWith("step=99")) return Response.json({ error: "step 99 is not in the recording" }, { status: 404 });
    if (address.endsWith("step=98")) throw new TypeError("Failed to fetch");
    return new Response(bytesOf(7) as Uint8Array<ArrayBuffer>);
  });
  source = socketSource("a b");
  source.live!.onFrame = (blob) => seen.push(blob.length);
  source.live!.onEvent = (event) => seen.push(event);
});
afterEach(() => {
  source.stop();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("what is asked by HTTP", () => {
  it("goes to the run's address, whatever its name", async () => {
    expect((await source.hello()).name).toBe("test");
    expect((await source.frame(7)).step).toBe(7);
    expect((await source.examples())!.x.rows).toBe(3);
    await source.curves(10, 20);
    await source.curves(1, undefined, source.rows);
    expect(asked).toEqual(["hello", "frame?step=7", "examples", "curves?from=10&to=20", "curves?from=1&buckets=262144"].map((end) => `/api/runs/a%20b/${end}`));
  });

  it("fails in the server's words, or says that there is no server", async () => {
    await expect(source.frame(99)).rejects.toThrow("step 99 is not in the recording");
    await expect(source.frame(98)).rejects.toThrow("connection to the lab was lost");
  });
});

describe("a recording without its data", () => {
  it("is asked for what stands in it, and shows the key frame before a step", async () => {
    hello = { ...HELLO, alone: true, key_frames: [0, 7] };
    const recording = await opened("a b");
    expect([recording.live, recording.batch, recording.study, recording.cell]).toEqual([undefined, undefined, undefined, undefined]);
    expect((await recording.frame(9)).step).toBe(7);
    expect((await recording.curves()).costs.steps).toEqual(CURVES.costs.steps);
  });

  it("is asked once what it is, and not at all once more when that fails", async () => {
    hello = { ...HELLO, alone: true, key_frames: [0, 7] };
    const recording = await opened("a b");
    hello = { error: "no such run" };
    expect([(await recording.hello()).key_frames, (await recording.frame(3)).step]).toEqual([[0, 7], 7]);
    expect(asked).toEqual(["/api/runs/a%20b/hello", "/api/runs/a%20b/frame?step=0"]);
  });

  it("that it is not, is asked once before the run is shown, and anew whenever it is asked later", async () => {
    const run = await opened("a b");
    expect([(await run.hello()).last, asked.length]).toEqual([20, 1]);
    hello = { ...HELLO, last: 30 };
    expect([(await run.hello()).last, asked.length]).toEqual([30, 2]);
  });

  it("is no run of a server that has all, nor one that cannot be asked", async () => {
    expect((await opened("a b")).live).toBeDefined();
    vi.stubGlobal("fetch", async () => Response.json({ error: "There is no run" }, { status: 404 }));
    const none = await opened("a b");
    await expect(none.hello()).rejects.toThrow("There is no run");
  });
});

describe("the socket", () => {
  beforeEach(() => { source.live!.start(); newest().open(); });

  it("is the page's own server's", () => expect(newest().url).toBe("ws://127.0.0.1:8000/api/runs/a%20b/live"));

  it("carries commands there, and frames, events and answers back", async () => {
    const [run, set] = [source.live!.send({ command: "run" }), source.live!.send({ command: "set", learning_rate: -1 })];
    void source.live!.send({ command: "ack" });
    expect(newest().sent).toEqual([{ id: 1, command: "run" }, { id: 2, command: "set", learning_rate: -1 }, { command: "ack" }]);
    newest().onmessage({ data: '{"id": 2, "error": "above 0"}' });
    newest().onmessage({ data: '{"id": 1, "ok": true}' });
    newest().onmessage({ data: '{"event": "epoch", "step": 5, "epoch": 1}' });
    newest().onmessage({ data: bytesOf(3).buffer });
    expect(await run).toEqual({ id: 1, ok: true });
    await expect(set).rejects.toThrow("above 0");
    expect(seen.slice(1)).toEqual([{ event: "epoch", step: 5, epoch: 1 }, bytesOf(3).length]);
  });

  it("is opened again when it was lost, more and more seldom, and no answer is waited for in vain", async () => {
    const run = source.live!.send({ command: "run" });
    const lost = expect(run).rejects.toThrow("connection to the lab was lost");
    newest().close();
    await lost;
    await expect(source.live!.send({ command: "pause" })).rejects.toThrow("lost");
    expect(await source.live!.send({ command: "ack" })).toEqual({ id: 0, ok: true });
    vi.advanceTimersByTime(500);
    expect(FakeSocket.all.length).toBe(2);
    newest().close();
    vi.advanceTimersByTime(999);
    expect(FakeSocket.all.length).toBe(2);
    vi.advanceTimersByTime(1);
    newest().open();
    expect(seen).toEqual([true, false, false, true].map((connected) => ({ event: "connection", connected })));
  });

  it("stays closed once the lab is taken away", () => {
    source.stop();
    vi.advanceTimersByTime(60_000);
    expect(FakeSocket.all.length).toBe(1);
  });
});

/** A run from the page itself and from a notebook. */

import { gzipSync } from "node:zlib";
import { describe, expect, it, vi } from "vitest";
import { embeddedSource, lastBefore } from "../src/sources/embedded";
import { widgetSource, type Model } from "../src/sources/widget";
import blobs from "./fixtures/blobs.json";
import { bytesOf, CURVES, HELLO } from "./fake";

const list = (steps: readonly number[]): Uint8Array => Buffer.concat(steps.flatMap((step) => {
  const blob = bytesOf(step);
  return [new Uint8Array(new BigUint64Array([BigInt(blob.length)]).buffer), blob];
}));
const packed = (data: Uint8Array | string): string => gzipSync(data).toString("base64").replace(/.{76}/g, "$&\n");

describe("the offline file", () => {
  const texts: Record<string, string> = {
    hello: packed(JSON.stringify(HELLO)), curves: packed(JSON.stringify(CURVES)),
    examples: packed(Buffer.from(blobs.examples, "base64")), "frames-0": packed(list([0, 4, 8])), "frames-1": packed(list([16, 20])),
  };
  const chunks = [{ name: "frames-0", steps: [0, 4, 8] }, { name: "frames-1", steps: [16, 20] }];
  const source = embeddedSource({ text: (name) => texts[name] ?? null, chunks });

  it("has everything in it", async () => {
    expect((await source.hello()).name).toBe("test");
    expect((await source.curves()).costs.steps).toEqual([10, 20]);
    expect((await source.examples())?.x.rows).toBe(3);
    expect(source.live).toBeUndefined();
  });

  it.each([[0, 0], [5, 4], [8, 8], [15, 8], [16, 16], [99, 20]])("shows for step %i the frame of step %i", async (step, wanted) => {
    expect((await source.frame(step)).step).toBe(wanted);
  });

  it("says what is missing", async () => {
    const empty = embeddedSource({ text: () => null, chunks: [] });
    await expect(empty.hello()).rejects.toThrow("hello is missing");
    expect(await empty.examples()).toBeNull();
    await expect(empty.frame(1)).rejects.toThrow("no frames");
    expect(lastBefore([{ name: "a", steps: [5] }], 1)).toEqual({ name: "a", index: 0 });
  });
});

describe("the notebook", () => {
  const view = (data: Uint8Array): DataView => new DataView(data.buffer, data.byteOffset, data.byteLength);

  type Told = (message: object, buffers?: DataView[]) => void;
  function model(traits: Record<string, unknown>): Model & { sent: object[]; tell: Told; set: (name: string, value: unknown) => void } {
    const handlers: Record<string, (message: object, buffers: DataView[]) => void> = {};
    const sent: object[] = [];
    return {
      sent, get: (name) => traits[name], on: (name: string, h: (message: object, buffers: DataView[]) => void) => { handlers[name] = h; }, off: () => {},
      send: (m) => sent.push(m), tell: (message, buffers = []) => handlers["msg:custom"]!(message, buffers),
      set: (name, value) => { traits[name] = value; handlers[`change:${name}`]!({}, []); },
    };
  }
  const traits = { watched: true, hello: { ...HELLO, live: true }, curves: CURVES, examples: view(Buffer.from(blobs.examples, "base64")), frames: view(list(HELLO.key_frames)) };

  it("shows key frames from its model, and asks the kernel for others", async () => {
    const it_ = model(traits);
    const source = widgetSource(it_);
    expect((await source.frame(8)).step).toBe(8);
    const asked = source.frame(9);
    await vi.waitFor(() => expect(it_.sent).toEqual([{ id: 1, command: "frame", step: 9 }]));
    it_.tell({ id: 1, ok: true }, [view(bytesOf(9))]);
    expect((await asked).step).toBe(9);
    expect((await source.examples())?.y.rows).toBe(3);
  });

  it("shows the frame before where the kernel refuses", async () => {
    const it_ = model(traits);
    const asked = widgetSource(it_).frame(9);
    await vi.waitFor(() => expect(it_.sent).toHaveLength(1));
    it_.tell({ id: 1, error: "no" });
    expect((await asked).step).toBe(8);
  });

  it("waits for a watched network to be trained", async () => {
    const it_ = model({ ...traits, hello: {} });
    const source = widgetSource(it_);
    const hello = source.hello();
    expect(source.live).toBeDefined();
    it_.set("hello", traits.hello);
    expect((await hello).name).toBe("test");
    expect((await source.frame(0)).step).toBe(0);
  });

  it("asks the kernel for the curves of a training, and has those from before where it is silent", async () => {
    vi.useFakeTimers();
    const it_ = model(traits);
    const source = widgetSource(it_);
    const fresh = source.curves();
    await vi.advanceTimersByTimeAsync(1);
    it_.tell({ id: 1, ok: true, found: { ...CURVES, events: [] } });
    expect(await fresh).not.toBe(CURVES);
    const kept = source.curves();
    await vi.advanceTimersByTimeAsync(5000);
    expect(await kept).toBe(CURVES);
    expect(await source.curves()).toBe(CURVES);
    expect(it_.sent).toHaveLength(2);
    vi.useRealTimers();
    expect(await widgetSource(model({ ...traits, watched: false })).curves()).toBe(CURVES);
  });

  it("asks the kernel what the engine says of a training", async () => {
    const it_ = model(traits);
    const { study } = widgetSource(it_);
    const [said, example] = [study!.findings(7), study!.example(3)];
    expect([study!.only, it_.sent]).toEqual([null, [{ id: 1, command: "findings", step: 7 }, { id: 2, command: "example", row: 3 }]]);
    it_.tell({ id: 2, ok: true }, [view(Buffer.from(blobs.examples, "base64"))]);
    it_.tell({ id: 1, ok: true, found: { step: 7, examples: 9, findings: [] } });
    expect(await said).toEqual({ step: 7, examples: 9, findings: [] });
    expect((await example).x.rows).toBe(3);
  });

  it("goes on asking a kernel that has answered in time", async () => {
    vi.useFakeTimers();
    const it_ = model(traits);
    const source = widgetSource(it_);
    for (const [id, step] of [[1, 9], [2, 10]] as const) {
      const asked = source.frame(step);
      await vi.advanceTimersByTimeAsync(1);
      it_.tell({ id, ok: true }, [view(bytesOf(step))]);
      expect((await asked).step).toBe(step);
      await vi.advanceTimersByTimeAsync(60_000);
    }
    vi.useRealTimers();
  });

  it("takes live frames, events and answers", async () => {
    const it_ = model(traits);
    const { live } = widgetSource(it_);
    const seen: unknown[] = [];
    live!.onFrame = (blob) => seen.push(blob.length);
    live!.onEvent = (event) => seen.push(event.event);
    it_.tell({ event: "frame" }, [view(bytesOf(30))]);
    it_.tell({ event: "state", running: true, step: 30 });
    const run = live!.send({ command: "run" });
    it_.tell({ id: 1, error: "it has ended" });
    await expect(run).rejects.toThrow("it has ended");
    expect(seen).toEqual([bytesOf(30).length, "state"]);
  });
});

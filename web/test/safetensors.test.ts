/** Frames and examples as chainrule writes them are read; anything else is refused in words. */

import { describe, expect, it } from "vitest";
import blobs from "./fixtures/blobs.json";
import { decode, decodeExamples, decodeFrame, split } from "../src/safetensors";

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "base64"));
const frame = bytes(blobs.frame);

function blob(header: unknown, block: number[] = []): Uint8Array {
  const text = typeof header === "string" ? header : JSON.stringify(header);
  const out = new Uint8Array(8 + text.length + block.length);
  new DataView(out.buffer).setBigUint64(0, BigInt(text.length), true);
  out.set(new TextEncoder().encode(text), 8);
  out.set(block, 8 + text.length);
  return out;
}

describe("a frame", () => {
  it("is read, with its step and what the optimizer remembers", () => {
    const found = decodeFrame(frame);
    expect([...found.parameters]).toEqual([0, 1, 2]);
    expect(found.parameters).toBeInstanceOf(Float64Array);
    expect([...found.slots["v"]!]).toEqual([0, 0.125, 0.25]);
    expect(found.step).toBe(7);
    expect(found.state["epoch"]).toBe(2);
    expect(found.bytes).toBe(frame.length);
  });

  it.each([[0.25, 0.25], [null, null], [undefined, null], ["0.25", null]])("says what its step cost, and the rate of the next: %s", (cost, wanted) => {
    const told = { __metadata__: { chainrule: JSON.stringify({ state: { updates: 7 }, cost, eta: cost }) }, parameters: { dtype: "F32", shape: [0], data_offsets: [0, 0] } };
    expect(decodeFrame(blob(told))).toMatchObject({ cost: wanted, eta: wanted });
  });

  it("may hold numbers that are not finite, in float32", () => {
    const { parameters, step } = decodeFrame(bytes(blobs.single));
    expect([...parameters]).toEqual([NaN, Infinity, Math.fround(0.1)]);
    expect(step).toBe(0);
  });

  it("may have numbers of 16 bits", () => {
    const wanted = blobs.halves.map((text) => Number(text.replace("inf", "Infinity")));
    expect([...decodeFrame(bytes(blobs.half)).parameters]).toEqual(wanted);
  });

  it("is read from the middle of another buffer, where nothing is aligned", () => {
    const list = new Uint8Array(frame.length + 3);
    list.set(frame, 3);
    expect([...decodeFrame(list.subarray(3)).parameters]).toEqual([0, 1, 2]);
  });

  it("may have its state as text in the metadata itself", () => {
    const entry = { dtype: "F32", shape: [1], data_offsets: [0, 4] };
    expect(decodeFrame(blob({ __metadata__: { state: '{"updates":3}' }, parameters: entry }, [0, 0, 128, 63])).step).toBe(3);
  });

  it("needs a step and parameters", () => {
    expect(() => decodeFrame(blob({ __metadata__: {} }))).toThrow("after which step");
    expect(() => decodeFrame(blob({ __metadata__: { state: '{"updates":3}' } }))).toThrow("no parameters");
  });
});

describe("examples", () => {
  it("are read with the points of the plane", () => {
    const { x, y, points } = decodeExamples(bytes(blobs.examples));
    expect([x.rows, x.columns, ...x.data]).toEqual([3, 2, 0, 1, 2, 3, 4, 5]);
    expect([y.rows, y.columns]).toEqual([3, 1]);
    expect(points?.y.data.length).toBe(2);
  });
});

describe("what is not sound is refused", () => {
  const one = { dtype: "U8", shape: [2], data_offsets: [0, 2] };
  it.each([
    ["nothing", new Uint8Array(0), "0 bytes long"],
    ["cut off", frame.subarray(0, frame.length - 1), "lies from byte"],
    ["too long", Uint8Array.from([...frame, 0]), "and there are"],
    ["a great header", Uint8Array.from([255, 255, 255, 255, 255, 255, 255, 127]), "header claims"],
    ["no JSON", blob("{oh"), "not a JSON object"],
    ["a list", blob("[]"), "not a JSON object"],
    ["a hole", blob({ a: { ...one, data_offsets: [1, 3] } }, [1, 2, 3]), "not 0 to 2"],
    ["an overlap", blob({ a: one, b: one }, [1, 2, 3, 4]), "not 2 to 4"],
    ["a strange dtype", blob({ a: { ...one, dtype: "BF16" } }, [1, 2]), '"BF16"'],
    ["a dtype of every object", blob({ a: { ...one, dtype: "toString" } }, [1, 2]), '"toString"'],
    ["a negative size", blob({ a: { ...one, shape: [-2] } }, [1, 2]), "no shape"],
    ["a wrong size", blob({ a: { ...one, shape: [3] } }, [1, 2]), "lies from byte"],
    ["metadata that is no text", blob({ __metadata__: { a: 1 } }), "not text"],
  ])("%s", (_, given, words) => expect(() => decode(given)).toThrow(words));
});

describe("a list of frames", () => {
  const list = (...parts: Uint8Array[]): Uint8Array => {
    const pieces = parts.flatMap((p) => [new Uint8Array(new BigUint64Array([BigInt(p.length)]).buffer), p]);
    return Uint8Array.from(pieces.flatMap((p) => [...p]));
  };

  it("is taken apart", () => expect(split(list(frame, frame)).map((f) => decodeFrame(f).step)).toEqual([7, 7]));
  it("may be empty", () => expect(split(new Uint8Array(0))).toEqual([]));
  it("is refused where it was cut off", () => {
    expect(() => split(list(frame).subarray(0, 20))).toThrow("cut off");
    expect(() => split(list(frame).subarray(0, 3))).toThrow("cut off");
  });
});

/** The bar above, the line of all steps, the health of the gradient. */

import { describe, expect, it } from "vitest";
import { parseNumber } from "../src/format";
import { usualSpeed } from "../src/playing";
import type { Curves } from "../src/protocol";
import { ticks } from "../src/ui/axis";
import { heat, heatScale } from "../src/ui/draw/heat";
import { fitted, roomFor } from "../src/ui/draw/label";
import { findings, lastBefore, valueOf } from "../src/ui/healthparts";
import { EPOCHS, isOdd, meant, RATE } from "../src/ui/numberfield";
import { speedName, withChosen } from "../src/ui/playback";
import { costAt, costShown, epochOf, further, marksOf, meaning, nearest, nextStep, outline } from "../src/ui/steps";
import { CURVES, frameOf, HELLO } from "./fake";

describe("the bar above", () => {
  it("says plainly what one step means", () => {
    expect(meaning(HELLO, "batch")).toBe("One step = one mini-batch: 2 examples, their mean gradient, one update.");
    expect(meaning({ ...HELLO, batch_size: 1 }, "batch")).toBe("One step = one example: its gradient, and one update.");
    expect(meaning(HELLO, "epoch")).toBe("One step = to the end of the epoch. An epoch has 5 steps: each of the 10 examples once, in mini-batches of 2.");
  });

  it("knows the epoch and the cost of a step, and of which steps it is the mean", () => {
    expect([0, 1, 5, 6].map((step) => epochOf(HELLO, step))).toEqual([0, 1, 1, 2]);
    expect([costAt(CURVES, 0), costAt(CURVES, 11), costAt(CURVES, 21)]).toEqual([null, { cost: 1.5, from: 11, to: 20 }, null]);
  });

  it("shows the cost that the frame says, that of the curve elsewhere, and the newest where the curve ends", () => {
    const at = (step: number, cost?: number | null) => costShown(CURVES, step, { ...frameOf(step), ...(cost === undefined ? {} : { cost }) }, 0.5);
    expect(at(11, 0.25)).toEqual({ cost: 0.25, from: 11, to: 11 });
    expect([at(11, null), at(11)]).toEqual([{ cost: 1.5, from: 11, to: 20 }, { cost: 1.5, from: 11, to: 20 }]);
    expect([at(21), costShown(CURVES, 21, null, null)]).toEqual([{ cost: 0.5, from: 21, to: 21 }, { cost: null, from: 21, to: 21 }]);
    expect(costShown(CURVES, 11, { ...frameOf(8), cost: 9 }, null).cost).toBe(1.5); // a frame of another step
  });

  it("takes a number that is wanted, and says of what is not", () => {
    expect(["0.1", " 1e-3 ", "0,5"].map((text) => meant(text, RATE))).toEqual([0.1, 0.001, 0.5]);
    expect(["", "abc", "-4", "0", "1e400", "∞"].map((text) => [meant(text, RATE), isOdd(text, RATE)])).toEqual([[null, false], ...Array(5).fill([null, true])]);
    expect(["3", "3.5", "0"].map((text) => meant(text, EPOCHS))).toEqual([3, null, null]);
    expect(["1e400", "-1e400", "NaN"].map(parseNumber)).toEqual([null, null, null]);
  });

  it("names speeds, of which one is usual for the length", () => {
    expect([speedName(1, "step"), speedName(1000, "step"), speedName(1, "frame")]).toEqual(["1 step/s", "1,000 steps/s", "1 frame/s"]);
    expect([100, 1320, 6900, 1e7].map((last) => usualSpeed(true, HELLO, last))).toEqual([10, 100, 300, 10_000]);
    expect(usualSpeed(false, HELLO, 6900)).toBe(10);
    expect(withChosen([1, 10], 3)).toEqual([1, 3, 10]);
  });

  it("goes to the next recorded step, or the next end of an epoch", () => {
    expect([nextStep(HELLO, 4, "batch"), nextStep(HELLO, 4, "epoch"), nextStep(HELLO, 20, "batch")]).toEqual([8, 8, null]);
  });
});

describe("the line of all steps", () => {
  it("finds recorded steps near and further", () => {
    expect([0, 5, 6, 13, 99].map((step) => nearest(HELLO.key_frames, step))).toEqual([0, 4, 4, 16, 20]);
    expect([further(HELLO.key_frames, 4, 2), further(HELLO.key_frames, 4, -9), further(HELLO.key_frames, 20, 1)]).toEqual([16, 0, 20]);
  });

  it("marks epochs, the best of them, and what happened", () => {
    const epoch = (step: number, cost: number | null) => ({ step, epoch: step / 5, metrics: { cost } });
    const curves: Curves = { ...CURVES, epochs: [epoch(5, 3), epoch(10, 1), epoch(15, null)], events: [{ step: 7, kind: "learning_rate", value: 0.1 }] };
    expect(marksOf(curves).map(({ step, kind }) => [step, kind])).toEqual([[5, "epoch"], [10, "epoch"], [15, "epoch"], [10, "best"], [7, "event"]]);
    expect(marksOf(null)).toEqual([]);
  });

  it("has the cost above it, and nothing where there is none", () => {
    expect(outline(CURVES, 0, 20)).toBe("M500.0 30L500.0 2.0L1000.0 9.0L1000.0 30Z");
    expect(outline(null, 0, 20)).toBe("");
  });
});

describe("health", () => {
  const measures = (gradient: number[], update = [1e-3, 1e-3], saturated: (number | null)[] = [0, 0]) => ({
    steps: [1], gradient: { 2: [gradient[0]!], 3: [gradient[1]!] }, bias_gradient: {}, weight: { 2: [1], 3: [1] },
    update: { 2: [update[0]!], 3: [update[1]!] }, saturated: { 2: [saturated[0]!], 3: [saturated[1]!] },
  });

  it("says what is wrong in a sentence, and that all is well", () => {
    const say = (m: ReturnType<typeof measures>): string => findings(HELLO, m, 0).map(({ text }) => text).join(" ");
    expect(say(measures([1, 1]))).toContain("reaches every layer");
    expect(say(measures([0.001, 1]))).toContain("Layer 2 gets 0.1 % of layer 3's gradient");
    expect(say(measures([1, 1], [0.5, 1e-3]))).toContain("may be too large");
    expect(say(measures([1, 1], [1e-6, 1e-6]))).toContain("slow, or done");
    expect(say(measures([1, 1], [1e-3, 1e-3], [0.62, null]))).toContain("62 %");
  });

  it("takes the last measured step, and what is not known is not known", () => {
    expect([0, 4, 5, 99].map((step) => lastBefore([1, 5, 9], step))).toEqual([0, 0, 1, 2]);
    expect(valueOf("ratio", measures([1, 1]), 7, 0)).toBeNull();
  });

  it("has colours on a scale of powers, or of shares", () => {
    expect(heatScale({ curves: { ...CURVES, measures: measures([1e-9, 2]) }, which: "gradient", layers: 2 })).toEqual([2e-6, 2]);
    expect(heat(1, [0.01, 100], true)).toBeCloseTo(0.5, 12);
    expect([heat(0, [0.01, 100], true), heat(0.25, [0, 1], false)]).toEqual([0, 0.25]);
  });
});

it("an axis writes all its numbers with as many decimals", () => {
  expect(ticks([0, 0.25, 0.5, 0.75])).toEqual(["0.00", "0.25", "0.50", "0.75"]);
  expect(ticks([0.1, 0.2, 3 * 0.1])).toEqual(["0.1", "0.2", "0.3"]);
  expect(ticks([10, 10.5, 11])).toEqual(["10.0", "10.5", "11.0"]);
  expect(ticks([-2.5, 0])).toEqual(["−2.5", "0.0"]);
  expect(ticks([1 / 3, 2 / 3])).toEqual(["0.3", "0.7"]);
  expect(ticks([0, 0.5, 1])).toEqual(["0.0", "0.5", "1.0"]);
  expect(ticks([0, 100, null])).toEqual(["0", "100", ""]);
  expect(ticks([0, 1e-7])).toEqual(["0.0", "1e−7"]);
});

describe("names beside a network", () => {
  const c = { measureText: (text: string) => ({ width: 10 * Array.from(text).length }) as TextMetrics };

  it("are cut with an ellipsis where there is no room, in any script", () => {
    expect(fitted(c, "short", 50)).toBe("short");
    expect(fitted(c, "temperature", 60)).toBe("tempe…");
    expect(fitted(c, "a very long name", 80)).toBe("a very…");
    expect(fitted(c, "日本語のとても長い", 50)).toBe("日本語の…");
    expect(fitted(c, "cut alre…", 50)).toBe("cut…");
  });

  it("have what the longest needs, but leave the network most of the width", () => {
    expect(roomFor(["x1", "x2"], 360)).toBe(14);
    expect(2 * roomFor(["a very long column name number one"], 360)).toBeLessThan(0.35 * 360);
    expect(roomFor(["日本語"], 720)).toBeGreaterThan(roomFor(["abc"], 720));
  });
});

/** Questions to the engine, another run beside this one, and what can be taken away. */

import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Asking } from "../src/asking";
import { csvOf, stepsInRow } from "../src/csv";
import { link, restore } from "../src/hash";
import type { Confusion, Curves, Other } from "../src/protocol";
import { joined } from "../src/rows";
import { embeddedSource } from "../src/sources/embedded";
import { widgetSource, type Model } from "../src/sources/widget";
import { createStore } from "../src/store";
import { SvgContext } from "../src/svg";
import { stepToAsk } from "../src/ui/asked";
import { fitted, known } from "../src/ui/chart";
import { linesOfOther, ordered } from "../src/ui/compare";
import { neighbour, sayOf } from "../src/ui/confused";
import { costTable } from "../src/ui/curves";
import blobs from "./fixtures/blobs.json";
import { CURVES, EXAMPLES, fake, HELLO } from "./fake";

const OTHER: Other = {
  id: "b-2", hello: { ...HELLO, last: 30 },
  curves: { ...CURVES, costs: { steps: [10, 30], min: [4, 4], mean: [5, 4], max: [6, 4] }, epochs: [{ step: 15, epoch: 1, metrics: { cost: 4.5 } }] },
};

describe("questions that take the engine a while", () => {
  beforeEach(() => { vi.useFakeTimers(); });
  afterEach(() => { vi.useRealTimers(); });

  it("are asked of the newest step, when it has been wanted for a moment", async () => {
    const asked: number[] = [];
    const asking = new Asking(async (step) => { asked.push(step); return step; });
    for (const step of [1, 2, 3]) { asking.want(step); await vi.advanceTimersByTimeAsync(200); }
    expect(asked).toEqual([]);
    await vi.advanceTimersByTimeAsync(100);
    expect([asked, asking.found.value]).toEqual([[3], 3]);
  });

  it("come one at a time, two seconds apart, and further where the answer took long", async () => {
    const asked: [number, number][] = [];
    const begun = Date.now();
    let takes = 0;
    const asking = new Asking(async (step) => {
      asked.push([step, Date.now() - begun]);
      if (takes > 0) await new Promise((resolve) => setTimeout(resolve, takes));
      return step;
    });
    asking.want(1);
    await vi.advanceTimersByTimeAsync(400); // asked at 300, answered at once
    asking.want(2);
    takes = 500;
    await vi.advanceTimersByTimeAsync(2000); // asked at 2300, answered at 2800: 20 times 500 ms of rest
    asking.want(3);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(asked).toEqual([[1, 300], [2, 2300], [3, 12_800]]);
  });

  it("are asked once more where they failed, and then the reason is said", async () => {
    let tries = 0;
    const asking = new Asking(async () => { tries++; throw new Error("busy"); });
    asking.want(1);
    await vi.advanceTimersByTimeAsync(20_000);
    expect([tries, asking.problem.value, asking.found.value]).toEqual([2, "busy", null]);
    asking.want(2);
    asking.stop();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(tries).toBe(2);
  });

  it("are of the shown step, or of the last epoch while a training is followed", async () => {
    const store = createStore(fake(), (draw) => draw());
    await store.start();
    const study = { only: null, findings: async () => null, measures: async () => null, confusion: async () => null, example: async () => EXAMPLES };
    await store.seek(4);
    expect([stepToAsk(store, study), stepToAsk(store, { ...study, only: 20 })]).toEqual([4, 20]);
    store.running.value = store.following.value = true;
    expect(stepToAsk(store, study)).toBeNull();
    store.curves.value = OTHER.curves;
    expect(stepToAsk(store, study)).toBe(15);
    store.playing.value = true;
    expect(stepToAsk(store, study)).toBeNull();
  });
});

describe("the table of classes", () => {
  const it_: Confusion = { step: 7, part: "held-out", examples: 10, of: 1000, counts: [[4, 0, 1], [0, 0, 0], [2, 0, 3]], sample: [] };

  it("says how many are right, and of which examples", () => {
    expect(sayOf(it_)).toBe("7 right (70.0 %) of 10 of 1,000 held-out examples, at step 7");
    expect(sayOf({ ...it_, part: "training", of: 10 })).toContain("10 training examples (none are held out");
  });

  it("is walked through by arrows, over empty cells", () => {
    expect([neighbour(it_.counts, [0, 0], [0, 1]), neighbour(it_.counts, [0, 0], [1, 0]), neighbour(it_.counts, [2, 2], [1, 0])])
      .toEqual([[0, 2], [2, 0], [2, 2]]);
  });

  it("an example of it joins those of the page, once", () => {
    const row = (...data: number[]) => ({ data: Float32Array.from(data), rows: 1, columns: data.length });
    const { all, place } = joined(EXAMPLES, row(7, 8), row(1), 0);
    expect([place, [...all.x.data], [...all.y.data]]).toEqual([2, [1, 2, 3, 4, 7, 8], [0, 1, 1]]);
    expect(joined(all, row(7, 8), row(1), 0)).toEqual({ all, place: 2 });
    expect(joined(all, row(1, 2), row(1), 0).place).toBe(3); // the same inputs, another class
  });
});

describe("another run beside this one", () => {
  it("has its curves in the same table, and each is known at steps of its own", () => {
    const table = costTable({ ...CURVES, costs: { ...CURVES.costs, min: [2, 1.5], max: [2, 1.5] } }, false, OTHER.curves);
    expect(table[0]).toEqual([10, 15, 20, 30]);
    const lines = table.slice(1).map((ys) => [...ys].map((v) => v ?? null));
    expect(lines.slice(-2)).toEqual([[5, null, null, 4], [null, 4.5, null, null]]);
    const shown = (at: number | null, named: boolean): string => known(table, lines.length - 1, at, named);
    expect([shown(3, false), shown(3, true), shown(1, true), shown(0, true), shown(null, true)]).toEqual(["4.50", "4.50 (step 15)", "4.50", "–", "–"]);
    expect(linesOfOther("b-2").every(({ dash }) => dash)).toBe(true);
  });

  it("never has fewer lines of numbers than are drawn, or more", () => {
    const [lines, table] = [linesOfOther("b-2"), [[1, 2], [3, 4], [5, 6], [7, 8]]];
    expect(fitted({ lines, data: () => table.slice(0, 2) as [number[], number[]] })).toEqual([[1, 2], [3, 4], [null, null]]);
    expect(fitted({ lines, data: () => table as [number[], number[]] })).toEqual(table.slice(0, 3));
  });

  it("is offered with the parent of a branch first", () => {
    expect(ordered(["a", "b", "c"], { run: "b", step: 3 })).toEqual(["b", "a", "c"]);
    expect(ordered(["a"], { run: "elsewhere", step: 3 })).toEqual(["a"]);
  });

  it("stands in the address; the last choice counts, and what cannot be had is said", async () => {
    const answers: Record<string, () => Promise<Other>> = {
      "b-2": async () => { await new Promise((resolve) => setTimeout(resolve, 5)); return OTHER; }, c: async () => ({ ...OTHER, id: "c" }),
    };
    const others = { isShown: false, list: async () => ["b-2", "c"], get: (id: string) => (answers[id] ?? (async () => { throw new Error("no such run"); }))() };
    const store = createStore({ ...fake(), others }, (draw) => draw());
    await store.start();
    await Promise.all([store.compare("b-2"), store.compare("c")]);
    expect([store.other.value?.id, link(store)]).toEqual(["c", "#with=c"]);
    restore(store, "#with=b-2");
    await vi.waitFor(() => expect(store.other.value?.id).toBe("b-2"));
    restore(store, "#with=../../etc");
    expect(store.other.value?.id).toBe("b-2");
    await store.compare("d");
    expect([store.other.value, store.problem.value]).toEqual([null, "no such run"]);
  });
});

describe("the offline file", () => {
  const packed = (data: object): string => gzipSync(JSON.stringify(data)).toString("base64");
  const found = { step: 20, examples: 9, findings: [] };
  const texts: Record<string, string> = {
    findings: packed(found), other: packed(OTHER), cell: packed({ text: "import chainrule" }),
    "held-out": gzipSync(Buffer.from(blobs.examples, "base64")).toString("base64"),
  };
  const chunks = [{ name: "frames-0", steps: [0, 20] }];

  it("has what the engine said of its last step, and the run that it was written with", async () => {
    const source = embeddedSource({ text: (name) => texts[name] ?? null, chunks });
    expect([source.study!.only, await source.study!.findings(3), await source.study!.confusion(3)]).toEqual([20, found, null]);
    expect((await source.study!.example(1)).x.rows).toBe(1);
    expect([await source.others!.list(), (await source.others!.get("b-2")).hello.last]).toEqual([["b-2"], 30]);
    expect(await source.cell!()).toBe("import chainrule");
  });

  it("does without, where it was written without the data", () => {
    const { study, others, cell } = embeddedSource({ text: () => null, chunks });
    expect([study, others, cell]).toEqual([undefined, undefined, undefined]);
  });
});

describe("the notebook", () => {
  const traits = { hello: { ...HELLO, live: false }, curves: CURVES, watched: false };
  const model = (study: object): Model => ({ get: (name) => ({ ...traits, study })[name as keyof typeof traits], on: () => {}, off: () => {}, send: () => {} });

  it("has what the engine said of the last step, and does without", async () => {
    const held = Buffer.from(blobs.examples, "base64");
    const view = new DataView(held.buffer, held.byteOffset, held.byteLength);
    const source = widgetSource(model({ findings: { step: 20, examples: 9, findings: [] }, cell: { text: "x" }, "held-out": view }));
    expect([source.study!.only, (await source.study!.findings(1))!.examples, await source.study!.confusion(1)]).toEqual([20, 9, null]);
    expect([(await source.study!.example(2)).y.rows, await source.cell!()]).toEqual([1, "x"]);
    expect(widgetSource(model({})).study).toBeUndefined();
  });
});

describe("what can be taken away", () => {
  it("a table has a row for each step that anything is known of", () => {
    const curves: Curves = {
      ...CURVES, measures: { ...CURVES.measures, steps: [1], gradient: { 2: [0.5] } },
      epochs: [{ step: 20, epoch: 1, metrics: { cost: 3, accuracy: null }, training_metrics: null }],
    };
    expect(csvOf(curves).split("\r\n")).toEqual([
      "step,epoch,cost,cost_min,cost_max,held_out_cost,held_out_accuracy,gradient_layer_2", "1,,,,,,,0.5", "10,,2,1,3,,,", "20,1,1.5,1,2,3,,", "",
    ]);
  });

  it("a table says how many steps a row stands for", () => {
    const of = (...steps: number[]) => stepsInRow({ ...CURVES, costs: { ...CURVES.costs, steps } });
    expect([of(), of(1), of(1, 2, 3), of(4, 8, 12, 13), of(201, 202)]).toEqual([1, 1, 1, 4, 1]);
  });

  it("a picture is written down as SVG, with colours that every program reads", () => {
    const c = new SvgContext(100, 50, () => ({ width: 7 }) as TextMetrics);
    c.fillStyle = "rgb(1 2 3 / 0.5)";
    c.fillRect(1, 2, 3, 4);
    c.setLineDash([8, 6]);
    c.beginPath();
    c.moveTo(0, 0);
    c.lineTo(10, 5.126);
    c.stroke();
    c.save();
    c.clip();
    c.textAlign = "center";
    c.fillText(`a < "b" & c`, 5, 6);
    c.restore();
    expect(c.textAlign).toBe("start");
    const text = c.text("#fff", 12);
    expect(text).toContain('viewBox="-12 -12 124 74"');
    expect(text).toContain('<rect x="1" y="2" width="3" height="4" fill="rgb(1,2,3)" fill-opacity="0.5"/>');
    expect(text).toContain('<path d="M0 0L10 5.13" fill="none" stroke="#000" stroke-width="1" stroke-dasharray="8 6"/>');
    expect(text).toContain('text-anchor="middle"');
    expect(text).toContain("a &lt; &quot;b&quot; &amp; c</text></g></svg>");
    expect(() => c.arc(0, 0, 5, 0, 1)).toThrow("Parts of circles");
  });
});

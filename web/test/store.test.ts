/** What a lab shows, and what it asks a training to do. */

import { afterEach, describe, expect, it, vi } from "vitest";
import { FrameCache } from "../src/cache";
import { createStore } from "../src/store";
import { extended } from "../src/training";
import { bytesOf, CURVES, fake, frameOf, stage } from "./fake";

const { painted, repaint, started } = stage();

describe("a recording", () => {
  it("begins at its last step, with the mirror's pass of the first example", async () => {
    const store = await started(fake());
    expect([store.step.value, store.last.value, store.initial.value?.step, store.problem.value]).toEqual([20, 20, 0, null]);
    expect(store.pass.value?.a[1]).toEqual(Float64Array.of(1, 2));
    expect(store.calm.value.pass).toBe(store.pass.value);
    expect(store.learningRate.value).toBe(0.5);
    store.pin(1);
    expect(store.pass.value?.a[1]).toEqual(Float64Array.of(3, 4));
    store.pin(99);
    expect(store.example.value).toBe(1);
  });

  it("shows any step, and asks for a frame once", async () => {
    const source = fake();
    const store = await started(source);
    await store.seek(8);
    await store.seek(20);
    await store.seek(8);
    expect(store.frame.value?.step).toBe(8);
    expect(source.asked.filter((s) => s === 8)).toEqual([8]);
    await store.seek(1e9);
    expect(store.step.value).toBe(20);
    await store.seek(-3);
    expect(store.step.value).toBe(0);
  });

  it("names the step that it shows: of a file the key frame before the wish, of a frame that is not to be had the old one", async () => {
    const source = fake();
    const [frame, store] = [source.frame, await started(source)];
    source.frame = async (step) => frame(step - (step % 4));
    await store.seek(7);
    expect([store.step.value, store.frame.value?.step, store.settled.value]).toEqual([4, 4, true]);
    source.frame = async () => { throw new Error("no frame today"); };
    const seeking = store.seek(9);
    expect([store.step.value, store.settled.value]).toEqual([9, false]);
    await seeking;
    expect([store.step.value, store.settled.value, store.problem.value]).toEqual([4, true, "no frame today"]);
  });

  it("has the learning rate of the step after the shown one, where its frame says it", async () => {
    const source = fake();
    const [frame, store] = [source.frame, await started(source)];
    expect(store.eta.value).toBe(0.5);
    source.frame = async (step) => ({ ...(await frame(step)), eta: 0.01 * step });
    await store.seek(8);
    expect(store.eta.value).toBe(0.08);
  });

  it("keeps only the newest wish while a frame is on its way", async () => {
    const source = fake();
    const store = await started(source);
    await Promise.all([1, 2, 3, 4, 5].map((step) => store.seek(step)));
    expect(store.frame.value?.step).toBe(5);
    expect(source.asked.slice(2)).toEqual([1, 5]);
  });

  it("has the frame before, where something wants it", async () => {
    const store = await started(fake());
    expect(store.previous.value).toBeNull();
    store.encoding.value = "update";
    await vi.runAllTimersAsync();
    expect(store.previous.value?.step).toBe(19);
    await store.seek(0);
    expect(store.previous.value).toBeNull();
  });

  it("cannot be told anything, and says so", async () => {
    const store = await started(fake());
    await store.stepOnce();
    expect(store.problem.value).toContain("recording");
    store.dismiss();
    expect(store.problem.value).toBeNull();
  });

  it("says what cannot be fetched", async () => {
    const source = { ...fake(), hello: async () => { throw new Error("no such run"); } };
    expect((await started(source)).problem.value).toBe("no such run");
  });

  it("computes nothing with functions that it does not have, and says why", async () => {
    const network = { sizes: [2, 3, 1], activations: ["own:f", "sigmoid"], cost: "quadratic", biases: true, dtype: "float32" as const };
    const store = await started(fake({ hello: { network } }));
    expect(store.pass.value).toBeNull();
    expect(store.unknown.value).toContain("(f)");
    expect(store.parameters.value?.w[2]!.length).toBe(6);
  });
});

describe("what if", () => {
  it("changes the pass, not the recording, and is taken back", async () => {
    const store = await started(fake());
    const [cost, was] = [store.pass.value!.cost, [...store.frame.value!.parameters]];
    store.edit(store.index(3, 0, 1), 5);
    store.edit(store.index(3, 0, -1), -5);
    expect(store.parameters.value!.w[3]![1]).toBe(5);
    expect(store.parameters.value!.b[3]![0]).toBe(-5);
    expect(store.pass.value!.cost).not.toBe(cost);
    expect([...store.frame.value!.parameters]).toEqual(was);
    store.undo();
    expect(store.parameters.value!.b[3]![0]).toBe(was[12]);
    store.undo();
    expect(store.whatIf.value).toBeNull();
    expect(store.pass.value!.cost).toBe(cost);
    store.undo();
    store.edit(99, 1);
    expect(store.whatIf.value).toBeNull();
  });

  it("ends when another step is shown", async () => {
    const store = await started(fake());
    store.edit(0, 5);
    await store.seek(4);
    expect(store.whatIf.value).toBeNull();
  });
});

describe("a training", () => {
  it("shows the newest of its frames when the page is painted, and gives every credit back", async () => {
    const source = fake({ live: true });
    const store = await started(source);
    source.live!.onFrame(bytesOf(21));
    source.live!.onFrame(bytesOf(23));
    expect([store.step.value, painted.length]).toEqual([20, 1]);
    repaint();
    expect([store.step.value, store.last.value, store.previous.value?.step]).toEqual([23, 23, 20]);
    expect(source.sent).toEqual([{ command: "ack" }, { command: "ack" }]);
  });

  it("has come to rest when it is paused, and its last frame is shown", async () => {
    const source = fake({ live: true });
    const store = await started(source);
    source.live!.onEvent({ event: "state", running: true, step: 20 });
    expect(store.settled.value).toBe(false);
    source.live!.onEvent({ event: "state", running: false, step: 30 });
    expect([store.step.value, store.settled.value]).toEqual([20, false]);
    source.live!.onFrame(bytesOf(30));
    repaint();
    expect([store.step.value, store.settled.value]).toEqual([30, true]);
  });

  it("is not followed while an older step is looked at, and is followed again at its newest", async () => {
    const source = fake({ live: true });
    const store = await started(source);
    await store.seek(4);
    source.live!.onFrame(bytesOf(40));
    repaint();
    expect([store.step.value, store.last.value, store.following.value]).toEqual([4, 40, false]);
    store.follow();
    repaint();
    expect([store.step.value, store.following.value]).toEqual([40, true]);
    expect(source.sent.length).toBe(1);
  });

  it("says what is wrong with a frame, and goes on", async () => {
    const source = fake({ live: true });
    const store = await started(source);
    source.live!.onFrame(new Uint8Array(3));
    repaint();
    await vi.advanceTimersByTimeAsync(0);
    expect(store.problem.value).toContain("3 bytes long");
    expect(source.sent).toEqual([{ command: "ack" }]);
  });

  it("changes text at most ten times a second while it runs, and at once when it is paused", async () => {
    const source = fake({ live: true });
    const store = await started(source);
    source.live!.onEvent({ event: "state", running: true, step: 20 });
    await vi.advanceTimersByTimeAsync(200);
    let changes = 0;
    const end = store.calm.subscribe(() => changes++);
    changes = 0;
    for (let step = 21; step <= 40; step++) {
      source.live!.onFrame(bytesOf(step));
      repaint();
      await vi.advanceTimersByTimeAsync(20);
    }
    expect(changes).toBeGreaterThanOrEqual(3);
    expect(changes).toBeLessThanOrEqual(5);
    source.live!.onEvent({ event: "state", running: false, step: 40 });
    expect(store.calm.value.frame?.step).toBe(40);
    end();
  });

  it("is told what to do, and refuses in words", async () => {
    const source = fake({ live: true, refuse: "set" });
    const store = await started(source);
    await store.run();
    await store.pause();
    await store.stepOnce("epoch", 2);
    await store.set({ learning_rate: 3 });
    expect(source.sent).toEqual([
      { command: "run" }, { command: "pause" }, { command: "step", unit: "epoch", count: 2 }, { command: "set", learning_rate: 3 },
    ]);
    expect([store.problem.value, store.learningRate.value]).toEqual(["no set today", 0.5]);
    expect(await store.branch(8, { learning_rate: 1 })).toBe("b2");
  });

  it("is not lost when it says nothing of its steps", async () => {
    const source = fake({ live: true });
    const store = await started(source);
    source.live!.onEvent({ event: "state", running: false, live: false });
    expect([store.last.value, store.step.value, store.hello.value?.live]).toEqual([20, 20, false]);
  });

  it("begins again with the same weights unless others are asked for", async () => {
    const source = fake({ live: true });
    const store = await started(source);
    await store.reset();
    await store.reset({ seed: 2 });
    expect(source.sent).toEqual([{ command: "reset" }, { command: "reset", seed: 2 }]);
    expect(source.asked.filter((step) => step === 0).length).toBe(3); // what was kept is of another training
  });

  it("says where it stands", async () => {
    const source = fake({ live: true });
    const store = await started(source);
    source.live!.onEvent({ event: "state", running: true, step: 30, learning_rate: 0.25, cost: 0.1, speed: 50 });
    source.live!.onEvent({ event: "cost", steps: [20, 30], costs: [9, 0.5] });
    source.live!.onEvent({ event: "connection", connected: false });
    source.live!.onEvent({ event: "error", message: "out of memory" });
    expect([store.running.value, store.last.value, store.learningRate.value, store.speed.value]).toEqual([true, 30, 0.25, 50]);
    expect(store.curves.value?.costs.steps).toEqual([10, 20, 30]);
    expect([store.connected.value, store.problem.value]).toEqual([false, "out of memory"]);
    store.stop();
  });
});

describe("the curves of a training", () => {
  const state = (running: boolean) => ({ event: "state", running, step: 30 }) as const;
  afterEach(() => { vi.unstubAllGlobals(); });

  it("are asked for when it pauses, also of a page that nobody sees then", async () => {
    vi.stubGlobal("document", { hidden: true });
    let asked = 0;
    const source = { ...fake({ live: true }), curves: async () => { asked++; return CURVES; } };
    const store = await started(source);
    source.live!.onEvent(state(true));
    await vi.advanceTimersByTimeAsync(20_000);
    expect(asked).toBe(1);
    source.live!.onEvent(state(false));
    await vi.advanceTimersByTimeAsync(20_000);
    expect(asked).toBe(2);
    store.stop();
  });

  it("are the newest that were asked for, whichever answer comes last, and none once the lab is taken away", async () => {
    const open: ((curves: typeof CURVES) => void)[] = [];
    const source = { ...fake({ live: true }), curves: () => new Promise<typeof CURVES>((resolve) => open.push(resolve)) };
    const store = createStore(source, (draw) => painted.push(draw));
    const begun = store.start();
    open[0]!(CURVES);
    await begun;
    source.live!.onEvent(state(true));
    await vi.advanceTimersByTimeAsync(2000);
    source.live!.onEvent(state(false));
    const newest = { ...CURVES };
    open[2]!(newest);
    await vi.advanceTimersByTimeAsync(0);
    open[1]!({ ...CURVES });
    await vi.advanceTimersByTimeAsync(0);
    expect(store.curves.value).toBe(newest);
    source.live!.onEvent(state(true));
    await vi.advanceTimersByTimeAsync(2000);
    store.stop();
    open[3]!({ ...CURVES });
    await vi.advanceTimersByTimeAsync(60_000);
    expect([store.curves.value === newest, open.length]).toEqual([true, 4]);
  });
});

it("curves go on where they end", () => {
  expect(extended(CURVES, { steps: [5, 20], costs: [1, 1] })).toBe(CURVES);
  expect(extended(CURVES, { steps: [20, 25], costs: [1, null] }).costs.mean).toEqual([2, 1.5, null]);
});

it("frames are kept by bytes: those used longest ago go first", () => {
  const cache = new FrameCache(300);
  for (const step of [1, 2, 3]) cache.put(step, frameOf(step));
  cache.get(1);
  cache.put(4, frameOf(4));
  expect([1, 2, 3, 4].map((step) => cache.get(step)?.step)).toEqual([1, undefined, 3, 4]);
  cache.put(5, { ...frameOf(5), bytes: 1000 });
  expect([cache.get(5)?.step, cache.get(4), cache.bytes]).toEqual([5, undefined, 1000]);
});

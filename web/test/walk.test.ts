/** A mini-batch example by example; news of a training that are shown with its frames; what is painted by columns. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createStore, type Store } from "../src/store";
import { lastIn } from "../src/ui/draw/heat";
import { meaning, sizeOf } from "../src/ui/steps";
import { bytesOf, EXAMPLES, fake, frameOf, HELLO } from "./fake";

beforeEach(() => { vi.useFakeTimers(); });
afterEach(() => { vi.useRealTimers(); });

async function walking(): Promise<{ store: Store; source: ReturnType<typeof fake>; batches: number[] }> {
  const batches: number[] = [];
  const source = { ...fake({ live: true }), batch: async (step: number) => { batches.push(step); return { ...EXAMPLES, x: { ...EXAMPLES.x, data: Float32Array.of(5, 6, 7, 8) } }; } };
  const store = createStore(source, (draw) => draw());
  await store.start();
  return { store, source, batches };
}

describe("a walk through the next mini-batch", () => {
  it("shows one example after the other, and then makes the step", async () => {
    const { store, source, batches } = await walking();
    await store.walk();
    expect([batches, Array.from(store.pinned.value!.x)]).toEqual([[20], [5, 6]]);
    await store.walk();
    expect([Array.from(store.pinned.value!.x), source.sent]).toEqual([[7, 8], []]);
    await store.walk();
    expect(source.sent).toEqual([{ command: "step", unit: "batch", count: 1 }]);
    expect([store.walked.value, Array.from(store.pinned.value!.x)]).toEqual([null, [1, 2]]);
    expect(batches).toEqual([20]);
  });

  it("goes to the recorded step after it where that is known already", async () => {
    const { store, source } = await walking();
    await store.seek(4);
    for (let i = 0; i < 3; i++) await store.walk();
    expect([store.step.value, source.sent]).toEqual([5, []]);
  });

  it("ends with its frame, and when an example is chosen", async () => {
    const { store, source } = await walking();
    await store.walk();
    store.walkTo(9);
    expect(store.walked.value?.at).toBe(1);
    source.live!.onFrame(bytesOf(21));
    expect(store.walked.value).toBeNull();
    await store.walk();
    store.pin(1);
    expect([store.walked.value, Array.from(store.pinned.value!.x)]).toEqual([null, [3, 4]]);
  });

  it("says plainly what one step is, and that no weight changes", () => {
    expect(meaning(HELLO, "example")).toContain("one example of the next mini-batch");
    expect(meaning(HELLO, "example")).toContain("no weight changes. After all 2,");
    expect([sizeOf(HELLO), sizeOf({ ...HELLO, batch_size: 99 })]).toEqual([2, 10]);
  });
});

describe("a training that runs", () => {
  const state = { event: "state", running: true, step: 20 } as const;

  it("tells with the next frame how it gets on, or after a while", async () => {
    const { store, source } = await walking();
    source.live!.onEvent(state);
    source.live!.onEvent({ ...state, step: 25, last: 25 });
    expect(store.last.value).toBe(20);
    source.live!.onFrame(bytesOf(24));
    expect([store.last.value, store.step.value]).toEqual([25, 24]);
    source.live!.onEvent({ ...state, step: 30, last: 30 });
    await vi.advanceTimersByTimeAsync(200);
    expect(store.last.value).toBe(30);
    store.stop();
  });

  it("tells at once that it has paused, and why, and how many epochs it has by now", async () => {
    const { store, source } = await walking();
    source.live!.onEvent(state);
    source.live!.onEvent({ ...state, running: false, stopped: "epoch 4 has ended", stop: { cost: 0.5, epoch: null }, epochs: 8, closed: "no more" });
    expect([store.running.value, store.stopped.value, store.stopRule.value.cost, store.hello.value?.epochs, store.closed.value]).toEqual([false, "epoch 4 has ended", 0.5, 8, "no more"]);
    store.stop();
  });

  it("moves the words of the page with its calm frames", async () => {
    const { store, source } = await walking();
    source.live!.onEvent(state);
    store.follow();
    await vi.advanceTimersByTimeAsync(500);
    source.live!.onFrame(bytesOf(21));
    source.live!.onFrame(bytesOf(22));
    expect([store.step.value, store.calmStep.value, store.calm.value.frame?.step]).toEqual([22, 21, 21]);
    await vi.advanceTimersByTimeAsync(500);
    expect([store.calmStep.value, store.calm.value.frame?.parameters[0]]).toEqual([22, frameOf(22).parameters[0]]);
    store.stop();
  });

  it("tells of a step by the two frames of one moment, also while newer ones come", async () => {
    const { store, source } = await walking();
    source.live!.onEvent(state);
    store.follow();
    await vi.advanceTimersByTimeAsync(500);
    for (const step of [21, 22, 23]) source.live!.onFrame(bytesOf(step));
    const { frame, previous } = store.calm.value;
    expect([store.previous.value?.step, previous?.step, frame?.step]).toEqual([22, 20, 21]);
    store.stop();
  });
});

it("a column of the strip has the last step that was measured by then", () => {
  expect(Array.from(lastIn([1, 5, 6], 5, 0, 10))).toEqual([0, 0, 2, 2, 2]);
  expect(Array.from(lastIn([], 2, 0, 10))).toEqual([-1, -1]);
});

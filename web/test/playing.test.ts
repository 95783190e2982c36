/** Playing what was recorded: a file's frames, or every step of a server, also while a training runs. */

import { describe, expect, it, vi } from "vitest";
import { bytesOf, fake, stage } from "./fake";

const { repaint, started } = stage();

describe("a recording", () => {
  it("plays its key frames, and stops at the end", async () => {
    const store = await started(fake());
    await store.seek(0);
    store.play(10);
    await vi.advanceTimersByTimeAsync(250);
    expect([store.playing.value, store.step.value]).toEqual([true, 8]);
    await vi.advanceTimersByTimeAsync(1000);
    expect([store.playing.value, store.step.value]).toEqual([false, 20]);
  });

  it("is played from the start where it is at its end, as fast as was chosen, also while it plays", async () => {
    const store = await started(fake());
    expect(store.tempo()).toBe(10);
    store.playAt(5);
    await store.replay();
    expect([store.playing.value, store.step.value]).toEqual([true, 0]);
    await vi.advanceTimersByTimeAsync(250);
    expect(store.step.value).toBe(4);
    store.playAt(10);
    await vi.advanceTimersByTimeAsync(250);
    expect([store.step.value, store.tempo()]).toEqual([16, 10]);
  });

  it("plays on from where somebody goes, and stops where nothing comes", async () => {
    const source = fake();
    const store = await started(source);
    await store.seek(16);
    store.play(10);
    await vi.advanceTimersByTimeAsync(50);
    await store.seek(0);
    await vi.advanceTimersByTimeAsync(160);
    expect([store.playing.value, store.step.value]).toEqual([true, 4]);
    source.frame = async () => { throw new Error("it is gone"); };
    await vi.advanceTimersByTimeAsync(1000);
    expect([store.playing.value, store.problem.value]).toEqual([false, "it is gone"]);
  });

  it("plays no more once the lab is taken away", async () => {
    const source = fake();
    const store = await started(source);
    await store.seek(0);
    store.play(10);
    vi.advanceTimersByTime(100); // a frame is on its way
    store.stop();
    await vi.advanceTimersByTimeAsync(1000);
    expect([store.playing.value, store.step.value]).toEqual([false, 4]);
  });
});

describe("a training", () => {
  it("can be watched again while it runs: every step, at a speed, and then it is not followed", async () => {
    const source = fake({ live: true });
    const store = await started(source);
    source.live!.onEvent({ event: "state", running: true, step: 20, last: 20 });
    await store.replay();
    expect([store.playing.value, store.following.value, store.step.value]).toEqual([true, false, 0]);
    await vi.advanceTimersByTimeAsync(350);
    expect([store.step.value, store.running.value]).toEqual([3, true]);
    store.playAt(100);
    await vi.advanceTimersByTimeAsync(100);
    expect(store.step.value).toBeGreaterThanOrEqual(7); // more steps than frames
    source.live!.onFrame(bytesOf(40));
    repaint();
    expect([store.last.value, store.following.value]).toEqual([40, false]);
    await vi.advanceTimersByTimeAsync(1000);
    expect([store.step.value, store.playing.value]).toEqual([40, false]);
    expect(source.sent).toEqual([{ command: "ack" }]); // the training was told nothing
    await store.seek(0);
    store.play(10);
    await store.run();
    expect([store.playing.value, store.following.value, source.sent.at(-1)]).toEqual([false, true, { command: "run" }]);
  });
});

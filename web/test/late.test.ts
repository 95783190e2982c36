/** What comes late, early, or when something else is wanted by now. */

import { describe, expect, it, vi } from "vitest";
import { link, restore } from "../src/hash";
import type { Examples, LiveEvent, Other } from "../src/protocol";
import { widgetSource, type Model } from "../src/sources/widget";
import { createStore } from "../src/store";
import { follow } from "../src/ui/confused";
import blobs from "./fixtures/blobs.json";
import { bytesOf, CURVES, EXAMPLES, fake, frameOf, HELLO, stage, type Fake } from "./fake";

const { painted, repaint, started } = stage();

type State = Omit<Extract<LiveEvent, { event: "state" }>, "event">;
const say = (source: Fake, state: State): void => source.live!.onEvent({ event: "state", ...state });
const show = (source: Fake, step: number): void => { source.live!.onFrame(bytesOf(step)); repaint(); };

/** From now on the frame of this step comes when it is let. */
function held(source: Fake, step: number): () => void {
  const frame = source.frame;
  let give = (): void => {};
  source.frame = (at) => (at === step ? new Promise((resolve) => { give = () => void frame(at).then(resolve); }) : frame(at));
  return () => give();
}

describe("a frame that is on its way", () => {
  it.each(["follow", "edit"] as const)("is not shown when %s comes before it, and its step is named no longer", async (what) => {
    const source = fake({ live: true });
    const store = await started(source);
    say(source, { running: false, step: 30, last: 30 });
    show(source, 30);
    const give = held(source, 5);
    const seeking = store.seek(5);
    expect(store.step.value).toBe(5);
    if (what === "follow") store.follow();
    repaint();
    store.edit(0, 9);
    give();
    await seeking;
    expect([store.step.value, store.frame.value?.step, store.whatIf.value?.[0], store.whatIf.value?.[1]]).toEqual([30, 30, 9, frameOf(30).parameters[1]]);
  });

  it("is shown when it is asked for once more, and one that is asked for next is not lost", async () => {
    const source = fake({ live: true });
    const store = await started(source);
    const give = held(source, 5);
    const seeking = store.seek(5);
    store.follow();
    void store.seek(5);
    give();
    await seeking;
    expect([store.step.value, store.frame.value?.step, store.following.value]).toEqual([5, 5, false]);
    await store.seek(6);
    expect(store.frame.value?.step).toBe(6);
  });

  it("is not asked for where it is the one that is shown", async () => {
    const source = fake({ live: true });
    const store = await started(source);
    show(source, 30);
    source.frame = async () => { throw new Error("it is not in the recording"); };
    await store.seek(30);
    expect([store.step.value, store.following.value, store.problem.value]).toEqual([30, false, null]);
  });

  it("is waited for by who follows a training that has sent none", async () => {
    const source = fake({ live: true });
    const store = await started(source);
    await store.seek(4);
    store.follow();
    await vi.advanceTimersByTimeAsync(0);
    expect([store.step.value, store.frame.value?.step, store.following.value]).toEqual([20, 20, true]);
  });
});

describe("a training that ends, or pauses, while nobody listens", () => {
  it("has its curves asked for once it is heard of", async () => {
    let asked = 0;
    const source = { ...fake({ live: true }), curves: async () => { asked++; return CURVES; } };
    await started(source);
    say(source, { running: false, step: 20, last: 20 });
    expect(asked).toBe(1); // they end there
    say(source, { running: false, step: 900, last: 900, finished: true });
    expect(asked).toBe(2);
  });

  it("shows its last step when it is gone, as far as that is to be had", async () => {
    const source = fake({ live: true });
    const store = await started(source);
    for (const last of [30, 40]) {
      say(source, { running: true, step: last - 2, last: last - 2 });
      show(source, last - 2);
      if (last === 40) source.frame = async () => { throw new Error("it is not in the recording"); };
      source.live!.onEvent({ event: "error", message: "killed" });
      say(source, { running: false, live: false, step: last, last });
      await vi.advanceTimersByTimeAsync(1000);
      repaint();
      expect([store.step.value, store.frame.value?.step, store.settled.value]).toEqual(last === 30 ? [30, 30, true] : [38, 38, true]);
    }
    expect(store.problem.value).toBe("killed");
  });
});

describe("a training that is taken up again before steps that were shown", () => {
  it("has those steps asked for anew", async () => {
    const source = fake({ live: true });
    const store = await started(source);
    say(source, { running: true, step: 20, last: 20 });
    await store.seek(15);
    await store.seek(8);
    say(source, { running: false, live: false, step: 20, last: 20 });
    say(source, { running: true, step: 10, last: 10 });
    say(source, { running: false, step: 16, last: 16 });
    expect([store.step.value, store.following.value]).toEqual([8, false]);
    await store.seek(15);
    expect(source.asked.filter((step) => step === 15)).toHaveLength(2);
  });

  it.each([true, false])("shows its last step in the place of a later one (followed: %s)", async (isFollowed) => {
    const source = fake({ live: true });
    const store = await started(source);
    say(source, { running: true, step: 30, last: 30 });
    show(source, 30);
    if (!isFollowed) await store.seek(25);
    say(source, { running: false, step: 10, last: 10 });
    await vi.advanceTimersByTimeAsync(0);
    expect([store.step.value, store.frame.value?.step, store.last.value, store.following.value]).toEqual([10, 10, 10, isFollowed]);
    store.follow();
    repaint(); // the frame of step 30 is not the newest any more
    expect([store.frame.value?.step, store.last.value]).toEqual([10, 10]);
    show(source, 12);
    expect([store.step.value, store.frame.value?.step]).toEqual([12, 12]);
  });

  it("is not one whose first word is older than what it has recorded", async () => {
    const source = fake({ live: true });
    const store = await started(source);
    await store.seek(15);
    say(source, { running: true, step: 3, last: 3 }); // nobody has looked since
    await vi.advanceTimersByTimeAsync(0);
    expect([store.step.value, store.last.value]).toEqual([15, 20]);
  });
});

it("a lab that is taken away while it reads does not listen afterwards", async () => {
  const source = fake({ live: true });
  let begun = 0;
  source.live!.start = () => { begun++; };
  const store = createStore(source, (draw) => painted.push(draw));
  const starting = store.start();
  store.stop();
  await starting;
  expect(begun).toBe(0);
});

describe("what a kernel says while the page reads", () => {
  const view = (data: Uint8Array): DataView => new DataView(data.buffer, data.byteOffset, data.byteLength);

  it("is heard when it has read, and every frame gives its credit back once", async () => {
    let tell: (message: object, buffers: DataView[]) => void = () => {};
    const sent: { command: string; id: number }[] = [];
    const first = bytesOf(0);
    const traits: Record<string, unknown> = {
      hello: { ...HELLO, live: true, last: 0, key_frames: [0] }, watched: true, curves: CURVES,
      examples: view(Buffer.from(blobs.examples, "base64")),
      frames: view(Buffer.concat([new Uint8Array(new BigUint64Array([BigInt(first.length)]).buffer), first])),
    };
    const model = { get: (name: string) => traits[name], on: (name: string, h: typeof tell) => { if (name === "msg:custom") tell = h; }, off: () => {}, send: (m: object) => sent.push(m as never) };
    const store = createStore(widgetSource(model as unknown as Model), (draw) => painted.push(draw));
    const starting = store.start();
    await vi.advanceTimersByTimeAsync(10);
    for (const step of [5, 7, 10]) tell({ event: "frame" }, [view(bytesOf(step))]);
    tell({ event: "state", running: false, live: false, step: 10, last: 10, finished: true }, []);
    tell({ id: sent.find(({ command }) => command === "curves")!.id, ok: true, found: CURVES }, []);
    await starting;
    repaint();
    expect([store.step.value, store.frame.value?.step, store.last.value]).toEqual([10, 10, 10]);
    expect([store.hello.value?.live, store.finished.value]).toEqual([false, true]);
    expect(sent.filter(({ command }) => command === "ack")).toHaveLength(3);
  });
});

describe("another run beside this one", () => {
  it("stands in the address from when it is wanted, and no longer when it is not to be had", async () => {
    const open: Record<string, { resolve: (other: Other) => void; reject: (why: Error) => void }> = {};
    const get = (id: string): Promise<Other> => new Promise((resolve, reject) => { open[id] = { resolve, reject }; });
    const store = await started({ ...fake(), others: { isShown: false, list: async () => [], get } });
    restore(store, "#mode=history&with=circle-2");
    expect([store.other.value, link(store)]).toEqual([null, "#mode=history&with=circle-2"]);
    open["circle-2"]!.resolve({ id: "circle-2", hello: HELLO, curves: CURVES });
    await vi.advanceTimersByTimeAsync(0);
    expect([store.other.value?.id, link(store)]).toEqual(["circle-2", "#mode=history&with=circle-2"]);
    restore(store, "#with=gone");
    open["gone"]!.reject(new Error("no such run"));
    await vi.advanceTimersByTimeAsync(0);
    expect([store.other.value, link(store)]).toEqual([null, "#mode=history"]);
  });
});

it("an example of a confusion is followed unless another has been chosen when it comes", async () => {
  const open: Record<number, () => void> = {};
  const example = (place: number): Promise<Examples> => new Promise((resolve) => {
    open[place] = () => resolve({ x: { data: Float32Array.of(place, place), rows: 1, columns: 2 }, y: { data: Float32Array.of(1), rows: 1, columns: 1 }, points: null });
  });
  const study = { only: null, findings: async () => null, measures: async () => null, confusion: async () => null, example };
  const [store, wish] = [await started(fake()), { current: null }];
  const asked = [7, 8].map((place) => follow(store, study, place, wish));
  open[8]!();
  await asked[1];
  open[7]!();
  await asked[0];
  expect(store.pinned.value!.x[0]).toBe(8);
  const late = follow(store, study, 9, wish);
  store.pin(1);
  open[9]!();
  await late;
  expect([store.example.value, store.examples.value!.x.rows]).toEqual([1, EXAMPLES.x.rows + 1]);
});

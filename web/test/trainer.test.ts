/** The trainer of lessons, held to the printed numbers of the single neuron, and the source that trains in the page. */

import { expect, test } from "vitest";
import { forward } from "../src/model";
import { network, parametersOf } from "../src/network";
import { PageTraining, encodeFrame, type PageRun } from "../src/sources/page";
import { Progress } from "../src/lessons/progress";
import { decodeFrame } from "../src/safetensors";
import { CARDS, problemOf, settingsOf } from "../src/start/plans";
import { createStore } from "../src/store";
import { descended, firstParameters, matrixOf, measured } from "../src/trainer";

const facts = (cost: string) => ({ sizes: [1, 1], activations: ["sigmoid"], cost, biases: true, dtype: "float64" as const });
const neuron = (w: number, b: number, cost = "quadratic", learningRate = 0.15): PageRun => ({
  name: "one neuron", network: facts(cost), start: Float64Array.of(w, b), x: matrixOf([[1]]), y: matrixOf([[0]]), learningRate,
});

/** The parameters after some updates. */
function trained({ network: facts_, x, y, start, learningRate }: PageRun, steps: number): Float64Array {
  const task = { net: network(facts_), x, y };
  let flat = start;
  for (let i = 0; i < steps; i++) flat = descended(flat, measured(task, flat).gradient, learningRate);
  return flat;
}

/** The output for input 1 after some updates. */
function outputAfter(run: PageRun, steps: number): number {
  const net = network(run.network);
  return forward(net, parametersOf(net, trained(run, steps)), [1]).a[2]![0]!;
}

test.each([
  [0.6, 0.9, "quadratic", 0.15, 0, "0.817574"], [0.6, 0.9, "quadratic", 0.15, 150, "0.1527"], [0.6, 0.9, "quadratic", 0.15, 301, "0.093752"],
  [2, 2, "quadratic", 0.15, 0, "0.982014"], [2, 2, "quadratic", 0.15, 150, "0.9334"], [2, 2, "quadratic", 0.15, 301, "0.201262"],
  [0.6, 0.9, "cross_entropy", 0.005, 150, "0.6053"], [0.6, 0.9, "cross_entropy", 0.005, 301, "0.4167"],
  [2, 2, "cross_entropy", 0.005, 150, "0.9282"], [2, 2, "cross_entropy", 0.005, 301, "0.7782"],
])("a neuron from w %d, b %d learns as printed: %s, eta %d, %d updates, %s", (w, b, cost, eta, steps, printed) => {
  const digits = printed.split(".")[1]!.length;
  expect(outputAfter(neuron(w, b, cost, eta), steps).toFixed(digits)).toBe(printed);
});

test("the source in the page takes the same steps as the trainer, and remembers each", async () => {
  const run = neuron(0.6, 0.9);
  const source = new PageTraining(run);
  source.advance(150);
  expect(source.last).toBe(150);
  expect((await source.frame(150)).parameters).toEqual(trained(run, 150));
  expect((await source.frame(0)).parameters).toEqual(run.start);
  const curves = await source.curves();
  expect(curves.costs.steps).toHaveLength(151);
  expect(curves.measures.gradient["2"]!.every((g) => g !== null)).toBe(true);
});

test("a store on it steps, seeks and resets", async () => {
  const source = new PageTraining(neuron(2, 2));
  const store = createStore(source, (draw) => draw());
  await store.start();
  await store.stepOnce("batch", 10);
  expect(store.step.value).toBe(10);
  await store.seek(4);
  expect(store.frame.value!.step).toBe(4);
  await store.set({ learning_rate: 1 });
  expect(store.learningRate.value).toBe(1);
  await store.reset();
  expect([store.step.value, store.last.value]).toEqual([0, 0]);
  store.stop();
});

test("a training that leaves the numbers says so and stops", async () => {
  const source = new PageTraining({ ...neuron(2, 2), network: { ...facts("quadratic"), activations: ["identity"] }, learningRate: 1e200 });
  source.advance(50);
  expect(source.last).toBeLessThan(50);
});

test("a frame of the page reads back as it was", () => {
  const flat = Float64Array.of(0.1, -2, 3e-300);
  const frame = decodeFrame(encodeFrame(flat, 7));
  expect([frame.step, frame.parameters]).toEqual([7, flat]);
});

test("first parameters depend on the seed alone, and have the spread of their kind", () => {
  const net = network({ sizes: [100, 200, 1], activations: ["tanh", "sigmoid"], cost: "quadratic", biases: true, dtype: "float64" });
  expect(firstParameters(net, "small", 3)).toEqual(firstParameters(net, "small", 3));
  const spread = (initial: "small" | "large" | "he") => {
    const w = parametersOf(net, firstParameters(net, initial, 3)).w[2]!;
    return Math.sqrt(w.reduce((sum, v) => sum + v * v, 0) / w.length);
  };
  expect(spread("large")).toBeCloseTo(1, 1);
  expect(spread("small")).toBeCloseTo(0.1, 2);
  expect(spread("he")).toBeCloseTo(Math.SQRT2 / 10, 2);
});

test("progress is kept on the shelf, and without one while the page is open", () => {
  const kept = new Map<string, string>();
  const shelf = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) };
  new Progress(shelf).mark("a", 2);
  expect([new Progress(shelf).has("a", 2), new Progress(shelf).has("a", 1)]).toEqual([true, false]);
  kept.set("chainrule-lessons", "nonsense");
  expect(new Progress(shelf).has("a", 2)).toBe(false);
  const none = new Progress(null);
  none.mark("a", 0);
  expect(none.has("a", 0)).toBe(true);
});

test("the start screen's cards ask for what the server takes, and a wrong plan is refused in words", () => {
  for (const { plan } of CARDS) {
    expect(problemOf(plan)).toBeNull();
    expect(Object.keys(settingsOf(plan)).sort()).toEqual(["data", "network", "training"]);
  }
  const plan = CARDS[0]!.plan;
  expect(settingsOf({ ...plan, upload: "ab12", target: "kind", seed: 7 })).toMatchObject({ data: { upload: "ab12", target: "kind" }, seed: 7 });
  expect(problemOf({ ...plan, hidden: [{ neurons: 513, activation: "tanh" }] })).toMatch(/1 to 512/);
  expect([problemOf({ ...plan, rate: NaN }), problemOf({ ...plan, seed: NaN })].every((words) => words !== null)).toBe(true);
});

/** What the page says of a network, and when it is silent: one rule with the engine; and marks that must not be lost. */

import { signal } from "@preact/signals";
import { afterEach, expect, it, vi } from "vitest";
import type { Curves, Examples, Hello } from "../src/protocol";
import type { Store } from "../src/store";
import { notCounted } from "../src/ui/goal";
import { findings, learned } from "../src/ui/healthparts";
import { keptWay } from "../src/ui/lesson";
import { chooseTheme, keptTheme } from "../src/ui/theme";
import { EditedNetwork, editedClass } from "../src/ui/whatif";
import { CURVES, HELLO } from "./fake";

afterEach(() => { vi.unstubAllGlobals(); });

const measures = (share: number) => ({
  steps: [768], gradient: { 2: [1], 3: [1] }, bias_gradient: {}, weight: { 2: [1], 3: [1] }, update: { 2: [1e-3], 3: [1e-3] },
  saturated: { 2: [share], 3: [0.99] },
});
const relu: Hello = { ...HELLO, network: { ...HELLO.network, activations: ["relu", "sigmoid"] } };

it("small slopes are told of hidden layers of bounded neurons, from the engine's bound on, with the step that they were measured at", () => {
  const say = (hello: Hello, share: number, step?: number): string => findings(hello, measures(share), 0, step).map(({ text }) => text).join(" ");
  expect(say(HELLO, 0.67)).toMatch(/^In layer 2, 67 % of the slopes/);
  expect(say(HELLO, 0.67, 920)).toMatch(/^At step 768, in layer 2, 67 % of the slopes/);
  for (const [hello, share] of [[HELLO, 0.59], [relu, 0.67]] as const) expect(say(hello, share, 920)).toMatch(/^At step 768, the gradient reaches/);
});

it("a network that has learned 0.75 of what can be learned is not told how to learn", () => {
  const hello: Hello = { ...HELLO, classify: true };
  const y = Float32Array.of(0, 1, 0, 1);
  const examples: Examples = { x: { data: y, rows: 4, columns: 1 }, y: { data: y, rows: 4, columns: 1 }, points: null };
  const curves = (accuracy: number | null): Curves => ({ ...CURVES, epochs: [{ step: 5, epoch: 1, metrics: { accuracy, r2: 0.8 } }] });
  expect(learned(hello, curves(0.875), examples, 9)).toBe("The network has learned well: accuracy 87.5 % at step 5.");
  for (const [share, step] of [[0.87, 9], [null, 9], [1, 4]] as const) expect(learned(hello, curves(share), examples, step)).toBeNull();
  expect(learned(hello, curves(1), null, 9)).toBeNull();
  expect(learned(HELLO, curves(null), null, 9)).toBe("The network has learned well: R² 0.800 at step 5.");
});

it("a lesson that hides the reverse network keeps the way that it opens it", () => {
  const reverse = signal(true);
  const end = keptWay({ reverse }, false);
  expect(reverse.value).toBe(false);
  reverse.value = true;
  expect(reverse.value).toBe(false);
  end();
  reverse.value = true;
  expect(reverse.value).toBe(true);
});

it("a goal says why it is open although its number is there", () => {
  expect(notCounted({ by: "editing" }, false)).toContain("only numbers that you type count");
  expect(notCounted({ by: "training" }, true)).toContain("only training counts");
  expect([notCounted({ by: "editing" }, true), notCounted({ by: "training" }, false), notCounted({}, true)]).toEqual(["", "", ""]);
});

it("an edit is marked on the network while no inspector marks it", () => {
  const store = (whatIf: boolean, kind: "none" | "neuron", mode = "train", predictFirst = false): Store => ({
    whatIf: signal(whatIf ? new Float64Array(1) : null), selection: signal({ kind, l: 2, j: 0 }), mode: signal(mode), predictFirst: signal(predictFirst),
  }) as unknown as Store;
  const isMarked = (it: Store): boolean => EditedNetwork({ store: it }) !== null;
  expect([store(true, "none"), store(true, "neuron"), store(false, "none"), store(true, "neuron", "step", true)].map(isMarked)).toEqual([true, false, false, true]);
  expect([editedClass(store(true, "neuron")), editedClass(store(false, "none"))]).toEqual([" crl-what-if", ""]);
});

it("the choice of light or dark is kept, and holds without a shelf as long as the page", () => {
  const kept = new Map<string, string>();
  vi.stubGlobal("localStorage", { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => { kept.set(key, value); } });
  const lab = { dataset: {} as Record<string, string> };
  chooseTheme(lab as unknown as HTMLElement, "dark");
  expect([keptTheme(), lab.dataset["theme"]]).toEqual(["dark", "dark"]);
  kept.set("chainrule-theme", "pink");
  expect(keptTheme()).toBeNull();
  vi.stubGlobal("localStorage", { getItem: () => { throw new Error("refused"); }, setItem: () => { throw new Error("refused"); } });
  chooseTheme(lab as unknown as HTMLElement, "light");
  expect([keptTheme(), lab.dataset["theme"]]).toEqual([null, "light"]);
});

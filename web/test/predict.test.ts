/** Predictions, the phases of step mode, small graphs, wrong programs, and the regions of a plane. */

import { describe, expect, test } from "vitest";
import { judge } from "../src/lessons/judge";
import { GRAPHS, isKnown, paths, sweptTo, touches, valuesOf } from "../src/lessons/graphs";
import { compare, MISTAKES, suspectPass } from "../src/lessons/suspects";
import { blocks, spans } from "../src/lessons/markdown";
import { passOf } from "../src/model";
import { number } from "../src/format";
import { network, parametersOf, type Network } from "../src/network";
import { itemsAt, phaseAt, phasesOf, placeOf, placesBeside, resultOf, slipsOf } from "../src/phases";
import { firstParameters } from "../src/trainer";
import { pointsOf, rightOnes } from "../src/ui/boundary";
import { classAt, contour, gridOf, questionOf } from "../src/ui/draw/boundary";
import { changeOf, digitsOf, judged } from "../src/ui/predict";
import { reverseOf } from "../src/ui/reverse";

const netOf = (sizes: number[], activations: (string | string[])[], cost: string, biases = true): Network =>
  network({ sizes, activations, cost, biases, dtype: "float64" });

const NET = netOf([3, 4, 2, 2], ["tanh", "sigmoid", "sigmoid"], "quadratic");
const P = parametersOf(NET, firstParameters(NET, "small", 1));
const PASS = passOf(NET, P, [0.3, -0.7, 1.1], [1, 0]);
const KNOWN = { network: NET, parameters: P, pass: PASS, eta: 0.5, m: 1 };

describe("phases", () => {
  test("forward by layer, the output error, back by layer, biases, weights, update", () => {
    expect(phasesOf(NET).map(({ kind, l }) => `${kind} ${l}`)).toEqual([
      "input 1", "forward 2", "forward 3", "forward 4", "error 4", "back 3", "back 2", "bias 0", "weight 0", "update 0",
    ]);
  });

  test("the output error is BP1, BP1c or BPs, as the network has it; without biases there is no BP3", () => {
    const of = (activation: string, cost: string): string =>
      phasesOf(netOf([1, 2], [activation], cost)).find(({ kind }) => kind === "error")!.equations[0]!;
    expect([of("sigmoid", "quadratic"), of("sigmoid", "cross_entropy"), of("softmax", "quadratic")]).toEqual(["BP1", "BP1c", "BPs"]);
    expect(phaseAt(netOf([1, 2], ["softmax"], "quadratic"), "BP1")).toBe(2);
    expect(phasesOf(netOf([1, 2], ["sigmoid"], "quadratic", false)).some(({ kind }) => kind === "bias")).toBe(false);
  });

  test("all results of all phases are the pass's own numbers", () => {
    const found = new Map<string, number>();
    for (const phase of phasesOf(NET).slice(1)) {
      for (const l of phase.l ? [phase.l] : [2, 3, 4]) {
        for (let j = 0; j < NET.sizes[l - 1]!; j++) {
          for (const place of placesBeside(NET, phase, { l, j, k: 0 })) {
            for (const item of itemsAt(NET, phase, place)) found.set(`${item.equation} ${l} ${place.j} ${place.k}`, resultOf(item, KNOWN));
          }
        }
      }
    }
    expect(found.get("FP1 2 3 0")).toBe(PASS.z[2]![3]);
    expect(found.get("BP2 3 1 0")).toBe(PASS.delta[3]![1]);
    expect(found.get("BP4 2 1 2")).toBe(PASS.nablaW[2]![1 * 3 + 2]);
    expect(found.get("GD 4 1 -1")).toBe(P.b[4]![1]! - 0.5 * PASS.nablaB[4]![1]!);
    expect([...found.values()].every(Number.isFinite)).toBe(true);
  });

  test("a selection of another layer leaves a phase at its first neuron", () => {
    const phase = phasesOf(NET)[1]!;
    expect(placeOf(NET, phase, { kind: "neuron", l: 2, j: 3 })).toEqual({ l: 2, j: 3, k: 0 });
    expect(placeOf(NET, phase, { kind: "neuron", l: 3, j: 1 })).toEqual({ l: 2, j: 0, k: 0 });
    expect(placeOf(NET, phasesOf(NET).at(-2)!, { kind: "weight", l: 3, j: 1, k: -1 })).toEqual({ l: 3, j: 1, k: 0 });
  });
});

describe("predict first", () => {
  test.each([
    ["0.24", 0.24, true], ["0.2410", 0.24, true], ["0,24", 0.24, true], ["−0.46", -0.46, true], ["0.2430", 0.24, false], ["2.4e-1", 0.24, true],
    ["0", 0, true], ["0.001", 0, false], ["", 0.24, false],
  ])("%s for %d: %s, to 1 %%", (typed, truth, right) => {
    expect(judge(typed, truth).right).toBe(right);
  });

  test.each([
    ["x", /not a number/], ["-0.24", /sign/], ["0.48", /Twice/], ["2.4", /Ten times/], ["0.25", /close/], ["7", /smaller/], ["-7", /larger/],
  ])("what is said to %s instead of 0.24 is kind", (typed, words) => {
    expect(judge(typed, 0.24).text).toMatch(words);
  });

  test("a forgotten bias, a forgotten slope, and a step uphill are named", () => {
    const at = (l: number, j: number, k: number) => ({ L: 4, l, j, k });
    const z = { equation: "FP1", at: at(2, 0, 0) };
    expect(judged(String(PASS.z[2]![0]! - P.b[2]![0]!), z, KNOWN).text).toMatch(/bias is missing/);
    const delta = { equation: "BP2", at: at(3, 1, 0) };
    expect(judged(String(PASS.nablaA[3]![1]!), delta, KNOWN).text).toMatch(/slope/);
    expect(judged(String(PASS.delta[3]![1]!), delta, KNOWN).right).toBe(true);
    expect(slipsOf({ equation: "GD", at: at(2, 1, 2) }, KNOWN)[0]![1]).toMatch(/uphill/);
  });

  test("of an update the change is asked for: the old weight is no answer, however small the step", () => {
    const known = { ...KNOWN, eta: 1e-4 };
    for (const k of [-1, 2]) {
      const item = { equation: "GD", at: { L: 4, l: 2, j: 1, k } };
      const old = k < 0 ? P.b[2]![1]! : P.w[2]![1 * 3 + k]!;
      const gradient = k < 0 ? PASS.nablaB[2]![1]! : PASS.nablaW[2]![1 * 3 + k]!;
      expect(changeOf(item, known)).toBe(-1e-4 * gradient);
      expect(judged(String(-1e-4 * gradient), item, known).right).toBe(true);
      expect(judged(String(1e-4 * gradient), item, known)).toEqual({ right: false, text: expect.stringMatching(/uphill/) });
      expect(judged(String(-gradient), item, known)).toEqual({ right: false, text: expect.stringMatching(/Times η/) });
      for (const value of [old, old - 1e-4 * gradient]) {
        expect(judged(String(value), item, known)).toEqual({ right: false, text: expect.stringMatching(old === 0 ? /./ : /whole value/) });
      }
    }
    expect(changeOf({ equation: "BP4", at: { L: 4, l: 2, j: 1, k: 2 } }, known)).toBeNull();
  });

  test("an update is written with so many digits that its change is seen", () => {
    const item = { equation: "GD", at: { L: 4, l: 2, j: 1, k: 2 } };
    for (const eta of [0.5, 1e-3, 1e-6, 1e-9]) {
      const known = { ...KNOWN, eta };
      expect(number(resultOf(item, known), digitsOf(item, known))).not.toBe(number(P.w[2]![1 * 3 + 2], digitsOf(item, known)));
    }
    expect([0, 1e-300].map((eta) => digitsOf(item, { ...KNOWN, eta }))).toEqual([4, 15]);
    expect(digitsOf({ ...item, equation: "BP4" }, KNOWN)).toBe(4);
  });
});

describe("graphs", () => {
  const graph = GRAPHS["product"]!;
  const values = valuesOf(graph);
  const order = ["a", "b", "c", "d", "e"];

  test("e = (a + b)(b + 1) at a = 2, b = 1, its edges, and both sweeps", () => {
    expect(values).toEqual({ a: 2, b: 1, c: 3, d: 2, e: 6 });
    expect(graph.edges.map((edge) => edge.derivative(values))).toEqual([1, 1, 1, 2, 3]);
    const forward = sweptTo(graph, values, "forward", "b", 5);
    const reverse = sweptTo(graph, values, "reverse", "e", 5);
    expect(order.map((id) => forward[id])).toEqual([0, 1, 1, 1, 5]);
    expect(order.toReversed().map((id) => reverse[id])).toEqual([1, 3, 2, 5, 2]);
  });

  test("X, Y, Z with three edges each: nine paths, six touches", () => {
    const all = GRAPHS["paths"]!;
    expect([paths(all, "X", "Z"), touches(all, "reverse").length]).toEqual([9, 6]);
    expect(sweptTo(all, {}, "reverse", "Z", 6)["X"]).toBe((2 + 3 + 4) * (1 + 2 + 5));
    expect([isKnown(all, "reverse", 2, "Y"), isKnown(all, "reverse", 3, "Y")]).toEqual([false, true]);
  });
});

describe("wrong programs", () => {
  const net = netOf([2, 2, 2, 2], ["sigmoid", "sigmoid", "sigmoid"], "quadratic");
  const p = parametersOf(net, Float64Array.of(1, -2, -1, 1, 2, -1, -2, -1, 3, -2, -1, 4, 1, 0, 0, 0, -2, 2));
  const agrees = (wrong: string, l: number, k: number): boolean =>
    [0, 1].every((j) => compare(net, p, [1, -1], [1, 0], wrong, [l, j, k]).agrees);

  test("the right one agrees with the mirror and with the central difference", () => {
    const [ours, pass] = [suspectPass(net, p, [1, -1], [1, 0], ""), passOf(net, p, [1, -1], [1, 0])];
    for (const l of [2, 3, 4]) expect(Array.from(ours.nablaW[l]!)).toEqual(Array.from(pass.nablaW[l]!, (g) => expect.closeTo(g, 15)));
    expect([2, 3, 4].every((l) => agrees("", l, 0) && agrees("", l, 1) && agrees("", l, -1))).toBe(true);
  });

  test.each([
    ["BP1", [false, false, false], [false, false, false]], ["BP2", [false, false, true], [false, false, true]],
    ["BP3", [true, true, true], [false, false, false]], ["BP4", [true, false, false], [true, true, true]],
  ])("%s shows in the layers where the lesson says so", (wrong, weights, biases) => {
    expect(Object.keys(MISTAKES)).toContain(wrong);
    expect([2, 3, 4].map((l) => agrees(wrong, l, 0))).toEqual(weights);
    expect([2, 3, 4].map((l) => agrees(wrong, l, -1))).toEqual(biases);
  });
});

describe("pictures", () => {
  test("the reverse network sends on what BP2 says", () => {
    const { layers, flow } = reverseOf(NET, P, PASS, { kind: "none" });
    expect(layers.map((layer) => layer[0]!.l)).toEqual([4, 3, 2, 1]);
    layers.slice(1).forEach((layer, i) => layer.forEach((amplifier, to) => {
      const sum = layers[i]!.reduce((all, _, from) => all + flow(i, from, to), 0);
      expect(sum).toBeCloseTo(amplifier.into, 14);
      if (amplifier.gain !== null) expect(amplifier.into * amplifier.gain).toBeCloseTo(amplifier.out, 14);
    }));
  });

  test("the line between two classes lies where the output is a half", () => {
    const net = netOf([2, 1], ["sigmoid"], "cross_entropy");
    const p = parametersOf(net, Float64Array.of(1, 0, 0)); // a half where x1 = 0
    const side = 20;
    const grid = gridOf(net, p, { x: [-1, 1], y: [-1, 1] }, side);
    const segments = contour(grid.map((a) => a - 0.5), side);
    expect(segments.length).toBe(side - 1);
    for (const [x1, , x2] of segments) expect([x1, x2]).toEqual([expect.closeTo(9.5, 2), expect.closeTo(9.5, 2)]);
  });

  test("of each point it is known what the network says; held-out ones are spoken of where there are more than it learns from", () => {
    const net = netOf([2, 1], ["sigmoid"], "cross_entropy");
    const p = parametersOf(net, Float64Array.of(1, 0, 0)); // class 1 where x1 is above 0
    const matrix = (data: number[], columns: number) => ({ data: Float64Array.from(data), rows: data.length / columns, columns });
    const examples = { x: matrix([1, 0, -1, 0, 2, 0], 2), y: matrix([1, 1, 0], 1), points: null };
    const found = pointsOf(net, p, examples, questionOf(net, true))!;
    expect([found.classes, found.said, found.wrong]).toEqual([[1, 1, 0], [1, 0, 1], [false, true, true]]);
    expect(rightOnes(120, 240, 240)).toBe("120 of 240 points are on their side of the line.");
    expect(rightOnes(120, 240, 216)).toBe("120 of 240 points are on their side of the line. Held-out ones are among them.");
  });

  test("a single output parts its classes halfway between the targets of its cost, several by the largest", () => {
    expect(questionOf(netOf([2, 1], ["tanh"], "hinge"), true).middle).toBe(0);
    expect(questionOf(netOf([2, 1], ["sigmoid"], "quadratic"), true).middle).toBe(0.5);
    expect(questionOf(netOf([2, 1], ["tanh"], "quadratic"), true).middle).toBe(0.5); // its targets are 0 and 1, too
    expect(classAt([0.1, 0.7, 0.2], 0, 3, { classify: true, middle: 0.5 })).toBe(1);
  });
});

test("the Markdown of lessons: bold, stress, code, lists, fences", () => {
  expect(spans("a **b** *c* `d`").map(({ kind }) => kind)).toEqual(["text", "bold", "text", "stress", "text", "code"]);
  expect(blocks("p\nq\n\n- one\n- two\n\n```equation BP2 2 0\n```\n").map((b) => b.kind)).toEqual(["paragraph", "list", "fence"]);
});

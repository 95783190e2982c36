/** What a number is made of. */

import { describe, expect, it } from "vitest";
import { inputGradient, passOf } from "../src/model";
import { indexOf, network, parametersOf } from "../src/network";
import { activationCurve, answerOf, blames, chain, checked, contributions, costCurve, isPlain, rateAt, tangent } from "../src/ui/inspect/parts";
import { written } from "../src/ui/inspect/copying";
import { chosen } from "../src/ui/inspect/weighthistory";
import { rangeOf, toPlace } from "../src/ui/inspect/plots";
import { costCourse } from "../src/ui/inspector";
import { CURVES, HELLO } from "./fake";
import { parseNumber } from "../src/format";

const NET = network({ sizes: [2, 3, 2], activations: ["tanh", "softmax"], cost: "log_likelihood", biases: true, dtype: "float64" });
const P = parametersOf(NET, Float64Array.from({ length: 17 }, (_, i) => Math.sin(3 * i + 1)));
const [X, Y] = [Float64Array.of(0.5, -1), Float64Array.of(0, 1)];
const PASS = passOf(NET, P, X, Y);
const sum = (values: readonly { value: number }[]): number => values.reduce((all, { value }) => all + value, 0);

describe("terms", () => {
  it("of z come to z, the largest first, the bias among them", () => {
    const terms = contributions(NET, P, PASS, 2, 1);
    expect(sum(terms)).toBeCloseTo(PASS.z[2]![1]!, 12);
    expect(terms.map(({ from }) => from).sort()).toEqual([-1, 0, 1]);
    expect(terms.map(({ value }) => Math.abs(value))).toEqual(terms.map(({ value }) => Math.abs(value)).sort((u, v) => v - u));
  });

  it("of the blame come to dC/da, and times the slope to the error", () => {
    expect(sum(blames(NET, P, PASS, 2, 1)) * PASS.sigmaPrime[2]![1]!).toBeCloseTo(PASS.delta[2]![1]!, 12);
    expect(sum(blames(NET, P, PASS, 1, 0))).toBeCloseTo(inputGradient(NET, P, PASS)[0]!, 12);
    expect(blames(NET, P, PASS, 3, 0)).toEqual([]);
  });

  it("lead to the output, along the largest share", () => {
    const path = chain(NET, P, PASS, 1, 0);
    expect(path.map(({ l }) => l)).toEqual([1, 2, 3]);
    expect(path[0]!.share! > 0 && path[0]!.share! <= 1 && path[2]!.share === null).toBe(true);
  });
});

describe("curves", () => {
  it("of an activation go through its point, also in a softmax layer", () => {
    for (const [l, j] of [[2, 0], [3, 1]] as const) {
      expect(answerOf(NET, PASS, l, j)(PASS.z[l]![j]!)).toBeCloseTo(PASS.a[l]![j]!, 12);
    }
    expect(activationCurve(Math.tanh, 10).x.at(-1)).toBe(12.5);
    expect(activationCurve(Math.tanh, NaN).x[0]).toBe(-4);
  });

  it("of the cost along a weight pass through the cost, with the gradient as slope", () => {
    const index = indexOf(NET, 2, 1, 0);
    const { x, y } = costCurve(NET, P, X, Y, index, 0.001);
    expect([x.length, x[20], y[20]]).toEqual([41, P.flat[index], PASS.cost]);
    expect((y[21]! - y[19]!) / (x[21]! - x[19]!)).toBeCloseTo(PASS.nablaW[2]![2]!, 6);
  });

  it("have tangents that stay in the box", () => {
    const box = { x: [-1, 1], y: [0, 1] } as const;
    expect(tangent({ x: 0, y: 0.5 }, 0, box)).toEqual([-1, 0.5, 1, 0.5]);
    expect(tangent({ x: 0, y: 0.5 }, 2, box)).toEqual([-0.25, 0, 0.25, 1]);
    expect(tangent({ x: 0, y: 0.5 }, -2, box)).toEqual([-0.25, 1, 0.25, 0]);
  });

  it("are placed upside down, as drawings are, and leave out what is not finite", () => {
    const range = rangeOf({ x: Float64Array.of(0, 1, 2), y: Float64Array.of(1, NaN, 3) });
    expect([range.y[0] < 1, range.y[1] > 3]).toEqual([true, true]);
    expect(toPlace(range).y(3)).toBeLessThan(toPlace(range).y(1));
  });
});

describe("a check", () => {
  it("is passed by numbers that agree, and by two zeros", () => {
    expect(checked(1, 1 + 1e-8).isPassed).toBe(true);
    expect(checked(1, 1.1).isPassed).toBe(false);
    expect(checked(0, 1e-14)).toMatchObject({ error: 0, isPassed: true });
  });
});

describe("the rule of an update", () => {
  const hello = { ...HELLO, settings: { learning_rate: 0.5, optimizer: { name: "sgd" }, schedule: { name: "constant" } } };
  it("is told only where it is plain and the rate is known", () => {
    expect([isPlain(hello), isPlain({ ...hello, settings: { ...hello.settings, lmbda: 0.1 } })]).toEqual([true, false]);
    expect(isPlain({ ...hello, settings: { optimizer: { name: "adam" } } })).toBe(false);
    const events = [{ step: 7, kind: "learning_rate", value: 0.1 }];
    expect([7, 8].map((step) => rateAt(hello, { ...CURVES, events }, step))).toEqual([0.5, 0.1]);
    expect(rateAt({ ...hello, settings: { ...hello.settings, schedule: { name: "cosine" } } }, CURVES, 3)).toBeNull();
  });
});

describe("copies", () => {
  const known = { network: NET, parameters: P, pass: PASS };
  it("in Python come to the number, with all its digits", () => {
    const text = written(known, { kind: "neuron", l: 2, j: 1 }, "Python");
    expect(Function(`return ${text.replace("z = ", "")}`)()).toBeCloseTo(PASS.z[2]![1]!, 14);
    const gradient = written(known, { kind: "weight", l: 2, j: 1, k: 0 }, "Python").replace("gradient = ", "").replace(/#.*/, "");
    expect(Function(`return ${gradient}`)()).toBe(PASS.nablaW[2]![2]);
  });

  it("in LaTeX count from 1, and in NumPy hold the whole sum", () => {
    expect(written(known, { kind: "weight", l: 2, j: 1, k: 0 }, "LaTeX")).toContain("w^{2}_{21}");
    expect(written(known, { kind: "neuron", l: 2, j: 0 }, "LaTeX")).toContain("\\delta^{2}_{1}");
    expect(written(known, { kind: "neuron", l: 2, j: 0 }, "NumPy")).toContain(`z = w @ a + ${P.b[2]![0]}`);
  });
});

describe("copies of a gradient", () => {
  const known = { network: NET, parameters: P, pass: PASS };
  const array = (text: string, name: string): number[] => JSON.parse(`[${RegExp(`^${name} = np\\.array\\(\\[(.*)\\]\\)$`, "m").exec(text)![1]}]`);

  it("in NumPy have the arrays of the layer, and the entry that comes to the number", () => {
    const text = written(known, { kind: "weight", l: 2, j: 1, k: 0 }, "NumPy");
    expect([array(text, "a"), array(text, "delta")]).toEqual([[...X], [...PASS.delta[2]!]]);
    expect(text).toMatch(/^import numpy as np\n/);
    expect(text).toContain("\nnabla_w = np.outer(delta, a)");
    expect(text).toContain(`\ngradient = nabla_w[1, 0]  # ${PASS.nablaW[2]![2]}`);
    expect(array(text, "delta")[1]! * array(text, "a")[0]!).toBe(PASS.nablaW[2]![2]);
  });

  it("in NumPy take a bias from the errors alone", () => {
    const text = written(known, { kind: "weight", l: 3, j: 1, k: -1 }, "NumPy");
    expect(text).toContain("\ngradient = delta[1]  # BP3");
    expect(array(text, "delta")[1]).toBe(PASS.nablaB[3]![1]);
    expect(text).not.toContain("nan");
  });
});

describe("what if", () => {
  it("takes finite numbers alone", () => {
    expect(["-0.5", "−0,5", "2e-3", " 7 "].map(parseNumber)).toEqual([-0.5, -0.5, 0.002, 7]);
    expect(["1e400", "-1e400", "abc", "nan", "inf", "", "1/2"].map(parseNumber)).toEqual(Array(7).fill(null));
  });

  it("says where the cost goes, also where it is no number any more", () => {
    expect([costCourse(1, 1), costCourse(1, 2), costCourse(2, 1)]).toEqual(["stays at 1.000", "rises from 1.000 to 2.000", "falls from 2.000 to 1.000"]);
    expect(costCourse(1, NaN)).toBe("was 1.000, and is now NaN: some number has become too large");
    expect(costCourse(NaN, 1)).not.toContain("falls");
  });
});

it("a history takes its steps evenly, with the first and the last", () => {
  expect(chosen([0, 1, 2, 3, 4, 5, 6, 7, 8], 3)).toEqual([0, 4, 8]);
  expect(chosen([3, 9], 60)).toEqual([3, 9]);
});

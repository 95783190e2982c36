/** The page's arithmetic is the engine's: the fixtures are written by tests/lab/fixtures.py. */

import { describe, expect, it } from "vitest";
import equations from "./fixtures/equations.json";
import functions from "./fixtures/functions.json";
import passes from "./fixtures/passes.json";
import printed from "./fixtures/printed.json";
import { ACTIVATIONS, SOFTMAX } from "../src/activations";
import { COSTS } from "../src/costs";
import { EQUATIONS } from "../src/formula";
import { centralDifference, costAlong, costOf, flatGradient, inputGradient, outputs, passOf } from "../src/model";
import { indexOf, network, parametersOf, shapeOf, unknown } from "../src/network";
import type { NetworkFacts } from "../src/protocol";
import { erf } from "../src/special";

type Listed = readonly (number | string)[];

/** Equal to 1e-12 of their size, of a list of its largest number; what cancels to 0 keeps the rounding of its terms, 1e-15. */
function expectSame(found: ArrayLike<number>, wanted: Listed, each: boolean = false): void {
  const numbers = wanted.map((v) => (v === "inf" ? Infinity : v === "-inf" ? -Infinity : Number(v)));
  expect(found.length).toBe(numbers.length);
  const largest = Math.max(...numbers.filter(Number.isFinite).map(Math.abs), 0);
  numbers.forEach((v, i) => {
    if (!Number.isFinite(v)) return expect(found[i]).toBe(v);
    expect(Math.abs(found[i]! - v)).toBeLessThanOrEqual(1e-12 * (each ? Math.abs(v) : largest) + (each ? 0 : 1e-15));
  });
}

const facts = (case_: { network: unknown }): NetworkFacts => case_.network as NetworkFacts;
const cases = passes.map((p) => [p.name, p] as const);

describe("the mirror", () => {
  it.each(cases)("does what the engine does: %s", (_, wanted) => {
    const net = network(facts(wanted));
    const p = parametersOf(net, Float64Array.from(wanted.parameters));
    const pass = passOf(net, p, wanted.x, wanted.y);
    const parts = { z: pass.z, a: pass.a, sigma_prime: pass.sigmaPrime, nabla_a: pass.nablaA, delta: pass.delta, nabla_w: pass.nablaW };
    for (const [name, layers] of Object.entries(parts)) {
      for (const [l, values] of Object.entries((wanted as unknown as Record<string, Record<string, Listed>>)[name]!)) {
        expectSame(layers[Number(l)]!, values);
      }
    }
    expectSame([pass.cost], [wanted.cost]);
    expect(costOf(net, p, wanted.x, wanted.y)).toBe(pass.cost);
    expect(pass.nablaB).toEqual(pass.delta);
  });

  it("covers every row of both tables", () => {
    const pairs = new Set(passes.flatMap(({ network: n }) => n.activations.map((a) => `${a} ${n.cost}`)));
    for (const cost of Object.keys(COSTS)) for (const a of [...Object.keys(ACTIVATIONS), SOFTMAX]) expect(pairs).toContain(`${a} ${cost}`);
    expect(Object.keys(ACTIVATIONS).sort()).toEqual(Object.keys(functions.activations).sort());
    expect(Object.keys(COSTS).sort()).toEqual(Object.keys(functions.costs).sort());
  });

  it.each(cases)("has the gradient that two forward passes give: %s", (name, given) => {
    const net = network(facts(given));
    const p = parametersOf(net, Float64Array.from(given.parameters));
    const gradient = flatGradient(net, passOf(net, p, given.x, given.y));
    const largest = Math.max(...gradient.map(Math.abs), 1e-6);
    const tolerance = name.startsWith("saturated") ? 1e-4 : 1e-7; // of a difference of costs near e^30
    for (let i = 0; i < net.size; i++) {
      const slope = centralDifference(net, p, given.x, given.y, i, 1e-6);
      expect(Math.abs(slope - gradient[i]!)).toBeLessThanOrEqual(tolerance * largest + 1e-8);
    }
    expect([...p.flat]).toEqual(given.parameters); // lent, and given back
  });
});

describe("single functions", () => {
  it("erf is exact to 1e-14", () => expectSame(functions.erf.x.map(erf), functions.erf.value, true));

  it.each(Object.entries(functions.activations))("activation %s", (name, wanted) => {
    const { value, slope } = ACTIVATIONS[name]!;
    // Where 1 + erf, or tanh of its kin, is nearly 0, its last digits are lost to both.
    expectSame(functions.z.map(value), wanted.value);
    expectSame(functions.z.map((z) => slope(z, value(z))), wanted.slope);
  });

  it.each(Object.entries(functions.costs))("cost %s", (name, wanted) => {
    functions.y.forEach((y, i) => {
      expectSame(functions.a.map((a) => COSTS[name]!.value(a, y)), wanted[i]!.value, true);
      expectSame(functions.a.map((a) => COSTS[name]!.slope(a, y)), wanted[i]!.slope, true);
    });
  });

  it.each(Object.entries(functions.middles))("cost %s parts its classes at %d", (name, wanted) => {
    expect(COSTS[name]!.middle).toBe(wanted);
  });

  it.each(Object.entries(functions.of_z))("cost %s from z", (name, wanted) => {
    functions.y.forEach((y, i) => expectSame(functions.z.map((z) => COSTS[name]!.ofZ!(z, y)), wanted[i]!));
  });
});

describe("the printed two-layer example", () => {
  const net = network(facts(printed));
  const p = parametersOf(net, Float64Array.from(printed.parameters));
  const pass = passOf(net, p, printed.x, printed.y);
  const digits = (x: number, like: string): string =>
    like.includes("e") ? x.toExponential(8).replace(/e([+-])(\d)$/, "e$10$2") : x.toFixed(like.split(".")[1]!.length);

  it("prints what is printed, digit for digit", () => {
    const change = (l: number): number[] => [...pass.nablaW[l]!].map((g) => -printed.learning_rate * g);
    expect(printed.change3.map((like, k) => digits(change(3)[k]!, like))).toEqual(printed.change3);
    // Printed as (inputs x hidden); w is (to, from).
    expect(printed.change2.map((row, k) => row.map((like, j) => digits(change(2)[j * 3 + k]!, like)))).toEqual(printed.change2);
    expect(printed.a2.map((like, j) => digits(pass.a[2]![j]!, like))).toEqual(printed.a2);
    expect(printed.hidden_terms.map((like, j) => digits(-pass.delta[2]![j]!, like))).toEqual(printed.hidden_terms);
  });

  it("has the numbers between to 1e-15", () => {
    expect(pass.z[2]![0]).toBeCloseTo(printed.z2[0]!, 15);
    expect(pass.z[3]![0]).toBeCloseTo(printed.z3, 15);
    expect(pass.a[3]![0]).toBeCloseTo(printed.a3, 15);
    expect(printed.y[0]! - pass.a[3]![0]!).toBeCloseTo(printed.error, 15);
    expect(pass.cost).toBeCloseTo(printed.cost, 15);
    expect(-pass.delta[3]![0]!).toBeCloseTo(printed.output_term, 15);
  });

  it("has an input gradient that two forward passes give", () => {
    const gradient = inputGradient(net, p, pass);
    gradient.forEach((g, k) => {
      const at = (x: number): number => costOf(net, p, printed.x.map((v, i) => (i === k ? x : v)), printed.y);
      expect((at(printed.x[k]! + 1e-6) - at(printed.x[k]! - 1e-6)) / 2e-6).toBeCloseTo(g, 9);
    });
  });

  it("gives many outputs at once, and the cost along one weight", () => {
    expect(outputs(net, p, [...printed.x, 0, 0, 0], 2)[0]).toBeCloseTo(pass.a[3]![0]!, 15);
    const at = indexOf(net, 3, 0, 1);
    const costs = costAlong(net, p, printed.x, printed.y, at, [-1, p.flat[at]!, 1]);
    expect(costs[1]).toBe(pass.cost);
    expect(costs[0]).not.toBe(costs[2]);
  });
});

describe("the description of a network", () => {
  const own = { sizes: [2, 3, 1], activations: ["own:bent", "sigmoid"], cost: "quadratic", biases: true, dtype: "float64" } as const;

  it("says which function of a user's it does not have", () => {
    expect(unknown(own)).toContain("(bent)");
    expect(() => network(own)).toThrow("bent");
    expect(unknown({ ...own, activations: ["toString", "sigmoid"] })).toContain("toString");
  });

  it("knows where each parameter lies", () => {
    const shape = shapeOf(own);
    expect(shape.size).toBe(13);
    const weights = [[2, 0, 0], [2, 0, 1], [2, 1, 0], [2, 1, 1], [2, 2, 0], [2, 2, 1], [3, 0, 0], [3, 0, 1], [3, 0, 2]] as const;
    const biases = [[2, 0, -1], [2, 1, -1], [2, 2, -1], [3, 0, -1]] as const;
    expect([...weights, ...biases].map(([l, j, k]) => indexOf(shape, l, j, k))).toEqual(Array.from({ length: 13 }, (_, i) => i));
  });

  it("refuses a frame of another network", () => {
    expect(() => parametersOf(shapeOf(own), new Float64Array(12))).toThrow("holds 12 parameters");
  });
});

it("says of each equation what equations.py says", () => {
  for (const [name, { says }] of Object.entries(EQUATIONS)) expect(says).toBe((equations as Record<string, string>)[name]);
});

/** What the picture of the network shows, and where. */

import { describe, expect, it } from "vitest";
import { areasOf, gridOf, hitArea, middleOf, ordered, tileOf } from "../src/ui/draw/areas";
import { distance, hit, moved, placed, spotOf } from "../src/ui/draw/layout";
import { inkOn, short } from "../src/ui/draw/network";
import { knownIn, phaseValues } from "../src/ui/draw/phaseview";
import { answers, planeOf } from "../src/ui/draw/plane";
import { cells, strongest } from "../src/ui/draw/tiles";
import { ENCODING_ROWS, isSmall, largest, roundedUp, spread } from "../src/ui/draw/values";
import { forward, passOf } from "../src/model";
import { network, parametersOf } from "../src/network";

const FACTS = { sizes: [2, 3, 1], activations: ["tanh", "sigmoid"], cost: "quadratic", biases: true, dtype: "float64" as const };
const NET = network(FACTS);
const P = parametersOf(NET, Float64Array.from({ length: 13 }, (_, i) => (i - 6) / 5));
const PASS = passOf(NET, P, [0.5, -1], [1]);
const BOX = { width: 600, height: 400, left: 50, right: 50, top: 40, bottom: 10 };

describe("a small network", () => {
  const layout = placed(FACTS.sizes, true, BOX);

  it("stands in columns inside its box, a bias unit in each but the last", () => {
    expect(layout.spots.map((spots) => spots.map((spot) => spot.j))).toEqual([[], [0, 1, -1], [0, 1, 2, -1], [0]]);
    for (const { x, y } of layout.spots.flat()) {
      expect(x >= 50 && x <= 550 && y - layout.radius >= 40 && y + layout.radius <= 390).toBe(true);
    }
    expect(2 * layout.radius).toBeLessThan(layout.gap);
  });

  it("is hit where it is drawn: a neuron before an edge, and nothing in between", () => {
    const [from, to] = [spotOf(layout, 1, 1)!, spotOf(layout, 2, 2)!];
    expect(hit(layout, to.x + 3, to.y)).toEqual({ kind: "neuron", l: 2, j: 2 });
    expect(hit(layout, from.x + 0.7 * (to.x - from.x), from.y + 0.7 * (to.y - from.y))).toEqual({ kind: "weight", l: 2, j: 2, k: 1 });
    const bias = spotOf(layout, 2, -1)!;
    const out = spotOf(layout, 3, 0)!;
    expect(hit(layout, (bias.x + out.x) / 2, (bias.y + out.y) / 2)).toEqual({ kind: "weight", l: 3, j: 0, k: -1 });
    expect(hit(layout, 5, 5)).toEqual({ kind: "none" });
  });

  it("knows the distance to a line, and to its end", () => {
    expect(distance(1, 1, { x: 0, y: 0 }, { x: 2, y: 0 })).toBe(1);
    expect(distance(5, 4, { x: 0, y: 0 }, { x: 2, y: 0 })).toBe(5);
  });

  it("is walked through by arrow keys, and never left", () => {
    const from = { kind: "neuron", l: 2, j: 2 } as const;
    expect(moved([2, 3, 1], from, "ArrowDown")).toEqual(from);
    expect(moved([2, 3, 1], from, "ArrowLeft")).toEqual({ kind: "neuron", l: 1, j: 1 });
    expect(moved([2, 3, 1], from, "ArrowRight")).toEqual({ kind: "neuron", l: 3, j: 0 });
    expect(moved([2, 3, 1], { kind: "none" }, "ArrowUp")).toEqual({ kind: "neuron", l: 2, j: 0 });
  });

  it("is small up to 64 neurons a layer and 4,096 edges, and where its input is no picture", () => {
    expect([isSmall([2, 8, 2], null), isSmall([65, 2], null), isSmall([64, 65], null), isSmall([64, 64], null)]).toEqual([true, false, false, true]);
    expect([isSmall([64, 10], [8, 8]), isSmall([784, 30, 10], [28, 28])]).toEqual([false, false]);
  });
});

describe("encodings", () => {
  const frame = (by: number) => ({ step: 1, parameters: P.flat.map((v) => v - by), slots: {}, state: {}, bytes: 0 });
  const shown = { shape: NET, network: NET, parameters: P, pass: PASS, initial: frame(2), previous: frame(0.5), step: 3 };

  it("show the numbers that they name", () => {
    const at = (name: keyof typeof ENCODING_ROWS) => ENCODING_ROWS[name].of(shown)!;
    expect(at("weights").edges[2]).toBe(P.w[2]);
    expect(at("change").edges[3]![1]).toBeCloseTo(2, 12);
    expect(at("update").biases[2]![0]).toBeCloseTo(0.5, 12);
    expect(at("gradient").edges[2]).toBe(PASS.nablaW[2]);
    expect(at("gradient").nodes![3]).toBe(PASS.delta[3]);
    expect(at("flow").edges[2]![3]).toBeCloseTo(P.w[2]![3]! * -1, 12);
  });

  it("are empty, and say why, where there is nothing to show", () => {
    expect(ENCODING_ROWS.update.of({ ...shown, previous: null })).toBeNull();
    expect(ENCODING_ROWS.flow.of({ ...shown, pass: null })).toBeNull();
    expect(ENCODING_ROWS.update.missing).not.toBe("");
  });

  it("have round scales, and numbers that are not finite do not spoil them", () => {
    expect([0.013, 1, 2.1, 7, 0].map(roundedUp)).toEqual([0.015, 1, 3, 7, 1]);
    expect(largest([Float64Array.of(1, -3, NaN, Infinity)])).toBe(3);
    expect(spread(Float64Array.of(3, 4, 0, 0, NaN))).toBe(10);
  });

  it("are written short, in ink that is read on their colour", () => {
    expect([0.5, -12.34, 0, 0.0004, 1234].map(short)).toEqual(["0.50", "−12.3", "0.00", "4e−4", "1234"]);
    expect([inkOn(1, 1, "light"), inkOn(0, 1, "light"), inkOn(1, 1, "dark"), inkOn(0, 1, "dark")]).toEqual(["#ffffff", "#11161d", "#11161d", "#ffffff"]);
  });
});

describe("step mode", () => {
  it("shows what is known by then, and with predictions not what is asked for", () => {
    expect(knownIn({ kind: "forward", l: 2 }, 3, false)).toEqual({ node: "a", from: 1, to: 2 });
    expect(knownIn({ kind: "forward", l: 2 }, 3, true)).toEqual({ node: "a", from: 1, to: 1 });
    expect(knownIn({ kind: "back", l: 2 }, 3, true)).toEqual({ node: "δ", from: 3, to: 3 });
    const values = phaseValues({ kind: "error", l: 3, equations: [], short: "", title: "", says: "" }, P, PASS, false);
    expect([values.nodes![2]!.length, values.nodes![3]]).toEqual([0, PASS.delta[3]]);
  });
});

describe("a wide network", () => {
  const sizes = [784, 100, 10];
  const orders = sizes.map((n) => ordered(n, "position", null, 1));
  const { areas } = areasOf(sizes, [28, 28], 700, 430, orders);

  it("keeps its areas apart and inside", () => {
    const right = areas.map((area) => Math.max(...area.order.map((_, i) => (area.kind === "picture" ? area.x : tileOf(area, i).x) + area.width)));
    expect(areas.map((area) => area.kind)).toEqual(["picture", "tiles", "rows"]);
    expect(right[0]! < areas[1]!.x && right[1]! < areas[2]!.x && right[2]! < 700).toBe(true);
    for (const area of areas) for (const i of area.order.keys()) expect(middleOf(area, i).y < 430).toBe(true);
  });

  it("is hit where it is drawn: pixels, neurons and their weights", () => {
    const pixel = middleOf(areas[0]!, 300);
    expect(hitArea(areas, sizes, pixel.x, pixel.y).neuron).toEqual({ kind: "neuron", l: 1, j: 300 });
    const { x, y } = tileOf(areas[1]!, 42);
    const found = hitArea(areas, sizes, x + 0.5, y + 0.5);
    expect([found.neuron, found.weight]).toEqual([{ kind: "neuron", l: 2, j: 42 }, { kind: "weight", l: 2, j: 42, k: 0 }]);
    expect(hitArea(areas, sizes, -5, -5).neuron).toEqual({ kind: "none" });
  });

  it("lies one below the other where there is little width", () => {
    const { areas: stacked, height } = areasOf(sizes, [28, 28], 360, 430, orders);
    expect(stacked[1]!.y).toBeGreaterThan(stacked[0]!.y + stacked[0]!.height);
    expect(height).toBeGreaterThan(stacked[2]!.y + 10 * stacked[2]!.down - 1);
    expect(stacked[1]!.columns * stacked[1]!.across).toBeLessThanOrEqual(361);
  });

  it("is sorted by size, the largest first", () => {
    const pass = { ...PASS, a: [PASS.a[0]!, PASS.a[1]!, Float64Array.of(0.1, -3, 2)] };
    expect([ordered(3, "activation", pass, 2), ordered(3, "position", pass, 2)]).toEqual([[1, 2, 0], [0, 1, 2]]);
  });

  it("puts channels and odd numbers of neurons into cells", () => {
    expect(gridOf(12, [2, 2, 3])).toEqual({ rows: 2, columns: 2, channels: 3 });
    expect(gridOf(30, null)).toEqual({ rows: 5, columns: 6, channels: 1 });
    expect(cells(Float64Array.of(1, 2, 3), 3, { rows: 2, columns: 2, channels: 1 })).toEqual(Float64Array.of(1, 2, 3, NaN));
    expect(cells(Float64Array.of(1, 3, 5, 7), 4, { rows: 1, columns: 2, channels: 2 })).toEqual(Float64Array.of(2, 6));
  });

  it("draws a neuron's strongest edges out, and in where no picture shows them", () => {
    const values = ENCODING_ROWS.weights.of({ shape: NET, network: NET, parameters: P, pass: PASS, initial: null, previous: null, step: 0 })!;
    expect(strongest(values, { kind: "neuron", l: 2, j: 1 }, FACTS.sizes).map(({ l, j, k }) => [l, j, k])).toEqual([[3, 0, 1]]);
    expect(strongest(values, { kind: "neuron", l: 3, j: 0 }, FACTS.sizes).length).toBe(3);
  });
});

describe("the plane in a neuron", () => {
  it("is what the network answers at its points, the top row first", () => {
    const plane = { x: [-2, 2], y: [-1, 1] } as const;
    const found = answers(NET, P, plane, 2);
    const top = forward(NET, P, [-1, 0.5]);
    expect(found[3]![0]![0]).toBeCloseTo(top.a[3]![0]!, 12);
    expect(found[2]![1]![0]).toBeCloseTo(top.a[2]![1]!, 12);
    expect(found[1]!.map((x) => x[0])).toEqual([-1, 0.5]);
  });

  it("covers the data with a margin", () => {
    const x = { data: Float32Array.of(0, 10, 4, 20), rows: 2, columns: 2 };
    expect(planeOf({ x, y: x, points: null })).toEqual({ x: [-0.2, 4.2], y: [9.5, 20.5] });
  });
});

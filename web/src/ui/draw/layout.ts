/** Where the neurons of a small network stand, and what lies under the pointer. */

import type { Selection } from "../../state";

/** A neuron on the canvas; j = -1 is the unit that is always 1, whose weights are the biases of the next layer. */
export interface Spot {
  readonly l: number;
  readonly j: number;
  readonly x: number;
  readonly y: number;
}

export interface Layout {
  /** By layer from 1; the bias unit, where there is one, comes last. */
  readonly spots: readonly (readonly Spot[])[];
  readonly radius: number;
  /** How far apart two neurons of a layer stand at most. */
  readonly gap: number;
  /** Of the canvas. */
  readonly width: number;
}

export interface Box {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const WIDEST = 58; // between two neurons of a layer
const BIGGEST = 20; // radius
const NEAR = 6; // so near to an edge the pointer is on it

/** The neurons of each layer in a column, in the middle of the height; the bias unit below them. */
export function placed(sizes: readonly number[], biases: boolean, box: Box): Layout {
  const inner = { w: box.width - box.left - box.right, h: box.height - box.top - box.bottom };
  const most = Math.max(...sizes.map((n, i) => n + (biases && i < sizes.length - 1 ? 1 : 0)));
  const gap = Math.min(WIDEST, inner.h / most);
  const apart = inner.w / Math.max(sizes.length - 1, 1);
  const spots = sizes.map((n, i) => {
    const all = n + (biases && i < sizes.length - 1 ? 1 : 0);
    const first = box.top + inner.h / 2 - ((all - 1) / 2) * gap;
    return Array.from({ length: all }, (_, at) => ({
      l: i + 1, j: at < n ? at : -1, x: box.left + i * apart, y: first + at * gap,
    }));
  });
  return { spots: [[], ...spots], radius: Math.max(1.5, Math.min(BIGGEST, gap * 0.4, apart * 0.2)), gap, width: box.width };
}

/** The neuron or the bias unit of a layer. */
export function spotOf(layout: Layout, l: number, j: number): Spot | undefined {
  return j >= 0 ? layout.spots[l]?.[j] : layout.spots[l]?.at(-1);
}

/** What lies at a place of the canvas: a neuron before an edge, the nearest edge before others. */
export function hit(layout: Layout, x: number, y: number): Selection {
  const reach = Math.max(layout.radius + 2, 8);
  let best: Selection = { kind: "none" };
  let least = reach;
  for (const spot of layout.spots.flat()) {
    const far = Math.hypot(spot.x - x, spot.y - y);
    if (spot.j >= 0 && far < least) { best = { kind: "neuron", l: spot.l, j: spot.j }; least = far; }
  }
  return best.kind === "none" ? edgeAt(layout, x, y) : best;
}

function edgeAt(layout: Layout, x: number, y: number): Selection {
  let best: Selection = { kind: "none" };
  let least = NEAR;
  for (let l = 2; l < layout.spots.length; l++) {
    for (const from of layout.spots[l - 1]!) {
      for (const to of layout.spots[l]!) {
        const far = to.j < 0 ? Infinity : distance(x, y, from, to);
        if (far < least) { best = { kind: "weight", l, j: to.j, k: from.j }; least = far; }
      }
    }
  }
  return best;
}

/** From a point to the line between two others. */
export function distance(x: number, y: number, from: Pick<Spot, "x" | "y">, to: Pick<Spot, "x" | "y">): number {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const along = ((x - from.x) * dx + (y - from.y) * dy) / (dx * dx + dy * dy || 1);
  const t = Math.max(0, Math.min(1, along));
  return Math.hypot(x - from.x - t * dx, y - from.y - t * dy);
}

/** Where an arrow key leads from what is chosen: up and down in a layer, left and right between layers. */
export function moved(sizes: readonly number[], from: Selection, key: string): Selection {
  if (from.kind === "none") return { kind: "neuron", l: Math.min(2, sizes.length), j: 0 };
  const [dl, dj] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key] ?? [0, 0];
  const l = Math.max(1, Math.min(sizes.length, from.l + dl!));
  return { kind: "neuron", l, j: Math.max(0, Math.min(sizes[l - 1]! - 1, from.j + dj!)) };
}

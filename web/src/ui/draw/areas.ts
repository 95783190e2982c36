/** Where the layers of a wide network lie: the input as a picture, hidden neurons as tiles, the output as rows. */

import type { Pass } from "../../model";
import type { Selection } from "../../state";

export const SORTS = ["position", "activation", "gradient"] as const;
export type Sort = (typeof SORTS)[number];

/** Rows and columns in which the numbers of a layer are put down. */
export interface Grid {
  readonly rows: number;
  readonly columns: number;
  /** Numbers to a cell: the channels of a coloured picture. */
  readonly channels: number;
}

/** The place of a layer. A tile is a neuron: its incoming weights, arranged as the layer before is. */
export interface Area {
  readonly l: number;
  readonly kind: "picture" | "tiles" | "rows";
  readonly x: number;
  readonly y: number;
  /** Of a tile, or of the whole picture. */
  readonly width: number;
  readonly height: number;
  /** From one tile to the next. */
  readonly across: number;
  readonly down: number;
  readonly columns: number;
  /** Which neuron stands at which place. */
  readonly order: readonly number[];
  readonly grid: Grid;
}

const ROWS = 16; // output neurons: so many are shown as rows
const GAP = 4;
const BAR = 5; // below a tile: the bar of its neuron
const HEAD = 34; // above a layer: its name
const EDGE = 1; // beside the first picture: its frame
const LABELS = 178; // beside the tile of an output neuron: its name, its bar, its number
const STACKED = 520; // pixels: below this width the layers lie one below the other

/** A picture's own rows and columns; any other layer nearly square. */
export function gridOf(n: number, image: readonly number[] | null): Grid {
  if (image && image.length >= 2) {
    const [rows, columns] = image as [number, number];
    if (n % (rows * columns) === 0) return { rows, columns, channels: n / (rows * columns) };
  }
  const columns = Math.ceil(Math.sqrt(n));
  return { rows: Math.ceil(n / columns), columns, channels: 1 };
}

/** The neurons of a layer, by place, by how active they are, or by how large their error is. */
export function ordered(n: number, sort: Sort, pass: Pass | null, l: number): number[] {
  const order = Array.from({ length: n }, (_, j) => j);
  const by = sort === "activation" ? pass?.a[l] : sort === "gradient" ? pass?.delta[l] : null;
  return by ? order.sort((i, j) => Math.abs(by[j]!) - Math.abs(by[i]!) || i - j) : order;
}

/** How much of the width each layer gets: the input a third of what the first hidden layer gets. */
function shares(sizes: readonly number[]): number[] {
  const raw = sizes.map((n, i) => (i === 0 ? 1 : i === sizes.length - 1 && n <= ROWS ? 1.7 : Math.max(1, Math.min(2.6, n / 38))));
  const sum = raw.reduce((a, b) => a + b, 0);
  return raw.map((share) => share / sum);
}

/** The areas of all layers, side by side, or one below the other where there is little width; and the height in all. */
export function areasOf(
  sizes: readonly number[], image: readonly number[] | null, width: number, height: number, orders: readonly (readonly number[])[],
): { areas: readonly Area[]; height: number } {
  const grids = sizes.map((n, i) => gridOf(n, i === 0 ? image : null));
  const isStacked = width < STACKED;
  const parts = shares(sizes);
  let y = 0;
  const areas = sizes.map((n, i) => {
    const room = isStacked ? { w: width, h: Infinity } : { w: width * parts[i]! - 18, h: height - HEAD };
    const area = areaOf(i + 1, n, sizes, room, grids, orders[i]!);
    const placed = { ...area, x: EDGE, y: y + HEAD + (isStacked ? 0 : Math.max(0, (height - HEAD - tall(area)) / 2)) };
    if (isStacked) y += HEAD + tall(area) + 10;
    return placed;
  });
  if (isStacked) return { areas, height: y };
  const free = (width - 2 * EDGE - areas.reduce((sum, area) => sum + wide(area), 0)) / Math.max(1, areas.length - 1);
  let x = EDGE;
  const spread = areas.map((area) => {
    const placed = { ...area, x };
    x += wide(area) + Math.min(free, 90);
    return placed;
  });
  return { areas: spread, height };
}

/** How wide all its tiles are, with what stands beside them. */
const wide = (area: Area): number =>
  area.kind === "picture" ? area.width : area.kind === "rows" ? area.width + LABELS : area.columns * area.across;

/** How tall all its tiles are. */
const tall = (area: Area): number =>
  area.kind === "picture" ? area.height : Math.ceil(area.order.length / area.columns) * area.down;

interface Room { readonly w: number; readonly h: number }

function areaOf(l: number, n: number, sizes: readonly number[], room: Room, grids: readonly Grid[], order: readonly number[]): Area {
  const base = { l, x: 0, y: 0, order, columns: 1, across: 0, down: 0 };
  if (l === 1) {
    const grid = grids[0]!;
    const cell = Math.min(Math.min(room.w, 220) / grid.columns, room.h / grid.rows);
    return { ...base, kind: "picture", width: cell * grid.columns, height: cell * grid.rows, grid };
  }
  const grid = grids[l - 2]!;
  if (l === sizes.length && n <= ROWS) {
    const size = Math.max(8, Math.min(34, room.h / n - GAP, Math.max(26, room.w - LABELS)));
    return { ...base, kind: "rows", width: size, height: size, across: room.w, down: size + GAP, grid };
  }
  return { ...base, kind: "tiles", ...tiling(n, room), grid };
}

/** As large as the tiles can be. */
function tiling(n: number, room: Room): Pick<Area, "columns" | "width" | "height" | "across" | "down"> {
  let best = { columns: 1, size: 0 };
  for (let columns = 1; columns <= n; columns++) {
    const across = room.w / columns - GAP;
    const size = room.h === Infinity ? across : Math.min(across, room.h / Math.ceil(n / columns) - GAP - BAR);
    const isBetter = room.h === Infinity ? best.size === 0 || size >= 30 : size > best.size;
    if (isBetter) best = { columns, size };
  }
  const size = Math.max(2, Math.min(56, best.size));
  return { columns: best.columns, width: size, height: size, across: size + GAP, down: size + GAP + BAR };
}

/** Where a neuron's tile lies. */
export function tileOf(area: Area, place: number): { x: number; y: number } {
  return { x: area.x + (place % area.columns) * area.across, y: area.y + Math.floor(place / area.columns) * area.down };
}

/** The middle of a neuron: of its tile, or of its cell in the picture. */
export function middleOf(area: Area, j: number): { x: number; y: number } {
  if (area.kind === "picture") {
    const { grid } = area;
    const cell = Math.floor(j / grid.channels);
    return {
      x: area.x + ((cell % grid.columns) + 0.5) * (area.width / grid.columns),
      y: area.y + (Math.floor(cell / grid.columns) + 0.5) * (area.height / grid.rows),
    };
  }
  const { x, y } = tileOf(area, area.order.indexOf(j));
  return { x: x + area.width / 2, y: y + area.height / 2 };
}

/** Which number of a grid lies at a place of a box; -1 outside. */
function cellAt(grid: Grid, x: number, y: number, width: number, height: number): number {
  const [column, row] = [Math.floor((x / width) * grid.columns), Math.floor((y / height) * grid.rows)];
  const isInside = column >= 0 && row >= 0 && column < grid.columns && row < grid.rows;
  return isInside ? (row * grid.columns + column) * grid.channels : -1;
}

/** What lies under the pointer: an input, or a neuron and, in its tile, one of its weights. */
export function hitArea(areas: readonly Area[], sizes: readonly number[], x: number, y: number): { neuron: Selection; weight: Selection } {
  const none = { neuron: { kind: "none" }, weight: { kind: "none" } } as const;
  for (const area of areas) {
    if (area.kind === "picture") {
      const j = cellAt(area.grid, x - area.x, y - area.y, area.width, area.height);
      if (j >= 0 && j < sizes[0]!) return { neuron: { kind: "neuron", l: 1, j }, weight: none.weight };
      continue;
    }
    const [column, row] = [Math.floor((x - area.x) / area.across), Math.floor((y - area.y) / area.down)];
    const place = row * area.columns + column;
    if (column < 0 || row < 0 || column >= area.columns || place >= area.order.length) continue;
    const j = area.order[place]!;
    const corner = tileOf(area, place);
    const k = cellAt(area.grid, x - corner.x, y - corner.y, area.width, area.height);
    const isWeight = k >= 0 && k < sizes[area.l - 2]!;
    return { neuron: { kind: "neuron", l: area.l, j }, weight: isWeight ? { kind: "weight", l: area.l, j, k } : none.weight };
  }
  return none;
}

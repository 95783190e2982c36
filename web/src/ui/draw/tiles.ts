/** A wide network on a canvas: weights as pictures, neurons as bars. */

import { css, diverging, edgeColour, paintNumbers, type Theme } from "../../colours";
import type { Selection } from "../../state";
import { middleOf, tileOf, type Area, type Grid } from "./areas";
import { fitted } from "./label";
import { short, type Ink } from "./network";
import { SIDE, type Thumbnails } from "./plane";
import type { Values } from "./values";

export interface WidePicture {
  readonly areas: readonly Area[];
  readonly values: Values;
  /** By layer: the size at which a weight has its full colour. */
  readonly scales: readonly number[];
  /** By layer: the size at which a neuron's bar is full. */
  readonly bars: readonly number[];
  readonly selection: Selection;
  readonly hover: Selection;
  /** What the neurons answer over the plane, where their tiles show that and not their edges. */
  readonly pictures: Thumbnails | null;
  /** Above the layers, and beside the output neurons. */
  readonly names: readonly string[];
  readonly outputs: readonly string[];
  readonly target: ArrayLike<number> | null;
}

/** Canvases that are painted again and again. */
export type Sheets = Map<number, { canvas: HTMLCanvasElement; pixels: ImageData }>;

const STRONGEST = 12; // edges of the chosen neuron
const TALLEST = 16000; // pixels of a canvas

/** Draw it on a cleared canvas. */
export function drawWide(c: CanvasRenderingContext2D, p: WidePicture, sheets: Sheets, ink: Ink): void {
  for (const area of p.areas) {
    heading(c, area, p.names[area.l - 1]!, ink);
    if (area.kind === "picture") drawPicture(c, area, p, sheets, ink);
    else drawTiles(c, area, p, sheets, ink);
  }
  drawStrongest(c, p, ink);
  frame(c, p, p.hover, 2, ink);
  frame(c, p, p.selection, 3, ink);
  drawWeight(c, p, ink);
}

/** The chosen weight before all others: its line, both of its neurons, and its cell in the picture of all weights into one. */
function drawWeight(c: CanvasRenderingContext2D, p: WidePicture, ink: Ink): void {
  const s = p.selection;
  if (s.kind !== "weight" || s.k < 0) return;
  frame(c, p, { kind: "neuron", l: s.l - 1, j: s.k }, 2, ink);
  if (!isStacked(p)) drawLine(c, p, s, ink);
  cellFrame(c, p.areas[s.l - 1]!, s.j, s.k, ink);
}

function drawLine(c: CanvasRenderingContext2D, p: WidePicture, s: { readonly l: number; readonly j: number; readonly k: number }, ink: Ink): void {
  const [from, to] = [middleOf(p.areas[s.l - 2]!, s.k), middleOf(p.areas[s.l - 1]!, s.j)];
  const value = p.values.edges[s.l]![s.j * p.areas[s.l - 2]!.order.length + s.k]!;
  const sign = edgeColour(Math.sign(value) || 1, 1, ink.theme);
  for (const [style, width, dash] of [[ink.paper, 9, []], [ink.ink, 6, []], [sign, 3.5, value < 0 ? [9, 5] : []]] as const) {
    c.strokeStyle = style;
    c.lineWidth = width;
    c.setLineDash([...dash]);
    c.beginPath();
    c.moveTo(from.x, from.y);
    c.lineTo(to.x, to.y);
    c.stroke();
  }
  c.setLineDash([]);
}

/** A frame around one weight of a tile, at least so large that it is seen. */
function cellFrame(c: CanvasRenderingContext2D, area: Area, j: number, k: number, ink: Ink): void {
  const { grid } = area;
  const { x, y } = tileOf(area, area.order.indexOf(j));
  const [w, h, cell] = [area.width / grid.columns, area.height / grid.rows, Math.floor(k / grid.channels)];
  const [left, top] = [x + (cell % grid.columns) * w, y + Math.floor(cell / grid.columns) * h];
  const [wide, high] = [Math.max(w, 5), Math.max(h, 5)];
  c.lineWidth = 1.5;
  c.strokeStyle = ink.ink;
  c.strokeRect(left + (w - wide) / 2, top + (h - high) / 2, wide, high);
}

/** Whether the layers stand one below the other: lines would run over the tiles. */
const isStacked = ({ areas }: WidePicture): boolean => areas[1]!.y > areas[0]!.y + areas[0]!.height;

function heading(c: CanvasRenderingContext2D, area: Area, text: string, ink: Ink): void {
  const [name, more] = text.split("\n") as [string, string | undefined];
  c.textAlign = "left";
  c.textBaseline = "alphabetic";
  c.font = '600 12px system-ui, "DejaVu Sans", sans-serif';
  c.fillStyle = ink.ink;
  c.fillText(name, area.x, area.y - (more ? 20 : 8));
  c.font = '11px system-ui, "DejaVu Sans", sans-serif';
  c.fillStyle = ink.faint;
  if (more) c.fillText(more, area.x, area.y - 6);
}

function drawPicture(c: CanvasRenderingContext2D, area: Area, p: WidePicture, sheets: Sheets, ink: Ink): void {
  const values = p.values.nodes?.[1];
  if (values) {
    const sheet = painted(sheets, 1, cells(values, values.length, area.grid), 1, area.grid, p.bars[1]!, ink.theme);
    c.imageSmoothingEnabled = false;
    if (sheet) c.drawImage(sheet, area.x, area.y, area.width, area.height);
  }
  c.lineWidth = 1;
  c.strokeStyle = ink.line;
  c.strokeRect(area.x - 0.5, area.y - 0.5, area.width + 1, area.height + 1);
}

function drawTiles(c: CanvasRenderingContext2D, area: Area, p: WidePicture, sheets: Sheets, ink: Ink): void {
  const { l, grid, order } = area;
  const n = order.length;
  const [sheet, top, width, height] = facesOf(area, p, sheets, ink);
  c.imageSmoothingEnabled = p.pictures !== null || area.width / grid.columns < 2; // small tiles are averaged, large ones keep their pixels
  c.strokeStyle = ink.line;
  c.lineWidth = 1;
  for (let place = 0; place < n; place++) {
    const { x, y } = tileOf(area, place);
    const j = order[place]!;
    if (sheet) c.drawImage(sheet, 0, top(j), width, height, x, y, area.width, area.height);
    c.strokeRect(x - 0.5, y - 0.5, area.width + 1, area.height + 1);
    if (area.kind === "rows") drawRow(c, area, p, j, x, y, ink);
    else drawBar(c, x, y + area.height + 2, area.width, 3, p.values.nodes?.[l]?.[j], p.bars[l]!, ink);
  }
}

/** Where the tiles of a layer are painted: a canvas, the top of each neuron's tile on it, and the size of one. */
function facesOf({ l, grid, order }: Area, p: WidePicture, sheets: Sheets, ink: Ink): readonly [HTMLCanvasElement | null, (j: number) => number, number, number] {
  const { pictures } = p;
  if (pictures) return [pictures.sheet, (j) => pictures.rowOf(l, j), SIDE, SIDE];
  const values = p.values.edges[l]!;
  const sheet = painted(sheets, l, cells(values, values.length / order.length, grid), order.length, grid, p.scales[l]!, ink.theme);
  return [sheet, (j) => j * grid.rows, grid.columns, grid.rows];
}

/** A bar from the left; what is negative has a gap in it, so that its sign is not colour alone. */
function drawBar(
  c: CanvasRenderingContext2D, x: number, y: number, width: number, height: number, value: number | undefined, scale: number, ink: Ink,
): void {
  if (value === undefined) return;
  const length = Math.min(1, Math.abs(value) / scale) * width;
  c.fillStyle = ink.line;
  c.fillRect(x, y + height - 1, width, 1);
  c.fillStyle = css(diverging(value < 0 ? -1 : 1, 1, ink.theme));
  if (value >= 0) c.fillRect(x, y, length, height);
  else for (let at = 0; at < length; at += 4) c.fillRect(x + at, y, Math.min(2, length - at), height);
}

/** An output neuron: what it is called, its bar and its number; where the target is 1, it says so. */
function drawRow(c: CanvasRenderingContext2D, area: Area, p: WidePicture, j: number, x: number, y: number, ink: Ink): void {
  const value = p.values.nodes?.[area.l]?.[j];
  const left = x + area.width + 8;
  const middle = y + area.height / 2;
  const isTarget = p.target !== null && p.target[j] === 1;
  c.textBaseline = "middle";
  c.textAlign = "left";
  c.font = `${isTarget ? "700 " : ""}12px system-ui, "DejaVu Sans", sans-serif`;
  c.fillStyle = ink.ink;
  c.fillText(fitted(c, p.outputs[j]!.replace(/^class (?=\d+$)/, ""), 42), left, middle);
  drawBar(c, left + 46, middle - 4, 40, 8, value, p.bars[area.l]!, ink);
  c.font = '11px system-ui, "DejaVu Sans", sans-serif';
  c.fillStyle = ink.faint;
  if (value !== undefined) c.fillText(`${short(value)}${isTarget ? "  y = 1" : ""}`, left + 91, middle);
}

/** Numbers in the cells of a grid: the mean of the channels, and nothing where a grid has more cells than numbers. */
export function cells(values: Float64Array, each: number, { rows, columns, channels }: Grid): Float64Array {
  const size = rows * columns;
  if (channels === 1 && each === size) return values;
  const n = values.length / each;
  const found = new Float64Array(n * size).fill(NaN);
  for (let j = 0; j < n; j++) {
    for (let k = 0; k < each; k += channels) {
      let sum = 0;
      for (let c = 0; c < channels; c++) sum += values[j * each + k + c]!;
      found[j * size + k / channels] = sum / channels;
    }
  }
  return found;
}

/** All grids of a layer, one below the other on a canvas of their own; null where that would be too tall. */
function painted(
  sheets: Sheets, l: number, values: Float64Array, n: number, grid: Grid, scale: number, theme: Theme,
): HTMLCanvasElement | null {
  const [width, height] = [grid.columns, grid.rows * n];
  if (height > TALLEST) return null;
  let sheet = sheets.get(l);
  if (!sheet || sheet.canvas.width !== width || sheet.canvas.height !== height) {
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    sheet = { canvas, pixels: new ImageData(width, height) };
    sheets.set(l, sheet);
  }
  paintNumbers(values, scale, theme, sheet.pixels.data);
  sheet.canvas.getContext("2d")!.putImageData(sheet.pixels, 0, 0);
  return sheet.canvas;
}

function frame(c: CanvasRenderingContext2D, p: WidePicture, s: Selection, width: number, ink: Ink): void {
  if (s.kind === "none") return;
  const area = p.areas[s.l - 1]!;
  const { x, y } = middleOf(area, s.j);
  const [w, h] = area.kind === "picture" ? [area.width / area.grid.columns, area.height / area.grid.rows] : [area.width, area.height];
  c.lineWidth = width;
  c.strokeStyle = ink.accent;
  c.strokeRect(x - w / 2 - 1.5, y - h / 2 - 1.5, w + 3, h + 3);
}

/** The strongest edges of the chosen neuron: where they come from and where they lead. */
function drawStrongest(c: CanvasRenderingContext2D, p: WidePicture, ink: Ink): void {
  const s = p.selection;
  if (s.kind === "none" || isStacked(p)) return;
  c.globalAlpha = s.kind === "weight" && s.k >= 0 ? 0.35 : 1; // then one of them is meant
  for (const { l, j, k, value, scale } of strongest(p.values, s, p.areas.map((area) => area.order.length))) {
    const [from, to] = [middleOf(p.areas[l - 2]!, k), middleOf(p.areas[l - 1]!, j)];
    c.lineWidth = 0.5 + 3 * Math.min(1, Math.abs(value) / scale);
    c.setLineDash(value < 0 ? [5, 4] : []);
    c.strokeStyle = edgeColour(value, scale, ink.theme);
    c.beginPath();
    c.moveTo(from.x, from.y);
    c.lineTo(to.x, to.y);
    c.stroke();
  }
  c.setLineDash([]);
  c.globalAlpha = 1;
}

interface Strong { readonly l: number; readonly j: number; readonly k: number; readonly value: number; readonly scale: number }

/** The largest edges out of a neuron, and those into it, but not from the input's picture, which its tile shows whole. */
export function strongest(values: Values, s: Exclude<Selection, { kind: "none" }>, sizes: readonly number[]): Strong[] {
  const found: Strong[] = [];
  const top = (l: number, all: { j: number; k: number; value: number }[]): void => {
    const most = all.sort((u, v) => Math.abs(v.value) - Math.abs(u.value)).slice(0, STRONGEST);
    for (const edge of most) found.push({ l, ...edge, scale: Math.abs(most[0]!.value) || 1 });
  };
  const { l, j } = s;
  const at = (layer: number, to: number, from: number): number => values.edges[layer]![to * sizes[layer - 2]! + from]!;
  if (l > 2) top(l, Array.from({ length: sizes[l - 2]! }, (_, k) => ({ j, k, value: at(l, j, k) })));
  if (l < sizes.length) top(l + 1, Array.from({ length: sizes[l]! }, (_, i) => ({ j: i, k: j, value: at(l + 1, i, j) })));
  return found;
}

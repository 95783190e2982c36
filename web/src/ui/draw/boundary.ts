/** What a network answers over the plane of its two inputs: regions, the line between them, and the points it learned from. */

import { CLASSES, classMark, css, diverging, paintNumbers, type Rgb, type Shape, type Theme } from "../../colours";
import { outputs } from "../../model";
import type { Network, Parameters } from "../../network";
import type { Matrix } from "../../protocol";
import type { Ink } from "./network";
import type { Plane } from "./plane";

export const SIDE = 48; // of the grid; 2304 forward passes in one

/** What is asked of a plane: which class, or how much. */
export interface Question {
  readonly classify: boolean;
  /** Of one output: the value that parts the classes. */
  readonly middle: number;
}

/** A single output parts two classes halfway between the targets that its cost has for them, as in the engine. */
export const questionOf = (net: Network, classify: boolean): Question => ({ classify, middle: net.cost.middle });

/** The class that outputs stand for. */
export function classAt(a: ArrayLike<number>, at: number, n: number, { middle }: Question): number {
  if (n === 1) return a[at]! > middle ? 1 : 0;
  let best = 0;
  for (let j = 1; j < n; j++) if (a[at + j]! > a[at + best]!) best = j;
  return best;
}

/** The answers on the grid, row by row from the top. */
export function gridOf(net: Network, p: Parameters, { x, y }: Plane, side: number = SIDE): Float64Array {
  const inputs = new Float64Array(2 * side * side);
  for (let row = 0, at = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      inputs[at++] = x[0] + ((column + 0.5) / side) * (x[1] - x[0]);
      inputs[at++] = y[1] - ((row + 0.5) / side) * (y[1] - y[0]);
    }
  }
  return outputs(net, p, inputs, side * side);
}

const rgb = (hex: string): Rgb => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)) as unknown as Rgb;
const PAPER: Readonly<Record<Theme, Rgb>> = { light: [255, 255, 255], dark: [22, 27, 34] };

/** The colour of each cell: of the class, the fuller the surer; of a regression, its first number. */
export function paintGrid(a: Float64Array, n: number, ask: Question, theme: Theme, pixels: Uint8ClampedArray): void {
  if (!ask.classify) {
    const values = n === 1 ? a : a.filter((_, i) => i % n === 0);
    paintNumbers(values, values.reduce((m, v) => Math.max(m, Math.abs(v)), 1e-9), theme, pixels);
  }
  const [paper, classes, odd] = [PAPER[theme], CLASSES[theme].map(rgb), diverging(NaN, 1, theme)];
  for (let i = 0; i * n < a.length; i++) {
    const isOdd = !Number.isFinite(a[i * n]!);
    if (!isOdd && !ask.classify) continue;
    const best = classAt(a, i * n, n, ask);
    const sure = n === 1 ? Math.abs(a[i]! - ask.middle) / (ask.middle || 1) : (a[i * n + best]! - 1 / n) / (1 - 1 / n);
    const share = isOdd ? 1 : 0.55 * Math.max(0, Math.min(1, 0.25 + 0.75 * sure)); // from the paper towards the colour
    const to = isOdd ? odd : classes[best % classes.length]!;
    for (let c = 0; c < 3; c++) pixels[4 * i + c] = paper[c]! + (to[c]! - paper[c]!) * share;
    pixels[4 * i + 3] = 255;
  }
}

/** How far each cell is inside a class: above 0 inside. Where two classes meet it is 0. */
function margin(a: Float64Array, n: number, j: number, { middle }: Question): Float64Array {
  if (n === 1) return a.map((v) => v - middle);
  return Float64Array.from({ length: a.length / n }, (_, i) => {
    let other = -Infinity;
    for (let k = 0; k < n; k++) if (k !== j) other = Math.max(other, a[i * n + k]!);
    return a[i * n + j]! - other;
  });
}

export type Segment = readonly [x1: number, y1: number, x2: number, y2: number];

/** Where a field on a grid is 0 (marching squares): segments in cells, from the middle of the first cell. */
export function contour(field: ArrayLike<number>, side: number): Segment[] {
  const found: Segment[] = [];
  for (let row = 0; row < side - 1; row++) {
    for (let column = 0; column < side - 1; column++) {
      const at = row * side + column;
      const corners = [field[at]!, field[at + 1]!, field[at + side + 1]!, field[at + side]!] as const;
      const points = crossings(corners).map(([x, y]) => [column + x, row + y] as const);
      for (let i = 0; i + 1 < points.length; i += 2) found.push([...points[i]!, ...points[i + 1]!]);
    }
  }
  return found;
}

const CORNERS = [[0, 0], [1, 0], [1, 1], [0, 1]] as const;

/** The places on the edges of a cell where the sign changes: none, two, or four. */
function crossings(corners: readonly number[]): [number, number][] {
  const found: [number, number][] = [];
  for (let i = 0; i < 4; i++) {
    const [u, v] = [corners[i]!, corners[(i + 1) % 4]!];
    if (u > 0 === v > 0) continue;
    const t = u / (u - v);
    const [from, to] = [CORNERS[i]!, CORNERS[(i + 1) % 4]!];
    found.push([from[0] + t * (to[0] - from[0]), from[1] + t * (to[1] - from[1])]);
  }
  return found;
}

/** A class's shape around a point: never its colour alone. */
function shapePath(c: CanvasRenderingContext2D, shape: Shape, x: number, y: number, r: number): void {
  c.beginPath();
  const polygon = (n: number, turn: number): void => {
    for (let i = 0; i < n; i++) {
      const angle = turn + (2 * Math.PI * i) / n;
      c[i ? "lineTo" : "moveTo"](x + 1.25 * r * Math.cos(angle), y + 1.25 * r * Math.sin(angle));
    }
    c.closePath();
  };
  if (shape === "triangle") polygon(3, -Math.PI / 2);
  else if (shape === "square") c.rect(x - r, y - r, 2 * r, 2 * r);
  else if (shape === "diamond") polygon(4, 0);
  else if (shape === "pentagon") polygon(5, -Math.PI / 2);
  else if (shape === "star") star(c, x, y, 1.4 * r);
  else if (shape === "cross" || shape === "plus") arms(c, x, y, 1.3 * r, shape === "cross" ? Math.PI / 4 : 0);
  else c.arc(x, y, r, 0, 2 * Math.PI);
}

function star(c: CanvasRenderingContext2D, x: number, y: number, r: number): void {
  for (let i = 0; i < 10; i++) {
    const [angle, far] = [-Math.PI / 2 + (Math.PI * i) / 5, i % 2 ? 0.45 * r : r];
    c[i ? "lineTo" : "moveTo"](x + far * Math.cos(angle), y + far * Math.sin(angle));
  }
  c.closePath();
}

function arms(c: CanvasRenderingContext2D, x: number, y: number, r: number, turn: number): void {
  const w = r * 0.34;
  const outline = [[-w, -r], [w, -r], [w, -w], [r, -w], [r, w], [w, w], [w, r], [-w, r], [-w, w], [-r, w], [-r, -w], [-w, -w]] as const;
  outline.forEach(([px, py], i) => {
    const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
    c[i ? "lineTo" : "moveTo"](x + px * cos - py * sin, y + px * sin + py * cos);
  });
  c.closePath();
}

/** The points of the plane, their classes, and which of them the network has wrong. */
export interface Points {
  readonly x: Matrix;
  readonly classes: ArrayLike<number>;
  /** The classes that the network takes them for. */
  readonly said: ArrayLike<number>;
  readonly wrong: ArrayLike<boolean>;
  /** The values of a regression, and the size at which their colour is full. */
  readonly values: Float64Array | null;
}

export interface Frame2 { readonly left: number; readonly top: number; readonly size: number }
export const toPixel = ({ x, y }: Plane, { left, top, size }: Frame2, px: number, py: number): [number, number] =>
  [left + ((px - x[0]) / (x[1] - x[0])) * size, top + ((y[1] - py) / (y[1] - y[0])) * size];

/** A class's mark; with a colour of its own, a disc. */
export function drawMark(c: CanvasRenderingContext2D, of: number, x: number, y: number, r: number, ink: Ink, own: string | null = null): void {
  const { colour, shape } = classMark(of, ink.theme);
  shapePath(c, own ? "circle" : shape, x, y, r);
  c.fillStyle = own ?? colour;
  c.fill();
  c.lineWidth = 1;
  c.strokeStyle = ink.paper;
  c.stroke();
}

export function drawPoints(c: CanvasRenderingContext2D, points: Points, plane: Plane, box: Frame2, ink: Ink, kept: Kept): void {
  const sheet = pointSheet(points, plane, box, ink, kept);
  c.drawImage(sheet, 0, 0, sheet.width / SHARP, sheet.height / SHARP);
  c.lineWidth = 1.6;
  c.strokeStyle = ink.ink;
  for (let i = 0; i < points.x.rows; i++) {
    if (!points.wrong[i]) continue;
    const [x, y] = toPixel(plane, box, points.x.data[2 * i]!, points.x.data[2 * i + 1]!);
    c.beginPath();
    c.arc(x, y, radiusOf(points) + 3.5, 0, 2 * Math.PI);
    c.stroke();
  }
}

const SHARP = 2; // pixels of the sheet to one of the page
const radiusOf = (points: Points): number => (points.x.rows > 400 ? 2.6 : 3.6);

/** The points on a canvas of their own, since only what is wrong changes while the network learns. */
export interface Kept { sheet: HTMLCanvasElement | null; key: string; of: unknown }

function pointSheet(points: Points, plane: Plane, box: Frame2, ink: Ink, kept: Kept): HTMLCanvasElement {
  const key = [box.left, box.top, box.size, ink.theme].join();
  if (kept.sheet && kept.key === key && kept.of === points.x) return kept.sheet;
  const size = { width: (box.left + box.size + 12) * SHARP, height: (box.top + box.size + 12) * SHARP };
  const sheet = Object.assign(document.createElement("canvas"), size);
  const c = sheet.getContext("2d")!;
  c.scale(SHARP, SHARP);
  const most = points.values?.reduce((m, v) => Math.max(m, Math.abs(v)), 1e-9) ?? 1;
  for (let i = 0; i < points.x.rows; i++) {
    const [x, y] = toPixel(plane, box, points.x.data[2 * i]!, points.x.data[2 * i + 1]!);
    drawMark(c, points.classes[i]!, x, y, radiusOf(points), ink, points.values ? css(diverging(points.values[i]!, most, ink.theme)) : null);
  }
  Object.assign(kept, { sheet, key, of: points.x });
  return sheet;
}

/** The line between regions, over a grid of so many cells. */
export function drawContour(c: CanvasRenderingContext2D, a: Float64Array, n: number, ask: Question, box: Frame2, ink: Ink): void {
  const cell = box.size / SIDE;
  c.beginPath();
  for (let j = 0; j < (n === 1 ? 1 : n); j++) {
    for (const [x1, y1, x2, y2] of contour(margin(a, n, j, ask), SIDE)) {
      c.moveTo(box.left + (x1 + 0.5) * cell, box.top + (y1 + 0.5) * cell);
      c.lineTo(box.left + (x2 + 0.5) * cell, box.top + (y2 + 0.5) * cell);
    }
  }
  c.lineWidth = 1.8;
  c.strokeStyle = ink.ink;
  c.stroke();
}

/** Around the example that is followed. */
export function drawPin(c: CanvasRenderingContext2D, x: number, y: number, ink: Ink): void {
  for (const [width, colour] of [[5, ink.paper], [2.5, ink.accent]] as const) {
    c.beginPath();
    c.arc(x, y, 9, 0, 2 * Math.PI);
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]] as const) {
      c.moveTo(x + 9 * dx, y + 9 * dy);
      c.lineTo(x + 14 * dx, y + 14 * dy);
    }
    c.lineWidth = width;
    c.strokeStyle = colour;
    c.stroke();
  }
}

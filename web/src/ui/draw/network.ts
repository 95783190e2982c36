/** A small network on a canvas: every neuron, every edge. */

import { css, diverging, edgeColour, type Theme } from "../../colours";
import { number } from "../../format";
import type { Selection } from "../../state";
import { fitted } from "./label";
import { spotOf, type Layout, type Spot } from "./layout";
import { SIDE, type Thumbnails } from "./plane";
import type { Values } from "./values";

export interface Ink {
  readonly theme: Theme;
  readonly ink: string;
  readonly faint: string;
  readonly line: string;
  readonly paper: string;
  readonly accent: string;
}

export interface Picture {
  readonly layout: Layout;
  readonly values: Values;
  /** The size at which an edge has its full width, and at which a neuron has its full colour. */
  readonly scale: { readonly edge: number; readonly node: number };
  readonly selection: Selection;
  readonly hover: Selection;
  /** Beside the inputs and the outputs. */
  readonly labels: { readonly inputs: readonly string[]; readonly outputs: readonly string[] };
  /** Pictures in place of the numbers, by layer and neuron. */
  readonly thumbnails: Thumbnails | null;
}

export const FULL = 6; // pixels: the width of an edge at the end of the scale
export const DASH = [8, 6];
const FAINT = 0.05; // of the scale: thinner edges are too faint for dashes to be seen, and are drawn together
const CROWDED = 600; // edges: so many are not sorted by size

interface Edge { readonly from: Spot; readonly to: Spot; readonly value: number; readonly l: number }

/** Draw it on a cleared canvas. */
export function drawNetwork(c: CanvasRenderingContext2D, p: Picture, ink: Ink): void {
  const edges = edgesOf(p);
  const isCalm = p.selection.kind === "none" && p.hover.kind === "none";
  const isFaint = (edge: Edge): boolean => Math.abs(edge.value) <= FAINT * p.scale.edge && !touches(edge, p.selection);
  drawFaint(c, edges.filter(isFaint), p, ink, isCalm ? 1 : 0.25);
  for (const edge of edges) {
    if (!isFaint(edge)) drawEdge(c, edge, p, ink, isCalm || touches(edge, p.hover) || touches(edge, p.selection) ? 1 : 0.25);
  }
  c.setLineDash([]);
  c.globalAlpha = 1;
  for (const spot of p.layout.spots.flat()) drawNode(c, spot, p, ink);
  drawLabels(c, p, ink);
}

function edgesOf({ layout, values }: Picture): Edge[] {
  const edges: Edge[] = [];
  for (let l = 2; l < layout.spots.length; l++) {
    const before = layout.spots[l - 1]!;
    const n = before.filter((spot) => spot.j >= 0).length;
    for (const to of layout.spots[l]!) {
      if (to.j < 0) continue;
      for (const from of before) {
        const value = from.j < 0 ? values.biases[l]![to.j]! : values.edges[l]![to.j * n + from.j]!;
        edges.push({ from, to, value, l });
      }
    }
  }
  return edges.length > CROWDED ? edges : edges.sort((u, v) => Math.abs(u.value) - Math.abs(v.value));
}

/** Whether an edge belongs to what is chosen. */
function touches({ from, to, l }: Edge, s: Selection): boolean {
  if (s.kind === "none") return false;
  if (s.kind === "weight") return l === s.l && to.j === s.j && from.j === s.k;
  return (l === s.l && to.j === s.j) || (l - 1 === s.l && from.j === s.j);
}

/** All edges that are nearly 0, in two strokes: there are many of them. */
function drawFaint(c: CanvasRenderingContext2D, edges: readonly Edge[], p: Picture, ink: Ink, alpha: number): void {
  c.globalAlpha = alpha;
  c.lineWidth = 0.6;
  c.setLineDash([]);
  for (const sign of [-1, 1]) {
    c.strokeStyle = edgeColour(sign * FAINT * p.scale.edge, p.scale.edge, ink.theme);
    c.beginPath();
    for (const { from, to, value } of edges) {
      if ((value < 0 ? -1 : 1) !== sign) continue;
      c.moveTo(from.x, from.y);
      c.lineTo(to.x, to.y);
    }
    c.stroke();
  }
}

function drawEdge(c: CanvasRenderingContext2D, edge: Edge, p: Picture, ink: Ink, alpha: number): void {
  const { from, to, value } = edge;
  const share = Number.isFinite(value) ? Math.min(1, Math.abs(value) / p.scale.edge) : 1;
  const isChosen = p.selection.kind === "weight" && touches(edge, p.selection);
  c.globalAlpha = alpha;
  c.lineWidth = 0.5 + (FULL - 0.5) * share;
  c.setLineDash(value < 0 ? DASH : []);
  c.strokeStyle = Number.isFinite(value) ? edgeColour(value, p.scale.edge, ink.theme) : css(diverging(NaN, 1, ink.theme));
  c.beginPath();
  c.moveTo(from.x, from.y);
  c.lineTo(to.x, to.y);
  if (isChosen) outline(c, ink);
  c.stroke();
}

/** A frame around the chosen edge, so that it is found again among others. */
function outline(c: CanvasRenderingContext2D, ink: Ink): void {
  const [style, width, dash] = [c.strokeStyle, c.lineWidth, c.getLineDash()];
  c.setLineDash([]);
  c.strokeStyle = ink.accent;
  c.lineWidth = width + 6;
  c.stroke();
  c.strokeStyle = ink.paper;
  c.lineWidth = width + 3;
  c.stroke();
  c.strokeStyle = style;
  c.lineWidth = width;
  c.setLineDash(dash);
}

function drawNode(c: CanvasRenderingContext2D, spot: Spot, p: Picture, ink: Ink): void {
  const { radius: r } = p.layout;
  const value = spot.j < 0 ? 1 : p.values.nodes?.[spot.l]?.[spot.j];
  const pictures = spot.j < 0 ? null : p.thumbnails;
  const fill = spot.j < 0 || value === undefined ? ink.paper : css(diverging(value, p.scale.node, ink.theme));
  c.beginPath();
  if (spot.j < 0 || pictures) c.roundRect(spot.x - r, spot.y - r, 2 * r, 2 * r, 3);
  else c.arc(spot.x, spot.y, r, 0, 2 * Math.PI);
  ring(c, spot, p, ink);
  c.fillStyle = fill;
  c.fill();
  if (pictures) c.drawImage(pictures.sheet, 0, pictures.rowOf(spot.l, spot.j), SIDE, SIDE, spot.x - r + 1, spot.y - r + 1, 2 * r - 2, 2 * r - 2);
  c.lineWidth = 1;
  c.strokeStyle = spot.j < 0 ? ink.line : ink.faint;
  c.stroke();
  if (value !== undefined && !pictures && r >= 11) nodeText(c, spot, value, p, ink);
}

/** Around the neuron that is chosen or pointed at. */
function ring(c: CanvasRenderingContext2D, { l, j }: Spot, p: Picture, ink: Ink): void {
  const is = (s: Selection): boolean => s.kind === "neuron" && s.l === l && s.j === j;
  if (!is(p.selection) && !is(p.hover)) return;
  c.lineWidth = is(p.selection) ? 7 : 4;
  c.strokeStyle = ink.accent;
  c.stroke();
}

function nodeText(c: CanvasRenderingContext2D, spot: Spot, value: number, p: Picture, ink: Ink): void {
  const { radius: r } = p.layout;
  const text = spot.j < 0 ? "1" : short(value);
  c.font = `${Math.round(Math.min(12, (3.2 * r) / Math.max(text.length, 3)))}px system-ui, "DejaVu Sans", sans-serif`;
  c.textAlign = "center";
  c.textBaseline = "middle";
  c.fillStyle = spot.j < 0 ? ink.faint : inkOn(value, p.scale.node, ink.theme);
  c.fillText(text, spot.x, spot.y + 0.5);
}

/** A number for a small place: two decimals, or two digits. */
export function short(x: number): string {
  const size = Math.abs(x);
  if (size > 0 && size < 0.005) return number(x, 2).replace(/(\d)\.\d+e/, "$1e");
  return size < 10 ? x.toFixed(2).replace("-", "−") : number(x, 3);
}

/** Black or white, whichever is read better on the colour of a number. */
export function inkOn(x: number, scale: number, theme: Theme): string {
  const [r, g, b] = diverging(x, scale, theme).map((v) => (v / 255) ** 2.2) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.19 ? "#11161d" : "#ffffff";
}

function drawLabels(c: CanvasRenderingContext2D, p: Picture, ink: Ink): void {
  const L = p.layout.spots.length - 1;
  const away = p.layout.radius + 8;
  if (p.layout.gap < 11) return;
  c.font = '12px system-ui, "DejaVu Sans", sans-serif';
  c.textBaseline = "middle";
  c.fillStyle = ink.ink;
  const put = (l: number, texts: readonly string[], align: CanvasTextAlign, dx: number): void => {
    c.textAlign = align;
    texts.forEach((text, j) => {
      const spot = spotOf(p.layout, l, j)!;
      const room = (align === "left" ? p.layout.width - spot.x : spot.x) - away - 2;
      c.fillText(fitted(c, text, room), spot.x + dx, spot.y);
    });
  };
  put(1, p.labels.inputs, "right", -away);
  put(L, p.labels.outputs, "left", away);
}

/** The reverse network on a canvas: every neuron an amplifier whose gain is its slope, every weight the same edge the other way. */

import { FLAT } from "../../activations";
import { css, diverging, edgeColour } from "../../colours";
import { number } from "../../format";
import type { Selection } from "../../state";
import type { Ink } from "./network";
import { placed, type Layout, type Spot } from "./layout";

/** A neuron of the reverse network; layers are counted as in the network itself. */
export interface Amplifier {
  readonly l: number;
  readonly j: number;
  /** σ′(z); null where the layer is no row of amplifiers (softmax), and for inputs. */
  readonly gain: number | null;
  /** What goes in: dC/da. What comes out: delta; of an input dC/dx. */
  readonly into: number;
  readonly out: number;
}

export interface Reverse {
  /** By layer, from the output back to the input. */
  readonly layers: readonly (readonly Amplifier[])[];
  /** What flows from amplifier `from` of a layer to `to` of the next: weight times delta. */
  readonly flow: (layer: number, from: number, to: number) => number;
  readonly selection: Selection;
}

export const isFlat = ({ gain }: Amplifier): boolean => gain !== null && Math.abs(gain) < FLAT;

const [TOP, BOTTOM] = [52, 16];
const SEED = 64; // pixels, left of the output layer: the arrows of the seed
const ANSWER = 58; // right of the inputs: their numbers

/** As the network's own layout, but with room between two neurons for the gain and the error. */
export function layoutOf(reverse: Reverse, width: number, height: number): Layout {
  const sizes = reverse.layers.map((layer) => layer.length);
  const small = width < 520;
  const box = { width, height, left: (small ? 12 : 36) + SEED, right: (small ? 14 : 24) + ANSWER, top: TOP, bottom: BOTTOM };
  const layout = placed(sizes, false, box);
  const stretch = Math.max(1, Math.min(1.7, (height - TOP - BOTTOM) / (Math.max(...sizes) * layout.gap)));
  const middle = TOP + (height - TOP - BOTTOM) / 2;
  const spots = layout.spots.map((all) => all.map((spot) => ({ ...spot, y: middle + (spot.y - middle) * stretch })));
  return { ...layout, spots, radius: Math.min(layout.radius, 17), gap: layout.gap * stretch };
}

export function drawReverse(c: CanvasRenderingContext2D, reverse: Reverse, width: number, height: number, ink: Ink): void {
  const layout = layoutOf(reverse, width, height);
  const scale = Math.max(...flows(reverse).map((e) => Math.abs(e.value)).filter(Number.isFinite), 1e-300);
  for (const edge of flows(reverse)) drawFlow(c, layout, edge, scale, reverse, ink);
  c.setLineDash([]);
  c.globalAlpha = 1;
  reverse.layers.forEach((layer, i) => layer.forEach((amplifier, at) => drawAmplifier(c, layout, layout.spots[i + 1]![at]!, amplifier, i, reverse, ink)));
  headings(c, reverse, layout, ink);
}

interface Flow { readonly layer: number; readonly from: number; readonly to: number; readonly value: number }

function flows({ layers, flow }: Reverse): Flow[] {
  return layers.slice(1).flatMap((next, layer) => layers[layer]!.flatMap((_, from) => next.map((__, to) => ({ layer, from, to, value: flow(layer, from, to) }))));
}

function drawFlow(c: CanvasRenderingContext2D, layout: Layout, { layer, from, to, value }: Flow, scale: number, { layers, selection }: Reverse, ink: Ink): void {
  const [start, end] = [layout.spots[layer + 1]![from]!, layout.spots[layer + 2]![to]!];
  const [giver, taker] = [layers[layer]![from]!, layers[layer + 1]![to]!];
  const isChosen = selection.kind === "weight" && selection.l === giver.l && selection.j === giver.j && selection.k === taker.j;
  const touches = selection.kind !== "neuron" || (selection.l === giver.l && selection.j === giver.j) || (selection.l === taker.l && selection.j === taker.j);
  c.globalAlpha = touches ? 1 : 0.25;
  c.lineWidth = 0.5 + 5.5 * Math.min(1, Math.abs(value) / scale) + (isChosen ? 2 : 0);
  c.setLineDash(value < 0 ? [5, 4] : []);
  c.strokeStyle = isChosen ? ink.accent : edgeColour(value, scale, ink.theme);
  c.beginPath();
  c.moveTo(start.x + layout.radius, start.y);
  c.lineTo(end.x - layout.radius, end.y);
  c.stroke();
}

function outline(c: CanvasRenderingContext2D, { x, y }: Spot, r: number, { gain }: Amplifier, isInput: boolean): void {
  c.beginPath();
  if (isInput) c.arc(x, y, r, 0, 2 * Math.PI);
  else if (gain === null) c.roundRect(x - r, y - r, 2 * r, 2 * r, 4);
  else {
    c.moveTo(x - r, y - r);
    c.lineTo(x + r * 1.15, y);
    c.lineTo(x - r, y + r);
    c.closePath();
  }
}

function drawAmplifier(c: CanvasRenderingContext2D, layout: Layout, spot: Spot, it: Amplifier, layer: number, { layers, selection }: Reverse, ink: Ink): void {
  const isInput = layer === layers.length - 1;
  const r = Math.max(4, layout.radius);
  const scale = Math.max(...layers[layer]!.map(({ out }) => Math.abs(out)).filter(Number.isFinite), 1e-300);
  const isChosen = selection.kind === "neuron" && selection.l === it.l && selection.j === it.j;
  if (isChosen) {
    outline(c, spot, r, it, isInput);
    c.lineWidth = 7;
    c.strokeStyle = ink.accent;
    c.stroke();
  }
  outline(c, spot, r, it, isInput);
  c.fillStyle = isFlat(it) ? ink.paper : css(diverging(it.out, scale * 1.6, ink.theme));
  c.fill();
  if (isFlat(it)) hatch(c, spot, r, it, ink);
  outline(c, spot, r, it, isInput);
  c.lineWidth = 1.2;
  c.strokeStyle = isFlat(it) ? ink.ink : ink.faint;
  c.stroke();
  texts(c, spot, r, it, { isInput, isFirst: layer === 0, gap: layout.gap }, ink);
}

/** Lines across an amplifier that lets hardly anything through. */
function hatch(c: CanvasRenderingContext2D, spot: Spot, r: number, it: Amplifier, ink: Ink): void {
  c.save();
  outline(c, spot, r, it, false);
  c.clip();
  c.strokeStyle = ink.faint;
  c.lineWidth = 1;
  c.beginPath();
  for (let x = -2 * r; x < 2 * r; x += 5) {
    c.moveTo(spot.x + x - r, spot.y + r);
    c.lineTo(spot.x + x + r, spot.y - r);
  }
  c.stroke();
  c.restore();
}

interface Where { readonly isInput: boolean; readonly isFirst: boolean; readonly gap: number }

/** The gain above, the error below; the seed at the left, the slope by the inputs at the right. */
function texts(c: CanvasRenderingContext2D, { x, y }: Spot, r: number, it: Amplifier, { isInput, isFirst, gap }: Where, ink: Ink): void {
  c.textBaseline = "middle";
  c.font = '11px system-ui, "DejaVu Sans", sans-serif';
  const put = (text: string, px: number, py: number, align: CanvasTextAlign, colour: string): void => {
    c.textAlign = align;
    c.lineWidth = 3;
    c.strokeStyle = ink.paper;
    c.strokeText(text, px, py);
    c.fillStyle = colour;
    c.fillText(text, px, py);
  };
  if (isInput) return put(number(it.out, 2), x + r + 6, y, "left", ink.ink);
  if (isFirst) {
    put(number(it.into, 2), x - r - 22, y, "right", ink.ink);
    put("→", x - r - 6, y, "right", ink.faint);
  }
  if (gap < 62) return;
  if (it.gain !== null) put(`×${number(it.gain, 2)}`, x, y - r - 8, "center", isFlat(it) ? ink.ink : ink.faint);
  put(number(it.out, 2), x, y + r + 9, "center", ink.ink);
}

function headings(c: CanvasRenderingContext2D, { layers }: Reverse, layout: Layout, ink: Ink): void {
  c.textBaseline = "alphabetic";
  c.textAlign = "center";
  layers.forEach((layer, i) => {
    const spot = layout.spots[i + 1]![0];
    if (!spot) return;
    const isInput = i === layers.length - 1;
    const isTight = layout.spots.length > 2 && layout.spots[2]![0]!.x - layout.spots[1]![0]!.x < 84;
    c.font = '600 12px system-ui, "DejaVu Sans", sans-serif';
    c.fillStyle = ink.ink;
    c.fillText(isTight && !isInput ? String(layer[0]!.l) : isInput ? "∂C/∂x" : `δ, layer ${layer[0]!.l}`, spot.x, 15);
  });
  const first = layout.spots[1]![0]!;
  c.font = '600 12px system-ui, "DejaVu Sans", sans-serif';
  c.textAlign = "right";
  c.fillText("∂C/∂a", Math.max(first.x - layout.radius - 30, 36), 15);
}

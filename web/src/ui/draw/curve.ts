/** A network with one input and one output: its curve, and the points that it should meet. */

import { outputs } from "../../model";
import type { Network, Parameters } from "../../network";
import type { Matrix } from "../../protocol";
import { ticks } from "../axis";
import type { Place } from "../canvas";
import type { Ink } from "./network";
import { drawPin } from "./boundary";

const POINTS = 160;

/** The ends of some numbers, with a margin. */
function ends(values: ArrayLike<number>): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i]!)) continue;
    low = Math.min(low, values[i]!);
    high = Math.max(high, values[i]!);
  }
  if (!(low <= high)) return [-1, 1];
  const margin = 0.08 * (high - low) || 1;
  return [low - margin, high + margin];
}

/** Round numbers between two ends: four or so. */
function between(low: number, high: number): number[] {
  const rough = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough)!;
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) => (first + i) * step);
}

export function drawCurve(
  c: CanvasRenderingContext2D, net: Network, p: Parameters, shown: { x: Matrix; y: Matrix }, pinned: { x: Float64Array; y: Float64Array } | null,
  place: Place, ink: Ink,
): void {
  const [left, bottom] = [44, 22];
  const [x, y] = [ends(shown.x.data), ends(shown.y.data)]; // of the points alone: a wild curve must not move them
  const at = (px: number, py: number): [number, number] => [
    left + ((px - x[0]) / (x[1] - x[0])) * (place.width - left - 8), (place.height - bottom) * (1 - (py - y[0]) / (y[1] - y[0])),
  ];
  axes(c, x, y, at, place, ink);
  const inputs = Float64Array.from({ length: POINTS }, (_, i) => x[0] + (i / (POINTS - 1)) * (x[1] - x[0]));
  const answers = outputs(net, p, inputs, POINTS);
  c.save();
  c.beginPath();
  c.rect(left, 0, place.width - left, place.height - bottom);
  c.clip();
  c.beginPath();
  inputs.forEach((v, i) => c[i ? "lineTo" : "moveTo"](...at(v, answers[i]!)));
  c.lineWidth = 2.5;
  c.strokeStyle = ink.accent;
  c.stroke();
  c.restore();
  c.fillStyle = ink.ink;
  for (let i = 0; i < shown.x.rows; i++) {
    c.beginPath();
    c.arc(...at(shown.x.data[i]!, shown.y.data[i]!), 2.8, 0, 2 * Math.PI);
    c.fill();
  }
  if (pinned) drawPin(c, ...at(pinned.x[0]!, pinned.y[0]!), ink);
}

function axes(c: CanvasRenderingContext2D, x: readonly number[], y: readonly number[], at: (x: number, y: number) => [number, number], { width, height }: Place, ink: Ink): void {
  c.font = '11px system-ui, "DejaVu Sans", sans-serif';
  c.fillStyle = ink.faint;
  c.strokeStyle = ink.line;
  c.lineWidth = 1;
  c.strokeRect(44, 0.5, width - 52, height - 22);
  const zero = at(0, 0)[1];
  if (zero > 0 && zero < height - 22) {
    c.beginPath();
    c.moveTo(44, zero);
    c.lineTo(width - 8, zero);
    c.stroke();
  }
  c.textBaseline = "middle";
  c.textAlign = "right";
  const [across, up] = [between(x[0]!, x[1]!), between(y[0]!, y[1]!)];
  ticks(up).forEach((text, i) => c.fillText(text, 38, at(0, up[i]!)[1]));
  c.textBaseline = "alphabetic";
  c.textAlign = "center";
  ticks(across).forEach((text, i) => c.fillText(text, at(across[i]!, 0)[0], height - 6));
}

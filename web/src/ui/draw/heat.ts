/** A heat map: a row for each layer, a column of pixels for each stretch of time. */

import { css, diverging, paintNumbers } from "../../colours";
import { number, percent } from "../../format";
import type { Curves } from "../../protocol";
import { SHOWN, valueOf, type Shown } from "../healthparts";
import type { Ink } from "./network";

export interface Strip {
  readonly curves: Curves;
  readonly which: Shown;
  readonly layers: number;
  readonly first: number;
  readonly last: number;
  readonly step: number;
}

const ROW = 16;

/** From where to where the colours go: sizes over at most six powers of ten, shares from 0 to 1. */
export function heatScale({ curves: { measures }, which, layers }: Pick<Strip, "curves" | "which" | "layers">): readonly [number, number] {
  if (!SHOWN[which].isLog) return [0, 1];
  let [low, high] = [Infinity, 0];
  for (let l = 2; l <= layers + 1; l++) {
    measures.steps.forEach((_, i) => {
      const value = valueOf(which, measures, l, i);
      if (value !== null && value > 0) { low = Math.min(low, value); high = Math.max(high, value); }
    });
  }
  return high > 0 ? [Math.max(low, high * 1e-6), high] : [1e-6, 1];
}

/** 0 to 1 on the scale. */
export function heat(value: number, [low, high]: readonly [number, number], isLog: boolean): number {
  const of = isLog ? Math.log : (v: number): number => v;
  const share = (of(Math.max(value, isLog ? low : 0)) - of(low)) / (of(high) - of(low) || 1);
  return Math.max(0, Math.min(1, share));
}

/** The strip as it was painted last: the shown step moves over it and changes nothing of it. */
export interface KeptStrip { sheet: HTMLCanvasElement | null; rows: HTMLCanvasElement | null; of: readonly unknown[] }

const SHARP = 2; // pixels of the sheet to one of the page

export function drawStrip(c: CanvasRenderingContext2D, strip: Strip, width: number, left: number, ink: Ink, kept: KeptStrip): void {
  const { curves, which, layers, first, last, step } = strip;
  const of = [curves, which, width, last, ink.theme];
  if (of.some((it, i) => it !== kept.of[i])) {
    const to = cleared(kept, Math.round(width * SHARP), (layers * ROW + 30) * SHARP);
    to.setTransform(SHARP, 0, 0, SHARP, 0, 0);
    paintStrip(to, strip, width, left, ink, kept);
    kept.of = of;
  }
  c.drawImage(kept.sheet!, 0, 0, kept.sheet!.width / SHARP, kept.sheet!.height / SHARP);
  c.fillStyle = ink.ink;
  const at = left + ((step - first) / Math.max(1, last - first)) * (width - left);
  c.fillRect(Math.min(width - 2, Math.max(left, at - 1)), 0, 2, layers * ROW);
}

/** The kept canvas, empty; another only where its size has changed. */
function cleared(kept: KeptStrip, width: number, height: number): CanvasRenderingContext2D {
  kept.sheet ??= document.createElement("canvas");
  if (kept.sheet.width !== width || kept.sheet.height !== height) Object.assign(kept.sheet, { width, height });
  const to = kept.sheet.getContext("2d")!;
  to.resetTransform();
  to.clearRect(0, 0, width, height);
  return to;
}

/** The place of the last measured step in each column of pixels; -1 where there is none yet. */
export function lastIn(steps: readonly number[], columns: number, first: number, last: number): Int32Array {
  const found = new Int32Array(columns);
  for (let column = 0, at = -1; column < columns; column++) {
    const end = first + ((column + 1) / columns) * Math.max(1, last - first);
    while (at + 1 < steps.length && steps[at + 1]! <= end) at++;
    found[column] = at;
  }
  return found;
}

/** A row of pixels for each layer, as wide as the strip, which is then drawn as tall as a row is. */
function paintStrip(c: CanvasRenderingContext2D, strip: Strip, width: number, left: number, ink: Ink, kept: KeptStrip): void {
  const { curves: { measures }, which, layers, first, last } = strip;
  const columns = Math.max(1, Math.round(width - left));
  const [scale, at] = [heatScale(strip), lastIn(measures.steps, columns, first, last)];
  const shares = new Float64Array(columns * layers);
  for (let i = 0; i < shares.length; i++) {
    const place = at[i % columns]!;
    const value = place < 0 ? null : valueOf(which, measures, 2 + Math.floor(i / columns), place);
    shares[i] = value === null ? NaN : 0.06 + 0.94 * heat(value, scale, SHOWN[which].isLog);
  }
  const pixels = new ImageData(columns, layers);
  paintNumbers(shares, 1, ink.theme, pixels.data);
  kept.rows ??= document.createElement("canvas");
  Object.assign(kept.rows, { width: columns, height: layers });
  kept.rows.getContext("2d")!.putImageData(pixels, 0, 0);
  c.imageSmoothingEnabled = false;
  c.fillStyle = ink.faint;
  c.font = '11px system-ui, "DejaVu Sans", sans-serif';
  c.textAlign = "left";
  c.textBaseline = "middle";
  for (let row = 0; row < layers; row++) {
    c.fillText(String(row + 2), 4, row * ROW + ROW / 2);
    c.drawImage(kept.rows, 0, row, columns, 1, left, row * ROW + 1, width - left, ROW - 2);
  }
  key(c, scale, which, layers * ROW + 8, left, ink);
}

/** The colours and their numbers. */
function key(c: CanvasRenderingContext2D, [low, high]: readonly [number, number], which: Shown, y: number, left: number, ink: Ink): void {
  const text = SHOWN[which].isLog ? (v: number): string => number(v, 2) : (v: number): string => percent(v, 0);
  c.fillStyle = ink.faint;
  c.textBaseline = "middle";
  c.textAlign = "left";
  c.fillText(text(low), left, y + 8);
  const from = left + c.measureText(text(low)).width + 6;
  for (let i = 0; i < 60; i++) {
    c.fillStyle = css(diverging(0.06 + (0.94 * i) / 59, 1, ink.theme));
    c.fillRect(from + i, y + 3, 1.5, 10);
  }
  c.fillStyle = ink.faint;
  c.fillText(`${text(high)}${SHOWN[which].isLog ? "   (log)" : ""}`, from + 68, y + 8);
}

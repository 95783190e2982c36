/** A heat map: a row for each layer, a column of pixels for each stretch of time. */

import { css, diverging } from "../../colours";
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
export interface KeptStrip { sheet: HTMLCanvasElement | null; of: readonly unknown[] }

const SHARP = 2; // pixels of the sheet to one of the page

export function drawStrip(c: CanvasRenderingContext2D, strip: Strip, width: number, left: number, ink: Ink, kept: KeptStrip): void {
  const { curves, which, layers, first, last, step } = strip;
  const of = [curves, which, width, last, ink.theme];
  if (!kept.sheet || of.some((it, i) => it !== kept.of[i])) {
    const sheet = Object.assign(document.createElement("canvas"), { width: width * SHARP, height: (layers * ROW + 30) * SHARP });
    const to = sheet.getContext("2d")!;
    to.scale(SHARP, SHARP);
    paintStrip(to, strip, width, left, ink);
    Object.assign(kept, { sheet, of });
  }
  c.drawImage(kept.sheet!, 0, 0, kept.sheet!.width / SHARP, kept.sheet!.height / SHARP);
  c.fillStyle = ink.ink;
  const at = left + ((step - first) / Math.max(1, last - first)) * (width - left);
  c.fillRect(Math.min(width - 2, Math.max(left, at - 1)), 0, 2, layers * ROW);
}

function paintStrip(c: CanvasRenderingContext2D, strip: Strip, width: number, left: number, ink: Ink): void {
  const { curves: { measures }, which, layers, first, last } = strip;
  const scale = heatScale(strip);
  const x = (step: number): number => left + ((step - first) / Math.max(1, last - first)) * (width - left);
  for (let l = 2; l <= layers + 1; l++) {
    const y = (l - 2) * ROW;
    c.fillStyle = ink.faint;
    c.font = '11px system-ui, "DejaVu Sans", sans-serif';
    c.textAlign = "left";
    c.textBaseline = "middle";
    c.fillText(String(l), 4, y + ROW / 2);
    measures.steps.forEach((step, i) => {
      const value = valueOf(which, measures, l, i);
      const [from, to] = [x(step), x(measures.steps[i + 1] ?? last)];
      if (value === null) return;
      c.fillStyle = css(diverging(0.06 + 0.94 * heat(value, scale, SHOWN[which].isLog), 1, ink.theme));
      c.fillRect(from, y + 1, Math.max(1, to - from + 0.5), ROW - 2);
    });
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

/** Small plots with a curve, its tangent, and points; drawn as SVG, so that they take the colours of the page. */

import type { ComponentChildren, JSX } from "preact";
import { number } from "../../format";
import { tangent, type Curve } from "./parts";

const WIDTH = 260;
const HEIGHT = 150;
const PAD = { left: 54, right: 10, top: 8, bottom: 20 };

export interface Range { readonly x: readonly [number, number]; readonly y: readonly [number, number] }

/** The box that a curve lies in, with a little room above and below. */
export function rangeOf({ x, y }: Curve): Range {
  const finite = y.filter(Number.isFinite);
  const [low, high] = finite.length ? [Math.min(...finite), Math.max(...finite)] : [0, 1];
  const room = 0.08 * (high - low) || Math.max(1e-9, Math.abs(high) * 0.1);
  return { x: [x[0]!, x.at(-1)!], y: [low - room, high + room] };
}

/** From numbers to places of the drawing. */
export function toPlace(range: Range): { x: (v: number) => number; y: (v: number) => number } {
  const scale = ([low, high]: readonly [number, number], from: number, to: number) => (v: number): number =>
    from + ((v - low) / (high - low || 1)) * (to - from);
  return { x: scale(range.x, PAD.left, WIDTH - PAD.right), y: scale(range.y, HEIGHT - PAD.bottom, PAD.top) };
}

const path = (curve: Curve, at: ReturnType<typeof toPlace>): string => {
  let isDown = false;
  return Array.from(curve.x, (x, i) => {
    const y = curve.y[i]!;
    const command = Number.isFinite(y) ? `${isDown ? "L" : "M"}${at.x(x).toFixed(1)} ${at.y(y).toFixed(1)}` : "";
    isDown = Number.isFinite(y);
    return command;
  }).join("");
};

interface Props {
  readonly curve: Curve;
  readonly label: string;
  /** What runs to the right; the ends of the axis carry their numbers. */
  readonly axis: string;
  readonly at?: { readonly x: number; readonly y: number };
  readonly slope?: number;
  readonly children?: (at: ReturnType<typeof toPlace>, range: Range) => ComponentChildren;
}

/** A curve, the point that it is at, and its tangent there. */
export function Plot({ curve, label, axis, at, slope, children }: Props): JSX.Element {
  const range = rangeOf(curve);
  const place = toPlace(range);
  const line = at && slope !== undefined && Number.isFinite(slope) ? tangent(at, slope, range) : null;
  return (
    <svg class="crl-plot" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      <Axes range={range} place={place} axis={axis} />
      <path d={path(curve, place)} class="crl-curve" />
      {line && <line class="crl-tangent" x1={place.x(line[0])} y1={place.y(line[1])} x2={place.x(line[2])} y2={place.y(line[3])} />}
      {children?.(place, range)}
      {at && Number.isFinite(at.y) && <circle class="crl-point" cx={place.x(at.x)} cy={place.y(at.y)} r="4.5" />}
    </svg>
  );
}

function Axes({ range, place, axis }: { range: Range; place: ReturnType<typeof toPlace>; axis: string }): JSX.Element {
  const bottom = HEIGHT - PAD.bottom;
  const isInside = ([low, high]: readonly [number, number]): boolean => low < 0 && high > 0;
  return (
    <g class="crl-axes">
      <line x1={PAD.left} x2={WIDTH - PAD.right} y1={bottom} y2={bottom} />
      {isInside(range.x) && <line class="crl-zero" x1={place.x(0)} x2={place.x(0)} y1={PAD.top} y2={bottom} />}
      {isInside(range.y) && <line class="crl-zero" x1={PAD.left} x2={WIDTH - PAD.right} y1={place.y(0)} y2={place.y(0)} />}
      <text x={PAD.left} y={HEIGHT - 6}>{number(range.x[0], 3)}</text>
      <text x={(PAD.left + WIDTH) / 2} y={HEIGHT - 6} text-anchor="middle" class="crl-axis-name">{axis}</text>
      <line x1={PAD.left} x2={PAD.left} y1={PAD.top} y2={bottom} />
      <text x={WIDTH - PAD.right} y={HEIGHT - 6} text-anchor="end">{number(range.x[1], 3)}</text>
      <text x={PAD.left - 4} y={PAD.top + 8} text-anchor="end">{number(range.y[1], 3)}</text>
      <text x={PAD.left - 4} y={bottom} text-anchor="end">{number(range.y[0], 3)}</text>
    </g>
  );
}

/** A curve without axes, and where it is now; another one may lie beside it, on the same scale. */
export function Sparkline({ curve, now, label, beside }: { curve: Curve; now: number; label: string; beside?: Curve | undefined }): JSX.Element {
  const range = rangeOf(beside ? { x: Float64Array.of(...curve.x, ...beside.x), y: Float64Array.of(...curve.y, ...beside.y) } : curve);
  const at = { x: (v: number): number => 2 + ((v - range.x[0]) / (range.x[1] - range.x[0] || 1)) * 296,
    y: (v: number): number => 38 - ((v - range.y[0]) / (range.y[1] - range.y[0] || 1)) * 36 };
  return (
    <svg class="crl-spark" viewBox="0 0 300 40" preserveAspectRatio="none" role="img" aria-label={label}>
      {range.y[0] < 0 && range.y[1] > 0 && <line class="crl-zero" x1="0" x2="300" y1={at.y(0)} y2={at.y(0)} />}
      <path d={path(curve, at)} class="crl-curve" />
      {beside && <path d={path(beside, at)} class="crl-curve crl-curve-other" />}
      <line class="crl-now" x1={at.x(now)} x2={at.x(now)} y1="0" y2="40" />
    </svg>
  );
}

/** What each neuron of a network with two inputs answers, over the whole plane: small pictures for its circles. */

import { softmax } from "../../activations";
import { paintNumbers, type Theme } from "../../colours";
import type { Network, Parameters } from "../../network";
import type { Examples } from "../../protocol";
import { largest } from "./values";

export const SIDE = 20; // pixels of a thumbnail
const MOST = 2000; // weights: beyond it a frame would take too long

export interface Plane { readonly x: readonly [number, number]; readonly y: readonly [number, number] }

export const hasThumbnails = (net: Network | null): net is Network => net !== null && net.sizes[0] === 2 && net.size <= MOST;

/** The part of the plane that the data lies in, with a margin. */
export function planeOf(examples: Examples | null): Plane {
  const points = examples?.points?.x ?? examples?.x;
  if (!points || points.columns !== 2 || points.rows === 0) return { x: [-1, 1], y: [-1, 1] };
  const range = (at: number): readonly [number, number] => {
    let [low, high] = [Infinity, -Infinity];
    for (let i = at; i < points.data.length; i += 2) {
      low = Math.min(low, points.data[i]!);
      high = Math.max(high, points.data[i]!);
    }
    const margin = 0.05 * (high - low) || 1;
    return [low - margin, high + margin];
  };
  return { x: range(0), y: range(1) };
}

/** The activations of every neuron at each point of a grid, top row first: by layer and neuron. */
export function answers(net: Network, p: Parameters, plane: Plane, side: number = SIDE): Float64Array[][] {
  const size = side * side;
  const at = ([low, high]: readonly [number, number], i: number): number => low + ((i + 0.5) / side) * (high - low);
  const inputs = [
    Float64Array.from({ length: size }, (_, i) => at(plane.x, i % side)),
    Float64Array.from({ length: size }, (_, i) => at(plane.y, side - 1 - Math.floor(i / side))),
  ];
  const found: Float64Array[][] = [[], inputs];
  for (let l = 2; l <= net.L; l++) found.push(layerAnswers(net, p, l, found[l - 1]!, size));
  return found;
}

function layerAnswers(net: Network, p: Parameters, l: number, before: Float64Array[], size: number): Float64Array[] {
  const n = net.sizes[l - 1]!;
  const sigma = net.sigma[l]!;
  const layer = Array.from({ length: n }, (_, j) => {
    const z = new Float64Array(size).fill(p.b[l]![j]!);
    before.forEach((a, k) => {
      const w = p.w[l]![j * before.length + k]!;
      for (let i = 0; i < size; i++) z[i]! += w * a[i]!;
    });
    return sigma ? z.map((v) => sigma[j]!.value(v)) : z;
  });
  return sigma ? layer : together(layer, size);
}

function together(layer: Float64Array[], size: number): Float64Array[] {
  for (let i = 0; i < size; i++) softmax(Float64Array.from(layer, (z) => z[i]!)).forEach((a, j) => { layer[j]![i] = a; });
  return layer;
}

/** The pictures of all neurons on one canvas, one below the other: so it is painted once. */
export interface Thumbnails { readonly sheet: HTMLCanvasElement; readonly pixels: ImageData; readonly rowOf: (l: number, j: number) => number }

/** Each neuron's picture; `kept` is painted again where it fits. Output neurons of a classifier are centred on one half. */
export function thumbnails(net: Network, p: Parameters, plane: Plane, theme: Theme, kept: Thumbnails | null): Thumbnails {
  const found = kept ?? sheetFor(net);
  answers(net, p, plane).forEach((layer, l) => {
    const isShare = l > 1 && (net.sigma[l] === null || net.sigma[l]!.every((row) => row.range[0] === 0 && row.range[1] === 1));
    const scale = isShare ? 0.5 : Math.max(largest(layer), 1e-9);
    layer.forEach((values, j) => {
      const at = 4 * SIDE * found.rowOf(l, j);
      paintNumbers(isShare ? values.map((v) => v - 0.5) : values, scale, theme, found.pixels.data.subarray(at, at + 4 * SIDE * SIDE));
    });
  });
  found.sheet.getContext("2d")!.putImageData(found.pixels, 0, 0);
  return found;
}

function sheetFor({ sizes }: Network): Thumbnails {
  const first = sizes.map((_, i) => SIDE * sizes.slice(0, i).reduce((a, b) => a + b, 0));
  const height = SIDE * sizes.reduce((a, b) => a + b, 0);
  const sheet = Object.assign(document.createElement("canvas"), { width: SIDE, height });
  return { sheet, pixels: new ImageData(SIDE, height), rowOf: (l, j) => first[l - 1]! + SIDE * j };
}

/** The prediction of a network with many inputs: its outputs as bars, its input as a picture, and what the cost depends on there. */

import type { ComponentChildren, JSX } from "preact";
import { useMemo } from "preact/hooks";
import { paintNumbers, extent } from "../colours";
import { number, percent } from "../format";
import { inputGradient } from "../model";
import type { Hello } from "../protocol";
import type { Store } from "../store";
import { Canvas } from "./canvas";
import { gridOf, type Grid } from "./draw/areas";
import type { Ink } from "./draw/network";
import { largestAt } from "./example";
import { inputName, outputName } from "./names";

const MOST = 16; // bars, the largest first

export function Outputs({ store }: { store: Store }): JSX.Element {
  const hello = store.hello.value!;
  return (
    <div class="crl-prediction">
      {hello.image_shape && <Pictures store={store} hello={hello} />}
      <Bars store={store} hello={hello} />
      {!hello.image_shape && <InputSlopes store={store} hello={hello} />}
    </div>
  );
}

function Bars({ store, hello }: { store: Store; hello: Hello }): JSX.Element {
  const { pass } = store.calm.value;
  if (!pass) return <p class="crl-faint">There is no example to predict.</p>;
  const a = pass.a.at(-1)!;
  const order = Array.from(a, (_, j) => j);
  const isLong = a.length > MOST;
  if (isLong) order.sort((i, j) => a[j]! - a[i]!);
  const most = Math.max(...Array.from(a, Math.abs), hello.classify ? 1 : 1e-9);
  const [best, truth] = [largestAt(a), largestAt(pass.y)];
  const isChoice = hello.classify && a.length > 1;
  return (
    <table class="crl-bars-table">
      <caption class="crl-faint">Outputs for this example</caption>
      <tbody>{order.slice(0, MOST).map((j) => (
        <tr key={j} class={isChoice && j === best ? "is-best" : ""}>
          <th scope="row"><Name of={outputName(hello, j)}>{isChoice && j === truth && <span class="crl-good" title="the true class"> ✓</span>}</Name></th>
          <td class="crl-bar-cell"><i class={a[j]! < 0 ? "is-negative" : ""} style={{ width: `${(100 * Math.abs(a[j]!)) / most}%` }} /></td>
          <td>{hello.classify && a[j]! >= 0 && a[j]! <= 1 ? percent(a[j]!) : number(a[j]!, 3)}</td>
          {!hello.classify && <td class="crl-faint">should be {number(pass.y[j], 3)}</td>}
        </tr>
      ))}</tbody>
      {isLong && <tfoot><tr><td colSpan={3} class="crl-faint">and {a.length - MOST} smaller ones</td></tr></tfoot>}
    </table>
  );
}

/** A name, which is cut where it is long, and what stands beside it. */
const Name = ({ of, children }: { of: string; children?: ComponentChildren }): JSX.Element =>
  <span class="crl-bar-name"><span class="crl-cut" title={of}>{of}</span>{children && <span>{children}</span>}</span>;

/** The gradient of the cost by each input; null while there is none. */
function slopesOf(store: Store): Float64Array | null {
  const net = store.network.value;
  const { parameters, pass } = store.calm.value;
  return net && parameters && pass ? inputGradient(net, parameters, pass) : null;
}

function Pictures({ store, hello }: { store: Store; hello: Hello }): JSX.Element {
  const grid = gridOf(hello.network.sizes[0]!, hello.image_shape);
  const height = (width: number): number => (width * grid.rows) / grid.columns;
  const sheet = useMemo(() => document.createElement("canvas"), []);
  return (
    <div class="crl-pictures">
      <figure>
        <Canvas watch={() => store.pinned.value?.x ?? null} class="crl-pixels" height={height} label="The input as a picture"
          draw={(c, x, place, ink) => { if (x) drawPicture(c, x, grid, place.width, ink, sheet); }} />
        <figcaption class="crl-faint">input x</figcaption>
      </figure>
      <figure>
        <Canvas watch={() => slopesOf(store)} class="crl-pixels" height={height} label="The gradient of the cost by each pixel, as a picture"
          draw={(c, g, place, ink) => { if (g) drawSlopes(c, g, grid, place.width, ink, sheet); }} />
        <figcaption class="crl-faint">∂C/∂x: <span class="crl-positive">blue</span>, brighter costs more; <span class="crl-negative">orange</span>, less</figcaption>
      </figure>
    </div>
  );
}

/** A grid of pixels, each as large as there is room. */
function put(c: CanvasRenderingContext2D, pixels: ImageData, width: number, sheet: HTMLCanvasElement): void {
  if (sheet.width !== pixels.width || sheet.height !== pixels.height) Object.assign(sheet, { width: pixels.width, height: pixels.height });
  sheet.getContext("2d")!.putImageData(pixels, 0, 0);
  c.imageSmoothingEnabled = false;
  c.drawImage(sheet, 0, 0, width, (width * pixels.height) / pixels.width);
}

/** Ink on paper: the largest input is black, or white in the dark; three channels are colours. */
function drawPicture(c: CanvasRenderingContext2D, x: Float64Array, { rows, columns, channels }: Grid, width: number, { theme }: Ink, sheet: HTMLCanvasElement): void {
  const pixels = new ImageData(columns, rows);
  const [low, high] = [x.reduce((a, b) => Math.min(a, b), 0), x.reduce((a, b) => Math.max(a, b), 1e-9)];
  for (let i = 0; i < rows * columns; i++) {
    for (let channel = 0; channel < 3; channel++) {
      const share = (x[i * channels + (channels >= 3 ? channel : 0)]! - low) / (high - low);
      pixels.data[4 * i + channel] = 255 * (channels < 3 && theme === "light" ? 1 - share : share);
    }
    pixels.data[4 * i + 3] = 255;
  }
  put(c, pixels, width, sheet);
}

/** Of several channels their mean. */
function drawSlopes(c: CanvasRenderingContext2D, g: Float64Array, { rows, columns, channels }: Grid, width: number, { theme }: Ink, sheet: HTMLCanvasElement): void {
  const one = Float64Array.from({ length: rows * columns }, (_, i) => g.subarray(i * channels, (i + 1) * channels).reduce((a, b) => a + b, 0) / channels);
  const pixels = new ImageData(columns, rows);
  paintNumbers(one, extent(one), theme, pixels.data);
  put(c, pixels, width, sheet);
}

/** Inputs that are no picture: those that the cost depends on most. */
function InputSlopes({ store, hello }: { store: Store; hello: Hello }): JSX.Element | null {
  const [g, x] = [slopesOf(store), store.pinned.value?.x];
  if (!g || !x) return null;
  const most = g.reduce((m, v) => Math.max(m, Math.abs(v)), 1e-300);
  const order = Array.from(g, (_, j) => j).sort((i, j) => Math.abs(g[j]!) - Math.abs(g[i]!)).slice(0, 10);
  return (
    <table class="crl-bars-table">
      <caption class="crl-faint">∂C/∂x: what this example's cost depends on most{hello.standardised && ". Numbers are standardised: 0 is a column's mean, 1 a standard deviation more."}</caption>
      <tbody>{order.map((j) => (
        <tr key={j}>
          <th scope="row"><Name of={inputName(hello, j)}> = {number(x[j], 3)}</Name></th>
          <td class="crl-bar-cell"><i class={g[j]! < 0 ? "is-negative" : ""} style={{ width: `${(100 * Math.abs(g[j]!)) / most}%` }} /></td>
          <td>{number(g[j]!, 3)}</td>
        </tr>
      ))}</tbody>
    </table>
  );
}

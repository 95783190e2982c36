/** What the network makes of its inputs: regions of the plane, a curve, or outputs and what they depend on. */

import { useComputed } from "@preact/signals";
import type { JSX } from "preact";
import "./learn.css";
import { useRef } from "preact/hooks";
import { outputs } from "../model";
import type { Network, Parameters } from "../network";
import type { Examples, Matrix } from "../protocol";
import { joined } from "../rows";
import type { Store } from "../store";
import { Canvas, type Place } from "./canvas";
import { classMark, CLASSES } from "../colours";
import { count, number } from "../format";
import {
  classAt, drawContour, drawMark, drawPin, drawPoints, gridOf, paintGrid, questionOf, SIDE, toPixel, type Frame2, type Kept, type Points, type Question,
} from "./draw/boundary";
import { drawCurve } from "./draw/curve";
import type { Ink } from "./draw/network";
import { planeOf } from "./draw/plane";
import { Confused } from "./confused";
import { Outputs } from "./outputs";
import { editedClass } from "./whatif";

export function Boundary({ store }: { store: Store }): JSX.Element {
  const hello = store.hello.value;
  const net = store.network.value;
  const inputs = hello?.network.sizes[0];
  const title = inputs === 2 ? (hello?.classify ? "Decision boundary" : "Prediction over the plane") : inputs === 1 ? "Prediction over the input" : "Prediction";
  return (
    <section class={`crl-panel crl-boundary${editedClass(store)}`} aria-label={title}>
      <header class="crl-head"><h2>{title}</h2></header>
      {!hello || !net ? <p class="crl-faint">{store.unknown.value ?? "Nothing to show yet."}</p>
        : inputs === 2 ? <Regions store={store} net={net} />
        : inputs === 1 && net.sizes.at(-1) === 1 ? <Line store={store} net={net} />
        : <Outputs store={store} />}
      {hello?.classify && store.source.study && <Confused store={store} hello={hello} study={store.source.study} />}
    </section>
  );
}

/** The points that are shown: those of the training, or the examples that were kept. */
const shownOf = (examples: Examples | null): { x: Matrix; y: Matrix } | null => examples?.points ?? examples;

/** The points with what the network says of each. */
export function pointsOf(net: Network, p: Parameters | null, examples: Examples | null, ask: Question): Points | null {
  const shown = shownOf(examples);
  if (!shown || !p) return null;
  const n = net.sizes.at(-1)!;
  const a = outputs(net, p, shown.x.data, shown.x.rows);
  const rows = Array.from({ length: shown.x.rows }, (_, i) => i);
  const classesIn = (y: ArrayLike<number>): number[] => rows.map((i) => (ask.classify ? classAt(y, i * n, n, ask) : 0));
  const [classes, said] = [classesIn(shown.y.data), classesIn(a)];
  const wrong = rows.map((i) => said[i] !== classes[i]);
  return { x: shown.x, classes, said, wrong, values: ask.classify ? null : Float64Array.from(rows, (i) => shown.y.data[i * n]!) };
}

/** Ten times a second while a training is followed: the eye needs no more, and 2,304 forward passes are not nothing. */
function seenOf(store: Store, net: Network) {
  const p = store.calm.value.parameters;
  const examples = store.examples.value;
  const ask = questionOf(net, store.hello.value?.classify ?? true);
  return { net, p, plane: planeOf(examples), ask, points: pointsOf(net, p, examples, ask), pinned: store.pinned.value };
}

/** What is painted again and again: the grid, the small picture of it, and the points. */
const keep = () => ({ points: { sheet: null, key: "", of: null } as Kept, sheet: null as HTMLCanvasElement | null, pixels: new ImageData(SIDE, SIDE) });

const boxOf = ({ width, height }: Place): Frame2 => {
  const size = Math.min(width, height) - 8;
  return { left: (width - size) / 2, top: (height - size) / 2, size };
};

/** Draw all of it. */
function drawPlane(c: CanvasRenderingContext2D, seen: ReturnType<typeof seenOf>, place: Place, ink: Ink, kept: ReturnType<typeof keep>): void {
  const { net, p, ask, plane, points, pinned } = seen;
  const [box, n] = [boxOf(place), net.sizes.at(-1)!];
  if (p) {
    const grid = gridOf(net, p, plane);
    kept.sheet ??= Object.assign(document.createElement("canvas"), { width: SIDE, height: SIDE });
    paintGrid(grid, n, ask, ink.theme, kept.pixels.data);
    kept.sheet.getContext("2d")!.putImageData(kept.pixels, 0, 0);
    c.drawImage(kept.sheet, box.left, box.top, box.size, box.size);
    if (ask.classify) drawContour(c, grid, n, ask, box, ink);
  }
  c.lineWidth = 1;
  c.strokeStyle = ink.line;
  c.strokeRect(box.left, box.top, box.size, box.size);
  if (points) drawPoints(c, points, plane, box, ink, kept.points);
  if (!pinned) return;
  const [x, y] = toPixel(plane, box, pinned.x[0]!, pinned.x[1]!);
  drawPin(c, x, y, ink);
  if (ask.classify) drawMark(c, classAt(pinned.y, 0, n, ask), x, y, 4, ink);
}

function Regions({ store, net }: { store: Store; net: Network }): JSX.Element {
  const place = useRef<Place>({ width: 0, height: 0 });
  const kept = useRef<ReturnType<typeof keep>>(null);
  kept.current ??= keep();
  const seen = useComputed(() => seenOf(store, net)); // once, for the picture and its words
  const { points, ask } = seen.value;
  const wrong = points ? Array.from(points.wrong).filter(Boolean).length : 0;
  const text = !points || !ask.classify ? "" : rightOnes(points.x.rows - wrong, points.x.rows, store.hello.value?.examples ?? Infinity);
  return (
    <>
      <Canvas
        watch={() => seen.value} class="crl-plane" height={(width) => Math.min(width, 380)} label={`Regions of the plane. ${text}`}
        draw={(c, seen, at, ink) => { place.current = at; drawPlane(c, seen, at, ink, kept.current!); }}
        onPress={(x, y) => pinNearest(store, x, y, place.current)}
      />
      <p class="crl-legend">{ask.classify && <Marks store={store} net={net} />}<span class="crl-faint">{text} Click a point to follow it.</span></p>
      {ask.classify && points && wrong > 0 && <WrongOnes store={store} points={points} />}
    </>
  );
}

/** How many points are right; where there are more than it learns from, nothing says which are held out, so it is said in words. */
export const rightOnes = (right: number, of: number, learned: number): string =>
  `${count(right)} of ${count(of)} points are on their side of the line.${of > learned ? " Held-out ones are among them." : ""}`;

function Marks({ store, net }: { store: Store; net: Network }): JSX.Element {
  const n = Math.max(2, net.sizes.at(-1)!);
  const names = store.hello.value?.classes;
  return (
    <>
      {Array.from({ length: Math.min(n, CLASSES.light.length) }, (_, i) => (
        <span class="crl-key" key={i}><Mark i={i} />{names?.[i] ?? `class ${i}`}</span>
      ))}
      <span class="crl-key"><svg width="14" height="14" aria-hidden="true"><circle cx="7" cy="7" r="5.5" fill="none" stroke="currentColor" stroke-width="1.6" /></svg>ringed = wrong</span>
    </>
  );
}

const PATHS: Readonly<Record<string, string>> = {
  circle: "M7 3a4 4 0 1 0 .01 0z", triangle: "M7 2l5 9H2z", square: "M3 3h8v8H3z", diamond: "M7 2l5 5-5 5-5-5z", cross: "M3 4l1-1 3 3 3-3 1 1-3 3 3 3-1 1-3-3-3 3-1-1 3-3z",
  star: "M7 1l1.6 4H13L9.5 7.6 11 12 7 9.4 3 12l1.5-4.4L1 5h4.400z", pentagon: "M7 2l5 4-2 6H4L2 6z", plus: "M6 2h2v4h4v2H8v4H6V8H2V6h4z",
};

/** A class's mark: colour and shape, in both themes. */
function Mark({ i }: { i: number }): JSX.Element {
  const { shape } = classMark(i, "light");
  const fill = `light-dark(${classMark(i, "light").colour}, ${classMark(i, "dark").colour})`;
  return <svg width="14" height="14" aria-hidden="true"><path d={PATHS[shape]} style={{ fill }} /></svg>;
}

const LISTED = 12;

function WrongOnes({ store, points }: { store: Store; points: Points }): JSX.Element {
  const wrong = Array.from(points.wrong, (is, i) => (is ? i : -1)).filter((i) => i >= 0);
  const names = store.hello.value?.classes;
  const name = (i: number): string => names?.[i] ?? String(i);
  return (
    <details class="crl-details">
      <summary>The wrong ones as a table</summary>
      <table class="crl-table crl-wrong-ones">
        <thead><tr><th scope="col">x₁</th><th scope="col">x₂</th><th scope="col">class</th><th scope="col">network says</th><td /></tr></thead>
        <tbody>{wrong.slice(0, LISTED).map((i) => (
          <tr key={i}><td>{number(points.x.data[2 * i], 3)}</td><td>{number(points.x.data[2 * i + 1], 3)}</td>{[points.classes[i]!, points.said[i]!].map((is, at) => <td key={at}><div class="crl-cut" title={name(is)}>{name(is)}</div></td>)}
            <td><button type="button" class="crl-link" onClick={() => pinPoint(store, i)}>follow it</button></td></tr>
        ))}</tbody>
      </table>
      {wrong.length > LISTED && <p class="crl-faint">and {wrong.length - LISTED} more</p>}
    </details>
  );
}

function pinNearest(store: Store, x: number, y: number, place: Place): void {
  const shown = shownOf(store.examples.peek());
  if (!shown) return;
  const [plane, box] = [planeOf(store.examples.peek()), boxOf(place)];
  let [best, least] = [-1, 14];
  for (let i = 0; i < shown.x.rows; i++) {
    const [px, py] = toPixel(plane, box, shown.x.data[2 * i]!, shown.x.data[2 * i + 1]!);
    const far = Math.hypot(px - x, py - y);
    if (far < least) [best, least] = [i, far];
  }
  if (best >= 0) pinPoint(store, best);
}

/** Follow a point of the plane; one that is not among the examples joins them. */
function pinPoint(store: Store, i: number): void {
  const all = store.examples.peek();
  const points = all?.points;
  if (!all || !points) return store.pin(i);
  const found = joined(all, points.x, points.y, i);
  store.examples.value = found.all;
  store.pin(found.place);
}

/** One input, one output: the network as a curve, and the points that it should meet. */
function Line({ store, net }: { store: Store; net: Network }): JSX.Element {
  return (
    <>
      <Canvas
        watch={() => ({ p: store.calm.value.parameters, shown: shownOf(store.examples.value), pinned: store.pinned.value })}
        class="crl-plane" height={260} label="The network's prediction as a curve over its input, with the examples as points."
        draw={(c, { p, shown, pinned }, place, ink) => { if (p && shown) drawCurve(c, net, p, shown, pinned, place, ink); }}
      />
      <p class="crl-faint">The line is what the network predicts, the points are the examples; the ringed one is followed through the network.</p>
    </>
  );
}

/** The network: small ones neuron by neuron, wide ones as pictures. What is pointed at says its number; what is chosen is inspected. */

import { useComputed, useSignal, type ReadonlySignal, type Signal } from "@preact/signals";
import type { JSX, TargetedKeyboardEvent } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { number } from "../format";
import type { Parameters } from "../network";
import { phasesOf, type Phase } from "../phases";
import { NOTHING, type Selection, type Store } from "../store";
import { Canvas, type Place } from "./canvas";
import { areasOf, hitArea, ordered, SORTS, type Area, type Sort } from "./draw/areas";
import { roomFor } from "./draw/label";
import { hit, moved, placed, type Box } from "./draw/layout";
import { drawNetwork, type Ink } from "./draw/network";
import { edgeIn, knownIn, phaseValues } from "./draw/phaseview";
import { hasThumbnails, planeOf, thumbnails, type Thumbnails } from "./draw/plane";
import { drawWide, type Sheets } from "./draw/tiles";
import { ENCODING_ROWS, isSmall, largest, roundedUp, spread, type Values } from "./draw/values";
import { EncodingSwitch, Legend, NeuronSwitch, ReverseSwitch, SortSwitch } from "./legend";
import { layerHeading, inputName, outputName, selectionName } from "./names";
import { ExampleBar } from "./example";
import { LayerTable } from "./table";
import { Tip } from "./tip";
import { editedClass, EditedNetwork } from "./whatif";

/** What a stage knows beside the store: what is pointed at, and how it is shown. */
export interface Look {
  readonly hover: Signal<Selection>;
  readonly tip: Signal<{ readonly x: number; readonly y: number } | null>;
  readonly sort: Signal<Sort>;
  readonly pictures: Signal<boolean>;
  readonly table: Signal<boolean>;
  readonly width: Signal<number>;
}

/** The phase of step mode that the network is shown in; null in other modes. */
function phaseOf(store: Store): Phase | null {
  const net = store.network.value;
  if (store.mode.value !== "step" || !net) return null;
  const phases = phasesOf(net);
  return phases[Math.min(store.phase.value, phases.length - 1)]!;
}

/** All that a drawing depends on, read in one place. */
function seenOf(store: Store, look: Look) {
  const [hello, shape, parameters] = [store.hello.value, store.shape.value, store.parameters.value];
  if (!hello || !shape || !parameters) return null;
  const encoding = ENCODING_ROWS[store.encoding.value];
  const shown = {
    shape, parameters, network: store.network.value, pass: store.pass.value, initial: store.initial.value,
    previous: store.previous.value, step: store.frame.value?.step ?? 0,
  };
  const phase = phaseOf(store);
  const isAsked = store.predictFirst.value;
  const { pass } = shown;
  const values: Values | null = phase && pass ? phaseValues(phase, parameters, pass, isAsked) : encoding.of(shown);
  const row = phase ? { ...encoding, edge: edgeIn(phase, isAsked), node: knownIn(phase, shape.L, isAsked).node, missing: "" } : encoding;
  return {
    ...shown, hello, encoding: row, values, isAsked: phase !== null && isAsked,
    selection: store.selection.value, hover: look.hover.value, sort: look.sort.value,
    pictures: look.pictures.value && !phase, examples: store.examples.value, isSmall: isSmall(shape.sizes, hello.image_shape),
    measured: {} as { small?: Scales; wide?: WideScales }, // once: the picture and its legend ask for the same
  };
}
export type Seen = NonNullable<ReturnType<typeof seenOf>>;

interface Scales { readonly edge: number; readonly node: number }
/** By layer, the sizes at which a picture's colours and a neuron's bar are full. */
interface WideScales { readonly scales: readonly number[]; readonly bars: readonly number[] }

/** The sizes at which edges and neurons are drawn in full. */
export const scalesOf = (seen: Seen): Scales => (seen.measured.small ??= measuredScales(seen));
export const wideScales = (seen: Seen): WideScales => (seen.measured.wide ??= measuredWide(seen));

function measuredScales({ values, encoding, shape }: Seen): Scales {
  const node = values?.nodes ? largest(encoding.node === "a" ? values.nodes.slice(2) : values.nodes) : 1;
  const biases = shape.biases ? values?.biases ?? [] : [];
  return { edge: roundedUp(Math.max(largest(values?.edges ?? []), largest(biases))), node: roundedUp(node) };
}

function boxOf({ hello }: Seen, { width, height }: Place): Box {
  const isNarrow = width < 520;
  const many = Math.max(...hello.network.sizes) > 30;
  const inputs = many ? 0 : roomFor(inputs_(hello), width);
  const outputs = many ? 0 : roomFor(outputs_(hello), width);
  const margin = isNarrow ? 30 : 34; // of a neuron, and between it and its name
  return { width, height, left: margin + inputs, right: margin + outputs, top: 44, bottom: 8 };
}

const inputs_ = (hello: Seen["hello"]): string[] => Array.from({ length: hello.network.sizes[0]! }, (_, j) => inputName(hello, j));
const outputs_ = (hello: Seen["hello"]): string[] =>
  Array.from({ length: hello.network.sizes.at(-1)! }, (_, j) => outputName(hello, j).replace(/^\d+$/, "class $&"));

/** How tall a stage is for a width. */
function stageHeight(hello: Seen["hello"], width: number): number {
  const { sizes, image, small } = { sizes: hello.network.sizes, image: hello.image_shape, small: isSmall(hello.network.sizes, hello.image_shape) };
  if (!small) return areasOf(sizes, image, width, 430, sizes.map((n) => ordered(n, "position", null, 1))).height;
  const most = Math.max(...sizes) + 1;
  const room = Math.max(300, Math.min(width < 520 ? 380 : 460, (globalThis.innerHeight ?? 800) - 352)); // what stands below is seen too
  return Math.max(250, Math.min(room, most * 44 + 56));
}

function drawSmall(c: CanvasRenderingContext2D, seen: Seen, place: Place, ink: Ink, pictures: Thumbnails | null): void {
  const { hello, shape, values } = seen;
  const layout = placed(shape.sizes, shape.biases, boxOf(seen, place));
  drawNetwork(c, {
    layout, values: values!, scale: scalesOf(seen), selection: seen.selection, hover: seen.hover,
    labels: { inputs: inputs_(hello), outputs: outputs_(hello) },
    thumbnails: pictures,
  }, ink);
  headings(c, seen, layout.spots.slice(1).map((spots) => spots[0]!.x), place.width, ink);
}

/** Above each layer its name; of many layers the number alone. */
function headings(c: CanvasRenderingContext2D, { hello }: Seen, xs: readonly number[], width: number, ink: Ink): void {
  const isTight = xs.length > 1 && xs[1]! - xs[0]! < 92;
  xs.forEach((x, i) => {
    const [name, more] = layerHeading(hello, i + 1).split("\n") as [string, string];
    c.textAlign = "center";
    c.textBaseline = "alphabetic";
    const within = (text: string): number => Math.max(c.measureText(text).width / 2, Math.min(width - c.measureText(text).width / 2 - 1, x));
    c.font = '600 12px system-ui, "DejaVu Sans", sans-serif';
    c.fillStyle = ink.ink;
    c.fillText(isTight ? String(i + 1) : name, within(isTight ? String(i + 1) : name), 15);
    c.font = '11px system-ui, "DejaVu Sans", sans-serif';
    c.fillStyle = ink.faint;
    if (!isTight) c.fillText(more, within(more), 30);
  });
}

/** The areas of a wide network as they are drawn now; where its neurons keep their places, as they were drawn last. */
function wideAreas(seen: Seen, { width, height }: Place, kept: KeptAreas): readonly Area[] {
  const key = [width, height, seen.sort, ...seen.shape.sizes].join();
  if (kept.key === key && seen.sort === "position") return kept.areas;
  return Object.assign(kept, { key, areas: measuredAreas(seen, width, height) }).areas;
}
interface KeptAreas { key: string; areas: readonly Area[] }

function measuredAreas(seen: Seen, width: number, height: number): readonly Area[] {
  const { sizes } = seen.shape;
  const isHidden = (i: number): boolean => i > 0 && i < sizes.length - 1;
  return areasOf(sizes, seen.hello.image_shape, width, Math.min(height, 430), sizes.map((n, i) =>
    ordered(n, isHidden(i) ? seen.sort : "position", seen.pass, i + 1))).areas;
}

function measuredWide(seen: Seen): WideScales {
  const nodes = seen.values?.nodes;
  return {
    scales: seen.shape.sizes.map((_, i) => (i === 0 ? 1 : spread(seen.values!.edges[i + 1]!))).toSpliced(0, 0, 1),
    bars: seen.shape.sizes.map((_, i) => (nodes?.[i + 1] ? roundedUp(largest([nodes[i + 1]!])) : 1)).toSpliced(0, 0, 1),
  };
}

function drawLarge(
  c: CanvasRenderingContext2D, seen: Seen, place: Place, ink: Ink, pictures: Thumbnails | null, { sheets, areas }: ReturnType<typeof keep>,
): void {
  const { hello, shape } = seen;
  drawWide(c, {
    pictures,
    areas: wideAreas(seen, place, areas), values: seen.values!, ...wideScales(seen), selection: seen.selection, hover: seen.hover,
    names: shape.sizes.map((_, i) => layerHeading(hello, i + 1)), outputs: outputs_(hello),
    target: hello.classify ? seen.pass?.y ?? null : null,
  }, sheets, ink);
}

/** What lies at a place of the canvas. */
function found(seen: Seen, { place, areas }: ReturnType<typeof keep>, x: number, y: number): { press: Selection; hover: Selection } {
  if (seen.isSmall) {
    const at = hit(placed(seen.shape.sizes, seen.shape.biases, boxOf(seen, place)), x, y);
    return { press: at, hover: at };
  }
  const { neuron, weight } = hitArea(wideAreas(seen, place, areas), seen.shape.sizes, x, y);
  return { press: neuron, hover: weight.kind === "none" || seen.pictures ? neuron : weight };
}

/** The numbers of the legend, which are round, so that they change seldom. */
function useLegend(seen: ReadonlySignal<Seen | null>): ReadonlySignal<string> {
  return useComputed(() => {
    const it = seen.value;
    if (!it?.values) return "";
    return JSON.stringify([it.encoding.edge, it.encoding.node, it.pictures, it.isSmall ? scalesOf(it) : wideScales(it)]);
  });
}

const FEW = 10; // points: with fewer, a neuron's number says more than its picture of the plane

function useLook(store: Store): Look {
  const has = hasThumbnails(store.network.peek());
  return {
    hover: useSignal<Selection>(NOTHING), tip: useSignal<{ x: number; y: number } | null>(null),
    sort: useSignal<Sort>(SORTS[0]), pictures: useSignal(has && (store.examples.peek()?.points?.x.rows ?? 0) >= FEW), table: useSignal(false), width: useSignal(0),
  };
}

/** What a picture uses again: its place, and the canvases that it draws from. */
const keep = () => ({
  place: { width: 0, height: 0 }, sheets: new Map() as Sheets, areas: { key: "", areas: [] } as KeptAreas,
  thumbs: { of: null as Parameters | null, theme: null as Ink["theme"] | null, pictures: null as Thumbnails | null },
});

/** The canvas, and what happens on it. */
function Picture({ store, look, shown }: { store: Store; look: Look; shown: ReadonlySignal<Seen | null> }): JSX.Element {
  const kept = useRef(keep()).current;
  const hello = store.hello.value!;
  /** The neurons' pictures: seven times a second is enough for them. */
  const pictures = ({ pictures: are, network, examples }: Seen, ink: Ink): Thumbnails | null => {
    const { parameters } = store.calm.peek();
    if (!are || !hasThumbnails(network) || !parameters) return null;
    if (kept.thumbs.of !== parameters || kept.thumbs.theme !== ink.theme) {
      Object.assign(kept.thumbs, { of: parameters, theme: ink.theme });
      kept.thumbs.pictures = thumbnails(network, parameters, planeOf(examples), ink.theme, kept.thumbs.pictures);
    }
    return kept.thumbs.pictures;
  };
  const draw = (c: CanvasRenderingContext2D, seen: Seen | null, place: Place, ink: Ink): void => {
    kept.place = place;
    look.width.value = place.width;
    if (!seen?.values) return;
    if (seen.isSmall) drawSmall(c, seen, place, ink, pictures(seen, ink));
    else drawLarge(c, seen, place, ink, pictures(seen, ink), kept);
  };
  const at = (x: number, y: number): ReturnType<typeof found> | null => {
    const seen = shown.peek();
    return seen?.values ? found(seen, kept, x, y) : null;
  };
  return (
    <Canvas
      watch={() => { void store.calm.value; return shown.value; }} draw={draw} label={describe(store)} class="crl-net"
      height={(width) => stageHeight(hello, width)}
      onPoint={(x, y) => {
        const hover = at(x, y)?.hover ?? NOTHING;
        if (JSON.stringify(hover) !== JSON.stringify(look.hover.peek())) look.hover.value = hover;
        look.tip.value = hover.kind === "none" ? null : { x, y };
      }}
      onLeave={() => { look.hover.value = NOTHING; look.tip.value = null; }}
      onPress={(x, y) => store.select(at(x, y)?.press ?? NOTHING)}
    />
  );
}

/** What the picture shows, for those who do not see it. */
function describe(store: Store): string {
  const hello = store.hello.value!;
  const { sizes } = hello.network;
  const isOpen = !store.moving.value && !(store.mode.value === "step" && store.predictFirst.value); // nobody reads what changes all the time
  const pass = isOpen ? store.calm.value.pass : null;
  const chosen = store.selection.value.kind === "none" ? "" : ` Chosen: ${selectionName(hello, store.selection.value)}.`;
  const out = pass ? ` Outputs for this example: ${Array.from(pass.a[sizes.length]!.slice(0, 12), (v) => number(v, 3)).join(", ")}.` : "";
  const shows = ENCODING_ROWS[store.encoding.value].words;
  return `Network of ${sizes.length} layers with ${sizes.join(", ")} neurons, showing ${shows}.${out}${chosen} Press T for a table.`;
}

export function Stage({ store }: { store: Store }): JSX.Element {
  const look = useLook(store);
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const open = (): void => { look.table.value = !look.table.peek(); };
    const root = place.current!.closest(".crl")!;
    root.addEventListener("crl-table", open);
    return () => root.removeEventListener("crl-table", open);
  }, []);
  const hello = store.hello.value;
  const shown = useComputed(() => seenOf(store, look)); // once a frame, for the picture, its legend and the tip
  const legend = useLegend(shown).value;
  const seen = shown.peek();
  const small = hello ? isSmall(hello.network.sizes, hello.image_shape) : true;
  const key = (event: TargetedKeyboardEvent<HTMLDivElement>): void => {
    if (!event.key.startsWith("Arrow") || event.target !== event.currentTarget) return;
    event.preventDefault();
    store.select(moved(hello!.network.sizes, store.selection.peek(), event.key));
  };
  return (
    <section class={`crl-panel crl-stage${editedClass(store)}`} aria-label="Network" ref={place}>
      <header class="crl-head">
        <h2>Network</h2>
        {store.mode.value !== "step" && <EncodingSwitch store={store} />}
        <span class="crl-row crl-push">
          {!small && <SortSwitch look={look} />}
          {store.mode.value !== "step" && hasThumbnails(store.network.value) && <NeuronSwitch look={look} isSmall={small} />}
          <ReverseSwitch store={store} />
        </span>
      </header>
      <EditedNetwork store={store} />
      {seen && legend && <Legend seen={seen} />}
      <div class="crl-net-box" tabIndex={0} role="group" aria-label="Network: arrow keys choose a neuron" onKeyDown={key}>
        {hello && <Picture store={store} look={look} shown={shown} />}
        {seen && !legend && <p class="crl-empty">{seen.encoding.missing}</p>}
        <Tip look={look} shown={shown} />
      </div>
      <ExampleBar store={store} look={look} />
      {look.table.value && hello && <LayerTable store={store} />}
    </section>
  );
}

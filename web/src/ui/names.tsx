/** What things are called on the screen, in words and as symbols. Neurons are counted from 1 there, and from 0 in arrays. */

import type { JSX } from "preact";
import { Formula, Symbol_ } from "../formula";
import type { Hello } from "../protocol";
import type { Selection } from "../state";

const list = (names: readonly string[] | null, i: number, otherwise: string): string => names?.[i] ?? `${otherwise} ${i + 1}`;

/** A row and a column of a picture, where the inputs are one. */
function pixel({ image_shape: image }: Hello, j: number): string | null {
  if (!image || image.length < 2) return null;
  const each = image[2] ?? 1;
  const cell = Math.floor(j / each);
  const where = `row ${Math.floor(cell / image[1]!) + 1}, column ${(cell % image[1]!) + 1}${each > 1 ? `, channel ${(j % each) + 1}` : ""}`;
  return `pixel ${j + 1} (${where})`;
}

/** What a class is called: without a name, it is the whole number that stands for it in the data, from 0. */
export const className = ({ classes }: Hello, j: number): string => classes?.[j] ?? String(j);

/** What an output neuron stands for. */
export function outputName(hello: Hello, j: number): string {
  const L = hello.network.sizes.at(-1)!;
  if (hello.classify) return L === 1 ? `P(${className(hello, 1)})` : className(hello, j);
  return list(hello.targets, j, "output");
}

/** What an input is called. */
export const inputName = (hello: Hello, j: number): string =>
  hello.features?.[j] ?? pixel(hello, j) ?? `input ${j + 1}`;

/** A neuron in words. */
export function neuronName(hello: Hello, l: number, j: number): string {
  const L = hello.network.sizes.length;
  if (j < 0) return "the bias (always 1)";
  if (l === 1) return hello.features?.[j] ? `input ${hello.features[j]}` : inputName(hello, j);
  if (l === L) return hello.classify ? `output ${j + 1} (class ${outputName(hello, j)})`.replace("class P(", "P(") : hello.targets?.[j] ? `output ${hello.targets[j]}` : `output ${j + 1}`;
  return `neuron ${j + 1} of layer ${l}`;
}

/** A weight or a bias in words. */
export function weightName(hello: Hello, l: number, j: number, k: number): string {
  return k < 0 ? `the bias of ${neuronName(hello, l, j)}` : `the weight from ${neuronName(hello, l - 1, k)} to ${neuronName(hello, l, j)}`;
}

export function selectionName(hello: Hello, s: Selection): string {
  if (s.kind === "none") return "nothing";
  return s.kind === "neuron" ? neuronName(hello, s.l, s.j) : weightName(hello, s.l, s.j, s.k);
}

/** The name of a layer's activation function. */
export function activationName(hello: Hello, l: number, j?: number): string {
  const spec = hello.network.activations[l - 2] ?? "";
  const name = typeof spec === "string" ? spec : j === undefined ? "mixed" : spec[j] ?? "";
  return name.replace(/^own:/, "").replace(/_/g, " ");
}

/** "layer 2" and below it "8 neurons, tanh" */
export function layerHeading(hello: Hello, l: number): string {
  const { sizes } = hello.network;
  const n = sizes[l - 1]!;
  if (l === 1) return `layer 1: input\n${n} ${n === 1 ? "number" : "numbers"}`;
  const role = l === sizes.length ? ": output" : "";
  return `layer ${l}${role}\n${n} ${activationName(hello, l)}`;
}

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

type Index = number | string | readonly number[];

/** A symbol in a line of text. */
export function Sym({ of, l, i }: { of: string; l?: number; i?: Index }): JSX.Element {
  return <Formula><Symbol_ of={of} {...(l === undefined ? {} : { l })} {...(i === undefined ? {} : { i })} /></Formula>;
}

/** A weight or a bias as a symbol. */
export const WeightSym = ({ l, j, k }: { l: number; j: number; k: number }): JSX.Element =>
  k < 0 ? <Sym of="b" l={l} i={j} /> : <Sym of="w" l={l} i={[j, k]} />;

/** An activation as a symbol; of the input it is x. */
export const ActivationSym = ({ l, j }: { l: number; j: number }): JSX.Element =>
  j < 0 ? <Formula><mn>1</mn></Formula> : l === 1 ? <Sym of="x" i={j} /> : <Sym of="a" l={l} i={j} />;

/** How the cost changes with a parameter. */
export function SlopeSym({ l, j, k }: { l: number; j: number; k: number }): JSX.Element {
  const below = k < 0 ? <Symbol_ of="b" l={l} i={j} /> : <Symbol_ of="w" l={l} i={[j, k]} />;
  return <Formula><mfrac><mrow><mi>∂</mi><mi>C</mi></mrow><mrow><mi>∂</mi>{below}</mrow></mfrac></Formula>;
}

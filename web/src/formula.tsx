/** Equations as MathML: with symbols, and with the numbers of an example. The names are those of chainrule/equations.py. */

import type { ComponentChild, JSX } from "preact";
import { number } from "./format";
import type { Pass } from "./model";
import type { Network, Parameters } from "./network";

/** Which neuron an equation is written for: j of layer l, and where it needs one, k of the layer before. */
export interface At {
  readonly L: number;
  readonly l: number;
  readonly j: number;
  readonly k: number;
}

/** What the numbers are taken from. */
export interface Known {
  readonly network: Network;
  readonly parameters: Parameters;
  readonly pass: Pass;
  readonly eta?: number | null;
  readonly m?: number;
}

export interface Equation {
  /** What it says, as in equations.py. */
  readonly says: string;
  readonly left: (at: At) => JSX.Element;
  readonly right: (at: At) => ComponentChild;
  readonly numbers: (at: At, known: Known) => ComponentChild;
  readonly result: (at: At, known: Known) => number;
}

const TERMS = 4; // of a sum with numbers, so many are written out

// ------------------------------------------------------------------------------------------------------ the parts

type Index = number | string | readonly (number | string)[];
/** Digits upright, letters slanted; two indices apart where one of them has two digits. */
function Index_({ of }: { of: Index }): JSX.Element {
  if (!Array.isArray(of)) return typeof of === "number" ? <mn>{of}</mn> : <mi>{of as string}</mi>;
  const isLong = of.some((i) => `${i}`.length > 1);
  return <mrow>{of.map((i, n) => <>{n > 0 && isLong && <mo rspace="0">,</mo>}<Index_ of={i} /></>)}</mrow>;
}

/** Neurons are counted from 0 in arrays, and from 1 on the screen, as in the book and by `chainrule explain`. */
const counted = (i: Index): Index => (Array.isArray(i) ? i.map((n) => (typeof n === "number" ? n + 1 : n)) : typeof i === "number" ? i + 1 : i);

/** A letter with its layer above and its indices below. */
export function Symbol_({ of, l, i }: { of: string; l?: Index; i?: Index }): JSX.Element {
  const base = <mi>{of}</mi>;
  const above = <Index_ of={l ?? ""} />;
  const below = <Index_ of={counted(i ?? "")} />;
  if (l !== undefined && i !== undefined) return <msubsup>{base}{below}{above}</msubsup>;
  if (l !== undefined) return <msup>{base}{above}</msup>;
  return i !== undefined ? <msub>{base}{below}</msub> : base;
}

const S = Symbol_;
const w = (l: number, j: number | string, k: number | string): JSX.Element => <S of="w" l={l} i={[j, k]} />;
const z = (l: number, j: Index): JSX.Element => <S of="z" l={l} i={j} />;
const a = (l: number, j: Index): JSX.Element => (l === 1 ? <S of="x" i={j} /> : <S of="a" l={l} i={j} />);
const delta = (l: number, j: Index): JSX.Element => <S of="δ" l={l} i={j} />;
const slope = (l: number, j: Index): JSX.Element => <>{prime(<mi>σ</mi>)}<Paren>{z(l, j)}</Paren></>;
const prime = (of: JSX.Element): JSX.Element => <msup>{of}<mo lspace="0" rspace="0">′</mo></msup>;
const d = (under: JSX.Element): JSX.Element => (
  <mfrac><mrow><mi>∂</mi><mi>C</mi></mrow><mrow><mi>∂</mi>{under}</mrow></mfrac>
);

function Paren({ children }: { children: ComponentChild }): JSX.Element {
  return <mrow><mo>(</mo>{children}<mo>)</mo></mrow>;
}

/** A number; in a product or a sum, a negative one stands in parentheses. */
export function Num({ x, bare = false, digits = 4 }: { x: number; bare?: boolean; digits?: number }): JSX.Element {
  const [shown, power] = number(x, digits).split("e");
  const text = power === undefined ? <mn>{shown}</mn>
    : <mrow><mn>{shown}</mn><mo lspace="0.1em" rspace="0.1em">×</mo><msup><mn>10</mn><mn>{power}</mn></msup></mrow>;
  return x < 0 && !bare ? <Paren>{text}</Paren> : text;
}

const times = <mo>·</mo>;
const plus = <mo>+</mo>;
const minus = <mo>−</mo>;
/** A softmax neuron's activation needs the z of its whole layer. */
function Softmax({ l, j, z: all }: { l: number; j: number; z: Float64Array }): JSX.Element {
  const power = (x: ComponentChild): JSX.Element => <msup><mi>e</mi><mrow>{x}</mrow></msup>;
  return (
    <>
      <mfrac>{power(z(l, j))}<mrow>{sum("i")}{power(z(l, "i"))}</mrow></mfrac><mo>=</mo>
      <mfrac>{power(<Num x={all[j]!} bare />)}<Num x={all.reduce((total, x) => total + Math.exp(x), 0)} bare /></mfrac>
    </>
  );
}

const sum = (i: string): JSX.Element => <munder><mo>∑</mo><mi>{i}</mi></munder>;

/** The first terms of a sum of products, and how many more there are. */
function products(u: (i: number) => number, v: (i: number) => number, n: number): ComponentChild {
  const terms = Array.from({ length: Math.min(n, n === TERMS + 1 ? n : TERMS) }, (_, i) => (
    <>{i > 0 && plus}<Num x={u(i)} />{times}<Num x={v(i)} /></>
  ));
  const left = n - terms.length;
  return <>{terms}{left > 0 && <>{plus}<mi>…</mi><mtext>{`\u00a0(${left} more)`}</mtext></>}</>;
}

// -------------------------------------------------------------------------------------------------- the equations

const weightOf = ({ network, parameters }: Known, l: number, j: number, k: number): number =>
  parameters.w[l]![j * network.sizes[l - 2]! + k]!;

export const EQUATIONS: Readonly<Record<string, Equation>> = {
  FP1: {
    says: "The weighted input of layer l, from the activations of the layer before it.",
    left: ({ l, j }) => z(l, j),
    right: ({ l, j }) => <>{sum("k")}{w(l, j, "k")}{a(l - 1, "k")}{plus}<S of="b" l={l} i={j} /></>,
    numbers: ({ l, j }, it) => (
      <>
        {products((k) => weightOf(it, l, j, k), (k) => it.pass.a[l - 1]![k]!, it.network.sizes[l - 2]!)}
        {it.network.biases && <>{plus}<Num x={it.parameters.b[l]![j]!} /></>}
      </>
    ),
    result: ({ l, j }, { pass }) => pass.z[l]![j]!,
  },
  FP2: {
    says: "The activation of layer l.",
    left: ({ l, j }) => a(l, j),
    right: ({ l, j }) => <><mi>σ</mi><Paren>{z(l, j)}</Paren></>,
    numbers: ({ l, j }, { network, pass }) => (network.sigma[l] === null ? <Softmax l={l} j={j} z={pass.z[l]!} />
      : <><mi mathvariant="normal">{nameOf(network, l, j)}</mi><Paren><Num x={pass.z[l]![j]!} bare /></Paren></>),
    result: ({ l, j }, { pass }) => pass.a[l]![j]!,
  },
  SP: {
    says: "How steeply each neuron of layer l responds to its weighted input.",
    left: ({ l, j }) => slope(l, j),
    right: ({ l, j }) => <mfrac><mrow><mi>∂</mi>{a(l, j)}</mrow><mrow><mi>∂</mi>{z(l, j)}</mrow></mfrac>,
    numbers: ({ l, j }, { network, pass }) => (
      <>{prime(<mi mathvariant="normal">{nameOf(network, l, j)}</mi>)}<Paren><Num x={pass.z[l]![j]!} bare /></Paren></>
    ),
    result: ({ l, j }, { pass }) => pass.sigmaPrime[l]![j]!,
  },
  NA: {
    says: "How the cost changes with each output activation.",
    left: ({ L, j }) => d(a(L, j)),
    right: ({ L, j }) => <>{prime(<mi>c</mi>)}<Paren>{a(L, j)}<mo>,</mo><S of="y" i={j} /></Paren></>,
    numbers: ({ L, j }, { pass }) => (
      <>{prime(<mi>c</mi>)}<Paren><Num x={pass.a[L]![j]!} bare /><mo>,</mo><Num x={pass.y[j]!} bare /></Paren></>
    ),
    result: ({ L, j }, { pass }) => pass.nablaA[L]![j]!,
  },
  BP1: {
    says: "The error of the output layer.",
    left: ({ L, j }) => delta(L, j),
    right: ({ L, j }) => <>{d(a(L, j))}{slope(L, j)}</>,
    numbers: ({ L, j }, { pass }) => <><Num x={pass.nablaA[L]![j]!} />{times}<Num x={pass.sigmaPrime[L]![j]!} /></>,
    result: ({ L, j }, { pass }) => pass.delta[L]![j]!,
  },
  BP1c: {
    says: "The output error where cost and activation match, so that the slope cancels.",
    left: ({ L, j }) => delta(L, j),
    right: ({ L, j }) => <>{a(L, j)}{minus}<S of="y" i={j} /></>,
    numbers: ({ L, j }, { pass }) => <><Num x={pass.a[L]![j]!} />{minus}<Num x={pass.y[j]!} /></>,
    result: ({ L, j }, { pass }) => pass.delta[L]![j]!,
  },
  BPs: {
    says: "The error of a softmax layer, each of whose activations depends on all of its weighted inputs.",
    left: ({ l, j }) => delta(l, j),
    right: ({ l, j }) => <>{a(l, j)}<Paren>{d(a(l, j))}{minus}{sum("i")}{a(l, "i")}{d(a(l, "i"))}</Paren></>,
    numbers: ({ l, j }, { pass }) => {
      const mean = pass.a[l]!.reduce((all, v, i) => all + v * pass.nablaA[l]![i]!, 0);
      return <><Num x={pass.a[l]![j]!} /><Paren><Num x={pass.nablaA[l]![j]!} bare />{minus}<Num x={mean} /></Paren></>;
    },
    result: ({ l, j }, { pass }) => pass.delta[l]![j]!,
  },
  BP2: {
    says: "The error of layer l, from the error of the layer after it.",
    left: ({ l, j }) => delta(l, j),
    right: ({ l, j }) => <><Paren>{sum("i")}{w(l + 1, "i", j)}{delta(l + 1, "i")}</Paren>{slope(l, j)}</>,
    numbers: ({ l, j }, it) => (
      <>
        <Paren>{products((i) => weightOf(it, l + 1, i, j), (i) => it.pass.delta[l + 1]![i]!, it.network.sizes[l]!)}</Paren>
        {times}<Num x={it.pass.sigmaPrime[l]![j]!} />
      </>
    ),
    result: ({ l, j }, { pass }) => pass.delta[l]![j]!,
  },
  BP3: {
    says: "The gradient of the biases is the error itself, summed over the mini-batch.",
    left: ({ l, j }) => d(<S of="b" l={l} i={j} />),
    right: ({ l, j }) => delta(l, j),
    numbers: ({ l, j }, { pass }) => <Num x={pass.delta[l]![j]!} bare />,
    result: ({ l, j }, { pass }) => pass.nablaB[l]![j]!,
  },
  BP4: {
    says: "The gradient of a weight is the activation it comes from times the error it leads to.",
    left: ({ l, j, k }) => d(w(l, j, k)),
    right: ({ l, j, k }) => <>{a(l - 1, k)}{delta(l, j)}</>,
    numbers: ({ l, j, k }, { pass }) => <><Num x={pass.a[l - 1]![k]!} />{times}<Num x={pass.delta[l]![j]!} /></>,
    result: ({ l, j, k }, { network, pass }) => pass.nablaW[l]![j * network.sizes[l - 2]! + k]!,
  },
  GD: {
    says: "A step of gradient descent, downhill along the mean gradient of the mini-batch.",
    left: ({ l, j, k }) => parameter(l, j, k),
    right: ({ l, j, k }) => (
      <>{parameter(l, j, k)}{minus}<mfrac><mi>η</mi><mi>m</mi></mfrac>{sum("x")}{d(parameter(l, j, k))}</>
    ),
    numbers: (at, it) => (
      <><Num x={valueOf(at, it)} />{minus}<mfrac><Num x={it.eta ?? NaN} /><mn>{it.m ?? 1}</mn></mfrac>{times}<Num x={gradientOf(at, it)} /></>
    ),
    result: (at, it) => valueOf(at, it) - ((it.eta ?? NaN) / (it.m ?? 1)) * gradientOf(at, it),
  },
};

const parameter = (l: number, j: number, k: number): JSX.Element => (k < 0 ? <S of="b" l={l} i={j} /> : w(l, j, k));
const valueOf = ({ l, j, k }: At, it: Known): number => (k < 0 ? it.parameters.b[l]![j]! : weightOf(it, l, j, k));
const gradientOf = ({ l, j, k }: At, { network, pass }: Known): number =>
  k < 0 ? pass.nablaB[l]![j]! : pass.nablaW[l]![j * network.sizes[l - 2]! + k]!;

/** What a neuron's activation is called. */
function nameOf(network: Network, l: number, j: number): string {
  const spec = network.names[l] ?? "";
  return (typeof spec === "string" ? spec : spec[j] ?? "").replace(/_/g, " ");
}

/** The equation that gives the error of a layer: BP1, BP1c, BPs or BP2. */
export function errorEquation(network: Network, l: number): "BP1" | "BP1c" | "BPs" | "BP2" {
  if (l === network.L && network.canonical) return "BP1c";
  if (network.sigma[l] === null) return "BPs";
  return l === network.L ? "BP1" : "BP2";
}

// ------------------------------------------------------------------------------------------------- to put on a page

export function Formula({ children, block = false }: { children: ComponentChild; block?: boolean }): JSX.Element {
  return <math class="crl-math" display={block ? "block" : "inline"}><mrow>{children}</mrow></math>;
}

/** An equation with its symbols; with `known` its numbers, and with `result` what they come to. */
export function EquationView(
  { name, at, known, result = false }: { name: string; at: At; known?: Known | null | undefined; result?: boolean },
): JSX.Element {
  const it = EQUATIONS[name]!;
  const sign = <mo>{name === "GD" ? "←" : "="}</mo>;
  return (
    <div class="crl-equation" title={it.says}>
      <span class="crl-equation-name">{name}</span>
      <Formula>{it.left(at)}{sign}{it.right(at)}</Formula>
      {known && <Formula><mo>=</mo>{it.numbers(at, known)}</Formula>}
      {known && result && <Formula><mo>=</mo><Num x={it.result(at, known)} bare /></Formula>}
    </div>
  );
}

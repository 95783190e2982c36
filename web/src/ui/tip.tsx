/** The number under the pointer: it stays true while the network learns. */

import type { ReadonlySignal } from "@preact/signals";
import type { JSX } from "preact";
import { number, signed } from "../format";
import type { Selection } from "../store";
import { ENCODING_ROWS } from "./draw/values";
import { ActivationSym, capital, selectionName, SlopeSym, Sym, WeightSym } from "./names";
import type { Look, Seen } from "./stage";

const ADDED = ["change", "update", "flow"].map((name) => ENCODING_ROWS[name as keyof typeof ENCODING_ROWS].edge); // shown beside the weight

type Line = readonly [JSX.Element, string];

/** The numbers of a neuron. */
function ofNeuron({ pass, shape, hello, values, encoding }: Seen, l: number, j: number): Line[] {
  if (l === 1) {
    const lines: Line[] = pass ? [[<ActivationSym l={1} j={j} />, number(pass.a[1]![j])]] : [];
    const slope = encoding.node === "δ" ? values?.nodes?.[1]?.[j] : undefined;
    return slope === undefined ? lines : [...lines, [<>∂C/∂x</>, signed(slope)]];
  }
  if (!pass) return [];
  const target: Line[] = l === shape.L && hello ? [[<Sym of="y" i={j} />, number(pass.y[j])]] : [];
  return [
    [<Sym of="z" l={l} i={j} />, signed(pass.z[l]![j])], [<Sym of="a" l={l} i={j} />, number(pass.a[l]![j])], ...target,
    [<Sym of="δ" l={l} i={j} />, signed(pass.delta[l]![j])],
  ];
}

/** The numbers of a weight or a bias. */
function ofWeight(seen: Seen, l: number, j: number, k: number): Line[] {
  const { parameters, pass, shape, encoding, values } = seen;
  const at = j * shape.sizes[l - 2]! + k;
  const of = (edges: Float64Array, biases: Float64Array): number => (k < 0 ? biases[j]! : edges[at]!);
  const lines: Line[] = [[<WeightSym l={l} j={j} k={k} />, signed(of(parameters.w[l]!, parameters.b[l]!))]];
  if (values && ADDED.includes(encoding.edge)) {
    lines.push([<>{encoding.edge}</>, signed(of(values.edges[l]!, values.biases[l]!))]);
  }
  if (pass) lines.push([<SlopeSym l={l} j={j} k={k} />, signed(of(pass.nablaW[l]!, pass.nablaB[l]!))]);
  return lines;
}

const linesOf = (seen: Seen, s: Selection): Line[] =>
  s.kind === "none" || seen.isAsked ? [] : s.kind === "neuron" ? ofNeuron(seen, s.l, s.j) : ofWeight(seen, s.l, s.j, s.k);

export function Tip({ look, shown }: { look: Look; shown: ReadonlySignal<Seen | null> }): JSX.Element | null {
  const [at, hover] = [look.tip.value, look.hover.value];
  const seen = at && hover.kind !== "none" ? shown.value : null;
  if (!at || !seen) return null;
  const style = { left: `${at.x}px`, top: `${at.y}px` };
  const isRight = at.x > look.width.peek() / 2; // so that it stays inside
  return (
    <div class={`crl-tip${isRight ? " crl-tip-left" : ""}`} style={style} aria-hidden="true">
      <strong>{capital(selectionName(seen.hello, hover))}</strong>
      <dl>{linesOf(seen, hover).map(([name, text]) => <div><dt>{name}</dt><dd>{text}</dd></div>)}</dl>
    </div>
  );
}

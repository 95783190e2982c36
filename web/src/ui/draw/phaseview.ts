/** What the network shows in step mode: what is known by then, and nothing of what comes later. */

import type { Pass } from "../../model";
import type { Parameters } from "../../network";
import type { Phase } from "../../phases";
import type { Values } from "./values";

/** Of which layers the neurons show a number, and which. */
export interface Known { readonly node: "a" | "δ"; readonly from: number; readonly to: number }

/** The layers that are done in a phase; with predictions those before it, since its own are asked for. */
export function knownIn({ kind, l }: Pick<Phase, "kind" | "l">, L: number, isAsked: boolean): Known {
  const held = isAsked ? 1 : 0;
  if (kind === "input") return { node: "a", from: 1, to: 1 };
  if (kind === "forward") return { node: "a", from: 1, to: l - held };
  if (kind === "error") return { node: "δ", from: L + held, to: L };
  if (kind === "back") return { node: "δ", from: l + held, to: L };
  return { node: "δ", from: 2, to: L };
}

const NONE = new Float64Array(0);

/** The numbers of edges and neurons in a phase. */
export function phaseValues(phase: Phase, p: Parameters, pass: Pass, isAsked: boolean): Values {
  const L = pass.a.length - 1;
  const { node, from, to } = knownIn(phase, L, isAsked);
  const source = node === "a" ? pass.a : pass.delta;
  const nodes = source.map((values, l) => (l >= from && l <= to ? values : NONE));
  const isGradient = !isAsked && (phase.kind === "weight" || phase.kind === "update");
  const isBias = !isAsked && (phase.kind === "bias" || isGradient);
  return { edges: isGradient ? pass.nablaW : p.w, biases: isBias ? pass.nablaB : p.b, nodes };
}

/** What the edges show then. */
export const edgeIn = (phase: Phase, isAsked: boolean): string =>
  !isAsked && (phase.kind === "weight" || phase.kind === "update") ? "∂C/∂w" : "w";

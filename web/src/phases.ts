/** The phases of step mode: one example forward, back, and one step downhill; and which results each one brings. */

import { EQUATIONS, errorEquation, type At, type Known } from "./formula";
import type { Network } from "./network";
import type { Selection } from "./state";

export type Kind = "input" | "forward" | "error" | "back" | "bias" | "weight" | "update";

export interface Phase {
  readonly kind: Kind;
  /** The layer; of the phases that concern all layers, 0. */
  readonly l: number;
  /** The equations in the order in which they are used. */
  readonly equations: readonly string[];
  /** On the phase bar. */
  readonly short: string;
  readonly title: string;
  /** What happens, for somebody who sees it for the first time. */
  readonly says: string;
}

const layer = (l: number, L: number): string => (l === L ? "the output layer" : `layer ${l}`);

/** All phases of a network, in order. */
export function phasesOf(net: Network): readonly Phase[] {
  const layers = Array.from({ length: net.L - 1 }, (_, i) => i + 2);
  return [
    { kind: "input", l: 1, equations: [], short: "input", title: "The input", says: "The numbers of one example. They are the activations of layer 1." },
    ...layers.map((l) => forwardPhase(l, net)),
    errorPhase(net),
    ...layers.slice(0, -1).reverse().map((l) => backPhase(l)),
    ...(net.biases ? [BIAS] : []), WEIGHT, UPDATE,
  ];
}

const forwardPhase = (l: number, { L }: Network): Phase => ({
  kind: "forward", l, equations: ["FP1", "FP2"], short: `layer ${l}`, title: `Forward: ${layer(l, L)}`,
  says: "Each neuron adds up what comes in, each number times its weight, and its bias: that is z. Its activation function makes a of it.",
});

const errorPhase = (net: Network): Phase => ({
  kind: "error", l: net.L, equations: [errorEquation(net, net.L)], short: "output error", title: "The error of the output layer",
  says: net.canonical
    ? "How much would the cost change if an output neuron's z changed? Cost and activation match here: the slope cancels."
    : "How much would the cost change if an output neuron's z changed? By how the cost changes with a, times the neuron's slope.",
});

const backPhase = (l: number): Phase => ({
  kind: "back", l, equations: ["BP2"], short: `back to ${l}`, title: `Back: layer ${l}`,
  says: "Each neuron gets back the errors that it led to, each times the weight between them; their sum is multiplied by its own slope.",
});

const BIAS: Phase = {
  kind: "bias", l: 0, equations: ["BP3"], short: "biases", title: "The gradient of the biases",
  says: "A bias is added to z as it is. So the cost changes with it as it changes with z: by the error.",
};
const WEIGHT: Phase = {
  kind: "weight", l: 0, equations: ["BP4"], short: "weights", title: "The gradient of the weights",
  says: "A weight multiplies the activation that it comes from. So its gradient is that activation times the error that it leads to.",
};
const UPDATE: Phase = {
  kind: "update", l: 0, equations: ["GD"], short: "update", title: "A step downhill",
  says: "Each parameter goes a little against its gradient. The learning rate η says how far.",
};

/** One result of a phase: the equation, and for which neuron or weight. */
export interface Item {
  readonly equation: string;
  readonly at: At;
}

export const keyOf = ({ equation, at }: Item): string => `${equation}.${at.l}.${at.j}.${at.k}`;
export const resultOf = ({ equation, at }: Item, known: Known): number => EQUATIONS[equation]!.result(at, known);

/** Where a phase stands: the layer, the neuron, and of weights the neuron that it comes from (-1: the bias). */
export interface Place {
  readonly l: number;
  readonly j: number;
  readonly k: number;
}

/** The place that a selection means in a phase: what is chosen where it fits, else the first. */
export function placeOf(net: Network, phase: Phase, chosen: Selection): Place {
  const isOf = (l: number): boolean => chosen.kind !== "none" && chosen.l === l;
  const l = phase.l || (chosen.kind !== "none" && chosen.l >= 2 ? chosen.l : net.L);
  const j = isOf(l) && chosen.kind !== "none" ? chosen.j : 0;
  const k = isOf(l) && chosen.kind === "weight" ? chosen.k : 0;
  return { l, j, k: phase.kind === "weight" && k < 0 ? 0 : k };
}

/** What is to be chosen so that a phase stands at that place. */
export function selectionAt(phase: Phase, { l, j, k }: Place): Selection {
  return phase.kind === "weight" || phase.kind === "update" ? { kind: "weight", l, j, k } : { kind: "neuron", l, j };
}

/** The results at a place: of a neuron going forward, its z and its a; else one. */
export function itemsAt(net: Network, phase: Phase, at: Place): Item[] {
  return phase.equations.map((equation) => ({ equation, at: { L: net.L, ...at } }));
}

const MOST = 64; // rows of a table

/** The places beside one: all neurons of its layer, or all weights into its neuron; the first of many. */
export function placesBeside(net: Network, phase: Phase, { l, j, k }: Place): Place[] {
  const byWeight = phase.kind === "weight" || phase.kind === "update";
  const n = byWeight ? net.sizes[l - 2]! : net.sizes[l - 1]!;
  const first = Array.from({ length: Math.min(n, MOST) }, (_, i) => (byWeight ? { l, j, k: i } : { l, j: i, k }));
  const own = byWeight ? k : j;
  const far = own >= MOST ? [{ l, j, k }] : [];
  return [...first, ...far, ...(phase.kind === "update" && net.biases ? [{ l, j, k: -1 }] : [])];
}

/** The index of a phase, by the equation that it uses; -1 where the network has no such phase. */
export function phaseAt(net: Network, equation: string): number {
  const same = (name: string): boolean => name === equation || (equation === "BP1" && (name === "BP1c" || name === "BPs"));
  return phasesOf(net).findIndex((phase) => phase.equations.some(same));
}

/** Values that a learner may have typed by mistake, and what was forgotten. */
export function slipsOf({ equation, at: { l, j, k } }: Item, { pass, parameters, eta }: Known): [number, string][] {
  const slope = pass.sigmaPrime[l]?.[j] ?? 1;
  if (equation === "FP1") return [[pass.z[l]![j]! - parameters.b[l]![j]!, "The bias is missing."], [pass.a[l]![j]!, "That is already the activation: z comes before it."]];
  if (equation === "FP2") return [[pass.z[l]![j]!, "That is z. The activation function comes now."], [slope, "That is the slope of the neuron, not its activation."]];
  if (equation === "BP1" || equation === "BP2") return [[pass.nablaA[l]![j]!, "The slope of the neuron is missing: times σ′(z)."]];
  if (equation === "BP4") return [[pass.delta[l]![j]!, "That is the error. It is still to be multiplied by the activation that the weight comes from."]];
  if (equation !== "GD") return [];
  const g = k < 0 ? pass.nablaB[l]![j]! : pass.nablaW[l]![j * (pass.a[l - 1]!.length) + k]!;
  const theta = k < 0 ? parameters.b[l]![j]! : parameters.w[l]![j * (pass.a[l - 1]!.length) + k]!;
  return [[theta + (eta ?? 0) * g, "That goes uphill: the gradient is subtracted."], [theta - g, "Times η: the step is only a part of the gradient."]];
}

/** What the stage shows of a network: for each encoding the numbers of its edges, its biases and its neurons. */

import { inputGradient, type Pass } from "../../model";
import { parametersOf, type Network, type Parameters, type Shape } from "../../network";
import type { Frame } from "../../protocol";
import type { Encoding } from "../../state";

type Layers = readonly Float64Array[];

/** By layer, as everywhere: edges[l] and biases[l] lead into layer l; nodes[1] is the input. */
export interface Values {
  readonly edges: Layers;
  readonly biases: Layers;
  readonly nodes: Layers | null;
}

/** What there is to be shown. */
export interface Shown {
  readonly shape: Shape;
  readonly network: Network | null;
  readonly parameters: Parameters;
  readonly pass: Pass | null;
  readonly initial: Frame | null;
  readonly previous: Frame | null;
  readonly step: number;
}

interface Row {
  /** What is to be chosen; and what an edge and a neuron show then, as a symbol and in words. */
  readonly name: string;
  readonly edge: string;
  readonly node: string;
  readonly words: string;
  /** Null where it cannot be shown; `missing` says why. */
  readonly of: (s: Shown) => Values | null;
  readonly missing: string;
}

const nothing = new Float64Array(0);
const map = (layers: Layers, of: (values: Float64Array, l: number) => Float64Array): Float64Array[] =>
  layers.map((values, l) => (l < 2 ? nothing : of(values, l)));

/** The parameters less those of another frame. */
function since(s: Shown, frame: Frame | null): Values | null {
  if (!frame) return null;
  const before = parametersOf(s.shape, frame.parameters);
  return {
    edges: map(s.parameters.w, (w, l) => w.map((v, i) => v - before.w[l]![i]!)),
    biases: map(s.parameters.b, (b, l) => b.map((v, i) => v - before.b[l]![i]!)),
    nodes: s.pass?.a ?? null,
  };
}

/** dC/dw, dC/db and the errors; of the input dC/dx. */
function gradient({ network, parameters, pass }: Shown): Values | null {
  if (!network || !pass) return null;
  const nodes = [nothing, inputGradient(network, parameters, pass), ...pass.delta.slice(2)];
  return { edges: pass.nablaW, biases: pass.nablaB, nodes };
}

/** What flows along an edge: the weight times the activation that it carries. */
function flow({ parameters, pass }: Shown): Values | null {
  if (!pass) return null;
  const edges = map(parameters.w, (w, l) => {
    const from = pass.a[l - 1]!;
    return w.map((v, i) => v * from[i % from.length]!);
  });
  return { edges, biases: parameters.b, nodes: pass.a };
}

const NO_PASS = "The page cannot compute this network's functions, so it has no pass through it to show.";

export const ENCODING_ROWS: Readonly<Record<Encoding, Row>> = {
  weights: {
    name: "Weights", edge: "w", node: "a", words: "the weights; in the neurons their activations",
    of: (s) => ({ edges: s.parameters.w, biases: s.parameters.b, nodes: s.pass?.a ?? null }), missing: "",
  },
  change: {
    name: "Change", edge: "w − w₀", node: "a", words: "the change of each weight since the start",
    of: (s) => since(s, s.initial), missing: "The initial weights are not known.",
  },
  gradient: {
    name: "Gradient", edge: "∂C/∂w", node: "δ", words: "how the cost of this example changes with each weight; in the neurons their errors δ",
    of: gradient, missing: NO_PASS,
  },
  update: {
    name: "Last update", edge: "Δw", node: "a", words: "what the last step did to each weight",
    of: (s) => since(s, s.previous), missing: "Nothing has been updated before the first step.",
  },
  flow: {
    name: "Flow", edge: "w·a", node: "a", words: "what each neuron sends along each edge: weight times activation",
    of: flow, missing: NO_PASS,
  },
};

/** Whether a network is drawn neuron by neuron and edge by edge; a wider one is drawn as pictures. */
export function isSmall(sizes: readonly number[], image: readonly number[] | null): boolean {
  const edges = sizes.slice(1).reduce((sum, n, i) => sum + n * sizes[i]!, 0);
  return Math.max(...sizes) <= 64 && edges <= 4096 && !(image && sizes[0]! >= 49);
}

/** The largest size in some layers that is finite; 0 where all are 0. */
export function largest(layers: Layers): number {
  let most = 0;
  for (const values of layers) {
    for (let i = 0; i < values.length; i++) {
      const size = Math.abs(values[i]!);
      if (size > most && size < Infinity) most = size;
    }
  }
  return most;
}

const ROUND = [1, 1.5, 2, 3, 4, 5, 7, 10];

/** The next round number, so that scales do not shiver from frame to frame, and half of a line's width is never lost. */
export function roundedUp(x: number): number {
  if (!(x > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(x));
  return (ROUND.find((m) => m * power >= x * (1 - 1e-12)) ?? 10) * power;
}

/** A scale for pictures: three times the root mean square, which hardly any number exceeds, in one sweep. */
export function spread(values: Float64Array): number {
  let sum = 0;
  let n = 0;
  for (let i = 0; i < values.length; i++) {
    const square = values[i]! * values[i]!;
    if (square < Infinity) { sum += square; n += 1; }
  }
  return roundedUp(3 * Math.sqrt(sum / Math.max(n, 1)));
}


/** What is chosen as LaTeX, as NumPy and as plain Python: to be pasted elsewhere, with its numbers. */

import { errorEquation, type Known } from "../../formula";
import type { Selection } from "../../state";

export const FORMS = ["LaTeX", "NumPy", "Python"] as const;
export type Form = (typeof FORMS)[number];

type Chosen = Exclude<Selection, { kind: "none" }>;
const TERMS = 8; // of a sum in LaTeX

const row = (m: Float64Array, j: number, n: number): Float64Array => m.subarray(j * n, j * n + n);
const column = (m: Float64Array, j: number, n: number): Float64Array => Float64Array.from({ length: m.length / n }, (_, i) => m[i * n + j]!);

const latexNumber = (x: number): string => {
  const text = x.toPrecision(5).replace(/e\+?(-?)0*(\d+)$/, String.raw` \cdot 10^{$1$2}`);
  return x < 0 ? `(${text})` : text;
};
/** A float64 as Python reads it. */
const python = (x: number): string => (Number.isFinite(x) ? String(x) : `float("${Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf"}")`);
const inProduct = (x: number): string => (x < 0 ? `(${python(x)})` : python(x));
const numpy = (name: string, values: ArrayLike<number>): string => `${name} = np.array([${Array.from(values, python).join(", ")}])`;

function latexSum(u: ArrayLike<number>, v: ArrayLike<number>): string {
  const terms = Array.from(u).slice(0, TERMS).map((x, i) => String.raw`${latexNumber(x)} \cdot ${latexNumber(v[i]!)}`);
  return terms.join(" + ") + (u.length > TERMS ? String.raw` + \dots` : "");
}
const pythonSum = (u: ArrayLike<number>, v: ArrayLike<number>): string =>
  Array.from(u, (x, i) => `${inProduct(x)} * ${inProduct(v[i]!)}`).join(" + ");

/** The numbers that meet in what is chosen. */
function parts({ network, parameters, pass }: Known, { l, j }: Chosen) {
  const [n, next] = [network.sizes[l - 2] ?? 0, network.sizes[l - 1]!];
  return {
    w: l > 1 ? row(parameters.w[l]!, j, n) : new Float64Array(0), a: l > 1 ? pass.a[l - 1]! : new Float64Array(0),
    b: l > 1 && network.biases ? parameters.b[l]![j]! : null,
    out: l < network.L ? column(parameters.w[l + 1]!, j, next) : null, deltas: l < network.L ? pass.delta[l + 1]! : null,
  };
}

function neuronLatex(known: Known, s: Chosen): string {
  const { pass, network } = known;
  const { l, j } = s;
  const n = j + 1; // counted from 1 where people read it
  const { w, a, b, out, deltas } = parts(known, s);
  const before = l === 2 ? "x_k" : `a^{${l - 1}}_k`;
  const bias = b === null ? ["", ""] : [` + b^{${l}}_{${n}}`, ` + ${latexNumber(b)}`];
  const lines = l === 1 ? [`x_{${n}} = ${latexNumber(pass.a[1]![j]!)}`] : [
    String.raw`z^{${l}}_{${n}} = \sum_k w^{${l}}_{${n}k} ${before}${bias[0]} = ${latexSum(w, a)}${bias[1]} = ${latexNumber(pass.z[l]![j]!)}`,
    String.raw`a^{${l}}_{${n}} = \sigma(z^{${l}}_{${n}}) = ${latexNumber(pass.a[l]![j]!)}`,
  ];
  if (l > 1 && errorEquation(network, l) === "BP2") {
    const symbols = String.raw`\Bigl(\sum_i w^{${l + 1}}_{i${n}} \delta^{${l + 1}}_i\Bigr) \sigma'(z^{${l}}_{${n}})`;
    const numbers = String.raw`(${latexSum(out!, deltas!)}) \cdot ${latexNumber(pass.sigmaPrime[l]![j]!)}`;
    lines.push(String.raw`\delta^{${l}}_{${n}} = ${symbols} = ${numbers} = ${latexNumber(pass.delta[l]![j]!)}`);
  } else if (l > 1) lines.push(String.raw`\delta^{${l}}_{${n}} = ${latexNumber(pass.delta[l]![j]!)}`);
  return lines.join(" \\\\\n");
}

function neuronNumpy(known: Known, s: Chosen): string {
  const { pass, network } = known;
  const { l, j } = s;
  if (l === 1) return `x = ${python(pass.a[1]![j]!)}`;
  const { w, a, b, out, deltas } = parts(known, s);
  const lines = ["import numpy as np", "", numpy("w", w), numpy("a", a), `z = w @ a${b === null ? "" : ` + ${python(b)}`}  # ${python(pass.z[l]![j]!)}`];
  if (errorEquation(network, l) === "BP2") {
    lines.push("", numpy("w_next", out!), numpy("delta_next", deltas!), `sigma_prime = ${python(pass.sigmaPrime[l]![j]!)}`,
      `delta = (w_next @ delta_next) * sigma_prime  # ${python(pass.delta[l]![j]!)}`);
  }
  return lines.join("\n");
}

function neuronPython(known: Known, s: Chosen): string {
  const { pass } = known;
  if (s.l === 1) return python(pass.a[1]![s.j]!);
  const { w, a, b } = parts(known, s);
  return `z = ${pythonSum(w, a)}${b === null ? "" : ` + ${inProduct(b)}`}`;
}

/** The factors of a weight's gradient: the activation (1 for a bias), the error, and what they come to. */
function factors({ pass, network }: Known, l: number, j: number, k: number): { a: number; delta: number; g: number } {
  const delta = pass.delta[l]![j]!;
  return k < 0 ? { a: 1, delta, g: pass.nablaB[l]![j]! } : { a: pass.a[l - 1]![k]!, delta, g: pass.nablaW[l]![j * network.sizes[l - 2]! + k]! };
}

/** The gradients of the whole layer, as arrays, and the one that is chosen; there, things are counted from 0. */
function weightNumpy(known: Known, l: number, j: number, k: number): string {
  const { pass } = known;
  const { g } = factors(known, l, j, k);
  const delta = numpy("delta", pass.delta[l]!);
  if (k < 0) return ["import numpy as np", "", delta, `gradient = delta[${j}]  # BP3: ${python(g)}`].join("\n");
  return [
    "import numpy as np", "", numpy("a", pass.a[l - 1]!), delta, "nabla_w = np.outer(delta, a)  # BP4, of this example",
    `gradient = nabla_w[${j}, ${k}]  # ${python(g)}`,
  ].join("\n");
}

function weightPython(known: Known, l: number, j: number, k: number): string {
  const { a, delta, g } = factors(known, l, j, k);
  return k < 0 ? `gradient = ${python(delta)}  # delta` : `gradient = ${inProduct(a)} * ${inProduct(delta)}  # a * delta = ${python(g)}`;
}

function weightLatex(known: Known, l: number, j: number, k: number): string {
  const { a, delta, g } = factors(known, l, j, k);
  const before = l === 2 ? `x_{${k + 1}}` : `a^{${l - 1}}_{${k + 1}}`;
  const [bias, error] = [`b^{${l}}_{${j + 1}}`, String.raw`\delta^{${l}}_{${j + 1}}`];
  const weight = `w^{${l}}_{${j + 1}${j > 8 || k > 8 ? "," : ""}${k + 1}}`;
  const product = String.raw`${before} ${error} = ${latexNumber(a)} \cdot ${latexNumber(delta)}`;
  return String.raw`\frac{\partial C}{\partial ${k < 0 ? bias : weight}} = ${k < 0 ? error : product} = ${latexNumber(g)}`;
}

/** What is chosen, written in one of the forms. */
export function written(known: Known, s: Chosen, form: Form): string {
  if (s.kind === "weight") return { LaTeX: weightLatex, NumPy: weightNumpy, Python: weightPython }[form](known, s.l, s.j, s.k);
  return { LaTeX: neuronLatex, NumPy: neuronNumpy, Python: neuronPython }[form](known, s);
}

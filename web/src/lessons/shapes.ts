/** What a lesson's blocks may hold, field by field, and whether it fits together: a goal that nobody could reach is refused. */

import { ACTIVATIONS, SOFTMAX } from "../activations";
import { COSTS } from "../costs";
import { EQUATIONS } from "../formula";
import { network } from "../network";
import { firstParameters, matrixOf, measured } from "../trainer";
import type { Goal } from "./goals";
import { GRAPHS } from "./graphs";
import { canTrain, PANELS, type Lab, type Panel } from "./lab";
import { quantityFault } from "./quantity";
import { HIDES, LOCKS, type Rules } from "./rules";
import { checkedObject, either, faulty, flag, listOf, number, object, oneOf, parsed, text, whole, type Fault, type Fields, type Piece } from "./schema";
import { MISTAKES } from "./suspects";

const WIDEST = 64; // neurons of a layer
const DEEPEST = 10;
const LARGEST = 2000; // parameters: every step is remembered
const ROWS = 200; // examples

const activation = oneOf([...Object.keys(ACTIVATIONS), SOFTMAX]);
const row = listOf(number(), 1, WIDEST);
const LAB: Fields = {
  panels: listOf(oneOf(PANELS), 1, PANELS.length),
  "network?": object({
    sizes: listOf(whole(1, WIDEST), 2, DEEPEST), activations: listOf(either(activation, listOf(activation, 1, WIDEST)), 1, DEEPEST - 1),
    cost: oneOf(Object.keys(COSTS)), biases: flag,
  }),
  "parameters?": listOf(number(), 1, LARGEST), "initial?": oneOf(["small", "large", "he"]), "seed?": whole(0, 2 ** 31),
  "x?": listOf(row, 1, ROWS), "y?": listOf(row, 1, ROWS), "classes?": listOf(text(40), 2, WIDEST),
  "learning_rate?": number(1e-9, 1e4), "pace?": whole(1, 100), "wrong?": oneOf(Object.keys(MISTAKES)), "graph?": oneOf(Object.keys(GRAPHS)),
};

export const LESSON: Fields = {
  id: (value) => (typeof value === "string" && /^[a-z0-9][a-z0-9-]{0,59}$/.test(value) ? null : "must be small letters, digits and hyphens, such as my-lesson"),
  minutes: whole(1, 240), "lab?": object(LAB),
  "hide?": listOf(oneOf(Object.keys(HIDES)), 0, 20), "lock?": listOf(oneOf(Object.keys(LOCKS)), 0, 20),
};

const layer = whole(1, DEEPEST);
const neuron = whole(1, WIDEST);
const from = either(neuron, oneOf(["bias"]));
const ASKED: Fields = { kind: text(20), "ask?": text(400), "hint?": text(1000) };
const KINDS: { readonly [K in Goal["kind"]]: Fields } = {
  number: { ...ASKED, ask: text(400), value: either(number(), text(40)), "printed?": text(40), "tolerance?": number(0, 0.5) },
  choice: { ...ASKED, ask: text(400), options: listOf(object({ text: text(400), why: text(1000) }), 2, 8), answer: whole(1, 8) },
  select: { ...ASKED, what: oneOf(["neuron", "weight"]), l: layer, "j?": neuron, "k?": from },
  reach: { ...ASKED, value: text(40), "below?": number(), "above?": number(), "by?": oneOf(["training", "editing"]) },
  set: { ...ASKED, l: layer, j: neuron, k: from, to: number(), "within?": number(0, 1e6) },
  sweep: { ...ASKED, mode: oneOf(["forward", "reverse"]), from: text(20) },
  check: { ...ASKED, layers: listOf(whole(2, DEEPEST), 1, DEEPEST), "both?": flag },
  phase: { ...ASKED, at: oneOf(["FP1", "BP1", "BP2", "BP3", "BP4", "GD"]), "l?": layer },
};
delete (KINDS.number as Record<string, unknown>)["ask?"];
delete (KINDS.choice as Record<string, unknown>)["ask?"];

// ------------------------------------------------------------------------------------------------------------- labs

export function checkedLab(piece: Piece): Lab {
  const lab = checkedObject<Lab>(piece, LAB);
  return fitting(lab, piece, "");
}

/** The same lab, if it fits together; `within` is the field of the piece that it stands in. */
export function fitting(lab: Lab, piece: Piece, within: string): Lab {
  const fault = lab.network ? networkFault(lab) : bareFault(lab);
  if (fault) throw faulty(piece, fault.words, within + fault.field);
  return lab;
}

function bareFault({ panels, graph }: Lab): Fault | null {
  if (!panels.every((name) => name === "graph")) return { field: "panels", words: `need a network, but for "graph"; this lab has none` };
  return graph ? null : { field: "panels", words: `with "graph" need "graph": ${Object.keys(GRAPHS).join(" or ")}` };
}

function networkFault(lab: Lab): Fault | null {
  const { sizes, activations, biases, cost } = lab.network!;
  const fault = (field: string, words: string): Fault => ({ field, words });
  if (activations.length !== sizes.length - 1) return fault("activations", `has ${activations.length} entries; the layers 2 to ${sizes.length} need ${sizes.length - 1}`);
  const odd = activations.findIndex((spec, i) => Array.isArray(spec) && (spec.length !== sizes[i + 1] || spec.includes(SOFTMAX)));
  if (odd >= 0) return fault("activations", `names one for each neuron of layer ${odd + 2}: ${sizes[odd + 1]}, none of them softmax`);
  const net = network({ sizes, activations, biases, cost, dtype: "float64" });
  if (net.size > LARGEST) return fault("sizes", `make ${net.size} parameters; there may be ${LARGEST}`);
  if (lab.parameters && lab.parameters.length !== net.size) {
    return fault("parameters", `has ${lab.parameters.length} entries; the network ${sizes.join("-")} has ${net.size}: the weights of layer 2 row by row, of layer 3 ..., then the biases`);
  }
  const fits = (rows: Lab["x"], n: number): boolean => Boolean(rows?.length) && rows!.every((it) => it.length === n);
  if (!fits(lab.x, sizes[0]!)) return fault("x", `has rows of ${sizes[0]} numbers, one for each input`);
  if (!fits(lab.y, sizes.at(-1)!) || lab.y!.length !== lab.x!.length) return fault("y", `has ${lab.x!.length} rows of ${sizes.at(-1)} numbers, one for each output`);
  if (lab.panels.includes("stage") && lab.panels.includes("reverse")) return fault("panels", `has "stage" or "reverse", and a button turns the one into the other`);
  if (lab.panels.includes("graph")) return fault("panels", `has "graph" in a lab of its own, without a network`);
  if (lab.wrong === "BP2" && new Set(sizes.slice(1)).size > 1) return fault("wrong", "as BP2 needs as many neurons in each layer from 2 on: only there does it go unnoticed");
  const start = lab.parameters ? Float64Array.from(lab.parameters) : firstParameters(net, lab.initial ?? "small", lab.seed ?? 0);
  const task = { net, x: matrixOf(lab.x!), y: matrixOf(lab.y!) };
  return Number.isFinite(measured(task, start).cost) ? null : fault("cost", "is not a finite number for these outputs and targets: does it suit the last activation?");
}

/** What is wrong with the text of a block ```equation; null where it names an equation, and a neuron of this network. */
export function equationFault(said: string, { network: net }: Lab): string | null {
  const [name = "", ...places] = said.split(/\s+/);
  if (!Object.hasOwn(EQUATIONS, name)) return `there is no equation "${name.slice(0, 20)}"; there are ${Object.keys(EQUATIONS).join(", ")}`;
  if (!net) return "an equation needs a lab with a network";
  const [l = 2, j = 1, k = 1] = places.map(Number);
  const [n, m] = [net.sizes[l - 1] ?? 0, net.sizes[l - 2] ?? 0];
  const isIn = (x: number, most: number): boolean => Number.isInteger(x) && x >= 1 && x <= most;
  return places.length <= 3 && l >= 2 && isIn(j, n) && isIn(k, m) ? null
    : "after its name stand the layer, the neuron and the neuron before, counted from 1, such as BP2 3 1 2";
}

// ------------------------------------------------------------------------------------------------------------ goals

/** Where a bias may stand for the neuron that a weight comes from. */
const zeroBased = (k: unknown): unknown => (k === "bias" ? -1 : typeof k === "number" ? k - 1 : k);

export function checkedGoal(piece: Piece, lab: Lab, rules: Rules): Goal {
  const kind = (parsed(piece) as { kind?: unknown } | null)?.kind;
  const kinds = Object.keys(KINDS);
  if (typeof kind !== "string" || !kinds.includes(kind)) throw faulty(piece, `must be one of ${kinds.join(", ")}`, "kind");
  const said = checkedObject<Record<string, unknown>>(piece, KINDS[kind as Goal["kind"]]);
  const fault = goalFault(said as never, lab, rules);
  if (fault) throw faulty(piece, fault.words, fault.field);
  const places = Object.fromEntries(["j", "k", "answer"].filter((key) => key in said).map((key) => [key, zeroBased(said[key])]));
  return { ...said, ...places } as unknown as Goal;
}

/** A goal as it is written: neurons from 1. */
type Written = Omit<Goal, "k"> & { l?: number; j?: number; k?: number | "bias"; value?: unknown; what?: string };

function goalFault(goal: Written, lab: Lab, rules: Rules): Fault | null {
  const sizes = lab.network?.sizes;
  const needs = NEEDS[goal.kind](goal, lab);
  if (needs.length && !needs.some((name) => lab.panels.includes(name))) return { field: "kind", words: `"${goal.kind}" needs the panel ${needs.join(" or ")}, which this lab does not show` };
  if (typeof goal.value === "string") {
    const words = sizes ? quantityFault(goal.value, sizes) : "of a lab without a network is a plain number";
    if (words) return { field: "value", words: sizes ? `: ${words}` : words };
  }
  return (goal.l !== undefined && placeFault(goal, lab)) || ownFault(goal as never, lab, rules);
}

/** The panels of which one must be there, so that a goal can be reached. */
const NEEDS: { readonly [K in Goal["kind"]]: (goal: Written, lab: Lab) => readonly Panel[] } = {
  number: () => [], choice: () => [], select: () => ["stage", "reverse", "check", "steps"], sweep: () => ["graph"], check: () => ["check"],
  set: () => ["inspector"], phase: () => ["steps"],
  reach: (goal) => ((goal as { by?: string }).by === "editing" ? ["inspector"] : []),
};

function placeFault({ kind, what, l = 2, j, k }: Written, { network: net }: Lab): Fault | null {
  if (!net) return { field: "l", words: "needs a network, and this lab has none" };
  const lowest = kind === "select" && what === "neuron" ? 1 : 2;
  if (l < lowest || l > net.sizes.length) return { field: "l", words: `is a layer of this network, ${lowest} to ${net.sizes.length}` };
  if (j !== undefined && j > net.sizes[l - 1]!) return { field: "j", words: `is a neuron of layer ${l}, 1 to ${net.sizes[l - 1]}` };
  if (k === "bias") return net.biases ? null : { field: "k", words: "is a bias, and this network has none" };
  return k !== undefined && k > net.sizes[l - 2]! ? { field: "k", words: `is a neuron of layer ${l - 1}, 1 to ${net.sizes[l - 2]}` } : null;
}

function ownFault(goal: Record<string, never>, lab: Lab, { lock }: Rules): Fault | null {
  const { kind, answer, options, below, above, by, mode, from: node, layers } = goal as Record<string, any>;
  if (kind === "choice" && answer > options.length) return { field: "answer", words: `is the number of an option, 1 to ${options.length}` };
  if (kind === "check" && layers.some((l: number) => l > lab.network!.sizes.length)) return { field: "layers", words: `are layers of this network, 2 to ${lab.network!.sizes.length}` };
  if (kind === "set" && lock.includes("edit")) return { field: "kind", words: `"set" cannot be reached: the lesson locks "edit"` };
  if (kind === "sweep") {
    const graph = GRAPHS[lab.graph!]!;
    const side = mode === "forward" ? "to" : "from";
    const ends = graph.nodes.map(({ id }) => id).filter((id) => !graph.edges.some((edge) => edge[side] === id));
    return ends.includes(node) ? null : { field: "from", words: `is where ${mode} mode begins: ${ends.join(" or ")}` };
  }
  if (kind !== "reach") return null;
  if (below === undefined && above === undefined) return { field: "below", words: "or \"above\" must be there" };
  if (by === "editing") return lock.includes("edit") ? { field: "by", words: `"editing" cannot be: the lesson locks "edit"` } : null;
  const canRun = canTrain(lab) && !(lock.includes("run") && lock.includes("step"));
  return by === "training" && !canRun ? { field: "by", words: `"training" cannot be: there is no Run in this lab` } : null;
}

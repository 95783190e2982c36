/** A plan as a link has it: its data, and what differs from what is usual for it. A dropped file stands in no link. */

import { parseNumber } from "../format";
import { CARDS, LIMITS, RATES, type Plan } from "./plans";
import type { Options } from "./server";

type Layers = Plan["hidden"];
/** Reads a value; null where it cannot be one. */
type Read<T> = (text: string, options: Options) => T | null;
/** A key of the link: how a value of the plan is written, and read. */
interface Key<K extends keyof Plan = keyof Plan> {
  readonly of: K;
  readonly what: string;
  readonly write: (value: NonNullable<Plan[K]>) => string;
  readonly read: Read<NonNullable<Plan[K]>>;
}

const key = <K extends keyof Plan>(of: K, what: string, read: Read<NonNullable<Plan[K]>>, write: (value: NonNullable<Plan[K]>) => string = String): Key =>
  ({ of, what, read, write }) as unknown as Key;
const among = (of: "costs" | "initial" | "optimizers"): Read<string> => (text, options) => (options[of].includes(text) ? text : null);
const whole = (low: number, high: number): Read<number> => (text) => (/^\d{1,10}$/.test(text) && Number(text) >= low && Number(text) <= high ? Number(text) : null);
const real = (low: number, high: number): Read<number> => (text) => {
  const x = parseNumber(text);
  return x !== null && x >= low && x <= high ? x : null;
};

export const MOST_LAYERS = 8;
const LAYER = /^(\d{1,5})([a-z]\w{0,40})$/;

/** "8tanh,6relu"; "none" for no hidden layer. */
const layers: Read<Layers> = (text, options) => {
  if (text === "none") return [];
  const found = text.split(",").map((part) => LAYER.exec(part));
  const all = found.flatMap((it) => (it ? [{ neurons: Number(it[1]), activation: it[2]! }] : []));
  const [low, high] = LIMITS.neurons;
  const areGood = all.every(({ neurons, activation }) => neurons >= low && neurons <= high && activation !== "softmax" && options.activations.includes(activation));
  return areGood && all.length === found.length && all.length <= MOST_LAYERS ? all : null;
};
const layersText = (all: Layers): string => all.map(({ neurons, activation }) => `${neurons}${activation}`).join(",") || "none";

const KEYS: Readonly<Record<string, Key>> = {
  layers: key("hidden", "the hidden layers", layers, layersText),
  cost: key("cost", "the cost", among("costs")),
  optimizer: key("optimizer", "the optimizer", (text, options) => (text === "lbfgs" ? null : among("optimizers")(text, options))),
  rate: key("rate", "the learning rate", real(1e-12, 1e6)),
  batch: key("batch", "the mini-batch", whole(...LIMITS.batch)),
  epochs: key("epochs", "the epochs", whole(...LIMITS.epochs)),
  initial: key("initial", "the initial weights", among("initial")),
  points: key("points", "the number of points", whole(...LIMITS.points)),
  noise: key("noise", "the noise", real(0, 1e6)),
  seed: key("seed", "the seed", whole(...LIMITS.seed)),
};

const usualOf = (source: string): Plan | null => CARDS.find((card) => card.source === source)?.plan ?? null;

/** The rate that an optimizer has in a plan where none is said. */
const rateFor = (optimizer: string, usual: Plan): number => (optimizer === usual.optimizer ? usual.rate : RATES[optimizer] ?? usual.rate);

/** The link of a plan, beginning with "#"; empty of a file that was dropped. */
export function linkOf(plan: Plan): string {
  const card = plan.upload === null ? usualOf(plan.source) : null;
  if (!card) return "";
  const usual = { ...card, rate: rateFor(plan.optimizer, card) };
  const found = new URLSearchParams({ data: plan.source });
  for (const [name, { of, write }] of Object.entries(KEYS)) {
    const text = (it: Plan): string => (it[of] === null ? "" : write(it[of]));
    if (plan[of] !== null && !Number.isNaN(plan[of]) && text(plan) !== text(usual)) found.set(name, text(plan));
  }
  return `#${found.toString().replace(/%2C/g, ",")}`;
}

/** The plan of a link, and what of the link could not be meant, in words; null where it has none. */
export function planOf(hash: string, options: Options): { readonly plan: Plan | null; readonly odd: readonly string[] } | null {
  const values = new URLSearchParams(hash.replace(/^#/, ""));
  const source = values.get("data");
  if (source === null) return null;
  const usual = usualOf(source);
  if (!usual || !options.data.includes(source)) return { plan: null, odd: [`there is no data called “${cut(source)}” here`] };
  const odd: string[] = [];
  const given: Partial<Record<keyof Plan, unknown>> = {};
  for (const [name, text] of values) {
    const it = Object.hasOwn(KEYS, name) ? KEYS[name]! : null;
    const value = it && usual[it.of] === null && (it.of === "points" || it.of === "noise") ? null : it?.read(text, options) ?? null;
    if (it && value !== null) given[it.of] = value;
    else if (name !== "data") odd.push(it ? `${it.what} cannot be “${cut(text)}”` : `“${cut(name)}” means nothing`);
  }
  given.rate ??= rateFor((given.optimizer ?? usual.optimizer) as string, usual);
  return { plan: { ...usual, ...given } as Plan, odd };
}

const cut = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text);

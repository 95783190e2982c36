/** What the start screen offers, and what it asks the server for. */

import type { Upload } from "./server";

/** A network and a training as the start screen's form has them. */
export interface Plan {
  readonly source: string;
  /** Of a file that was dropped: its number; then `source` is its name. */
  readonly upload: string | null;
  readonly target: string | null;
  /** False of a table whose first row is data. */
  readonly header: boolean | null;
  readonly points: number | null;
  readonly noise: number | null;
  readonly hidden: readonly { readonly neurons: number; readonly activation: string }[];
  readonly cost: string | null;
  readonly initial: string | null;
  readonly optimizer: string;
  readonly rate: number;
  readonly batch: number;
  readonly epochs: number;
  readonly seed: number | null;
}

/** A card: one data set, and settings with which it is learned within half a minute. */
export interface Card {
  readonly source: string;
  readonly title: string;
  readonly text: string;
  readonly plan: Plan;
}

const plan = (source: string, hidden: readonly number[], rest: Partial<Plan> = {}): Plan => ({
  source, upload: null, target: null, header: null, points: 300, noise: 0.1, hidden: hidden.map((neurons) => ({ neurons, activation: "tanh" })), cost: null,
  initial: null, optimizer: "sgd", rate: 0.3, batch: 10, epochs: 60, seed: null, ...rest,
});

export const CARDS: readonly Card[] = [
  { source: "circle", title: "Circle", text: "Tell the inside from the ring around it. Learned in seconds.", plan: plan("circle", [6]) },
  { source: "moons", title: "Moons", text: "Two half circles, each reaching into the other.", plan: plan("moons", [8, 6], { rate: 0.1 }) },
  { source: "xor", title: "Xor", text: "Opposite corners belong together. No straight line separates them.", plan: plan("xor", [6]) },
  { source: "spirals", title: "Spirals", text: "The hard one: two arms wound into each other.", plan: plan("spirals", [16, 16], { optimizer: "adam", rate: 0.01, points: 500, epochs: 150 }) },
  { source: "sine", title: "A curve", text: "Not classes but numbers: y = sin πx, from noisy points.", plan: plan("sine", [12, 12], { optimizer: "adam", rate: 0.01, epochs: 150 }) },
  {
    source: "mnist", title: "Handwritten digits", text: "MNIST: 60,000 images of 28 × 28 pixels, ten classes.",
    plan: plan("mnist", [100], { points: null, noise: null, rate: 0.1, batch: 32, epochs: 10, hidden: [{ neurons: 100, activation: "relu" }] }),
  },
];

/** A plan for a file that was dropped; of a table the last column is what is to be predicted, until the user says otherwise. */
export const planFor = ({ upload, name, columns, header }: Upload): Plan =>
  plan(name, [16], { upload, target: columns?.at(-1)?.name ?? null, header: header === false ? false : null, points: null, noise: null, optimizer: "adam", rate: 0.005, batch: 16, hidden: [{ neurons: 16, activation: "relu" }] });

/** A learning rate that suits an optimizer, where the user has not said otherwise. */
export const RATES: Readonly<Record<string, number>> = {
  sgd: 0.1, momentum: 0.03, nesterov: 0.03, adagrad: 0.05, rmsprop: 0.005, adam: 0.005, adamw: 0.005, lion: 0.001,
};

export const LIMITS = { neurons: [1, 512], batch: [1, 100_000], epochs: [1, 1_000_000], points: [10, 20_000], seed: [0, 2 ** 31] } as const;

/** What is posted to /api/start; what is left empty is left to the server. */
export function settingsOf(it: Plan): Record<string, unknown> {
  const given = (values: Record<string, unknown>): Record<string, unknown> =>
    Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== ""));
  const data = it.upload ? given({ upload: it.upload, target: it.target, header: it.header }) : given({ source: it.source, n: it.points, noise: it.noise });
  return {
    data,
    network: given({ hidden: it.hidden.map(({ neurons }) => neurons), activation: activations(it), cost: it.cost, initial: it.initial }),
    training: given({ optimizer: it.optimizer, learning_rate: it.rate, batch_size: it.batch, epochs: it.epochs }),
    ...(it.seed === null ? {} : { seed: it.seed }),
  };
}

const activations = ({ hidden }: Plan): readonly string[] | null => (hidden.length ? hidden.map(({ activation }) => activation) : null);

/** What is wrong with a plan, in words; null where nothing is. */
export function problemOf(it: Plan): string | null {
  const isIn = (x: number | null, [low, high]: readonly [number, number]): boolean => x === null || (Number.isInteger(x) && x >= low && x <= high);
  const [low, high] = LIMITS.neurons;
  if (!it.hidden.every(({ neurons }) => isIn(neurons, LIMITS.neurons))) return `A layer has from ${low} to ${high} neurons.`;
  if (!(it.rate > 0 && it.rate <= 1e6)) return "The learning rate is a number above 0.";
  if (!isIn(it.batch, LIMITS.batch)) return "A mini-batch has one example or more.";
  if (!isIn(it.epochs, LIMITS.epochs)) return "Epochs are counted from 1.";
  if (!isIn(it.points, LIMITS.points)) return `There are from ${LIMITS.points[0]} to ${LIMITS.points[1]} points.`;
  if (it.noise !== null && !(it.noise >= 0 && it.noise <= 1e6)) return "The noise is a number from 0 on.";
  return isIn(it.seed, LIMITS.seed) ? null : "The seed is a whole number.";
}

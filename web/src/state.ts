/** The signals of a lab: what is shown and chosen, and what follows from it. Typed arrays are held as they are. */

import { computed, signal, type ReadonlySignal } from "@preact/signals";
import { reason } from "./format";
import { passOf, rowOf, type Pass } from "./model";
import { network, parametersOf, shapeOf, unknown, type Network, type Parameters, type Shape } from "./network";
import type { Curves, Examples, Frame, Hello, LiveEvent, Other, Stop, Unit } from "./protocol";

export type Selection =
  | { readonly kind: "none" }
  | { readonly kind: "neuron"; readonly l: number; readonly j: number }
  | { readonly kind: "weight"; readonly l: number; readonly j: number; readonly k: number };

export const MODES = ["train", "step", "history", "lessons"] as const;
export type Mode = (typeof MODES)[number];
export const ENCODINGS = ["weights", "change", "gradient", "update", "flow"] as const;
export type Encoding = (typeof ENCODINGS)[number];
export const UNITS = ["example", "batch", "epoch"] as const satisfies readonly Unit[];
export const NOTHING: Selection = { kind: "none" };

/** What text and charts show: the newest, but seldom enough to be read. */
export interface Calm {
  readonly frame: Frame | null;
  readonly previous: Frame | null;
  readonly parameters: Parameters | null;
  readonly pass: Pass | null;
}

export interface Walk { readonly step: number; readonly examples: Examples; readonly at: number }

/** What is set from the outside or by the user. */
function chosen() {
  return {
    hello: signal<Hello | null>(null),
    step: signal(0),
    last: signal(0),
    frame: signal<Frame | null>(null),
    initial: signal<Frame | null>(null),
    previous: signal<Frame | null>(null),
    examples: signal<Examples | null>(null),
    example: signal(0),
    selection: signal<Selection>(NOTHING),
    mode: signal<Mode>("train"),
    encoding: signal<Encoding>("weights"),
    reverse: signal(false),
    running: signal(false),
    following: signal(false),
    playing: signal(false),
    connected: signal(true),
    finished: signal(false),
    curves: signal<Curves | null>(null),
    events: signal<readonly LiveEvent[]>([]),
    problem: signal<string | null>(null),
    /** Another run, whose curves are laid over those of this one; and the one that is wanted, from when it is asked for. */
    other: signal<Other | null>(null),
    compared: signal<string | null>(null),
    whatIf: signal<Float64Array | null>(null),
    predictFirst: signal(false),
    phase: signal(0),
    learningRate: signal<number | null>(null),
    /** Steps a second; null: as fast as it goes. */
    speed: signal<number | null>(null),
    /** How fast what was recorded is played; null where nobody has chosen. */
    pace: signal<number | null>(null),
    /** Steps a second that the training really does, and the cost of its last step. */
    rate: signal<number | null>(null),
    cost: signal<number | null>(null),
    unit: signal<Unit>("batch"),
    /** When it is to pause by itself; why it has done so; and why a finished training cannot be trained on, null where it can. */
    stopRule: signal<Stop>({ cost: null, epoch: null }),
    stopped: signal<string | null>(null),
    closed: signal<string | null>(null),
    /** The mini-batch after a step, which is walked through; and which of its examples is at hand. */
    walking: signal<Walk | null>(null),
    /** Further keys of the address that a panel wants to be in a link, such as a lesson's. */
    extra: signal<Readonly<Record<string, string>>>({}),
    calm: signal<Calm>({ frame: null, previous: null, parameters: null, pass: null }),
  };
}

type Chosen = ReturnType<typeof chosen>;

/** What follows from it; computed when it is looked at. */
function derived(s: Chosen) {
  const shape: ReadonlySignal<Shape | null> = computed(() => (s.hello.value ? shapeOf(s.hello.value.network) : null));
  const why = computed(() => (s.hello.value ? unknown(s.hello.value.network) : null));
  const net: ReadonlySignal<Network | null> = computed(() =>
    s.hello.value && !why.value ? network(s.hello.value.network) : null,
  );
  const parameters: ReadonlySignal<Parameters | null> = computed(() => {
    const flat = s.whatIf.value ?? s.frame.value?.parameters;
    return shape.value && flat ? parametersOf(shape.value, flat) : null;
  });
  const walked = computed(() => (s.walking.value?.step === s.frame.value?.step ? s.walking.value : null));
  const pinned: ReadonlySignal<{ readonly x: Float64Array; readonly y: Float64Array } | null> = computed(() => {
    const [all, i] = walked.value ? [walked.value.examples, walked.value.at] : [s.examples.value, s.example.value];
    return all && i >= 0 && i < all.x.rows ? { x: rowOf(all.x, i), y: rowOf(all.y, i) } : null;
  });
  const pass: ReadonlySignal<Pass | null> = computed(() => {
    const [it, p] = [pinned.value, parameters.value];
    return net.value && p && it ? passOf(net.value, p, it.x, it.y) : null;
  });
  /** Whether steps follow each other by themselves. */
  const moving = computed(() => s.playing.value || (s.running.value && s.following.value));
  /** Whether nothing moves, and what is shown is the step that is named: no frame is on its way. */
  const settled = computed(() => {
    const isBehind = s.following.value && s.hello.value?.live && s.step.value < s.last.value;
    return s.frame.value?.step === s.step.value && !isBehind && !s.running.value && !s.playing.value;
  });
  return {
    shape, network: net, parameters, pass, moving, settled,
    /** The walk, where it belongs to the step that is shown. */
    walked,
    /** The shown step for words and marks: while steps follow each other, as seldom as the text around it. */
    calmStep: computed(() => (moving.value ? s.calm.value.frame?.step ?? s.step.value : s.step.value)),
    /** The learning rate: of the step after the shown one, where its frame says that; of a training that is followed, its own. */
    eta: computed(() => (s.following.value && s.hello.value?.live ? null : s.calm.value.frame?.eta) ?? s.learningRate.value),
    /** Why the page computes nothing itself, in words; null where it does. */
    unknown: why,
    /** x and y of the example that is followed through the network. */
    pinned,
    /** The first step that there is: 0, or where a branch began. */
    first: computed(() => s.hello.value?.key_frames[0] ?? 0),
  };
}

export type State = Chosen & ReturnType<typeof derived>;

export function createState(): State {
  const own = chosen();
  return { ...own, ...derived(own) };
}

/** Do something; what goes wrong is said on the screen, and gives null. */
export async function trying<T>(state: Pick<State, "problem">, work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    state.problem.value = reason(error);
    return null;
  }
}

/** How a weight and its gradient went, over the recorded steps. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { number, reason, signed } from "../../format";
import { passOf } from "../../model";
import { network, parametersOf, unknown, type Network } from "../../network";
import type { Frame } from "../../protocol";
import type { Store } from "../../store";
import { between, type Curve } from "./parts";
import { Sparkline } from "./plots";
import type { AboutWeight } from "./weight";

const POINTS = 60;
const LARGE = 20_000; // parameters: from there on it is drawn when it is asked for

interface Course { readonly weight: Curve; readonly gradient: Curve }

/** So many of the recorded steps, evenly taken, the first and the last among them. */
export function chosen(steps: readonly number[], most: number): number[] {
  if (steps.length <= most) return [...steps];
  return Array.from({ length: most }, (_, i) => steps[Math.round((i * (steps.length - 1)) / (most - 1))]!);
}

/** A run whose weights can be asked for: this one, or the one that it is compared with. */
interface Asked {
  readonly net: Network;
  readonly steps: readonly number[];
  readonly frame: (step: number) => Promise<Frame>;
}

/** This run: a server does any step again; a file has those that were recorded. */
function ofThis(store: Store): Asked | null {
  const [net, hello] = [store.network.peek(), store.hello.peek()];
  if (!net || !hello) return null;
  const most = net.size > LARGE || store.source.live ? 24 : POINTS;
  const all = between(store.first.peek(), store.last.peek(), most);
  const steps = store.source.live ? [...new Set(Array.from(all, Math.round))] : chosen(hello.key_frames, most);
  return { net, steps, frame: (step) => store.source.frame(step) };
}

/** The other run, where its weights are those of the same connections. */
function ofOther(store: Store, steps: readonly number[]): Asked | null {
  const [other, hello, frame] = [store.other.peek(), store.hello.peek(), store.source.others?.frame];
  if (!other || !hello || !frame || unknown(other.hello.network)) return null;
  const [theirs, ours] = [other.hello.network, hello.network];
  if (JSON.stringify([theirs.sizes, theirs.biases]) !== JSON.stringify([ours.sizes, ours.biases])) return null;
  const [first, last] = [other.hello.key_frames[0] ?? 0, other.hello.last];
  return { net: network(theirs), steps: steps.filter((step) => step >= first && step <= last), frame: (step) => frame(other.id, step) };
}

/** Its value and its gradient for the pinned example at recorded steps; null if it is no longer wanted. */
async function course(store: Store, asked: Asked | null, l: number, j: number, k: number, isWanted: () => boolean): Promise<Course | null> {
  const pinned = store.pinned.peek();
  if (!asked || !pinned) return null;
  const [steps, w, g]: [number[], number[], number[]] = [[], [], []];
  for (const step of asked.steps) {
    const frame = await asked.frame(step);
    if (!isWanted()) return null;
    const p = parametersOf(asked.net, frame.parameters);
    const pass = passOf(asked.net, p, pinned.x, pinned.y);
    steps.push(frame.step);
    w.push(p.flat[store.index(l, j, k)]!);
    g.push(k < 0 ? pass.nablaB[l]![j]! : pass.nablaW[l]![j * asked.net.sizes[l - 2]! + k]!);
  }
  const x = Float64Array.from(steps);
  return { weight: { x, y: Float64Array.from(w) }, gradient: { x, y: Float64Array.from(g) } };
}

export function WeightHistory({ store, known, l, j, k }: AboutWeight): JSX.Element {
  const found = useSignal<Course | null>(null);
  const beside = useSignal<Course | null>(null);
  const isAsked = useSignal(known.network.size <= LARGE && !store.hello.value?.live);
  const pinned = store.pinned.value;
  const other = store.other.value;
  useEffect(() => {
    let isWanted = true;
    found.value = beside.value = null;
    const draw = async (): Promise<void> => {
      const ours = ofThis(store);
      const it = await course(store, ours, l, j, k, () => isWanted);
      if (isWanted) found.value = it;
      const theirs = await course(store, ofOther(store, ours?.steps ?? []), l, j, k, () => isWanted);
      if (isWanted) beside.value = theirs;
    };
    if (isAsked.value) void draw().catch((error: unknown) => {
      if (!isWanted) return;
      isAsked.value = false;
      store.problem.value = reason(error);
    });
    return () => { isWanted = false; };
  }, [store, l, j, k, pinned, other, isAsked.value]);
  const step = store.calmStep.value;
  return (
    <section class="crl-card">
      <h3>Its history</h3>
      {!isAsked.value && <button type="button" onClick={() => { isAsked.value = true; }}>Draw it from the recorded steps</button>}
      {isAsked.value && !found.value && <p class="crl-say">Reading the recorded steps …</p>}
      {found.value && <>
        <Line name={k < 0 ? "bias" : "weight"} curve={found.value.weight} beside={beside.value?.weight} now={step} />
        <Line name="∂C/∂w of this example" curve={found.value.gradient} beside={beside.value?.gradient} now={step} />
        {beside.value && <p class="crl-say">Dashed: the same weight of {other?.id}, {signed(beside.value.weight.y[0], 3)} → {signed(beside.value.weight.y.at(-1), 3)}.</p>}
      </>}
    </section>
  );
}

function Line({ name, curve, beside, now }: { name: string; curve: Curve; beside: Curve | undefined; now: number }): JSX.Element {
  const [first, last] = [curve.y[0]!, curve.y.at(-1)!];
  return (
    <figure class="crl-course">
      <figcaption><span>{name}</span><span class="crl-faint">{signed(first, 3)} → {signed(last, 3)}</span></figcaption>
      <Sparkline curve={curve} beside={beside} now={now} label={`${name} from ${number(first)} to ${number(last)}`} />
    </figure>
  );
}

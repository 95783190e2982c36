/** How a weight and its gradient went, over the recorded steps. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { number, signed } from "../../format";
import { passOf } from "../../model";
import { parametersOf } from "../../network";
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

/** Its value and its gradient for the pinned example at recorded steps; null if it is no longer wanted. */
async function course(store: Store, l: number, j: number, k: number, isWanted: () => boolean): Promise<Course | null> {
  const [net, shape, pinned, hello] = [store.network.peek(), store.shape.peek(), store.pinned.peek(), store.hello.peek()];
  if (!net || !shape || !pinned || !hello) return null;
  const most = shape.size > LARGE || store.source.live ? 24 : POINTS;
  const [first, last] = [store.first.peek(), store.last.peek()];
  // a server does any step again; a file has those that were recorded
  const found = store.source.live ? [...new Set(between(first, last, most).map(Math.round))] : chosen(hello.key_frames, most);
  const [steps, w, g]: [number[], number[], number[]] = [[], [], []];
  for (const step of found) {
    const frame = await store.source.frame(step);
    if (!isWanted()) return null;
    const p = parametersOf(shape, frame.parameters);
    const pass = passOf(net, p, pinned.x, pinned.y);
    steps.push(frame.step);
    w.push(p.flat[store.index(l, j, k)]!);
    g.push(k < 0 ? pass.nablaB[l]![j]! : pass.nablaW[l]![j * shape.sizes[l - 2]! + k]!);
  }
  const x = Float64Array.from(steps);
  return { weight: { x, y: Float64Array.from(w) }, gradient: { x, y: Float64Array.from(g) } };
}

export function WeightHistory({ store, known, l, j, k }: AboutWeight): JSX.Element {
  const found = useSignal<Course | null>(null);
  const isAsked = useSignal(known.network.size <= LARGE && !store.hello.value?.live);
  const example = store.example.value;
  useEffect(() => {
    let isWanted = true;
    found.value = null;
    if (isAsked.value) {
      void course(store, l, j, k, () => isWanted).then((it) => { if (isWanted) found.value = it; }).catch(() => { isAsked.value = false; });
    }
    return () => { isWanted = false; };
  }, [store, l, j, k, example, isAsked.value]);
  const step = store.step.value;
  return (
    <section class="crl-card">
      <h3>Its history</h3>
      {!isAsked.value && <button type="button" onClick={() => { isAsked.value = true; }}>Draw it from the recorded steps</button>}
      {isAsked.value && !found.value && <p class="crl-say">Reading the recorded steps …</p>}
      {found.value && <>
        <Line name={k < 0 ? "bias" : "weight"} curve={found.value.weight} now={step} />
        <Line name="∂C/∂w of this example" curve={found.value.gradient} now={step} />
      </>}
    </section>
  );
}

function Line({ name, curve, now }: { name: string; curve: Curve; now: number }): JSX.Element {
  const [first, last] = [curve.y[0]!, curve.y.at(-1)!];
  return (
    <figure class="crl-course">
      <figcaption><span>{name}</span><span class="crl-faint">{signed(first, 3)} → {signed(last, 3)}</span></figcaption>
      <Sparkline curve={curve} now={now} label={`${name} from ${number(first)} to ${number(last)}`} />
    </figure>
  );
}

/** The mini-batch view: the gradient of one parameter by each example that is known, and their mean. */

import type { JSX } from "preact";
import { count, number, signed } from "../format";
import { passOf, rowOf } from "../model";
import type { Place } from "../phases";
import type { Examples } from "../protocol";
import type { Store } from "../store";

const MOST = 64;

/** Examples, and how many of them have been seen. */
interface Batch { readonly examples: Examples | null; readonly at: number; readonly seen: number }

/** The mini-batch that is walked through; else the first of the examples that the page holds. */
function batchOf(store: Store): Batch {
  const [walked, examples] = [store.walked.value, store.examples.value];
  if (walked) return { examples: walked.examples, at: walked.at, seen: walked.at + 1 };
  return { examples, at: store.example.value, seen: Math.min(examples?.x.rows ?? 0, MOST) };
}

/** The gradient of a parameter by each of them. */
function gradients(store: Store, { l, j, k }: Place, all: Examples | null): number[] {
  const [net, p] = [store.network.value, store.calm.value.parameters];
  if (!net || !p || !all) return [];
  return Array.from({ length: Math.min(all.x.rows, MOST) }, (_, i) => {
    const pass = passOf(net, p, rowOf(all.x, i), rowOf(all.y, i));
    return k < 0 ? pass.nablaB[l]![j]! : pass.delta[l]![j]! * pass.a[l - 1]![k]!;
  });
}

export function Strip({ store, at }: { store: Store; at: Place }): JSX.Element | null {
  const { examples, at: now, seen } = batchOf(store);
  const all = gradients(store, at, examples);
  if (all.length < 2) return null;
  const most = Math.max(...all.map(Math.abs)) || 1;
  const mean = all.slice(0, seen).reduce((a, b) => a + b, 0) / seen;
  const isWalk = store.walked.value !== null;
  const go = (i: number): void => (isWalk ? store.walkTo(i) : store.pin(i));
  return (
    <figure class="crl-card crl-strip">
      <figcaption><Caption store={store} n={all.length} seen={seen} mean={mean} /></figcaption>
      <div class="crl-bars">
        {all.map((g, i) => (
          <button
            key={i} type="button" class={[i === now ? "is-now" : "", g < 0 ? "is-negative" : "", i < seen ? "" : "is-later"].join(" ")} onClick={() => go(i)}
            aria-label={`example ${i + 1}: ${number(g)}`} aria-pressed={i === now} title={`example ${i + 1}: ${signed(g)}`}
          ><i style={{ height: `${(50 * Math.abs(g)) / most}%`, [g < 0 ? "top" : "bottom"]: "50%" }} /></button>
        ))}
        <span class="crl-mean" style={{ top: `${50 - (50 * mean) / most}%` }} />
      </div>
    </figure>
  );
}

const OTHER = ["dropout", "noise", "smoothing", "distort"] as const; // settings that change the examples, or the network, in each step

function Caption({ store, n, seen, mean }: { store: Store; n: number; seen: number; mean: number }): JSX.Element {
  const [walked, hello] = [store.walked.value, store.hello.value];
  const others = OTHER.filter((name) => Object.values(Object(hello?.settings[name]) as object).length > 0 || Number(hello?.settings[name]) > 0);
  if (!walked) {
    return (
      <>
        The same gradient by each of {n} examples; their mean is <b>{signed(mean)}</b>, and GD goes against the mean.
        <span class="crl-faint"> These are examples that this page holds, no mini-batch of the training{store.source.batch && ": step by example to see one"}.</span>
      </>
    );
  }
  const whose = `the mini-batch of step ${count(walked.step + 1)}`;
  return (
    <>
      The same gradient by each example of {whose}: {seen < n ? `the mean of the first ${seen} of ${n} is ` : `the mean of all ${n} is `}<b>{signed(mean)}</b>
      {seen < n ? ". Step on to add the next." : ". The step that comes now goes against it."}
      {others.length > 0 && <span class="crl-faint"> The training also uses {others.join(" and ")}, so its own mean differs.</span>}
    </>
  );
}

/** The mini-batch view: the gradient of one parameter by each example that is known, and their mean. */

import type { JSX } from "preact";
import { number, signed } from "../format";
import { passOf, rowOf } from "../model";
import type { Place } from "../phases";
import type { Store } from "../store";

const MOST = 48;

/** The gradient of a parameter by each of the first examples. */
function gradients(store: Store, { l, j, k }: Place): number[] {
  const [net, p, all] = [store.network.value, store.calm.value.parameters, store.examples.value];
  if (!net || !p || !all) return [];
  return Array.from({ length: Math.min(all.x.rows, MOST) }, (_, i) => {
    const pass = passOf(net, p, rowOf(all.x, i), rowOf(all.y, i));
    return k < 0 ? pass.nablaB[l]![j]! : pass.nablaW[l]![j * net.sizes[l - 2]! + k]!;
  });
}

export function Strip({ store, at }: { store: Store; at: Place }): JSX.Element | null {
  const all = gradients(store, at);
  if (all.length < 2) return null;
  const most = Math.max(...all.map(Math.abs)) || 1;
  const mean = all.reduce((a, b) => a + b, 0) / all.length;
  const hello = store.hello.value;
  const isWhole = hello?.examples === all.length && hello.batch_size >= all.length;
  return (
    <figure class="crl-card crl-strip">
      <figcaption>
        The same gradient by each of {all.length} examples; their mean is <b>{signed(mean)}</b>, and GD goes against the mean.
        {!isWhole && <span class="crl-faint"> These are the examples that this page holds; a mini-batch of the training has {hello?.batch_size}.</span>}
      </figcaption>
      <div class="crl-bars">
        {all.map((g, i) => (
          <button
            key={i} type="button" class={`${i === store.example.value ? "is-now " : ""}${g < 0 ? "is-negative" : ""}`} onClick={() => store.pin(i)}
            aria-label={`example ${i + 1}: ${number(g)}`} aria-pressed={i === store.example.value} title={`example ${i + 1}: ${signed(g)}`}
          ><i style={{ height: `${(50 * Math.abs(g)) / most}%`, [g < 0 ? "top" : "bottom"]: "50%" }} /></button>
        ))}
        <span class="crl-mean" style={{ top: `${50 - (50 * mean) / most}%` }} />
      </div>
    </figure>
  );
}

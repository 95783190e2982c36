/** Which example is followed through the network, and what the network makes of it. */

import type { JSX } from "preact";
import { COSTS } from "../costs";
import { count, number } from "../format";
import type { Pass } from "../model";
import type { Hello } from "../protocol";
import type { Store } from "../store";
import { className } from "./names";
import type { Look } from "./stage";

/** The place of the largest number. */
export const largestAt = (values: ArrayLike<number>): number => {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
};

/** The class that outputs, or targets, stand for: of one output by the middle between the targets of its cost. */
function classOf(hello: Hello, values: ArrayLike<number>): string {
  const middle = COSTS[hello.network.cost]?.middle ?? 0.5;
  return className(hello, values.length > 1 ? largestAt(values) : Number(values[0]! > middle));
}

/** "is 7; the network says 7, right" */
function verdict(hello: Hello, pass: Pass): { truth: string; answer: string; isRight: boolean | null } {
  const a = pass.a.at(-1)!;
  if (!hello.classify) {
    const list = (values: ArrayLike<number>): string => Array.from(values).slice(0, 3).map((v) => number(v)).join(", ");
    return { truth: list(pass.y), answer: list(a), isRight: null };
  }
  const [truth, answer] = [classOf(hello, pass.y), classOf(hello, a)];
  return { truth, answer, isRight: truth === answer };
}

export function ExampleBar({ store, look }: { store: Store; look: Look }): JSX.Element | null {
  const [hello, examples] = [store.hello.value, store.examples.value];
  if (!hello) return null;
  const walked = store.walked.value;
  const n = (walked?.examples ?? examples)?.x.rows ?? 0;
  const { pass } = store.calm.value;
  const i = walked?.at ?? store.example.value;
  const go = (by: number): void => (walked ? store.walkTo(i + by) : store.pin((i + by + n) % n));
  return (
    <footer class="crl-foot">
      {n === 0 ? <span class="crl-faint">No example was kept with this run.</span> : (
        <span class="crl-stepper">
          <button type="button" aria-label="Previous example" onClick={() => go(-1)}>‹</button>
          <span>Example {i + 1} of {n}{walked && `, mini-batch of step ${count(walked.step + 1)}`}</span>
          <button type="button" aria-label="Next example" onClick={() => go(1)}>›</button>
          {walked && <button type="button" aria-label="Leave the mini-batch" title="Back to the examples that are kept with the run" onClick={() => store.pin(store.example.peek())}>×</button>}
        </span>
      )}
      {pass && !(store.mode.value === "step" && store.predictFirst.value) && <Verdict hello={hello} pass={pass} />}
      <button type="button" class="crl-quiet" aria-expanded={look.table.value} title="The numbers of a layer as a table (T)"
        onClick={() => { look.table.value = !look.table.peek(); }}>Table</button>
    </footer>
  );
}

function Verdict({ hello, pass }: { hello: Hello; pass: Pass }): JSX.Element {
  const { truth, answer, isRight } = verdict(hello, pass);
  return (
    <span class="crl-verdict">
      <span>{hello.classify ? "class" : "target"} <b>{truth}</b>, network says <b>{answer}</b></span>
      {isRight !== null && <span class={isRight ? "crl-good" : "crl-bad"}>{isRight ? "✓ right" : "✗ wrong"}</span>}
      <span class="crl-faint">cost {number(pass.cost)}</span>
    </span>
  );
}

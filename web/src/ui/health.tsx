/** Whether the gradient reaches every layer: norms, updates against weights, saturated neurons; now and over time. */

import { useComputed, useSignal, type ReadonlySignal } from "@preact/signals";
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { count, number, percent } from "../format";
import type { Curves, Hello, Maybe, Measures, Other } from "../protocol";
import type { Study } from "../source";
import type { Store } from "../store";
import { useAsked, useCurrent } from "./asked";
import { Canvas } from "./canvas";
import { Diagnosis } from "./diagnosis";
import { drawStrip, type KeptStrip, type Strip } from "./draw/heat";
import { Segments } from "./legend";
import { findings, lastBefore, learned, SHOWN, valueOf, type Shown } from "./healthparts";
import { activationName } from "./names";
import { useSlow } from "./slow";
import { goTo } from "./timeline";

export function Health({ store }: { store: Store }): JSX.Element {
  const slow = useSlow(store.curves);
  const [hello, curves] = [store.hello.value, slow.value];
  const which = useSignal<Shown>("gradient");
  const steps = curves?.measures.steps ?? [];
  const at = useComputed(() => lastBefore(slow.value?.measures.steps ?? [], store.calmStep.value)).value; // changes seldomer than the step
  return (
    <section class="crl-panel crl-health" aria-label="Gradient health">
      <header class="crl-head">
        <h2>Gradient health</h2>
      </header>
      {hello && store.source.study && <Diagnosis store={store} study={store.source.study} between={<Measured store={store} hello={hello} curves={curves} at={at} />} />}
      {!hello || !curves || steps.length === 0 ? <p class="crl-empty">Nothing has been measured yet.</p> : <>
        {!store.source.study && <Measured store={store} hello={hello} curves={curves} at={at} />}
        {store.source.study ? <Asked store={store} study={store.source.study} hello={hello} curves={curves} at={at} />
          : <Now hello={hello} measures={curves.measures} at={at} />}
        <div class="crl-strip-head">
          <Segments label="What the strip shows" value={which.value} onChoose={(value) => { which.value = value as Shown; }}
            options={Object.entries(SHOWN).map(([value, row]) => ({ value, name: row.name, title: row.words }))} />
          <span class="crl-faint">over time</span>
        </div>
        <Strips store={store} slow={slow} which={which.value} />
        {store.other.value && <>
          <p class="crl-faint">The same of {store.other.value.id}, on colours of its own:</p>
          <Strips key={store.other.value.id} store={store} slow={slow} which={which.value} other={store.other.value} />
        </>}
      </>}
    </section>
  );
}

/** What the page itself can tell from the figures of a measured step. */
function Measured({ store, hello, curves, at }: { store: Store; hello: Hello; curves: Curves | null; at: number }): JSX.Element | null {
  if (!curves || curves.measures.steps.length === 0) return null;
  const step = store.calmStep.value;
  const good = learned(hello, curves, store.examples.value, step);
  const found = good ? [{ isGood: true, text: good }] : findings(hello, curves.measures, at, store.moving.value ? undefined : step);
  return (
    <ul class="crl-findings">
      {found.map(({ isGood, text }) => (
        <li class={isGood ? "crl-good" : "crl-warn"}><span aria-hidden="true">{isGood ? "✓" : "!"}</span> {text}</li>
      ))}
    </ul>
  );
}

/** The figures of the shown step as the engine works them out; until then, or while a training runs, those of the last measured one. */
function Asked(
  { store, study, hello, curves, at }: { store: Store; study: Study; hello: Hello; curves: Curves; at: number },
): JSX.Element {
  const asked = useAsked(store, study, (step) => study.measures(step));
  const exact = useCurrent(store, asked) && !store.running.value ? asked.found.value : null;
  return <Now hello={hello} measures={exact ?? curves.measures} at={exact ? 0 : at} />;
}

/** The figures of each layer at a step. */
function Now({ hello, measures, at }: { hello: Hello; measures: Measures; at: number }): JSX.Element {
  const layers = hello.network.sizes.slice(1).map((_, i) => i + 2);
  const gradients = layers.map((l) => valueOf("gradient", measures, l, at));
  const most = Math.max(...gradients.map((v) => v ?? 0), 1e-300);
  return (
    <table class="crl-table crl-now-table">
      <caption class="crl-faint">Figures of step {count(measures.steps[at] ?? 0)}</caption>
      <thead><tr>
        <th scope="col">Layer</th><th scope="col">Gradient |∂C/∂w|</th>
        <th scope="col" title="How far one step moves the weights, against their length; the green line is 0.001, a good pace">Update / weights</th>
        <th scope="col" title="Neurons whose slope is under 0.05">Saturated</th>
      </tr></thead>
      <tbody>{layers.map((l, i) => (
        <tr>
          <th scope="row">{l} <span class="crl-faint">{activationName(hello, l)}</span></th>
          <td><Meter share={((gradients[i] ?? 0) / most)} /><span class="crl-figure">{number(gradients[i], 3)}</span></td>
          <td><Ratio value={valueOf("ratio", measures, l, at)} /></td>
          <td>{percent(valueOf("saturated", measures, l, at), 0)}</td>
        </tr>
      ))}</tbody>
    </table>
  );
}

const Meter = ({ share }: { share: number }): JSX.Element =>
  <span class="crl-meter" aria-hidden="true"><i style={{ width: `${100 * Math.max(0, Math.min(1, share))}%` }} /></span>;

/** On a line from 1e-6 to 1, with the guide at 1e-3. */
function Ratio({ value }: { value: Maybe }): JSX.Element {
  const place = value !== null && value > 0 ? Math.max(0, Math.min(1, (Math.log10(value) + 6) / 6)) : null;
  return (
    <>
      <span class="crl-meter crl-guide" aria-hidden="true">
        <b />{place !== null && <i class="crl-dot-mark" style={{ left: `${100 * place}%` }} />}
      </span>
      <span class="crl-figure">{number(value, 3)}</span>
    </>
  );
}

/** Layer by time, as a heat map. */
function Strips(
  { store, slow, which, other }: { store: Store; slow: ReadonlySignal<Curves | null>; which: Shown; other?: Other },
): JSX.Element {
  const hello = other?.hello ?? store.hello.value!;
  const layers = hello.network.sizes.length - 1;
  const place = useRef({ left: 22, width: 0 }).current;
  const step = store.calmStep;
  const last = useComputed(() => (store.moving.value ? (void slow.value, store.last.peek()) : store.last.value));
  const kept = useRef<KeptStrip>({ sheet: null, rows: null, of: [] }).current;
  const watch = (): Strip => ({
    curves: other?.curves ?? slow.value!, which, layers, first: store.first.value, last: last.value, step: step.value,
  });
  return (
    <Canvas
      key={which} watch={watch} class="crl-heat" height={layers * 16 + 34} label={`${SHOWN[which].words}, layer by time${other ? `, of ${other.id}` : ""}`}
      draw={(c, strip, { width }, ink) => {
        place.width = width - place.left;
        drawStrip(c, strip, width, place.left, ink, kept);
      }}
      onPress={(x) => {
        const share = (x - place.left) / place.width;
        if (share >= 0 && share <= 1) goTo(store, Math.round(store.first.peek() + share * (store.last.peek() - store.first.peek())));
      }}
    />
  );
}

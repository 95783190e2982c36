/** All steps on one line: drag, arrows, play; what happened is marked; from here another training can branch off. */

import { useSignal } from "@preact/signals";
import type { JSX, TargetedKeyboardEvent } from "preact";
import { count, number } from "../format";
import type { Hello } from "../protocol";
import type { Store } from "../store";
import { EPOCHS, FormNumber, isOdd, meant, RATE } from "./numberfield";
import { PlayButton, PlaySpeed } from "./playback";
import { bestOf, epochOf, further, marksOf, nearest, outline } from "./steps";
import { useSlow } from "./slow";
import { goToRun } from "./topbar";

/** Go to a step; where only some are recorded, to the nearest of them. */
export function goTo(store: Store, step: number): void {
  const hello = store.hello.peek();
  if (hello) void store.seek(store.source.live ? step : nearest(hello.key_frames, step));
}

function move(store: Store, by: number): void {
  const hello = store.hello.peek()!;
  const from = store.step.peek();
  void store.seek(store.source.live ? from + by : further(hello.key_frames, from, by));
}

export function Timeline({ store }: { store: Store }): JSX.Element | null {
  const hello = store.hello.value;
  if (!hello) return null;
  const step = store.calmStep.value;
  const [first, last] = [store.first.value, store.moving.value ? store.last.peek() : store.last.value];
  const key = (event: TargetedKeyboardEvent<HTMLInputElement>): void => {
    const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    move(store, event.shiftKey ? 10 * by : by);
  };
  return (
    <section class="crl-panel crl-timeline" aria-label="Timeline">
      <div class="crl-track-row">
        <PlayButton store={store} />
        <button type="button" class="crl-end" aria-label="To the first step" title="To the first step (Home)" onClick={() => void store.seek(first)}>⇤</button>
        <button type="button" aria-label="One step back" title="One step back (←, with Shift 10)" onClick={() => move(store, -1)}>‹</button>
        <div class="crl-track">
          <CostLine store={store} />
          <input type="range" min={first} max={Math.max(last, first + 1)} value={step} aria-label="Step"
            aria-valuetext={`step ${count(step)} of ${count(last)}, epoch ${count(epochOf(hello, step))}`}
            onInput={(event) => goTo(store, event.currentTarget.valueAsNumber)} onKeyDown={key} />
          <Marks store={store} />
        </div>
        <button type="button" aria-label="One step forward" title="One step forward (→, with Shift 10)" onClick={() => move(store, 1)}>›</button>
        <button type="button" class="crl-end" aria-label="To the last step" title="To the last step (End)" onClick={() => store.follow()}>⇥</button>
      </div>
      <Below store={store} hello={hello} />
    </section>
  );
}

function CostLine({ store }: { store: Store }): JSX.Element {
  const curves = useSlow(store.curves).value;
  const [first, last] = [store.first.value, useSlow(store.last).value];
  return <svg class="crl-outline" viewBox="0 0 1000 30" preserveAspectRatio="none" aria-hidden="true"><path d={outline(curves, first, last)} /></svg>;
}

const SIGNS = { epoch: "", best: "★", event: "▲" } as const;

function Marks({ store }: { store: Store }): JSX.Element {
  const curves = useSlow(store.curves).value;
  const [first, last] = [store.first.value, useSlow(store.last).value];
  const place = (step: number): string => `${(100 * (step - first)) / Math.max(1, last - first)}%`;
  return (
    <div class="crl-marks">
      {marksOf(curves).filter((mark) => mark.step >= first && mark.step <= last).map((mark) => (
        mark.kind === "epoch" ? <i class="crl-tick" style={{ left: place(mark.step) }} /> : (
          <button type="button" class={`crl-flag crl-flag-${mark.kind}`} style={{ left: place(mark.step) }} title={`Step ${count(mark.step)}: ${mark.text}`}
            aria-label={`Step ${count(mark.step)}: ${mark.text}`} onClick={() => goTo(store, mark.step)}>{SIGNS[mark.kind]}</button>
        )
      ))}
    </div>
  );
}

function Below({ store, hello }: { store: Store; hello: Hello }): JSX.Element {
  const step = store.calmStep.value;
  return (
    <div class="crl-track-foot">
      <span><b>Step {count(step)}</b><span class="crl-of"> of {count(store.moving.value ? store.last.peek() : store.last.value)}, epoch {count(epochOf(hello, step))}</span></span>
      {store.source.live && <PlaySpeed store={store} />}
      <Key store={store} />
      {store.source.live && !store.following.value && hello.live && <button type="button" onClick={() => store.follow()}>Back to the newest</button>}
      {store.source.live && <Branch store={store} />}
    </div>
  );
}

/** What the marks mean. */
function Key({ store }: { store: Store }): JSX.Element | null {
  const curves = useSlow(store.curves).value;
  const marks = [
    (curves?.epochs.length ?? 0) > 0 && "ticks: ends of epochs", bestOf(curves) && "★ lowest held-out cost", (curves?.events.length ?? 0) > 0 && "▲ events",
  ].filter(Boolean);
  return marks.length > 0 ? <span class="crl-faint crl-key-marks">{marks.join(" · ")}</span> : null;
}

/** Train on from the shown step with other settings. */
function Branch({ store }: { store: Store }): JSX.Element {
  const isOpen = useSignal(false);
  const rate = useSignal("");
  const epochs = useSignal("");
  const hello = store.hello.value!;
  const isBad = isOdd(rate.value, RATE) || isOdd(epochs.value, EPOCHS);
  const go = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (isBad) return;
    const [eta, n] = [meant(rate.peek(), RATE), meant(epochs.peek(), EPOCHS)];
    const settings = { ...(eta === null ? {} : { learning_rate: eta }), ...(n === null ? {} : { epochs: n }) };
    goToRun(await store.branch(store.step.peek(), settings));
  };
  if (!isOpen.value) return <button type="button" class="crl-branch" onClick={() => { isOpen.value = true; }}>Branch here …</button>;
  return (
    <form class="crl-row" onSubmit={(event) => void go(event)}>
      <span>Train on from step {count(store.step.value)} as a new run:</span>
      <label>η <FormNumber label="η" text={rate} wanted={RATE} usual={number(store.learningRate.value)} /></label>
      <label>epochs in all <FormNumber label="epochs in all" text={epochs} wanted={EPOCHS} usual={String(hello.epochs)} /></label>
      <button type="submit" class="crl-run" disabled={isBad}>Branch</button>
      <button type="button" onClick={() => { isOpen.value = false; }}>Cancel</button>
    </form>
  );
}

/** Run, pause, one step; how fast, how far; and what a step is. */

import { useSignal, type Signal } from "@preact/signals";
import type { JSX } from "preact";
import { count, many, number } from "../format";
import type { Hello } from "../protocol";
import type { Store, UNITS } from "../store";
import { optimizerOf, scheduleOf } from "./inspect/parts";
import { Segments } from "./legend";
import { capital } from "./names";
import { COST, EPOCHS, FormNumber, isOdd, meant, NumberField, RATE } from "./numberfield";
import { PlaySpeed, speedName, withChosen } from "./playback";
import { costShown, epochOf, meaning, nextStep, sizeOf, WALKED } from "./steps";

type Unit = typeof UNITS[number];

const SPEEDS = [1, 2, 5, 10, 30, 100];
const SLIDE = { from: -5, to: 1.5 }; // powers of ten of the learning rate

/** One step further: of the training, or of the recording. */
export function advance(store: Store): void {
  const hello = store.hello.peek();
  if (!hello) return;
  const unit = unitOf(store);
  if (unit === "example") return void store.walk();
  if (store.source.live) return void store.stepOnce(unit);
  const next = nextStep(hello, store.step.peek(), unit);
  if (next !== null) void store.seek(next);
}

/** Whether there is a mini-batch to walk through, example by example. */
function canWalk(store: Store): boolean {
  const m = sizeOf(store.hello.value!);
  return store.source.batch !== undefined && m > 1 && m <= WALKED;
}

/** What one step is: as it was chosen, where there is that. */
const unitOf = (store: Store): Unit => (store.unit.value === "example" && !canWalk(store) ? "batch" : store.unit.value);

/** Run or pause; of a recording, play or stop. */
function press(store: Store): void {
  const isOn = store.source.live ? store.running.peek() : store.playing.peek();
  void (isOn ? store.pause() : store.run());
}

/** The same by a key, which first of all stops what is being played. */
export function toggle(store: Store): void {
  if (store.playing.peek()) store.play(0);
  else press(store);
}

export function Topbar({ store }: { store: Store }): JSX.Element | null {
  const hello = store.hello.value;
  const [isAsked, isUnfolded] = [useSignal(false), useSignal(false)];
  if (!hello) return null;
  const isLive = Boolean(store.source.live);
  const isOn = isLive ? store.running.value : store.playing.value;
  const isOver = isLive && (store.finished.value || (!hello.live && store.last.value >= hello.epochs * hello.steps_in_epoch));
  const isClosed = isOver && whyClosed(store, hello) !== null;
  const unit = unitOf(store);
  const word = isOn ? "Pause" : isLive ? "Run" : "Play";
  return (
    <section class={`crl-panel crl-topbar ${isUnfolded.value ? "is-unfolded" : ""}`} aria-label="Control">
      <div class="crl-controls">
        <button type="button" class="crl-run" title={isOver ? howItEnded(store, hello) : `${word} (Space)`} disabled={isClosed} onClick={() => press(store)}>
          <span aria-hidden="true">{isOn ? "❚❚" : "▶"}</span> {word}
        </button>
        <button type="button" title="One step (.)" disabled={store.running.value || (isClosed && unit !== "example")} onClick={() => advance(store)}>One step</button>
        <button type="button" class="crl-unfold" aria-expanded={isUnfolded.value} onClick={() => { isUnfolded.value = !isUnfolded.peek(); }}>Settings</button>
        <div class="crl-seldom">
          <UnitSwitch store={store} hello={hello} />
          {isLive ? <Speed store={store} /> : <label class="crl-field">Speed <PlaySpeed store={store} label="Speed" /></label>}
          <Rate store={store} hello={hello} />
          {isLive && <Reset store={store} />}
          {isLive && !isOver && <StopRule store={store} isOpen={isAsked} />}
        </div>
      </div>
      <Stand store={store} hello={hello} />
      {isAsked.value && !isOver && <StopForm store={store} hello={hello} onDone={() => { isAsked.value = false; }} />}
      <p class="crl-meaning">
        {store.stopped.value && <b role="status">Paused: {store.stopped.value}. </b>}
        {isOver && <b role="status">{howItEnded(store, hello)} </b>}
        <span class="crl-seldom">{meaning(hello, unit)}</span>
        {!isLive && ` This is a recording: it shows what happened, and trains nothing.${rounding(hello)}`}
      </p>
    </section>
  );
}

/** What a file that holds fewer digits than the recording says of it. */
const rounding = ({ precision, network: { dtype } }: Hello): string =>
  precision && precision < dtype ? ` Its weights and biases are rounded to ${precision}.` : ""; // the names sort by digits

/** Why a finished training cannot go on; null where it can. What the server says counts; without a process, its settings. */
function whyClosed(store: Store, hello: Hello): string | null {
  if (store.finished.value) return store.closed.value;
  const isOpen = OPEN.includes(scheduleOf(hello)) && !hello.settings["early_stopping"];
  return isOpen ? null : "this training is finished, and was laid out for this length: branch off from a step, or start anew.";
}
const OPEN = ["constant", "halve"]; // schedules that have no end, as in chainrule/train/loop.py

/** Whether a finished training can go on, and for how long; or why not. */
function howItEnded(store: Store, hello: Hello): string {
  const why = whyClosed(store, hello);
  if (why !== null) return capital(why);
  return `Finished. Run (Space) trains on as before, for ${many(hello.epochs, "epoch")} more.`;
}

function UnitSwitch({ store, hello }: { store: Store; hello: Hello }): JSX.Element {
  const [isWalk, isOne] = [canWalk(store), sizeOf(hello) === 1];
  const options = [
    ...(isWalk ? [{ value: "example", name: "example" }] : []), { value: "batch", name: isOne ? "example" : "mini-batch" }, { value: "epoch", name: "epoch" },
  ].map((option) => ({ ...option, title: meaning(hello, option.value as Unit) }));
  return <Segments label="What one step is" options={options} value={unitOf(store)} onChoose={(value) => { store.unit.value = value as Unit; }} />;
}

/** What makes it pause by itself, and the way to change that. */
function StopRule({ store, isOpen }: { store: Store; isOpen: Signal<boolean> }): JSX.Element {
  const { cost, epoch } = store.stopRule.value;
  const rules = [...(cost === null ? [] : [`cost < ${number(cost, 3)}`]), ...(epoch === null ? [] : [`after epoch ${count(epoch)}`])];
  return (
    <button type="button" aria-expanded={isOpen.value} title="Let it pause by itself"
      onClick={() => { isOpen.value = !isOpen.peek(); }}>{rules.length > 0 ? `Stop: ${rules.join(" or ")}` : "Stop at …"}</button>
  );
}

function StopForm({ store, hello, onDone }: { store: Store; hello: Hello; onDone: () => void }): JSX.Element {
  const { cost, epoch } = store.stopRule.peek();
  const [under, after] = [useSignal(cost === null ? "" : String(cost)), useSignal(epoch === null ? "" : String(epoch))];
  const put = async (stop_cost: number | null, stop_epoch: number | null): Promise<void> => {
    if (await store.tell({ command: "set", stop_cost, stop_epoch })) onDone();
  };
  const isBad = isOdd(under.value, COST) || isOdd(after.value, EPOCHS);
  const submit = (event: Event): void => {
    event.preventDefault();
    if (!isBad) void put(meant(under.peek(), COST), meant(after.peek(), EPOCHS));
  };
  return (
    <form class="crl-row crl-stop" onSubmit={submit} aria-label="When to stop">
      <label>Pause when the mean cost of an epoch is under <FormNumber text={under} label="Cost under which it pauses" wanted={COST} /></label>
      <label>or after epoch <FormNumber text={after} label="Epoch after which it pauses" wanted={EPOCHS} /> of {count(hello.epochs)}</label>
      <button type="submit" disabled={isBad}>Set</button>
      <button type="button" onClick={() => void put(null, null)}>No rule</button>
    </form>
  );
}

function Speed({ store }: { store: Store }): JSX.Element {
  const value = store.speed.value;
  return (
    <label class="crl-field">Speed{" "}
      <select value={value === null ? "" : String(value)} onChange={({ currentTarget: { value: text } }) => void store.set({ speed: text === "" ? null : Number(text) })}>
        {withChosen(SPEEDS, value).map((speed) => <option key={speed} value={String(speed)}>{speedName(speed, "step")}</option>)}
        <option value="">full speed</option>
      </select>
    </label>
  );
}

/** eta: to be changed while it trains, by number or on a logarithmic slider; of a recording its name alone. */
function Rate({ store, hello }: { store: Store; hello: Hello }): JSX.Element {
  const eta = hello.live ? store.learningRate.value : store.eta.value; // what can be set is the training's own
  const text = eta === null ? "" : String(Number(eta.toPrecision(3)));
  const schedule = scheduleOf(hello);
  const more = schedule !== "constant" ? `, ${schedule.replace(/_/g, " ")}` : "";
  const put = async (rate: number): Promise<void> => store.set({ learning_rate: rate });
  if (!store.source.live) {
    return <span class="crl-field" title="Learning rate of the next step">η {text || "–"}<span class="crl-faint">{optimizerOf(hello)}{more}</span></span>;
  }
  return (
    <label class="crl-field" title={`Learning rate of ${optimizerOf(hello)}${more}`}>η{" "}
      <NumberField label="Learning rate" wanted={RATE} size={8} value={text} onPut={(rate) => void put(rate)} />
      <RateSlider eta={eta ?? 0.01} put={put} />
    </label>
  );
}

/** It stays where it is dragged to until that is set, also where a schedule changes the rate meanwhile. */
export function RateSlider({ eta, put }: { eta: number; put: (rate: number) => Promise<void> }): JSX.Element {
  const dragged = useSignal<number | null>(null);
  const end = async (power: number): Promise<void> => {
    await put(Number((10 ** power).toPrecision(2)));
    if (dragged.peek() === power) dragged.value = null;
  };
  return (
    <input type="range" min={SLIDE.from} max={SLIDE.to} step="0.05" aria-label="Learning rate, a power of ten" value={dragged.value ?? Math.max(SLIDE.from, Math.log10(eta))}
      onInput={(event) => { dragged.value = event.currentTarget.valueAsNumber; }} onChange={(event) => void end(event.currentTarget.valueAsNumber)}
      onBlur={() => { dragged.value = null; }} />
  );
}

/** Show another run of the same server. */
export function goToRun(run: string | null): void {
  if (run !== null && typeof location !== "undefined") location.assign(`?run=${encodeURIComponent(run)}`);
}

const drawn = (): number => Math.floor(Math.random() * 2 ** 31); // a seed

function Reset({ store }: { store: Store }): JSX.Element {
  const begin = async (settings: { readonly seed?: number }): Promise<void> => goToRun(await store.reset(settings));
  return (
    <span class="crl-buttons">
      <button type="button" title="Begin again with the same initial weights" onClick={() => void begin({})}>Reset</button>
      <button type="button" title="Begin again with other initial weights" onClick={() => void begin({ seed: drawn() })}>New weights</button>
    </span>
  );
}

/** Where it stands: step, epoch, cost. */
function Stand({ store, hello }: { store: Store; hello: Hello }): JSX.Element {
  void store.calm.value; // seven times a second is enough to be read
  const step = store.step.peek();
  const newest = store.following.peek() ? store.cost.value : null;
  const { cost, from, to } = costShown(store.curves.peek(), step, store.frame.peek(), newest);
  const isOne = from === to;
  return (
    <dl class="crl-stand">
      <div><dt>Step</dt><dd>{count(step)}<small> of {count(store.last.value)}</small></dd></div>
      <div><dt>Epoch</dt><dd>{count(epochOf(hello, step))}<small> of {count(hello.epochs)}</small></dd></div>
      <div title={isOne ? "The mean cost of the mini-batch of this step" : `The mean cost of steps ${count(from)} to ${count(to)}`}>
        <dt>Cost{isOne ? " of the step" : ` of ${count(to - from + 1)} steps`}</dt><dd>{number(cost)}</dd>
      </div>
      {store.running.value && store.speed.value === null && store.rate.value !== null && (
        <div><dt>Steps per second</dt><dd>{count(store.rate.value)}</dd></div>
      )}
    </dl>
  );
}

/** Run, pause, one step; how fast, how far; and what a step is. */

import { useSignal, type Signal } from "@preact/signals";
import type { JSX } from "preact";
import { count, many, number, parseNumber } from "../format";
import type { Hello } from "../protocol";
import { FRAMES, type Store, type UNITS } from "../store";
import { optimizerOf, scheduleOf } from "./inspect/parts";
import { Segments } from "./legend";
import { capital } from "./names";
import { costAt, epochOf, meaning, nextStep, sizeOf, WALKED } from "./steps";

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

/** Run or pause, play or stop; from its end a recording plays from the start. */
export function toggle(store: Store): void {
  if (store.running.peek() || store.playing.peek()) return void store.pause();
  const isOver = !store.source.live && store.step.peek() >= store.last.peek();
  if (isOver) void store.seek(store.first.peek()).then(() => store.run());
  else void store.run();
}

export function Topbar({ store }: { store: Store }): JSX.Element | null {
  const hello = store.hello.value;
  const isAsked = useSignal(false);
  if (!hello) return null;
  const isLive = Boolean(store.source.live);
  const isOn = store.running.value || store.playing.value;
  const isOver = isLive && (store.finished.value || (!hello.live && store.last.value >= hello.epochs * hello.steps_in_epoch));
  const isClosed = isOver && whyClosed(store, hello) !== null;
  const unit = unitOf(store);
  const words = isLive ? ["Run", "Pause"] : ["Play", "Pause"];
  return (
    <section class="crl-panel crl-topbar" aria-label="Control">
      <div class="crl-controls">
        <button type="button" class="crl-run" title={isOver ? howItEnded(store, hello) : `${words[isOn ? 1 : 0]} (Space)`} disabled={isClosed}
          onClick={() => toggle(store)}>
          <span aria-hidden="true">{isOn ? "❚❚" : "▶"}</span> {words[isOn ? 1 : 0]}
        </button>
        <button type="button" title="One step (.)" disabled={store.running.value || (isClosed && unit !== "example")} onClick={() => advance(store)}>One step</button>
        <UnitSwitch store={store} hello={hello} />
        <Speed store={store} isLive={isLive} />
        <Rate store={store} hello={hello} />
        {isLive && <Reset store={store} />}
        {isLive && !isOver && <StopRule store={store} isOpen={isAsked} />}
      </div>
      <Stand store={store} hello={hello} />
      {isAsked.value && !isOver && <StopForm store={store} hello={hello} onDone={() => { isAsked.value = false; }} />}
      <p class="crl-meaning">
        {store.stopped.value && <b role="status">Paused: {store.stopped.value}. </b>}
        {isOver && <b role="status">{howItEnded(store, hello)} </b>}
        {meaning(hello, unit)}{!isLive && ` This is a recording: it shows what happened, and trains nothing.${rounding(hello)}`}
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
  const submit = (event: Event): void => {
    event.preventDefault();
    const at = parseNumber(after.peek());
    void put(parseNumber(under.peek()), at === null ? null : Math.round(at));
  };
  const field = (text: Signal<string>, label: string): JSX.Element =>
    <input type="text" inputMode="decimal" size={6} aria-label={label} value={text} onInput={(event) => { text.value = event.currentTarget.value; }} />;
  return (
    <form class="crl-row crl-stop" onSubmit={submit} aria-label="When to stop">
      <label>Pause when the mean cost of an epoch is under {field(under, "Cost under which it pauses")}</label>
      <label>or after epoch {field(after, "Epoch after which it pauses")} of {count(hello.epochs)}</label>
      <button type="submit">Set</button>
      <button type="button" onClick={() => void put(null, null)}>No rule</button>
    </form>
  );
}

function Speed({ store, isLive }: { store: Store; isLive: boolean }): JSX.Element {
  const what = isLive ? "steps/s" : "frames/s";
  const value = store.speed.value ?? (isLive ? null : FRAMES);
  const choose = (text: string): void => {
    void store.set({ speed: text === "" ? null : Number(text) });
    if (store.playing.peek() && text !== "") store.play(Number(text));
  };
  const speeds = value !== null && !SPEEDS.includes(value) ? [...SPEEDS, value].sort((a, b) => a - b) : SPEEDS;
  return (
    <label class="crl-field">Speed{" "}
      <select value={value === null ? "" : String(value)} onChange={(event) => choose(event.currentTarget.value)}>
        {speeds.map((speed) => <option value={String(speed)}>{speed} {what}</option>)}
        {isLive && <option value="">full speed</option>}
      </select>
    </label>
  );
}

/** eta: to be changed while it trains, by number or on a logarithmic slider; of a recording its name alone. */
function Rate({ store, hello }: { store: Store; hello: Hello }): JSX.Element {
  const eta = store.learningRate.value;
  const schedule = scheduleOf(hello);
  const more = schedule !== "constant" ? `, ${schedule.replace(/_/g, " ")}` : "";
  const put = (rate: number | null): void => { if (rate !== null && rate > 0) void store.set({ learning_rate: rate }); };
  if (!store.source.live) {
    const text = eta === null ? "–" : String(Number(eta.toPrecision(4)));
    return <span class="crl-field" title="Learning rate">η {text}<span class="crl-faint">{optimizerOf(hello)}{more}</span></span>;
  }
  return (
    <label class="crl-field" title={`Learning rate of ${optimizerOf(hello)}${more}`}>η{" "}
      <input type="text" inputMode="decimal" size={7} aria-label="Learning rate" value={eta === null ? "" : String(Number(eta.toPrecision(4)))}
        onChange={(event) => put(parseNumber(event.currentTarget.value))} />
      <input type="range" min={SLIDE.from} max={SLIDE.to} step="0.05" aria-label="Learning rate, a power of ten"
        value={Math.log10(eta ?? 0.01)} onChange={(event) => put(Number((10 ** event.currentTarget.valueAsNumber).toPrecision(2)))} />
    </label>
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
  void store.calm.value; // ten times a second is enough to be read
  const step = store.step.peek();
  const found = costAt(store.curves.peek(), step);
  const isOne = !found || found.from === found.to;
  const cost = found?.cost ?? (store.following.peek() ? store.cost.value : null);
  return (
    <dl class="crl-stand">
      <div><dt>Step</dt><dd>{count(step)}<small> of {count(store.last.value)}</small></dd></div>
      <div><dt>Epoch</dt><dd>{count(epochOf(hello, step))}<small> of {count(hello.epochs)}</small></dd></div>
      <div title={isOne ? "The mean cost of the mini-batch of this step" : `The mean cost of steps ${found.from} to ${found.to}`}>
        <dt>Cost{isOne ? " of the step" : ` of ${found.to - found.from + 1} steps`}</dt><dd>{number(cost)}</dd>
      </div>
      {store.running.value && store.speed.value === null && store.rate.value !== null && (
        <div><dt>Steps per second</dt><dd>{count(store.rate.value)}</dd></div>
      )}
    </dl>
  );
}

/** The screen that one begins on: data to learn from, one's own data, runs that were recorded, lessons. */

import { effect, useSignal, type Signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import "./ui.css";
import "./learn.css";
import { count, many, number, percent, reason } from "../format";
import { nameOf } from "../protocol";
import { linkOf, planOf } from "../start/link";
import { CARDS, planFor, settingsOf, type Plan } from "../start/plans";
import { serverAt, type Options, type Run, type Server, type Upload } from "../start/server";
import { Drop } from "./drop";
import { Lessons } from "./lessons";
import { School } from "../lessons/school";
import { PlanForm } from "./planform";
import { Scroll } from "./scroll";
import { ThemeButton } from "./theme";
import { Thumbnail } from "./thumbnails";

/** What the screen knows. */
interface Desk {
  readonly server: Server;
  readonly options: Signal<Options | null>;
  readonly runs: Signal<readonly Run[]>;
  readonly problem: Signal<string | null>;
  /** The plan that is being changed; null while none is. */
  readonly plan: Signal<Plan | null>;
  /** What of a link could not be meant. */
  readonly odd: Signal<readonly string[]>;
  readonly starting: Signal<string | null>;
  readonly begin: (plan: Plan) => Promise<void>;
}

const wantsLessons = (): boolean => location.hash.startsWith("#lesson");

function useDesk(base: string): Desk {
  const server = useMemo(() => serverAt(base), [base]);
  const [options, runs, problem] = [useSignal<Options | null>(null), useSignal<readonly Run[]>([]), useSignal<string | null>(null)];
  const [plan, starting, odd] = [useSignal<Plan | null>(null), useSignal<string | null>(null), useSignal<readonly string[]>([])];
  useEffect(() => {
    const failed = (error: unknown): void => { problem.value = reason(error); };
    void server.options().then((it) => { options.value = it; }, failed);
    void server.runs().then((it) => { runs.value = it; }, failed);
  }, [server]);
  const begin = async (it: Plan): Promise<void> => {
    if (starting.peek()) return;
    starting.value = it.source;
    problem.value = null;
    try {
      location.assign(`?run=${encodeURIComponent(await server.start(settingsOf(it)))}`);
    } catch (error) {
      problem.value = reason(error);
      starting.value = null;
    }
  };
  useEffect(() => linked(options, plan, odd), []);
  return { server, options, runs, problem, plan, odd, starting, begin };
}

/** Keep the form and the address together, from when the options are there; the function that is given back ends it. */
function linked(options: Desk["options"], plan: Desk["plan"], odd: Desk["odd"]): () => void {
  const read = (): void => {
    if (!options.peek() || wantsLessons()) return;
    const found = planOf(location.hash, options.peek()!);
    odd.value = found?.odd ?? [];
    if (found && (found.plan && linkOf(found.plan)) !== (plan.peek() && linkOf(plan.peek()!))) plan.value = found.plan;
  };
  let isRead = false;
  const end = effect(() => {
    const [it, isReady] = [plan.value, options.value !== null];
    if (!isReady) return;
    if (!isRead) { isRead = true; return read(); }
    if (it || !wantsLessons()) history.replaceState(history.state, "", (it && linkOf(it)) || location.pathname + location.search);
  });
  addEventListener("hashchange", read);
  return () => { end(); removeEventListener("hashchange", read); };
}

export function Start({ base }: { base: string }): JSX.Element {
  const desk = useDesk(base);
  const lessons = useSignal(wantsLessons());
  const school = useMemo(() => new School(), []);
  useEffect(() => {
    const changed = (): void => { lessons.value = wantsLessons(); };
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  const title = (
    <header class="crl-header">
      <h1>chainrule lab</h1>
      <nav class="crl-tabs" aria-label="Screen">
        <button type="button" aria-current={lessons.value ? undefined : "page"} onClick={() => { lessons.value = false; history.replaceState(null, "", (desk.plan.peek() && linkOf(desk.plan.peek()!)) || location.pathname); }}>Start</button>
        <button type="button" aria-current={lessons.value ? "page" : undefined} onClick={() => { lessons.value = true; history.replaceState(null, "", "#lessons"); }}>Lessons</button>
      </nav>
      <span class="crl-header-end"><ThemeButton /></span>
    </header>
  );
  return (
    <main class="crl-app crl-start">
      {title}
      {lessons.value ? <Lessons store={null} school={school} /> : <Screen desk={desk} onLessons={() => { lessons.value = true; history.replaceState(null, "", "#lessons"); }} />}
    </main>
  );
}

function Screen({ desk, onLessons }: { desk: Desk; onLessons: () => void }): JSX.Element {
  const { problem, plan, options } = desk;
  const upload = useSignal<Upload | null>(null);
  return (
    <>
      <p class="crl-lead">Watch a neural network learn, pause it anywhere, and ask every number where it comes from.</p>
      {problem.value && <Problem key={problem.value} words={problem.value} />}
      {!plan.value && <Odd odd={desk.odd} />}
      <section aria-labelledby="crl-pick">
        <h2 id="crl-pick">Pick what the network learns</h2>
        <p class="crl-faint">One press, and it trains before your eyes. Everything runs on this computer.</p>
        <ul class="crl-pick">
          {CARDS.map((card, i) => <PickCard key={card.source} desk={desk} card={card} isFirst={i === 0} />)}
          <li class="crl-pick-card"><Drop server={desk.server} onReady={(it) => { upload.value = it; plan.value = planFor(it); }}
            onProblem={(words) => { problem.value = words; }} /></li>
          <li class="crl-pick-card">
            <button type="button" class="crl-pick-start" onClick={onLessons}>
              <Thumbnail name="lessons" />
              <b>Lessons</b><span class="crl-faint">What backpropagation is, one idea at a time, with small networks to try it on.</span>
              <span class="crl-pick-go">Open the lessons ›</span>
            </button>
          </li>
        </ul>
      </section>
      {plan.value && options.value && (
        <PlanForm key={plan.value.upload ?? plan.value.source} plan={plan as Signal<Plan>} options={options.value} upload={plan.value.upload ? upload.value : null} isStarting={desk.starting.value !== null}
          notice={<Odd odd={desk.odd} />} onStart={() => void desk.begin(plan.peek()!)} onClose={() => { plan.value = null; }} />
      )}
      <Runs runs={desk.runs.value} />
    </>
  );
}

/** What of a link could not be meant. */
function Odd({ odd }: { odd: Desk["odd"] }): JSX.Element | null {
  if (odd.value.length === 0) return null;
  return (
    <div class="crl-banner crl-banner-warn" role="status">
      <span>Not all of the link can be followed: {odd.value.join("; ")}. What is usual stands there instead.</span>
      <button type="button" class="crl-quiet" aria-label="Dismiss" onClick={() => { odd.value = []; }}>×</button>
    </div>
  );
}

/** What went wrong: brought into view, since a phone or a form may be far below. */
function Problem({ words }: { words: string }): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => place.current!.scrollIntoView({ block: "center" }), []);
  return <div class="crl-banner crl-banner-bad" role="alert" ref={place}><span>{words}</span></div>;
}

/** One press on the picture begins; another button changes the network first. */
function PickCard({ desk, card, isFirst }: { desk: Desk; card: (typeof CARDS)[number]; isFirst: boolean }): JSX.Element {
  const { starting, plan, options } = desk;
  const isMine = starting.value === card.source;
  return (
    <li class={`crl-pick-card ${isFirst ? "is-first" : ""}`}>
      <button type="button" class="crl-pick-start" disabled={starting.value !== null} onClick={() => void desk.begin(card.plan)} aria-label={`${card.title}: train now. ${card.text}`}>
        <Thumbnail name={card.source} />
        <b>{card.title}{isFirst && <> <span class="crl-tag">begin here</span></>}</b><span class="crl-faint">{card.text}</span>
        <span class="crl-pick-go">{isMine ? "Starting …" : "▶ Train now"}</span>
      </button>
      <button type="button" class="crl-link" disabled={!options.value} aria-label={`${card.title}: choose the network`} onClick={() => { plan.value = card.plan; }}>Choose the network first …</button>
    </li>
  );
}

const MANY = 12;

function Runs({ runs }: { runs: readonly Run[] }): JSX.Element | null {
  const more = useSignal(false);
  if (runs.length === 0) return null;
  const shown = more.value ? runs : runs.slice(0, MANY);
  return (
    <section aria-labelledby="crl-runs" class="crl-panel crl-runs">
      <h2 id="crl-runs">Or open a recorded run</h2>
      <Scroll label="Runs">
        <table class="crl-table">
          <thead><tr><th scope="col">Run</th><th scope="col">Data</th><th scope="col">Hidden neurons</th><th scope="col">Epochs</th><th scope="col">Held-out result</th><th scope="col">Begun</th></tr></thead>
          <tbody>{shown.map((run) => <RunRow key={run.id} run={run} />)}</tbody>
        </table>
      </Scroll>
      {runs.length > shown.length && <button type="button" onClick={() => { more.value = true; }}>Show all {many(runs.length, "run")}</button>}
    </section>
  );
}

function RunRow({ run }: { run: Run }): JSX.Element {
  const isOpen = !run.error && (run.live || (run.recorded ?? 0) > 0);
  const name = isOpen ? <a href={`?run=${encodeURIComponent(run.id)}`}>{run.name}</a> : run.name;
  if (run.error) return <tr><th scope="row">{run.name}</th><td colSpan={5} class="crl-faint">{run.error}</td></tr>;
  return (
    <tr>
      <th scope="row" title={run.name}>{name}{run.live && !run.finished && <> <span class="crl-tag">{run.running ? "running" : "paused"}</span></>}{!isOpen && <span class="crl-faint"> not recorded</span>}
        {run.parent && <span class="crl-faint crl-run-origin">branched off from {nameOf(run.parent.run)} at step {count(run.parent.step)}</span>}</th>
      <td title={run.data}>{run.data}</td><td>{run.hidden?.join(", ") || "none"}</td><td>{run.epochs} of {run.of}</td>
      <td>{run.value == null ? "–" : run.figure === "accuracy" ? percent(run.value) : `${run.figure} ${number(run.value, 3)}`}</td>
      <td>{run.begun}</td>
    </tr>
  );
}

/** A lesson that is open: its text and its goal, and the lab that it brings. */

import { effect, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { openBench } from "../lessons/bench";
import { clear, isReached, solve, type Bench } from "../lessons/goals";
import { labOf, type Lab, type Lesson, type Panel } from "../lessons/lesson";
import type { Progress } from "../lessons/progress";
import { number } from "../format";
import { ENCODINGS, type Store } from "../store";
import { Boundary } from "./boundary";
import { CheckPanel } from "./checkpanel";
import { Curves } from "./curves";
import { GoalView } from "./goal";
import { GraphPanel } from "./graphpanel";
import { Health } from "./health";
import { Inspector } from "./inspector";
import { Prose } from "./prose";
import { ReverseNetwork } from "./reverse";
import { Stage } from "./stage";
import { StepMode } from "./stepmode";

interface Props {
  readonly lesson: Lesson;
  readonly step: number;
  readonly progress: Progress;
  readonly onStep: (step: number) => void;
  readonly onLeave: () => void;
  readonly next: { readonly title: string; readonly open: () => void } | null;
}

/** The bench of a lab: built when the lab is another one, and taken away with it. */
function useBench(lab: Lab, title: string): Bench | null {
  const bench = useSignal<Bench | null>(null);
  useEffect(() => {
    let isGone = false;
    let opened: Bench | null = null;
    void openBench(lab, title).then((it) => {
      opened = it;
      if (isGone) it.store.stop();
      else bench.value = it;
    });
    return () => {
      isGone = true;
      bench.value = null;
      opened?.store.stop();
    };
  }, [lab]);
  return bench.value;
}

export function LessonView(props: Props): JSX.Element {
  const { lesson, step, progress } = props;
  const lab = labOf(lesson, step);
  const bench = useBench(lab, lesson.title);
  const root = useRef<HTMLDivElement>(null);
  const { goal } = lesson.steps[step]!;
  useEffect(() => {
    if (!bench) return;
    clear(bench);
    return effect(() => { if (!goal || isReached(goal, bench)) progress.mark(lesson.id, step); });
  }, [bench, step]);
  useEffect(() => ownKeys(root.current!, () => bench?.store ?? null), [bench]);
  return (
    <div class="crl-lesson" ref={root}>
      <Text {...props} bench={bench} />
      <div class="crl-lesson-lab">{bench && <Panels lab={lab} bench={bench} />}</div>
    </div>
  );
}

/** Keys of the lesson's network; they are not meant for the run behind it. */
function ownKeys(root: HTMLElement, store: () => Store | null): () => void {
  const pressed = (event: KeyboardEvent): void => {
    const target = event.target as Element;
    if (target.matches("input, select, textarea, summary") || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = ({ " ": toggle, ".": (s: Store) => void s.stepOnce(), w: nextEncoding, r: () => {} } as Record<string, (s: Store) => void>)[event.key];
    if (!act || (event.key === " " && target.matches("button"))) return;
    event.stopPropagation();
    event.preventDefault();
    const it = store();
    if (it) act(it);
  };
  root.addEventListener("keydown", pressed);
  return () => root.removeEventListener("keydown", pressed);
}

const toggle = (s: Store): void => void (s.running.peek() ? s.pause() : s.run());
const nextEncoding = (s: Store): void => { s.encoding.value = ENCODINGS[(ENCODINGS.indexOf(s.encoding.peek()) + 1) % ENCODINGS.length]!; };

function Text({ lesson, step, progress, onStep, onLeave, next, bench }: Props & { bench: Bench | null }): JSX.Element {
  const { title, text, goal } = lesson.steps[step]!;
  const heading = useRef<HTMLHeadingElement>(null);
  const first = useRef(true);
  useEffect(() => {
    if (!first.current) heading.current?.focus();
    first.current = false;
  }, [step]);
  const done = progress.has(lesson.id, step);
  const isLast = step === lesson.steps.length - 1;
  return (
    <article class="crl-panel crl-lesson-text">
      <p class="crl-row"><button type="button" class="crl-link" onClick={onLeave}>‹ All lessons</button><span class="crl-faint">{lesson.title}</span></p>
      <Dots lesson={lesson} step={step} progress={progress} onStep={onStep} />
      <h2 tabIndex={-1} ref={heading}>{title}</h2>
      <Prose blocks={text} network={bench?.store.network.value ?? null} />
      {goal && bench && (
        <div class={`crl-goal ${done ? "is-done" : ""}`} key={step}>
          <GoalView goal={goal} bench={bench} done={done} />
          <div class="crl-row">
            {goal.hint && <details class="crl-hint"><summary>Hint</summary><p>{goal.hint}</p></details>}
            {!done && <button type="button" class="crl-link" onClick={() => void solve(goal, bench)}>Show me</button>}
          </div>
        </div>
      )}
      <p class="crl-row crl-lesson-nav">
        <button type="button" disabled={step === 0} onClick={() => onStep(step - 1)}>‹ Back</button>
        {!isLast && <button type="button" class={done ? "crl-run" : ""} onClick={() => onStep(step + 1)}>{done ? "Next ›" : "Skip ›"}</button>}
        {isLast && done && <span role="status" class="crl-good">✓ That was the last step.</span>}
        {isLast && done && next && <button type="button" class="crl-run" onClick={next.open}>{next.title} ›</button>}
      </p>
    </article>
  );
}

/** All steps: which are done, which is open. */
function Dots({ lesson, step, progress, onStep }: Pick<Props, "lesson" | "step" | "progress" | "onStep">): JSX.Element {
  return (
    <nav class="crl-dots" aria-label={`Steps of the lesson: ${step + 1} of ${lesson.steps.length}`}>
      {lesson.steps.map(({ title }, i) => {
        const isDone = progress.has(lesson.id, i);
        return (
          <button key={i} type="button" class={isDone ? "is-done" : ""} aria-current={i === step ? "step" : undefined}
            aria-label={`Step ${i + 1}: ${title}${isDone ? ", done" : ""}`} title={title} onClick={() => onStep(i)}>{isDone ? "✓" : i + 1}</button>
        );
      })}
    </nav>
  );
}

/** One row a panel that a lesson may ask for. */
const PANELS: Readonly<Record<Panel, (props: { bench: Bench; lab: Lab }) => JSX.Element>> = {
  stage: ({ bench }) => <Stage store={bench.store} />,
  inspector: ({ bench }) => <Inspector store={bench.store} />,
  steps: ({ bench }) => <StepMode store={bench.store} />,
  reverse: ({ bench }) => <ReverseNetwork store={bench.store} />,
  curves: ({ bench }) => <Curves store={bench.store} />,
  health: ({ bench }) => <Health store={bench.store} />,
  boundary: ({ bench }) => <Boundary store={bench.store} />,
  graph: ({ bench }) => <GraphPanel bench={bench} />,
  check: ({ bench, lab }) => <CheckPanel bench={bench} wrong={lab.wrong ?? ""} />,
};
const STILL: readonly Panel[] = ["steps", "check", "graph", "reverse"]; // their numbers are those of step 0

function Panels({ lab, bench }: { lab: Lab; bench: Bench }): JSX.Element {
  return (
    <>
      {!lab.panels.some((name) => STILL.includes(name)) && <Transport bench={bench} />}
      {lab.panels.map((name) => {
        const Panel_ = PANELS[name];
        return <Panel_ key={name} bench={bench} lab={lab} />;
      })}
    </>
  );
}

/** Run, step, reset, and the slider over all steps. */
function Transport({ bench: { store, training } }: { bench: Bench }): JSX.Element {
  const running = store.running.value;
  return (
    <div class="crl-panel crl-transport">
      <button type="button" class="crl-run" onClick={() => toggle(store)}>{running ? "Pause" : "Run"}</button>
      <button type="button" onClick={() => void store.stepOnce()} disabled={running}>One step</button>
      <button type="button" onClick={() => void store.reset()}>Reset</button>
      <label class="crl-field crl-transport-slider">step {store.step.value}
        <input type="range" min={0} max={Math.max(1, store.last.value)} value={store.step.value} disabled={store.last.value === 0} aria-label="Step"
          onInput={(e) => { if (store.running.peek()) void store.pause(); void store.seek(Number(e.currentTarget.value)); }} />
      </label>
      <span class="crl-faint">η {number(store.learningRate.value, 2)}, cost {number(training?.costAt(store.frame.value?.step ?? 0), 4)}</span>
    </div>
  );
}

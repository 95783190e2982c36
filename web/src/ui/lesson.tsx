/** A lesson that is open: its text and its goal, and the lab that it brings. */

import { effect, useSignal, type Signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { openBench, openStep, type Bench } from "../lessons/bench";
import { isReached, solve, type Goal } from "../lessons/goals";
import type { Lab } from "../lessons/lab";
import { labOf, type Lesson } from "../lessons/lesson";
import { rulesText } from "../lessons/rules";
import type { School } from "../lessons/school";
import type { Store } from "../store";
import { Answers } from "./answers";
import { GoalView, wordsOf } from "./goal";
import { keysOf, labKeys } from "./keys";
import { LessonLab } from "./lessonlab";
import { Prose } from "./prose";

interface Props {
  readonly lesson: Lesson;
  readonly step: number;
  readonly school: School;
  readonly onStep: (step: number) => void;
  readonly onLeave: () => void;
  readonly next: { readonly title: string; readonly open: () => void } | null;
}

/** What is open, and what is done with it. */
interface Open extends Props {
  readonly bench: Bench | null;
  /** Whether the learner has lifted the lesson's rules. */
  readonly isFree: Signal<boolean>;
}

/** The bench of a lab: built when the lab is another one, and taken away with it. */
function useBench(lab: Lab, lesson: Lesson, isFree: Signal<boolean>): Bench | null {
  const bench = useSignal<Bench | null>(null);
  useEffect(() => {
    let isGone = false;
    let opened: Bench | null = null;
    void openBench(lab, lesson.title, undefined, () => (isFree.peek() ? [] : lesson.lock)).then((it) => {
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

/** Begin a step, and see when its goal is reached. */
function useStep({ lesson, step, school }: Props, bench: Bench | null): void {
  const { goal, title } = lesson.steps[step]!;
  useEffect(() => {
    if (!bench) return;
    let end = (): void => {};
    let isGone = false;
    const note = (): void => {
      school.progress.mark(lesson.id, step);
      if (!goal || goal.kind === "number" || goal.kind === "choice" || school.log.has(lesson.id, step + 1)) return;
      const asked = wordsOf(goal, bench.store.hello.peek());
      school.log.add({ lesson: lesson.id, step: step + 1, title, goal: asked, answer: bench.isShown.peek() ? "" : "done", right: bench.isShown.peek() ? "shown" : "yes" });
    };
    void openStep(bench, lesson, step).then(() => {
      if (!isGone) end = effect(() => { if (!goal || isReached(goal, bench)) note(); });
    });
    return () => { isGone = true; end(); };
  }, [bench, step]);
}

/** Keep the network as the lesson opens it, forward or in reverse, whatever key is pressed; the function that is given back ends it. */
export function keptWay({ reverse }: Pick<Store, "reverse">, isReverse: boolean): () => void {
  return effect(() => { if (reverse.value !== isReverse) reverse.value = isReverse; });
}

export function LessonView(props: Props): JSX.Element {
  const { lesson, step } = props;
  const lab = labOf(lesson, step);
  const isFree = useSignal(false);
  const bench = useBench(lab, lesson, isFree);
  const root = useRef<HTMLDivElement>(null);
  useStep(props, bench);
  useEffect(() => (bench ? keysOf(root.current!, labKeys(bench.store)) : undefined), [bench]);
  const hides = isFree.value ? [] : lesson.hide;
  const hasOneWay = hides.includes("reverse");
  useEffect(() => (bench && hasOneWay ? keptWay(bench.store, lab.panels.includes("reverse")) : undefined), [bench, hasOneWay]);
  return (
    <div class={["crl-lesson", ...hides.map((name) => `crl-hides-${name}`)].join(" ")} ref={root}>
      <Text {...props} bench={bench} isFree={isFree} />
      <div class="crl-lesson-lab">{bench && <LessonLab lab={lab} bench={bench} locks={isFree.value ? [] : lesson.lock} />}</div>
    </div>
  );
}

function Text(open: Open): JSX.Element {
  const { lesson, step, school, onLeave, bench } = open;
  const { title, text, goal } = lesson.steps[step]!;
  const heading = useRef<HTMLHeadingElement>(null);
  const first = useRef(true);
  useEffect(() => {
    if (!first.current) heading.current?.focus();
    first.current = false;
  }, [step]);
  return (
    <article class="crl-panel crl-lesson-text">
      <p class="crl-row"><button type="button" class="crl-link crl-to-lessons" onClick={onLeave}>‹ All lessons</button><span class="crl-faint">{lesson.title}</span></p>
      <Dots {...open} />
      <h2 tabIndex={-1} ref={heading}>{title}</h2>
      <Prose blocks={text} network={bench?.store.network.value ?? null} />
      {goal && bench && <GoalBox {...open} bench={bench} goal={goal} />}
      <Nav {...open} />
      <Answers log={school.log} />
      <RulesLine {...open} />
    </article>
  );
}

/** The goal, a hint, and the way to be shown. */
function GoalBox({ lesson, step, school, bench, goal }: Open & { bench: Bench; goal: Goal }): JSX.Element {
  const done = school.progress.has(lesson.id, step);
  const note = (answer: string, right: "yes" | "no" | "shown"): void =>
    school.log.add({ lesson: lesson.id, step: step + 1, title: lesson.steps[step]!.title, goal: wordsOf(goal, bench.store.hello.peek()), answer, right });
  const show = (): void => {
    bench.isShown.value = true;
    if (goal.kind === "number" || goal.kind === "choice") note("", "shown");
    void solve(goal, bench);
  };
  return (
    <div class={`crl-goal ${done ? "is-done" : ""}`} key={step}>
      <GoalView goal={goal} bench={bench} done={done} onAnswer={(answer, isRight) => { bench.isShown.value = false; note(answer, isRight ? "yes" : "no"); }} />
      <div class="crl-row">
        {goal.hint && <details class="crl-hint"><summary>Hint</summary><p>{goal.hint}</p></details>}
        {!done && <button type="button" class="crl-link crl-show-me" onClick={show}>Show me</button>}
      </div>
    </div>
  );
}

function Nav({ lesson, step, school, onStep, next, isFree }: Open): JSX.Element {
  const done = school.progress.has(lesson.id, step);
  const isLast = step === lesson.steps.length - 1;
  const mayNotSkip = !done && !isFree.value && lesson.lock.includes("skip");
  const left = lesson.steps.map((_, i) => i).filter((i) => !school.progress.has(lesson.id, i));
  return (
    <p class="crl-row crl-lesson-nav">
      <button type="button" disabled={step === 0} onClick={() => onStep(step - 1)}>‹ Back</button>
      {!isLast && (
        <button type="button" class={done ? "crl-run" : ""} disabled={mayNotSkip} title={mayNotSkip ? "This lesson has locked skipping" : undefined}
          onClick={() => onStep(step + 1)}>{done ? "Next ›" : "Skip this step ›"}</button>
      )}
      {isLast && left.length === 0 && <span role="status" class="crl-good">✓ The lesson is done.</span>}
      {isLast && left.length > 0 && <button type="button" onClick={() => onStep(left[0]!)}>To step {left[0]! + 1}, which is left ›</button>}
      {isLast && next && <button type="button" class={`crl-to-lessons ${left.length ? "" : "crl-run"}`} onClick={next.open}>Next lesson: {next.title} ›</button>}
    </p>
  );
}

/** What the lesson hides and locks, and the way out of it. */
function RulesLine({ lesson, step, school, isFree }: Open): JSX.Element | null {
  const text = rulesText(lesson);
  if (!text) return null;
  const turn = (): void => {
    isFree.value = !isFree.peek();
    school.log.add({ lesson: lesson.id, step: step + 1, title: lesson.steps[step]!.title, goal: text, answer: isFree.peek() ? "lifted" : "in force again", right: "" });
  };
  return (
    <p class="crl-faint crl-row">
      {isFree.value ? "Everything is shown, and nothing is locked." : text}
      <button type="button" class="crl-link" onClick={turn}>{isFree.value ? "As the lesson has it" : "Show and unlock everything"}</button>
    </p>
  );
}

/** All steps: which are done, which is open. */
function Dots({ lesson, step, school, onStep, isFree }: Open): JSX.Element {
  const isKept = !isFree.value && lesson.lock.includes("skip");
  return (
    <nav class="crl-dots" aria-label={`Steps of the lesson: ${step + 1} of ${lesson.steps.length}`}>
      {lesson.steps.map(({ title }, i) => {
        const isDone = school.progress.has(lesson.id, i);
        const isShut = isKept && i > step && !lesson.steps.slice(0, i).every((_, n) => school.progress.has(lesson.id, n));
        return (
          <button key={i} type="button" class={isDone ? "is-done" : ""} aria-current={i === step ? "step" : undefined} disabled={isShut}
            aria-label={`Step ${i + 1}: ${title}${isDone ? ", done" : ""}`} title={title} onClick={() => onStep(i)}>{isDone ? "✓" : i + 1}</button>
        );
      })}
    </nav>
  );
}

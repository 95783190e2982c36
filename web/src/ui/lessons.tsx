/** Lessons: the list, and one that is open, with its own small network beside the text. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import "./learn.css";
import { useEffect } from "preact/hooks";
import type { Lesson } from "../lessons/lesson";
import type { School } from "../lessons/school";
import { many } from "../format";
import type { Store } from "../store";
import { Answers } from "./answers";
import { LessonView } from "./lesson";
import { OwnLessons, useTaking } from "./ownlessons";
import { Spans } from "./prose";

/** Which lesson is open, and which of its steps. */
export interface Where {
  readonly id: string | null;
  readonly step: number;
}

const read = (values: Readonly<Record<string, string>>): Where => ({
  id: values["lesson"] ?? null, step: Math.max(0, (Number(values["part"]) || 1) - 1),
});

/** In the address: the store's part of it where there is one, else the page's own. */
function useWhere(store: Store | null): [Where, (where: Where) => void] {
  const own = useSignal<Where>(read(store ? {} : Object.fromEntries(new URLSearchParams(typeof location === "undefined" ? "" : location.hash.slice(1)))));
  if (store) {
    const { lesson: _, part: __, ...rest } = store.extra.value;
    const go = ({ id, step }: Where): void => { store.extra.value = id ? { ...rest, lesson: id, part: String(step + 1) } : rest; };
    return [read(store.extra.value), go];
  }
  const go = (where: Where): void => {
    own.value = where;
    try {
      history.replaceState(history.state, "", where.id ? `#lesson=${where.id}&part=${where.step + 1}` : "#lessons");
    } catch { /* a page without an address of its own */ }
  };
  return [own.value, go];
}

export function Lessons({ store, school }: { store: Store | null; school: School }): JSX.Element {
  const [where, go] = useWhere(store);
  const all = school.lessons.value;
  const open = all.find(({ id }) => id === where.id);
  const lost = useSignal("");
  useEffect(() => {
    if (!where.id || open) return;
    lost.value = `There is no lesson “${where.id}” here. If it is a file, open it below.`;
    go({ id: null, step: 0 });
  }, [where.id]);
  if (!open) return <List school={school} problem={lost.value} onOpen={(id, step) => { lost.value = ""; go({ id, step }); }} />;
  const next = all[all.indexOf(open) + 1];
  return (
    <LessonView
      key={open.id} lesson={open} step={Math.min(where.step, open.steps.length - 1)} school={school}
      onStep={(step) => go({ id: open.id, step })} onLeave={() => go({ id: null, step: 0 })}
      next={next ? { title: next.title, open: () => go({ id: next.id, step: 0 }) } : null}
    />
  );
}

interface ListProps {
  readonly school: School;
  readonly problem: string;
  readonly onOpen: (id: string, step: number) => void;
}

function List({ school, problem, onOpen }: ListProps): JSX.Element {
  const taking = useTaking(school);
  return (
    <section class={`crl-lessons ${taking.over.value ? "is-over" : ""}`} aria-label="Lessons" {...taking.target}>
      <h2>Lessons</h2>
      <p class="crl-faint">Each takes 5 to 10 minutes and brings a small network, which learns in this page. The page checks what you do; nothing leaves your computer.</p>
      {problem && <div class="crl-banner crl-banner-warn" role="alert"><span>{problem}</span></div>}
      <ol class="crl-lesson-cards">
        {school.lessons.value.map((lesson) => <Card key={lesson.id} school={school} lesson={lesson} onOpen={onOpen} />)}
      </ol>
      <Answers log={school.log} />
      <OwnLessons school={school} taking={taking} />
    </section>
  );
}

function Card({ school, lesson, onOpen }: { school: School; lesson: Lesson; onOpen: ListProps["onOpen"] }): JSX.Element {
  const done = school.progress.done.value[lesson.id] ?? [];
  const steps = done.filter((i) => i < lesson.steps.length);
  const first = lesson.steps.findIndex((_, i) => !steps.includes(i));
  const state = steps.length === lesson.steps.length ? "✓ done" : steps.length ? `${steps.length} of ${many(lesson.steps.length, "step")}` : many(lesson.steps.length, "step");
  return (
    <li>
      <button type="button" class="crl-lesson-card" onClick={() => onOpen(lesson.id, Math.max(0, first))}>
        <b>{lesson.title}</b>
        <span class="crl-faint"><Spans spans={lesson.about} /></span>
        <span class="crl-lesson-foot">
          <span>{lesson.minutes} minutes{school.isOwn(lesson.id) && ", your own"}</span>
          <span class="crl-meter" aria-hidden="true"><i style={{ width: `${(100 * steps.length) / lesson.steps.length}%` }} /></span>
          <span>{state}</span>
        </span>
      </button>
    </li>
  );
}

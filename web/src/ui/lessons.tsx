/** Lessons: the list, and one that is open, with its own small network beside the text. */

import { useSignal, type Signal } from "@preact/signals";
import type { JSX } from "preact";
import "./learn.css";
import { useEffect, useMemo } from "preact/hooks";
import { allLessons } from "../lessons/all";
import { parseLesson, type Lesson } from "../lessons/lesson";
import { Progress } from "../lessons/progress";
import { many } from "../format";
import type { Store } from "../store";
import { LessonView } from "./lesson";
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

export function Lessons({ store }: { store: Store | null }): JSX.Element {
  const given = useMemo(allLessons, []);
  const progress = useMemo(() => new Progress(), []);
  const added = useSignal<readonly Lesson[]>([]);
  const [where, go] = useWhere(store);
  const all = [...given, ...added.value];
  const open = all.find(({ id }) => id === where.id);
  useEffect(() => { if (where.id && !open) go({ id: null, step: 0 }); }, [where.id]);
  if (!open) return <List lessons={all} progress={progress} added={added} onOpen={(id, step) => go({ id, step })} />;
  const next = all[all.indexOf(open) + 1];
  return (
    <LessonView
      key={open.id} lesson={open} step={Math.min(where.step, open.steps.length - 1)} progress={progress}
      onStep={(step) => go({ id: open.id, step })} onLeave={() => go({ id: null, step: 0 })}
      next={next ? { title: next.title, open: () => go({ id: next.id, step: 0 }) } : null}
    />
  );
}

interface ListProps {
  readonly lessons: readonly Lesson[];
  readonly progress: Progress;
  readonly added: Signal<readonly Lesson[]>;
  readonly onOpen: (id: string, step: number) => void;
}

function List({ lessons, progress, added, onOpen }: ListProps): JSX.Element {
  const done = progress.done.value;
  return (
    <section class="crl-lessons" aria-label="Lessons">
      <h2>Lessons</h2>
      <p class="crl-faint">Each has a small network of its own, which learns in this page. The lab checks what you do; nothing leaves your computer.</p>
      <ol class="crl-lesson-cards">
        {lessons.map((lesson) => {
          const steps = (done[lesson.id] ?? []).filter((i) => i < lesson.steps.length);
          const first = lesson.steps.findIndex((_, i) => !steps.includes(i));
          return (
            <li key={lesson.id}>
              <button type="button" class="crl-lesson-card" onClick={() => onOpen(lesson.id, Math.max(0, first))}>
                <b>{lesson.title}</b>
                <span class="crl-faint"><Spans spans={lesson.about} /></span>
                <span class="crl-lesson-foot">
                  <span>{lesson.minutes} min</span>
                  <span class="crl-meter" aria-hidden="true"><i style={{ width: `${(100 * steps.length) / lesson.steps.length}%` }} /></span>
                  <span>{steps.length === lesson.steps.length ? "✓ done" : steps.length ? `${steps.length} of ${lesson.steps.length}` : many(lesson.steps.length, "step")}</span>
                </span>
              </button>
            </li>
          );
        })}
      </ol>
      <OwnLesson added={added} />
    </section>
  );
}

/** A teacher's own lesson: a Markdown file. */
function OwnLesson({ added }: { added: Signal<readonly Lesson[]> }): JSX.Element {
  const said = useSignal("");
  const take = async (file: File | undefined): Promise<void> => {
    if (!file) return;
    try {
      if (file.size > 2 ** 20) throw new Error("A lesson has at most 1 MB.");
      const lesson = parseLesson(await file.text());
      added.value = [...added.peek().filter(({ id }) => id !== lesson.id), lesson];
      said.value = `“${lesson.title}” is in the list.`;
    } catch (error) {
      said.value = `${file.name}: ${error instanceof Error ? error.message : String(error)}`;
    }
  };
  return (
    <details class="crl-details">
      <summary>A lesson of your own</summary>
      <p class="crl-faint">A lesson is a Markdown file: text, a network, and goals that the lab checks. How it is written stands in web/src/lessons.</p>
      <label class="crl-field">Lesson file <input type="file" accept=".md,text/markdown" onChange={(e) => void take(e.currentTarget.files?.[0])} /></label>
      <output role="status">{said}</output>
    </details>
  );
}

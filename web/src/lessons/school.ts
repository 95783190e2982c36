/** What a page keeps of its lessons: which there are, how far one has come, and what was answered. */

import { computed, signal, type ReadonlySignal } from "@preact/signals";
import { allLessons, type Written } from "./all";
import { parseLesson, type Lesson } from "./lesson";
import { AnswerLog } from "./log";
import { Progress, shelf, type Shelf } from "./progress";
import { Faulty } from "./schema";

const KEY = "chainrule-own-lessons";
const MOST = 12; // of one's own

export class School {
  readonly log = new AnswerLog();
  readonly progress: Progress;
  #given: readonly Written[] | null = null;
  #handed = "";
  readonly #own = signal<readonly Written[]>([]);
  /** All lessons; they are read when somebody looks. */
  readonly lessons: ReadonlySignal<readonly Lesson[]> = computed(() => {
    const own = this.#own.value.map(({ lesson }) => lesson);
    return [...this.given.map(({ lesson }) => lesson).filter(({ id }) => !own.some((other) => other.id === id)), ...own];
  });

  constructor(readonly place: Shelf | null = shelf()) {
    this.progress = new Progress(place);
    this.#own.value = this.#kept().flatMap((text) => this.#read(text) ?? []);
  }

  get given(): readonly Written[] {
    return (this.#given ??= allLessons());
  }

  /** Add a lesson of one's own, or put it in the place of its older text. Raises what is wrong with it. */
  add(text: string): Lesson {
    const lesson = parseLesson(text);
    if (this.given.some((one) => one.lesson.id === lesson.id)) throw new Faulty(`The id "${lesson.id}" is that of a lesson of the lab: choose another.`);
    const others = this.#own.peek().filter((own) => own.lesson.id !== lesson.id);
    if (others.length >= MOST) throw new Faulty(`There are ${MOST} lessons of your own already: remove one of them first.`);
    this.#put([...others, { text, lesson }]);
    return lesson;
  }

  /** A lesson that was handed out with the page: it may stand in the place of one of the lab's, and is not kept. */
  hand(text: string): void {
    const lesson = parseLesson(text);
    this.#handed = lesson.id;
    this.#own.value = [...this.#own.peek().filter((own) => own.lesson.id !== lesson.id), { text, lesson }];
  }

  remove(id: string): void {
    this.#put(this.#own.peek().filter(({ lesson }) => lesson.id !== id));
    this.progress.forget(id);
  }

  isOwn(id: string): boolean {
    return this.#own.value.some(({ lesson }) => lesson.id === id);
  }

  /** A lesson as it is written. */
  textOf(id: string): string {
    return [...this.#own.peek(), ...this.given].find(({ lesson }) => lesson.id === id)?.text ?? "";
  }

  #put(own: readonly Written[]): void {
    this.#own.value = own;
    try {
      this.place?.setItem(KEY, JSON.stringify(own.filter(({ lesson }) => lesson.id !== this.#handed).map(({ text }) => text)));
    } catch { /* a full shelf: they are there while the page is open */ }
  }

  #kept(): string[] {
    try {
      const value: unknown = JSON.parse(this.place?.getItem(KEY) ?? "[]");
      return Array.isArray(value) ? value.filter((text) => typeof text === "string").slice(0, MOST) : [];
    } catch {
      return [];
    }
  }

  /** What was kept, if it is still a lesson. */
  #read(text: string): Written | null {
    try {
      return { text, lesson: parseLesson(text) };
    } catch {
      return null;
    }
  }
}

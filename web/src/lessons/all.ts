/// <reference types="vite/client" />
/** All lessons, in the order of their files, and the one that shows how they are written. */

import example from "./example/my-lesson.md?raw";
import { parseLesson, type Lesson } from "./lesson";

const texts = import.meta.glob("./*.md", { query: "?raw", import: "default", eager: true }) as Readonly<Record<string, string>>;

/** A lesson that says of each of its parts what it is for. */
export const EXAMPLE = example;

export interface Written {
  readonly text: string;
  readonly lesson: Lesson;
}

/** Read when they are asked for: most visitors of a run never do. */
export function allLessons(): readonly Written[] {
  return Object.keys(texts).sort().map((name) => ({ text: texts[name]!, lesson: parseLesson(texts[name]!) }));
}

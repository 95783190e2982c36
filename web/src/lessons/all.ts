/// <reference types="vite/client" />
/** All lessons, in the order of their files. */

import { parseLesson, type Lesson } from "./lesson";

const texts = import.meta.glob("./*.md", { query: "?raw", import: "default", eager: true }) as Readonly<Record<string, string>>;

/** Read when they are asked for: most visitors of a run never do. */
export function allLessons(): readonly Lesson[] {
  return Object.keys(texts).sort().map((name) => parseLesson(texts[name]!));
}

/**
 * A lesson: Markdown with JSON between fences, so that a teacher can write one in any editor.
 *
 * "# Title", a sentence, ```lesson {id, minutes, lab}; then steps: "## Title", text, ```lab (another network, from here on)
 * and ```goal (what the lab checks). ```equation BP2 3 1 shows an equation. Nothing in it is executed.
 */

import type { Goal } from "./goals";
import type { Lab } from "./lab";
import { blocks, openAt, spans, type Block, type Fence, type Span } from "./markdown";
import type { Hide, Lock, Rules } from "./rules";
import { checkedObject, Faulty, type Piece } from "./schema";
import { checkedGoal, checkedLab, equationFault, fitting, LESSON } from "./shapes";

export interface LessonStep {
  readonly title: string;
  readonly text: readonly Block[];
  readonly lab: Lab | null;
  readonly goal: Goal | null;
}

export interface Lesson extends Rules {
  readonly id: string;
  readonly title: string;
  readonly about: readonly Span[];
  readonly minutes: number;
  readonly lab: Lab;
  readonly steps: readonly LessonStep[];
}

const MOST = 2 ** 20; // characters
const STEPS = 60;
const FENCES = ["lesson", "lab", "goal", "equation", "text"];
const ALONE: Lab = { panels: ["graph"], graph: "product" };

/** The one fence of that name, if there is one, as a piece of JSON. */
function pieceOf(all: readonly Block[], name: string, what: string): Piece | null {
  const mine = all.filter((block): block is Fence => block.kind === "fence" && block.name === name);
  if (mine.length > 1) throw new Faulty(`Line ${mine[1]!.line}, ${what}: there is a second block \`\`\`${name}; one is enough.`);
  return mine[0] ? { text: mine[0].text, what: `${what}, \`\`\`${name}`, line: mine[0].line } : null;
}

const prose = (all: readonly Block[]): Block[] => all.filter((block) => block.kind !== "fence" || block.name === "equation" || block.name === "text");

/** A part of the file: its text, and the line on which it begins. */
interface Section { readonly text: string; readonly line: number }

/** The head, and each step from its "## " on. */
function sections(text: string): Section[] {
  let line = 1;
  return text.split(/^(?=## )/m).map((part) => {
    const found = { text: part, line };
    line += part.split("\n").length - 1;
    return found;
  });
}

function blocksOf({ text, line }: Section): Block[] {
  const all = blocks(text, line);
  const open = openAt(text);
  if (open !== null) throw new Faulty(`Line ${line + open}: a block begins with \`\`\`, and does not end with \`\`\` on a line of its own.`);
  const odd = all.find((block): block is Fence => block.kind === "fence" && !FENCES.includes(block.name));
  if (odd) throw new Faulty(`Line ${odd.line}: there is no block \`\`\`${odd.name}; there are ${FENCES.join(", ")}.`);
  return all;
}

function stepOf(section: Section, before: Lab, rules: Rules): LessonStep {
  const title = section.text.slice(3).split("\n")[0]!.trim();
  const all = blocksOf({ text: section.text.replace(/^.*\n?/, ""), line: section.line + 1 });
  const where = `step “${title}”`;
  if (pieceOf(all, "lesson", where)) throw new Faulty(`Line ${section.line}, ${where}: the block \`\`\`lesson stands before the first step.`);
  const [own, goal] = [pieceOf(all, "lab", where), pieceOf(all, "goal", where)];
  const lab = own && checkedLab(own);
  for (const block of all) {
    const words = block.kind === "fence" && block.name === "equation" ? equationFault(block.text, lab ?? before) : null;
    if (words) throw new Faulty(`Line ${(block as Fence).line}, ${where}: ${words}.`);
  }
  return { title, text: prose(all), lab, goal: goal && checkedGoal(goal, lab ?? before, rules) };
}

interface Facts { readonly id: string; readonly minutes: number; readonly lab?: Lab; readonly hide?: readonly Hide[]; readonly lock?: readonly Lock[] }

/** A lesson from its text, or an error that says in which line and which field it is wrong. */
export function parseLesson(given: string): Lesson {
  if (given.length > MOST) throw new Faulty("A lesson has at most 1 MB.");
  const [head, ...rest] = sections(given.replace(/\r\n?/g, "\n").replace(/^\ufeff/, "")) as [Section, ...Section[]];
  const title = /^# (.+)$/m.exec(head.text)?.[1]?.trim();
  if (!title) throw new Faulty("Line 1: a lesson begins with its title: # Title.");
  const all = blocksOf({ ...head, text: head.text.replace(/^# .+$/m, "") });
  const piece = pieceOf(all, "lesson", "head");
  if (!piece) throw new Faulty("Line 1: after the title stands a block ```lesson with at least id and minutes.");
  const { id, minutes, lab: own, hide = [], lock = [] } = checkedObject<Facts>(piece, LESSON);
  if (rest.length === 0) throw new Faulty(`Line ${head.text.split("\n").length}: a lesson has steps, each under ## Title.`);
  if (rest.length > STEPS) throw new Faulty(`Line ${rest[STEPS]!.line}: a lesson has at most ${STEPS} steps.`);
  const lab = own ? fitting(own, piece, "lab.") : ALONE;
  const about = all.find((block) => block.kind === "paragraph")?.spans ?? spans("");
  let now = lab;
  const steps = rest.map((section) => {
    const step = stepOf(section, now, { hide, lock });
    now = step.lab ?? now;
    return step;
  });
  return { id, title, about, minutes, lab, hide, lock, steps };
}

/** What stands on the table in a step: its own lab, or the last before it. */
export function labOf(lesson: Lesson, step: number): Lab {
  return lesson.steps.slice(0, step + 1).findLast((s) => s.lab)?.lab ?? lesson.lab;
}

/**
 * A lesson: Markdown with JSON between fences, so that a teacher can write one in any editor.
 *
 * "# Title", a sentence, ```lesson {id, minutes, lab}; then steps: "## Title", text, ```lab (another network, from here on)
 * and ```goal (what the lab checks). ```equation BP2 shows an equation.
 */

import { network, type Network } from "../network";
import type { NetworkFacts } from "../protocol";
import { firstParameters, matrixOf, type Initial } from "../trainer";
import type { PageRun } from "../sources/page";
import { GOALS, type Goal } from "./goals";
import { blocks, spans, type Block, type Span } from "./markdown";

export const PANELS = ["stage", "inspector", "steps", "reverse", "curves", "health", "boundary", "graph", "check"] as const;
export type Panel = (typeof PANELS)[number];

/** What a lesson puts on the table. */
export interface Lab {
  readonly panels: readonly Panel[];
  readonly network?: Omit<NetworkFacts, "dtype">;
  readonly parameters?: readonly number[];
  readonly initial?: Initial;
  readonly seed?: number;
  readonly x?: readonly (readonly number[])[];
  readonly y?: readonly (readonly number[])[];
  readonly classes?: readonly string[];
  readonly learning_rate?: number;
  /** Steps between two pictures while it runs. */
  readonly pace?: number;
  /** The equation that the check panel has wrong. */
  readonly wrong?: string;
  readonly graph?: string;
}

export interface LessonStep {
  readonly title: string;
  readonly text: readonly Block[];
  readonly lab: Lab | null;
  readonly goal: Goal | null;
}

export interface Lesson {
  readonly id: string;
  readonly title: string;
  readonly about: readonly Span[];
  readonly minutes: number;
  readonly lab: Lab;
  readonly steps: readonly LessonStep[];
}

class Faulty extends Error {}

function json(text: string, what: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (error) {
    throw new Faulty(`${what} is not JSON: ${error instanceof Error ? error.message : String(error)}.`);
  }
  throw new Faulty(`${what} is not a JSON object.`);
}

/** The text of the one fence of that name, if there is one, and the other blocks. */
function taken(all: readonly Block[], name: string): { found: string | null; rest: Block[] } {
  const mine = all.filter((b) => b.kind === "fence" && b.name === name) as Extract<Block, { kind: "fence" }>[];
  if (mine.length > 1) throw new Faulty(`There are ${mine.length} blocks named ${name} where there can be one.`);
  return { found: mine[0]?.text ?? null, rest: all.filter((b) => b.kind !== "fence" || b.name !== name) };
}

function stepOf(section: string): LessonStep {
  const [title = "", ...lines] = section.split("\n");
  const first = taken(blocks(lines.join("\n")), "lab");
  const second = taken(first.rest, "goal");
  const where = `The step "${title.trim()}"`;
  const lab = first.found ? checkedLab(json(first.found, `${where}: its lab`), where) : null;
  const goal = second.found ? checkedGoal(json(second.found, `${where}: its goal`), where) : null;
  return { title: title.trim(), text: second.rest, lab, goal };
}

function checkedGoal(value: Record<string, unknown>, where: string): Goal {
  const kind = String(value["kind"]);
  if (!Object.hasOwn(GOALS, kind)) throw new Faulty(`${where}: there is no goal "${kind}"; there are ${Object.keys(GOALS).join(", ")}.`);
  const missing = GOALS[kind as Goal["kind"]].needs.filter((key) => !(key in value));
  if (missing.length) throw new Faulty(`${where}: its goal of kind "${kind}" lacks ${missing.join(", ")}.`);
  return value as unknown as Goal;
}

function checkedLab(value: Record<string, unknown>, where: string): Lab {
  const lab = value as unknown as Lab;
  const odd = (lab.panels ?? []).filter((name) => !PANELS.includes(name));
  if (!lab.panels?.length || odd.length) throw new Faulty(`${where}: panels are some of ${PANELS.join(", ")}${odd.length ? `; not ${odd.join(", ")}` : ""}.`);
  if (lab.network) networkOf(lab, where);
  else if (!lab.panels.every((name) => name === "graph")) throw new Faulty(`${where}: its lab has no network.`);
  return lab;
}

function networkOf(lab: Lab, where: string): Network {
  const net = network({ ...lab.network!, dtype: "float64" });
  const [inputs, outputs] = [net.sizes[0]!, net.sizes.at(-1)!];
  if (lab.parameters && lab.parameters.length !== net.size) {
    throw new Faulty(`${where}: the network [${net.sizes}] has ${net.size} parameters; ${lab.parameters.length} are given.`);
  }
  const fits = lab.x?.length && lab.x.length === lab.y?.length && lab.x.every((row) => row.length === inputs) && lab.y.every((row) => row.length === outputs);
  if (!fits) throw new Faulty(`${where}: x needs rows of ${inputs}, y needs as many rows of ${outputs}.`);
  return net;
}

/** A lesson from its text, or an error in words. */
export function parseLesson(text: string): Lesson {
  const [head = "", ...sections] = text.replace(/\r\n/g, "\n").split(/^## /m);
  const title = /^# (.+)$/m.exec(head)?.[1]?.trim();
  if (!title) throw new Faulty("A lesson begins with its title: # Title.");
  const { found, rest } = taken(blocks(head.replace(/^# .+$/m, "")), "lesson");
  if (!found) throw new Faulty("A lesson has a block ```lesson with its id, minutes and lab.");
  const facts = json(found, "The block ```lesson");
  if (typeof facts["id"] !== "string" || typeof facts["minutes"] !== "number") throw new Faulty("The block ```lesson lacks id or minutes.");
  if (sections.length === 0) throw new Faulty("A lesson has steps, each under ## Title.");
  const about = rest[0]?.kind === "paragraph" ? rest[0].spans : spans("");
  const lab = checkedLab((facts["lab"] ?? {}) as Record<string, unknown>, "The lesson");
  return { id: facts["id"], title, about, minutes: facts["minutes"], lab, steps: sections.map(stepOf) };
}

/** What stands on the table in a step: its own lab, or the last before it. */
export function labOf(lesson: Lesson, step: number): Lab {
  return lesson.steps.slice(0, step + 1).findLast((s) => s.lab)?.lab ?? lesson.lab;
}

/** The training that a lab describes; null where it has no network. */
export function runOf(lab: Lab, name: string): PageRun | null {
  if (!lab.network) return null;
  const facts: NetworkFacts = { ...lab.network, dtype: "float64" };
  const start = lab.parameters ? Float64Array.from(lab.parameters) : firstParameters(network(facts), lab.initial ?? "small", lab.seed ?? 0);
  return {
    name, network: facts, start, x: matrixOf(lab.x!), y: matrixOf(lab.y!), learningRate: lab.learning_rate ?? 0.1,
    pace: lab.pace ?? 1, classes: lab.classes ?? null,
  };
}

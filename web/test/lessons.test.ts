/** Every lesson can be walked to its end, and its numbers are those of its source. */

import { describe, expect, test } from "vitest";
import { allLessons } from "../src/lessons/all";
import { openBench } from "../src/lessons/bench";
import { PageTraining } from "../src/sources/page";
import { clear, isReached, numberOf, solve, type Bench } from "../src/lessons/goals";
import { labOf, parseLesson, runOf, type Lesson } from "../src/lessons/lesson";

const lessons = allLessons();

/** Go through a lesson as a learner does, and look at each step before and after it is solved. */
async function walk(lesson: Lesson, look: (at: { bench: Bench; step: number; solved: boolean }) => void): Promise<void> {
  let bench: Bench | null = null;
  let lab = null as ReturnType<typeof labOf> | null;
  for (const [step, { goal }] of lesson.steps.entries()) {
    if (!bench || labOf(lesson, step) !== lab) {
      bench?.store.stop();
      lab = labOf(lesson, step);
      bench = await openBench(lab, lesson.title, (draw) => draw());
    }
    clear(bench);
    look({ bench, step, solved: false });
    if (goal) await solve(goal, bench);
    look({ bench, step, solved: true });
  }
  bench?.store.stop();
}

test("there are at least eight lessons, each with an id and steps of its own", () => {
  expect(lessons.length).toBeGreaterThanOrEqual(8);
  expect(new Set(lessons.map(({ id }) => id)).size).toBe(lessons.length);
});

describe.each(lessons.map((lesson) => [lesson.id, lesson] as const))("%s", (_, lesson) => {
  test("every goal can be reached, and none is reached before", async () => {
    const seen: string[] = [];
    await walk(lesson, ({ bench, step, solved }) => {
      const { goal, title } = lesson.steps[step]!;
      if (goal && isReached(goal, bench) !== solved) seen.push(`${title}: ${solved ? "cannot be reached" : "is reached at once"}`);
      if (bench.store.problem.value) seen.push(`${title}: ${bench.store.problem.value}`);
    });
    expect(seen).toEqual([]);
  });

  test("numbers that a source prints come out", async () => {
    await walk(lesson, ({ bench, step, solved }) => {
      const { goal } = lesson.steps[step]!;
      if (goal?.kind !== "number") return;
      expect(numberOf(goal, bench)).not.toBeNaN();
      if (goal.printed && !solved) expect(numberOf(goal, bench).toPrecision(12)).toBe(asPrinted(goal.printed, numberOf(goal, bench)));
    });
  });

  test("every step is written out: a text or a question, a hint, and why each choice is right or wrong", () => {
    for (const { text, goal, title } of lesson.steps) {
      expect(title).not.toBe("");
      expect(text.length > 0 || goal?.kind === "choice" || goal?.kind === "number").toBe(true);
      expect(goal?.hint ?? "").not.toBe("");
      if (goal?.kind !== "choice") continue;
      expect(goal.options[goal.answer]!.why).toMatch(/^Right/);
      expect(goal.options.filter(({ why }) => why.startsWith("Right"))).toHaveLength(1);
    }
  });
});

/** A number rounded as it is printed, in the digits that are compared. */
function asPrinted(printed: string, x: number): string {
  const decimals = printed.split(".")[1]?.length ?? 0;
  expect(x.toFixed(Math.min(decimals, 15))).toBe(Number(printed).toFixed(Math.min(decimals, 15)));
  return x.toPrecision(12);
}

test("what the lesson on vanishing gradients says of its two networks is so", async () => {
  const labs = lessons.find(({ id }) => id === "vanishing-gradient")!.steps.map(({ lab }) => lab).filter((lab) => lab !== null);
  const [sigmoid, relu] = labs.map((lab) => new PageTraining(runOf(lab, "")!));
  const { gradient } = (await sigmoid!.curves()).measures;
  expect(gradient["2"]![0]!).toBeLessThan(gradient["5"]![0]! / 1000);
  sigmoid!.advance(300);
  expect(sigmoid!.costAt(300)).toBeCloseTo(Math.LN2, 2);
  relu!.advance(150);
  expect(relu!.costAt(150)).toBeLessThan(0.05);
});

describe("a lesson that is written wrongly is refused in words", () => {
  const head = '# T\n\nAbout.\n\n```lesson\n{"id": "t", "minutes": 1, "lab": {"panels": ["graph"]}}\n```\n';
  test.each([
    ["no title", "text", /begins with its title/],
    ["no steps", head, /has steps/],
    ["no JSON", head.replace('{"id"', '{id'), /not JSON/],
    ["unknown goal", `${head}\n## S\n\n\`\`\`goal\n{"kind": "dance"}\n\`\`\`\n`, /there is no goal "dance"/],
    ["incomplete goal", `${head}\n## S\n\n\`\`\`goal\n{"kind": "set", "l": 2}\n\`\`\`\n`, /lacks j, k, to/],
    ["unknown panel", head.replace('"graph"', '"television"') + "\n## S\n", /panels are some of/],
    ["parameters", head.replace('["graph"]', '["stage"], "network": {"sizes": [1, 1], "activations": ["tanh"], "cost": "quadratic", "biases": true}, "parameters": [1]') + "\n## S\n", /has 2 parameters; 1 are given/],
  ])("%s", (_, text, words) => {
    expect(() => parseLesson(text)).toThrow(words);
  });
});

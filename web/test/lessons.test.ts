/** Every lesson can be walked to its end, and its numbers are those of its source. */

import { describe, expect, test } from "vitest";
import { allLessons, EXAMPLE } from "../src/lessons/all";
import { openBench, openStep, type Bench } from "../src/lessons/bench";
import { isReached, numberOf, solve } from "../src/lessons/goals";
import { runOf } from "../src/lessons/lab";
import { labOf, parseLesson, type Lesson } from "../src/lessons/lesson";
import { PageTraining } from "../src/sources/page";
import { wordsOf } from "../src/ui/goal";

const lessons = allLessons().map(({ lesson }) => lesson);
const lessonOf = (id: string): Lesson => lessons.find((lesson) => lesson.id === id)!;
const benchOf = (lesson: Lesson, step: number): Promise<Bench> => openBench(labOf(lesson, step), lesson.title, (draw) => draw());

/** Go through a lesson as a learner does, and look at each step before and after it is solved. */
async function walk(lesson: Lesson, look: (at: { bench: Bench; step: number; solved: boolean }) => void): Promise<void> {
  let bench: Bench | null = null;
  for (const [step, { goal }] of lesson.steps.entries()) {
    if (!bench || labOf(lesson, step) !== labOf(lesson, step - 1)) {
      bench?.store.stop();
      bench = await benchOf(lesson, step);
    }
    await openStep(bench, lesson, step);
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

describe.each([...lessons, parseLesson(EXAMPLE)].map((lesson) => [lesson.id, lesson] as const))("%s", (_, lesson) => {
  test("every goal can be reached, and none is reached before", async () => {
    const seen: string[] = [];
    await walk(lesson, ({ bench, step, solved }) => {
      const { goal, title } = lesson.steps[step]!;
      if (goal && isReached(goal, bench) !== solved) seen.push(`${title}: ${solved ? "cannot be reached" : "is reached at once"}`);
      if (bench.store.problem.value) seen.push(`${title}: ${bench.store.problem.value}`);
    });
    expect(seen).toEqual([]);
  });

  test("every step asks the same where the page is new, as one after the other", async () => {
    const numbers = (bench: Bench, step: number): number | null => {
      const { goal } = lesson.steps[step]!;
      return goal?.kind === "number" ? numberOf(goal, bench) : null;
    };
    const inOrder: (number | null)[] = [];
    await walk(lesson, ({ bench, step, solved }) => { if (!solved) inOrder.push(numbers(bench, step)); });
    for (const [step, x] of inOrder.entries()) {
      const bench = await benchOf(lesson, step);
      await openStep(bench, lesson, step);
      expect(numbers(bench, step)).toEqual(x);
      bench.store.stop();
    }
  });

  test("numbers that a source prints come out", async () => {
    await walk(lesson, ({ bench, step, solved }) => {
      const { goal } = lesson.steps[step]!;
      if (goal?.kind !== "number" || solved) return;
      const x = numberOf(goal, bench);
      expect(x).not.toBeNaN();
      const decimals = Math.min(goal.printed?.split(".")[1]?.length ?? 0, 15);
      if (goal.printed) expect(x.toFixed(decimals)).toBe(Number(goal.printed).toFixed(decimals));
    });
  });

  test("every step says what to do, gives a hint, and says why each choice is right or wrong; the last says what was learnt", async () => {
    const bench = await benchOf(lesson, 0);
    for (const { text, goal, title } of lesson.steps.slice(0, -1)) {
      expect(title).not.toBe("");
      expect(text.length > 0 || goal?.kind === "choice" || goal?.kind === "number").toBe(true);
      if (!goal) continue;
      expect([goal.hint ?? "", wordsOf(goal, bench.store.hello.value)]).not.toContain("");
      if (goal.kind !== "choice") continue;
      expect(goal.options[goal.answer]!.why).toMatch(/^Right/);
      expect(goal.options.filter(({ why }) => why.startsWith("Right"))).toHaveLength(1);
    }
    bench.store.stop();
    const last = lesson.steps.at(-1)!;
    expect([last.title, last.goal, last.text.some(({ kind }) => kind === "list")]).toEqual(["What you have learnt", null, true]);
  });
});

describe("a goal checks what it says", () => {
  test("a number is asked of the network as the step found it, whatever has been tried since", async () => {
    const lesson = lessonOf("two-layer");
    const bench = await benchOf(lesson, 0);
    await openStep(bench, lesson, 0);
    bench.training!.advance(50);
    await bench.store.seek(50);
    bench.store.edit(0, 9);
    bench.answer.value = "0.24";
    expect(isReached(lesson.steps[0]!.goal!, bench)).toBe(true);
    bench.store.stop();
  });

  test("what is to be reached by training is not reached by editing, and the other way round", async () => {
    const lesson = lessonOf("one-neuron");
    const of = (by: string): number => lesson.steps.findIndex(({ goal }) => goal?.kind === "reach" && goal.by === by);
    const bench = await benchOf(lesson, of("training"));
    await openStep(bench, lesson, of("training"));
    bench.store.edit(bench.store.index(2, 0, -1), -20);
    const [training, editing] = [lesson.steps[of("training")]!.goal!, lesson.steps[of("editing")]!.goal!];
    expect([isReached(training, bench), isReached(editing, bench)]).toEqual([false, true]);
    bench.training!.advance(300);
    await bench.store.seek(300);
    expect([isReached(training, bench), isReached(editing, bench)]).toEqual([true, false]);
    bench.store.stop();
  });

  test("where weights and biases are to be checked, weights alone do not do", async () => {
    const lesson = lessonOf("wrong-equation");
    const step = lesson.steps.findIndex(({ goal }) => goal?.kind === "check" && goal.both);
    const bench = await benchOf(lesson, step);
    bench.checked.value = ["4.0.0", "3.0.0", "2.0.0", "4.0.b", "3.0.b"];
    expect(isReached(lesson.steps[step]!.goal!, bench)).toBe(false);
    bench.checked.value = [...bench.checked.value, "2.1.b"];
    expect(isReached(lesson.steps[step]!.goal!, bench)).toBe(true);
    bench.store.stop();
  });
});

test("what the lesson on deep networks says of its two networks is so", async () => {
  const lesson = lessonOf("deep-network");
  const [sigmoid, relu] = [lesson.lab, ...lesson.steps.flatMap(({ lab }) => lab ?? [])].map((lab) => new PageTraining(runOf(lab, "")!));
  const { gradient } = (await sigmoid!.curves()).measures;
  expect(gradient["2"]![0]!).toBeLessThan(gradient["5"]![0]! / 1000);
  sigmoid!.advance(300);
  expect(sigmoid!.costAt(300)).toBeCloseTo(Math.LN2, 2);
  relu!.advance(150);
  expect(relu!.costAt(150)).toBeLessThan(0.05);
});

test("the sources' numbers stand in the texts as they come out: the eight changes, the lecture's activations, the slowdown", async () => {
  const words = (id: string): string => JSON.stringify(lessonOf(id).steps.map(({ text }) => text));
  const passAt = async (id: string, steps = 0) => {
    const bench = await benchOf(lessonOf(id), 0);
    bench.training!.advance(steps);
    await bench.store.seek(steps);
    const pass = bench.store.pass.value!;
    bench.store.stop();
    return pass;
  };
  const { nablaW } = await passAt("two-layer");
  const changes = [...nablaW[3]!, ...[0, 1, 2].flatMap((k) => [nablaW[2]![k]!, nablaW[2]![3 + k]!])].map((g) => -0.5 * g);
  const block = lessonOf("two-layer").steps.flatMap(({ text }) => text).find((it) => it.kind === "fence" && it.name === "text") as { text: string };
  const printed = block.text.match(/-?\d\.\d+(e-\d+)?/g)!;
  expect(printed.map(Number)).toHaveLength(8);
  expect(printed.every((text, i) => Math.abs(Number(text) - changes[i]!) <= (text.includes("e") ? 5e-9 * Math.abs(changes[i]!) * 10 : 5e-9))).toBe(true);

  const lecture = await passAt("four-equations");
  expect([2, 3, 4].flatMap((l) => Array.from(lecture.a[l]!, (a) => a.toFixed(8)))).toEqual(
    ["0.98201379", "0.11920292", "0.86351831", "0.11073744", "0.61770478", "0.82912398"],
  );
  for (const l of [2, 3, 4]) for (const a of lecture.a[l]!) expect(words("four-equations")).toContain(a.toFixed(2));

  const slow = async (id: string, steps: number): Promise<string> => (await passAt(id, steps)).a[2]![0]!.toFixed(2);
  expect([await slow("one-neuron", 0), await slow("one-neuron", 150), await slow("one-neuron", 300)]).toEqual(["0.82", "0.15", "0.09"]);
  expect([await slow("learning-slowdown", 0), await slow("learning-slowdown", 150), await slow("learning-slowdown", 300)]).toEqual(["0.98", "0.93", "0.20"]);
  for (const x of ["0.82", "0.15", "0.09", "0.98", "0.20"]) expect(words("learning-slowdown")).toContain(x);
});

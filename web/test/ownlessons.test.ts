/** A teacher's lesson: a closed schema, errors that name the line and the field, rules that can be lifted, and the answers. */

import { describe, expect, test } from "vitest";
import { EXAMPLE } from "../src/lessons/all";
import { openBench } from "../src/lessons/bench";
import { parseLesson } from "../src/lessons/lesson";
import { AnswerLog, csvOf, jsonOf } from "../src/lessons/log";
import { HIDES, LOCKS, rulesText, type Lock } from "../src/lessons/rules";
import { School } from "../src/lessons/school";

const NET = '"network": {"sizes": [1, 1], "activations": ["tanh"], "cost": "quadratic", "biases": true}, "x": [[1]], "y": [[0]]';
const LAB = `{"panels": ["stage", "inspector"], ${NET}}`;
/** A lesson of one step; its goal begins on line 14. */
const text = (goal: string, { lab = LAB, more = "" } = {}): string =>
  `# T\n\nAbout.\n\n\`\`\`lesson\n{"id": "mine", "minutes": 5,\n "lab": ${lab}${more}}\n\`\`\`\n\n## S\n\nText.\n\n\`\`\`goal\n${goal}\n\`\`\`\n`;
const NUMBER = '{"kind": "number", "ask": "z?", "value": "z.2.1"}';

const shelf = (values: Record<string, string> = {}) => ({
  values, getItem: (key: string) => values[key] ?? null, setItem: (key: string, value: string) => { values[key] = value; },
});

describe("a lesson that is written wrongly is refused with its line and field", () => {
  test.each([
    ["no title", "text", /^Line 1: a lesson begins with its title/],
    ["no steps", text(NUMBER).slice(0, text(NUMBER).indexOf("## S")), /a lesson has steps/],
    ["no JSON", text('{"kind": "number",\n "ask" "z?"}'), /^Line 16, step “S”, ```goal: this is not JSON/],
    ["an unknown goal", text('{"kind": "dance"}'), /^Line 15, .*"kind" must be one of number, choice/],
    ["a missing field", text('{"kind": "set", "l": 2, "j": 1, "to": 3}'), /"k" is missing/],
    ["a field too many, nearly right", text('{"kind": "number",\n "ask": "z?",\n "vlaue": 3}'), /^Line 17, .*"vlaue" is not known here \(did you mean value\?\)/],
    ["a wrong kind of value", text('{"kind": "number", "ask": 3, "value": 1}'), /"ask" must be a text, not 3/],
    ["an unknown panel", text(NUMBER, { lab: LAB.replace("stage", "television") }), /^Line 7, .*"lab.panels" has an entry 1 that must be one of stage/],
    ["an unknown activation", text(NUMBER, { lab: LAB.replace("tanh", "tanhh") }), /"lab.network.activations" has an entry 1 that must be one of/],
    ["parameters", text(NUMBER, { lab: LAB.replace('"x"', '"parameters": [1], "x"') }), /"lab.parameters" has 1 entries; the network 1-1 has 2/],
    ["examples of another width", text(NUMBER, { lab: LAB.replace("[[1]]", "[[1, 2]]") }), /"lab.x" has rows of 1 numbers/],
    ["a network that is too large", text(NUMBER, { lab: LAB.replace("[1, 1]", "[1, 64, 64, 1]").replace('["tanh"]', '["tanh", "tanh", "tanh"]') }), /make 4353 parameters; there may be 2000/],
    ["a neuron that is not there", text(NUMBER.replace("z.2.1", "z.2.2")), /layer 2 has the neurons 1 to 1/],
    ["no such quantity", text(NUMBER.replace("z.2.1", "zz.2.1")), /there is no quantity "zz.2.1"; there are z, a,/],
    ["no such option", text('{"kind": "choice", "ask": "?", "answer": 3, "options": [{"text": "a", "why": "b"}, {"text": "c", "why": "d"}]}'), /"answer" is the number of an option, 1 to 2/],
    ["a goal without its panel", text('{"kind": "check", "layers": [2]}'), /"check" needs the panel check/],
    ["a goal that is locked", text('{"kind": "set", "l": 2, "j": 1, "k": "bias", "to": 3}', { more: ', "lock": ["edit"]' }), /the lesson locks "edit"/],
    ["no Run to train by", text('{"kind": "reach", "value": "cost", "below": 1, "by": "training"}', { more: ', "lock": ["run", "step"]' }), /there is no Run in this lab/],
    ["an unknown rule", text(NUMBER, { more: ', "hide": ["everything"]' }), /"hide" has an entry 1 that must be one of tabs/],
    ["an unknown block", text(NUMBER).replace("```goal", "```script"), /^Line 1[45]: there is no block ```script/],
    ["an open block", text(NUMBER).replace(/\n```\n$/, "\n"), /^Line 14: a block begins with ```, and does not end/],
    ["an unknown equation", text(NUMBER).replace("Text.", "```equation E=mc2\n```"), /there is no equation "E=mc2"/],
    ["two goals", `${text(NUMBER)}\n\`\`\`goal\n${NUMBER}\n\`\`\`\n`, /^Line 19, .*there is a second block/],
    ["a wrong BP2 that could not be seen", text(NUMBER, { lab: LAB.replace("[1, 1]", "[1, 2, 1]").replace('["tanh"]', '["tanh", "tanh"]').replace('"x"', '"wrong": "BP2", "x"') }), /as many neurons in each layer/],
  ])("%s", (_, lesson, words) => {
    expect(() => parseLesson(lesson)).toThrow(words);
  });

  test("and one that is written rightly is not", () => {
    expect(parseLesson(text(NUMBER)).steps[0]!.goal).toMatchObject({ kind: "number", value: "z.2.1" });
    expect(parseLesson(`\ufeff${text(NUMBER).replace(/\n/g, "\r\n")}`).id).toBe("mine");
    expect(parseLesson(EXAMPLE).id).toBe("my-lesson");
  });
});

describe("lessons of one's own", () => {
  test("are added, replaced, kept on the shelf and removed", () => {
    const place = shelf();
    const school = new School(place);
    const given = school.lessons.value.length;
    school.add(text(NUMBER));
    school.add(text(NUMBER).replace("# T", "# U"));
    expect(school.lessons.value.slice(given).map(({ title }) => title)).toEqual(["U"]);
    expect(new School(place).isOwn("mine")).toBe(true);
    school.remove("mine");
    expect([school.lessons.value.length, new School(place).isOwn("mine")]).toEqual([given, false]);
  });

  test("do not take the place of the lab's, unless they are handed out, and then they are not kept", () => {
    const place = shelf();
    const school = new School(place);
    const other = text(NUMBER).replace('"mine"', '"one-neuron"');
    expect(() => school.add(other)).toThrow(/choose another/);
    school.hand(other);
    expect(school.lessons.value.filter(({ id }) => id === "one-neuron").map(({ title }) => title)).toEqual(["T"]);
    school.add(text(NUMBER));
    expect(new School(place).lessons.value.find(({ id }) => id === "one-neuron")!.title).toBe("One neuron learns");
  });

  test("a shelf that holds nonsense is an empty one", () => {
    const school = new School(shelf({ "chainrule-own-lessons": '["# not a lesson", 3]', "chainrule-lessons": "{" }));
    expect(school.lessons.value.every(({ id }) => !school.isOwn(id))).toBe(true);
  });
});

describe("rules", () => {
  test("are said in words, all of them", () => {
    const all = rulesText({ hide: Object.keys(HIDES) as (keyof typeof HIDES)[], lock: Object.keys(LOCKS) as Lock[] });
    for (const words of [...Object.values(HIDES), ...Object.values(LOCKS)]) expect(all).toContain(words);
    expect(rulesText({ hide: [], lock: [] })).toBe("");
  });

  test("what is locked is not done, whoever asks, and is done once the rules are lifted", async () => {
    let locks: Lock[] = ["run", "step", "edit"];
    const bench = await openBench(parseLesson(text(NUMBER)).lab, "", (draw) => draw(), () => locks);
    const { store } = bench;
    await store.stepOnce();
    store.edit(0, 5);
    expect([store.last.value, store.whatIf.value, store.problem.value]).toEqual([0, null, "This lesson has locked what-if edits."]);
    locks = [];
    await store.stepOnce();
    store.edit(0, 5);
    expect([store.last.value, store.whatIf.value?.[0]]).toEqual([1, 5]);
    store.stop();
  });
});

describe("the answers", () => {
  const entry = { lesson: "mine", step: 1, title: "S", goal: 'What is "z", now?', answer: "=1+1", right: "no" } as const;

  test("are kept in order with their time", () => {
    const log = new AnswerLog();
    log.add(entry, new Date(0));
    expect(log.has("mine", 1)).toBe(false);
    log.add({ ...entry, answer: "−2", right: "yes" }, new Date(1000));
    expect(log.has("mine", 1)).toBe(true);
    expect(log.entries.value.map(({ time, answer }) => [time, answer])).toEqual([["1970-01-01T00:00:00.000Z", "=1+1"], ["1970-01-01T00:00:01.000Z", "−2"]]);
  });

  test("as a table: quoted, and no formula of a spreadsheet", () => {
    const log = new AnswerLog();
    log.add(entry, new Date(0));
    log.add({ ...entry, answer: "-0.46", right: "yes" }, new Date(0));
    expect(csvOf(log.entries.value).split("\r\n")).toEqual([
      "time,lesson,step,title,goal,answer,right", '1970-01-01T00:00:00.000Z,mine,1,S,"What is ""z"", now?",\'=1+1,no',
      '1970-01-01T00:00:00.000Z,mine,1,S,"What is ""z"", now?",-0.46,yes', "",
    ]);
    expect(JSON.parse(jsonOf(log.entries.value)).answers[1].answer).toBe("-0.46");
  });
});

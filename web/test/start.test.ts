/** The start screen: what it asks the server for, and which files of a drop are meant. */

import { describe, expect, test } from "vitest";
import { chosen, dropped } from "../src/start/files";
import { linkOf, planOf } from "../src/start/link";
import { CARDS, planFor, problemOf, settingsOf } from "../src/start/plans";

const files = (...names: string[]): File[] => names.map((name) => new File(["x"], name));
const names = (all: readonly File[]): string[] => all.map(({ name }) => name);

/** A folder as a browser gives it: so many entries at a time. */
const folder = (inside: File[]): FileSystemEntry => {
  const entries = inside.map((file) => ({ isFile: true, isDirectory: false, file: (done: (it: File) => void) => done(file) }));
  const parts = [entries.slice(0, 2), entries.slice(2), []];
  return { isFile: false, isDirectory: true, createReader: () => ({ readEntries: (done: (it: unknown) => void) => done(parts.shift()) }) } as unknown as FileSystemEntry;
};
const transfer = (...entries: (FileSystemEntry | null)[]): DataTransfer =>
  ({ items: entries.map((entry) => ({ webkitGetAsEntry: () => entry })), files: files("plain.csv") }) as unknown as DataTransfer;

describe("what was dropped", () => {
  const IDX = ["t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte.gz", "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte"];

  test("of a folder, all of its files; without one, the files themselves", async () => {
    expect(names(await dropped(transfer(folder(files("a", "b", "c")))))).toEqual(["a", "b", "c"]);
    expect(names(await dropped(transfer(null)))).toEqual(["plain.csv"]);
    expect(await dropped(null)).toEqual([]);
  });

  test("of many files those of IDX, each once", () => {
    expect(names(chosen(files("README.md", ...IDX, "train-labels-idx1-ubyte.gz")))).toEqual(IDX);
    expect(names(chosen(files("a.csv", "b.csv")))).toEqual(["a.csv", "b.csv"]);
  });
});

describe("a plan", () => {
  test("of every card is sound", () => {
    expect(CARDS.map(({ plan }) => problemOf(plan))).toEqual(CARDS.map(() => null));
  });

  test("of a table learns its last column, and says where there is no header", () => {
    const upload = { upload: "7", name: "t.csv", kind: "table", columns: [{ name: "c1", examples: [] }, { name: "c2", examples: [] }] } as const;
    expect(settingsOf(planFor({ ...upload, header: false }))).toMatchObject({ data: { upload: "7", target: "c2", header: false } });
    expect(settingsOf(planFor({ ...upload, header: true }))["data"]).toEqual({ upload: "7", target: "c2" });
  });

  test("that cannot be is refused in words", () => {
    const { plan } = CARDS[0]!;
    expect(problemOf({ ...plan, rate: 0 })).toMatch(/learning rate/);
    expect(problemOf({ ...plan, hidden: [{ neurons: 0, activation: "tanh" }] })).toMatch(/1 to 512 neurons/);
  });
});

describe("a link", () => {
  const options = { data: CARDS.map(({ source }) => source), activations: ["tanh", "relu", "softmax"], costs: ["quadratic"], optimizers: ["sgd", "adam", "lbfgs"], initial: ["glorot"] };
  const [circle, moons] = [CARDS[0]!.plan, CARDS[1]!.plan];

  test("of a card names its data alone, and of a plan what differs", () => {
    expect(CARDS.map(({ plan }) => linkOf(plan))).toEqual(CARDS.map(({ source }) => `#data=${source}`));
    expect(linkOf({ ...moons, rate: 0.2, seed: 7, hidden: [{ neurons: 3, activation: "relu" }] })).toBe("#data=moons&layers=3relu&rate=0.2&seed=7");
    expect(linkOf({ ...circle, optimizer: "adam", rate: 0.005 })).toBe("#data=circle&optimizer=adam");
    expect(linkOf({ ...circle, upload: "7" })).toBe("");
  });

  test.each([
    circle, moons, CARDS.at(-1)!.plan, { ...circle, optimizer: "adam", rate: circle.rate }, { ...circle, optimizer: "adam", rate: 0.005 },
    { ...circle, hidden: [], cost: "quadratic", initial: "glorot", seed: 0, noise: 0, points: 20, epochs: 1, batch: 3, rate: 1e-5 },
  ])("brings the plan back (%#)", (plan) => expect(planOf(linkOf(plan), options)).toEqual({ plan, odd: [] }));

  test("that is of no plan is none", () => expect([planOf("", options), planOf("#lessons", options)]).toEqual([null, null]));

  test.each([
    ["rate=abc", "learning rate"], ["rate=-1", "learning rate"], ["rate=1e400", "learning rate"], ["layers=3softmax", "hidden layers"],
    ["layers=99999tanh", "hidden layers"], ["layers=,,", "hidden layers"], ["batch=0", "mini-batch"], ["seed=1.5", "seed"],
    ["optimizer=lbfgs", "optimizer"], ["cost=__proto__", "cost"], ["toString=1", "toString"], ["epochs=", "epochs"], ["noise=NaN", "noise"],
  ])("with %s is as usual there, and says so", (text, word) => {
    const found = planOf(`#data=circle&${text}`, options)!;
    expect([found.plan, found.odd.length]).toEqual([circle, 1]);
    expect(found.odd[0]).toContain(word);
  });

  test("to data that is not there opens nothing, and says so", () => {
    expect(planOf("#data=no%20such", options)).toEqual({ plan: null, odd: ["there is no data called “no such” here"] });
    expect(planOf("#data=mnist&noise=1", options)!.odd.length).toBe(1);
  });
});

/** The start screen: what it asks the server for, and which files of a drop are meant. */

import { describe, expect, test } from "vitest";
import { chosen, dropped } from "../src/start/files";
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

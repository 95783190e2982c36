/** Fields that somebody types into or drags while the page around them is drawn anew. */

import { signal } from "@preact/signals";
import { h, type JSX } from "preact";
import { describe, expect, it, vi } from "vitest";
import { CARDS, problemOf, settingsOf } from "../src/start/plans";
import type { Options, Server, Upload } from "../src/start/server";
import { Drop } from "../src/ui/drop";
import { FINITE, NumberField } from "../src/ui/numberfield";
import { PlanForm } from "../src/ui/planform";
import { RateSlider } from "../src/ui/topbar";
import { page } from "./dom";

const draw = page();

describe("a number that is put as soon as it is one", () => {
  const [value, until, put] = [signal("1"), signal<object | null>(null), vi.fn()];
  const Field = (): JSX.Element => <NumberField label="x" wanted={FINITE} value={value.value} until={until.value} onPut={put} />;

  it("keeps what was typed before the page was first painted, and what is typed while it is drawn anew", async () => {
    const place = await draw(Field, {});
    await place.field("x").types("2");
    value.value = "1.5";
    await vi.advanceTimersByTimeAsync(100);
    expect(place.field("x").value).toBe("2");
  });

  it("drops it as soon as the number is set from elsewhere, for good", async () => {
    const place = await draw(Field, {});
    const field = place.field("x");
    await field.types("abc");
    await field.does("change");
    expect([field.value, field.attributes["aria-invalid"], put.mock.calls]).toEqual(["abc", "true", []]);
    const before = until.value;
    until.value = {};
    await vi.advanceTimersByTimeAsync(0); // not after the paint: what is typed then stays
    await field.types("7");
    await vi.advanceTimersByTimeAsync(100);
    expect([field.value, field.attributes["aria-invalid"]]).toEqual(["7", undefined]);
    until.value = before;
    await vi.advanceTimersByTimeAsync(0);
    expect(field.value).toBe("1.5");
  });
});

describe("the slider of the learning rate", () => {
  it("stays where it is dragged to while a schedule changes the rate, and until what it says is set", async () => {
    const eta = signal(0.1);
    let set = (): void => {};
    const put = vi.fn(async () => new Promise<void>((resolve) => { set = resolve; }));
    const place = await draw(() => <RateSlider eta={eta.value} put={put} />, {});
    const slider = place.field("Learning rate, a power of ten");
    expect(Number(slider.value)).toBe(-1);
    slider.value = "-2";
    await slider.does("input");
    eta.value = 0.09;
    await vi.advanceTimersByTimeAsync(0);
    expect(Number(slider.value)).toBe(-2);
    await slider.does("change");
    eta.value = 0.08;
    await vi.advanceTimersByTimeAsync(0);
    expect([Number(slider.value), put.mock.calls]).toEqual([-2, [[0.01]]]);
    set();
    eta.value = 0.01;
    await vi.advanceTimersByTimeAsync(0);
    expect(Number(slider.value)).toBe(-2);
    eta.value = 1;
    await vi.advanceTimersByTimeAsync(0);
    expect(Number(slider.value)).toBe(0);
  });

  it("goes back when it is let go without a change", async () => {
    const place = await draw(RateSlider, { eta: 0.1, put: async () => {} });
    const slider = place.field("Learning rate, a power of ten");
    slider.value = "-2";
    await slider.does("input");
    await slider.does("blur");
    expect(Number(slider.value)).toBe(-1);
  });
});

describe("the form of a new run", () => {
  const options: Options = { data: ["circle"], activations: ["tanh"], costs: [], optimizers: ["sgd", "adam"], initial: [] };
  const form = async () => {
    const plan = signal(CARDS[0]!.plan);
    const nothing = (): void => {};
    return { plan, place: await draw(() => h(PlanForm, { plan, options, upload: null, isStarting: false, notice: null, onStart: nothing, onClose: nothing }), {}) };
  };

  it.each([["Epochs", "1e3", "epochs", 1000], ["Seed", "12", "seed", 12], ["Points", "500", "points", 500], ["Noise of the points", "0,5", "noise", 0.5]] as const)(
    "takes %s as it is typed: %s", async (label, text, name, value) => {
      const { plan, place } = await form();
      await place.field(label).types(text);
      expect([place.field(label).value, plan.value[name], problemOf(plan.value)]).toEqual([text, value, null]);
    },
  );

  it.each([["Epochs", "1e"], ["Seed", "12a"], ["Seed", "-1"], ["Noise of the points", "abc"], ["Neurons of layer 2", "8.5"], ["Learning rate", "0"]])(
    "keeps and marks what %s cannot be: %s", async (label, text) => {
      const { plan, place } = await form();
      await place.field(label).types(text);
      expect([place.field(label).value, place.field(label).attributes["aria-invalid"]]).toEqual([text, "true"]);
      expect(problemOf(plan.value)).not.toBeNull();
    },
  );

  it("leaves the seed to chance where none is typed", async () => {
    const { plan, place } = await form();
    await place.field("Seed").types("7");
    place.field("Seed").value = "";
    await place.field("Seed").does("input");
    expect([plan.value.seed, place.field("Seed").attributes["aria-invalid"], "seed" in settingsOf(plan.value)]).toEqual([null, undefined, false]);
  });
});

it("of two files that were dropped the second is taken, whichever has been read first", async () => {
  const open: Record<string, (it: Upload) => void> = {};
  const server = { send: (file: File) => new Promise<Upload>((resolve) => { open[file.name] = resolve; }) } as unknown as Server;
  const ready = vi.fn();
  const place = await draw(Drop, { server, onReady: ready, onProblem: () => {} });
  const drop = place.childNodes[0]!;
  for (const name of ["a.csv", "b.csv"]) await drop.does("drop", { dataTransfer: { items: [], files: [new File(["x"], name)] } });
  for (const name of ["b.csv", "a.csv"]) {
    open[name]!({ upload: name, name, kind: "table" });
    await vi.advanceTimersByTimeAsync(0);
  }
  expect(ready.mock.calls.map(([it]) => it.name)).toEqual(["b.csv"]);
  expect(drop.text).toContain("b.csv");
});

/** A link restores what was seen; a link of somebody else breaks nothing. */

import { beforeEach, describe, expect, it } from "vitest";
import { link, restore, selectionOf, selectionText } from "../src/hash";
import { createStore, type Store } from "../src/store";
import { fake } from "./fake";

let store: Store;
beforeEach(async () => {
  store = createStore(fake(), (draw) => draw());
  await store.start();
});

describe("the address", () => {
  it("is empty where all is as usual", () => expect(link(store)).toBe(""));

  it("restores what it was written from", async () => {
    store.mode.value = "history";
    store.encoding.value = "gradient";
    store.reverse.value = true;
    store.select({ kind: "weight", l: 2, j: 1, k: 0 });
    store.pin(1);
    store.extra.value = { lesson: "four equations" };
    await store.seek(8);
    const text = link(store);
    expect(text).toBe("#lesson=four+equations&mode=history&show=gradient&reverse=1&example=1&at=2.1.0&step=8");
    const other = createStore(fake(), (draw) => draw());
    await other.start();
    restore(other, text);
    await other.seek(other.step.value);
    expect(link(other)).toBe(text);
    expect(other.frame.value?.step).toBe(8);
  });

  it.each(["#mode=__proto__&step=NaN&at=9.9.9", "#step=-1&example=x&unit=", "#%%%", "#mode", "#=&&==", "#at=1.0.b"])(
    "%s changes nothing that matters", (text) => {
      restore(store, text);
      expect([store.mode.value, store.step.value, store.unit.value, store.example.value]).toEqual(["train", 20, "batch", 0]);
      expect(store.selection.value).toEqual({ kind: "none" });
    },
  );
});

it("names neurons, weights and biases", () => {
  const sizes = [2, 3, 1];
  for (const text of ["1.1", "2.2", "2.2.1", "3.0.b", "3.0.2"]) expect(selectionText(selectionOf(text, sizes))).toBe(text);
  for (const text of ["0.0", "4.0", "1.2", "1.0.0", "2.3.0", "2.0.2", "2", "a.b", ""]) expect(selectionOf(text, sizes).kind).toBe("none");
});

/** The page of a run, from its first moment to its last. */

import { expect, it, vi } from "vitest";
import { live } from "../src/index";
import { El, page } from "./dom";

page();

it("a run that the server is still asked about is waited for in words, and in the lab's colours", async () => {
  vi.stubGlobal("location", { href: "http://127.0.0.1:8000/?run=a", search: "?run=a" });
  vi.stubGlobal("fetch", () => new Promise(() => {}));
  const el = new El("div");
  const end = live(el as never);
  expect([el.attributes["class"], el.text]).toEqual(["crl", "Loading the run …"]);
  end();
  expect(el.text).toBe("");
});

/** One module for three hosts: a page of the lab's server, a file, a notebook. Nothing here is shared between two labs. */

import "uplot/dist/uPlot.min.css";
import "./lab.css";
import { h, render as draw } from "preact";
import { reason } from "./format";
import { bind, parse } from "./hash";
import { School } from "./lessons/school";
import type { Source } from "./source";
import { embeddedSource, handedOf, partsOf, type Handed } from "./sources/embedded";
import { opened } from "./sources/socket";
import { widgetSource, type Model } from "./sources/widget";
import { createStore, type Store } from "./store";
import { App, Waiting } from "./ui/app";
import { Start } from "./ui/start";

export interface Options {
  /** Whether the state stands in the page's address; not in a notebook, whose address is not ours. */
  readonly address?: boolean;
  /** The lesson to begin with. */
  readonly lesson?: Promise<Handed | null>;
}

/** Show a run in an element; the function that is given back takes it away again. */
export function mountLab(el: HTMLElement, source: Source, { address = false, lesson }: Options = {}): () => void {
  const store = createStore(source);
  const school = new School();
  el.classList.add("crl");
  draw(h(App, { store, school }), el);
  let unbind = (): void => {};
  let isGone = false;
  void store.start().then(async () => {
    if (address && !isGone) unbind = bind(store);
    await openLesson(store, school, await lesson);
  });
  return () => {
    isGone = true;
    unbind();
    store.stop();
    draw(null, el);
  };
}

/** The same, as soon as it is known where the run comes from. */
function mountLater(el: HTMLElement, coming: Promise<Source>): () => void {
  let end: (() => void) | null = () => draw(null, el);
  el.classList.add("crl");
  draw(h("main", { class: "crl-app" }, h(Waiting, { store: null })), el);
  void coming.then((source) => { end &&= mountLab(el, source, { address: true }); });
  return () => {
    end?.();
    end = null;
  };
}

/** Begin with the lesson that was handed out, unless the address says something else. */
async function openLesson(store: Store, school: School, handed: Handed | null | undefined): Promise<void> {
  if (!handed) return;
  try {
    if (handed.text) school.hand(handed.text);
  } catch (error) {
    store.problem.value = `The lesson in this file: ${reason(error)}`;
    return;
  }
  const said = parse(location.hash);
  if (said["mode"] || said["lesson"]) return;
  store.extra.value = { ...store.extra.peek(), lesson: handed.id };
  store.mode.value = "lessons";
}

/** A run of the server whose page this is (`run` in the element or the address), or the start screen. */
export function live(el: HTMLElement, base: string = ""): () => void {
  const run = el.dataset["run"] ?? new URLSearchParams(location.search).get("run");
  if (run) return mountLater(el, opened(run, base));
  el.classList.add("crl");
  draw(h(Start, { base }), el);
  return () => draw(null, el);
}

/** The run that stands in this page. */
export function embedded(el: HTMLElement): () => void {
  const parts = partsOf(el.parentElement);
  return mountLab(el, embeddedSource(parts), { address: true, lesson: handedOf(parts) });
}

/** What anywidget calls. */
function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  return mountLab(el, widgetSource(model));
}

if (typeof document !== "undefined") {
  for (const el of document.querySelectorAll<HTMLElement>("[data-crl-autoboot]:not([data-crl-booted])")) {
    el.dataset["crlBooted"] = ""; // once, however often this module is in the page
    if (el.dataset["crlAutoboot"] === "embedded") embedded(el);
    else live(el);
  }
}

export default { render };

/** One module for three hosts: a page of the lab's server, a file, a notebook. Nothing here is shared between two labs. */

import "uplot/dist/uPlot.min.css";
import "./lab.css";
import { h, render as draw } from "preact";
import { bind } from "./hash";
import type { Source } from "./source";
import { embeddedSource, partsOf } from "./sources/embedded";
import { socketSource } from "./sources/socket";
import { widgetSource, type Model } from "./sources/widget";
import { createStore } from "./store";
import { App } from "./ui/app";
import { Start } from "./ui/start";

export interface Options {
  /** Whether the state stands in the page's address; not in a notebook, whose address is not ours. */
  readonly address?: boolean;
}

/** Show a run in an element; the function that is given back takes it away again. */
export function mountLab(el: HTMLElement, source: Source, { address = false }: Options = {}): () => void {
  const store = createStore(source);
  el.classList.add("crl");
  draw(h(App, { store }), el);
  let unbind = (): void => {};
  let isGone = false;
  void store.start().then(() => { if (address && !isGone) unbind = bind(store); });
  return () => {
    isGone = true;
    unbind();
    store.stop();
    draw(null, el);
  };
}

/** A run of the server whose page this is (`run` in the element or the address), or the start screen. */
export function live(el: HTMLElement, base: string = ""): () => void {
  const run = el.dataset["run"] ?? new URLSearchParams(location.search).get("run");
  if (run) return mountLab(el, socketSource(run, base), { address: true });
  el.classList.add("crl");
  draw(h(Start, { base }), el);
  return () => draw(null, el);
}

/** The run that stands in this page. */
export function embedded(el: HTMLElement): () => void {
  return mountLab(el, embeddedSource(partsOf(el.parentElement)), { address: true });
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

/** As much of a document as Preact needs to draw into, for tests of fields: what is in it, and what a hand does. */

import { h, render, type ComponentType } from "preact";
import { afterEach, beforeEach, vi } from "vitest";

type Listener = (event: object) => void;

export class El {
  readonly childNodes: El[] = [];
  readonly attributes: Record<string, string> = {};
  readonly style: Record<string, string> = {};
  readonly nodeType: number;
  readonly namespaceURI = "http://www.w3.org/1999/xhtml";
  readonly classList = { add: (name: string): void => { this.attributes["class"] = name; } };
  readonly dataset: Record<string, string> = {};
  readonly #listeners = new Map<string, Listener>();
  parentNode: El | null = null;
  value = "";

  constructor(readonly localName: string, public data: string = "") {
    this.nodeType = localName === "#text" ? 3 : 1;
  }

  get nextSibling(): El | null { return this.parentNode?.childNodes[this.parentNode.childNodes.indexOf(this) + 1] ?? null; }
  get firstChild(): El | null { return this.childNodes[0] ?? null; }
  get valueAsNumber(): number { return Number(this.value); }
  get text(): string { return this.data + this.childNodes.map(({ text }) => text).join(""); }
  set textContent(text: string) { if (text === "") this.childNodes.length = 0; }

  insertBefore(child: El, before: El | null): void {
    child.remove();
    this.childNodes.splice(before ? this.childNodes.indexOf(before) : this.childNodes.length, 0, child);
    child.parentNode = this;
  }
  removeChild(child: El): void { child.remove(); }
  remove(): void {
    this.parentNode?.childNodes.splice(this.parentNode.childNodes.indexOf(this), 1);
    this.parentNode = null;
  }
  contains(other: El | null): boolean { return other === this || (other !== null && this.contains(other.parentNode)); }
  setAttribute(name: string, value: string): void { this.attributes[name] = String(value); }
  removeAttribute(name: string): void { delete this.attributes[name]; }
  addEventListener(type: string, listener: Listener): void { this.#listeners.set(type, listener); }
  removeEventListener(type: string): void { this.#listeners.delete(type); }
  querySelector(): null { return null; }
  scrollIntoView(): void {}

  /** All elements under this one that pass. */
  all(wanted: (el: El) => boolean): El[] {
    return [...(wanted(this) ? [this] : []), ...this.childNodes.flatMap((child) => child.all(wanted))];
  }
  /** The field of this label. */
  field(label: string): El { return this.all((el) => el.attributes["aria-label"] === label)[0]!; }

  /** Something happens to it, and the page is drawn anew. */
  async does(type: string, more: object = {}): Promise<void> {
    this.#listeners.get(type)?.call(this, { type, currentTarget: this, target: this, preventDefault: () => {}, ...more });
    await vi.advanceTimersByTimeAsync(0);
  }
  /** Somebody types, one character after the other. */
  async types(text: string): Promise<void> {
    this.value = "";
    for (const character of text) {
      this.value += character;
      await this.does("input");
    }
  }
}

/** A document for a whole file of tests, on a clock that stands still; the function draws a component and gives its place. */
export function page(): <P extends object>(what: ComponentType<P>, props: P) => Promise<El> {
  const places: El[] = [];
  beforeEach(() => {
    vi.useFakeTimers();
    const make = (name: string): El => new El(name);
    vi.stubGlobal("document", { createElementNS: (_: string, name: string) => make(name), createElement: make, createTextNode: (text: string) => new El("#text", text), querySelectorAll: () => [] });
  });
  afterEach(() => {
    for (const place of places.splice(0)) render(null, place as never);
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });
  return async (what, props) => {
    const place = new El("div");
    places.push(place);
    render(h(what as ComponentType<object>, props), place as never);
    await vi.advanceTimersByTimeAsync(0); // what is done after the first paint is still to come
    return place;
  };
}

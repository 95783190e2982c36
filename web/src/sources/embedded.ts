/** A run that stands in the page itself, as base64 of gzip in `<script data-crl=...>`: no request, from file:// too. */

import { checkedHello, type Confusion, type Curves, type Examples, type Findings, type Frame, type Hello, type MeasuresAt, type Other } from "../protocol";
import { decodeExamples, decodeFrame, split } from "../safetensors";
import { exampleAt } from "../rows";
import type { Others, Source, Study } from "../source";

/** What stands in base64, also where a notebook has wrapped its lines. */
function fromBase64(text: string): Uint8Array {
  const raw = atob(text.replace(/\s+/g, ""));
  const bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i); // ten times as fast as Uint8Array.from
  return bytes;
}

/** What gzip has packed. */
async function inflate(packed: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([packed as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

const json = async (text: string): Promise<unknown> => JSON.parse(new TextDecoder().decode(await inflate(fromBase64(text))));

/** The texts of the page's scripts, by their names, and the steps of the frames that they hold. */
export interface Parts {
  readonly text: (name: string) => string | null;
  readonly chunks: readonly { readonly name: string; readonly steps: readonly number[] }[];
}

/** The parts that stand in an element, or in the whole page where it has none. */
export function partsOf(around: Element | null): Parts {
  const scripts = (root: ParentNode): HTMLScriptElement[] => [...root.querySelectorAll<HTMLScriptElement>("script[data-crl]")];
  const near = around ? scripts(around) : [];
  const all = new Map((near.length ? near : scripts(document)).map((s) => [s.dataset["crl"]!, s]));
  const chunks: Parts["chunks"][number][] = [];
  for (let i = 0; all.has(`frames-${i}`); i++) {
    const steps = all.get(`frames-${i}`)!.dataset["steps"] ?? "";
    chunks.push({ name: `frames-${i}`, steps: steps.split(/\s+/).filter(Boolean).map(Number) });
  }
  return { text: (name) => all.get(name)?.textContent ?? null, chunks };
}

/** A lesson that a teacher hands out: its id, and the text of one of the teacher's own. */
export interface Handed { readonly id: string; readonly text?: string }

/** The lesson that a file begins with, if it was written with one. */
export async function handedOf(parts: Parts): Promise<Handed | null> {
  const text = parts.text("lesson");
  return text === null ? null : ((await json(text)) as Handed);
}

type Optional = <T>(name: string) => Promise<T | null>;

/** What the engine said of the last step, when the file was written. */
function studyOf(optional: Optional, parts: Parts, only: number): Study {
  return {
    only,
    findings: () => optional<Findings>("findings"),
    measures: () => optional<MeasuresAt>("measures"),
    confusion: () => optional<Confusion>("confusion"),
    example: async (place) => exampleAt(decodeExamples(await inflate(fromBase64(parts.text("held-out")!))), place),
  };
}

/** The other run that the file was written with. */
function othersOf(optional: Optional): Others {
  const get = async (): Promise<Other> => {
    const other = (await optional<Other>("other"))!;
    return { ...other, hello: checkedHello(other.hello) };
  };
  return { isShown: true, list: async () => [(await get()).id], get };
}

/** A run of these parts. */
export function embeddedSource(parts: Parts): Source {
  const open = new Map<string, Promise<Uint8Array[]>>(); // chunks are inflated once
  const needed = (name: string): string => {
    const text = parts.text(name);
    if (text === null) throw new Error(`This file is not complete: its ${name} is missing. Write it again: chainrule report RUN`);
    return text;
  };
  const chunk = (name: string): Promise<Uint8Array[]> => {
    if (!open.has(name)) open.set(name, inflate(fromBase64(needed(name))).then(split));
    return open.get(name)!;
  };
  const optional = async <T>(name: string): Promise<T | null> => {
    const text = parts.text(name);
    return text === null ? null : ((await json(text)) as T);
  };
  return {
    ...(parts.text("findings") === null ? {} : { study: studyOf(optional, parts, parts.chunks.at(-1)?.steps.at(-1) ?? 0) }),
    ...(parts.text("other") === null ? {} : { others: othersOf(optional) }),
    ...(parts.text("cell") === null ? {} : { cell: async () => (await optional<{ text: string }>("cell"))!.text }),
    hello: async (): Promise<Hello> => checkedHello(await json(needed("hello"))),
    curves: async (): Promise<Curves> => (await json(needed("curves"))) as Curves,
    examples: async (): Promise<Examples | null> => {
      const text = parts.text("examples");
      return text === null ? null : decodeExamples(await inflate(fromBase64(text)));
    },
    frame: async (step): Promise<Frame> => {
      const place = lastBefore(parts.chunks, step);
      return decodeFrame((await chunk(place.name))[place.index]!);
    },
    stop: () => open.clear(),
  };
}

/** Where the last frame stands that is not after a step; the first one if all are. */
export function lastBefore(chunks: Parts["chunks"], step: number): { name: string; index: number } {
  let found: { name: string; index: number } | null = null;
  for (const { name, steps } of chunks) {
    steps.forEach((at, index) => {
      if (at <= step || !found) found = { name, index };
    });
  }
  if (!found) throw new Error("This file holds no frames.");
  return found;
}

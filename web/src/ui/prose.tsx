/** The text of a lesson; only ever as text, never as HTML. */

import type { JSX } from "preact";
import { EQUATIONS, EquationView } from "../formula";
import type { Network } from "../network";
import type { Block, Span } from "../lessons/markdown";
import { Scroll } from "./scroll";

const TAGS: Readonly<Record<Span["kind"], "span" | "b" | "em" | "code">> = { text: "span", bold: "b", stress: "em", code: "code" };

export function Spans({ spans }: { spans: readonly Span[] }): JSX.Element {
  return <>{spans.map(({ kind, text }, i) => {
    const Tag = TAGS[kind];
    return <Tag key={i}>{text}</Tag>;
  })}</>;
}

/** "BP2 3 1 2" as an equation: its name, the layer, the neuron, the neuron before; all counted from 1. */
function Equation({ text, network }: { text: string; network: Network | null }): JSX.Element | null {
  const [name = "", ...rest] = text.split(/\s+/);
  const [l = 2, j = 1, k = 1] = rest.map(Number);
  if (!network || !Object.hasOwn(EQUATIONS, name)) return null;
  return <Scroll label={name} class="crl-lesson-equation"><EquationView name={name} at={{ L: network.L, l, j: j - 1, k: k - 1 }} /></Scroll>;
}

export function Prose({ blocks, network }: { blocks: readonly Block[]; network: Network | null }): JSX.Element {
  return (
    <>
      {blocks.map((block, i) => {
        if (block.kind === "paragraph") return <p key={i}><Spans spans={block.spans} /></p>;
        if (block.kind === "list") return <ul key={i}>{block.items.map((item, n) => <li key={n}><Spans spans={item} /></li>)}</ul>;
        return block.name === "equation" ? <Equation key={i} text={block.text} network={network} /> : <pre key={i}>{block.text}</pre>;
      })}
    </>
  );
}

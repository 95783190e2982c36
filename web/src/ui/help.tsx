/** The keys, and a switch that turns them off; and what the words of the lab mean. */

import type { Signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { keysOf } from "./keys";

const KEYS: readonly (readonly [string, string])[] = [
  ["Space", "run or pause"], [".", "one step"], ["W", "next way to show the edges"], ["R", "the reverse network, and back"],
  ["T", "the numbers of a layer as a table"], ["[  ]", "step mode: phase before, next phase"],
  ["← → ↑ ↓", "in the network: another neuron; on the timeline: another step"], ["Shift", "on the timeline: ten at a time"],
  ["Home  End", "on the timeline: the first and the last step"],
  ["?", "this list"], ["Esc", "closes this list, or the inspector"],
];

const WORDS: readonly (readonly [string, string])[] = [
  ["step", "one update of all weights and biases"],
  ["mini-batch", "the examples whose mean gradient makes a step"],
  ["epoch", "as many steps as it takes to use each training example once"],
  ["held-out", "examples that are never trained on: they show what was really learnt"],
  ["cost C", "how wrong the network is; training makes it smaller"],
  ["z, a", "what a neuron adds up, and its activation a = σ(z)"],
  ["error δ", "how the cost changes with z of a neuron, ∂C/∂z"],
  ["gradient", "how the cost changes with each weight and bias, ∂C/∂w and ∂C/∂b"],
  ["learning rate η", "how far a step goes against the gradient"],
];

export function Help({ keys }: { keys: Signal<boolean> }): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const id = useId();
  useEffect(() => keysOf(box.current!, { "?": () => { box.current!.togglePopover(); } }), []);
  return (
    <span class="crl-help">
      <button type="button" class="crl-help-open" popovertarget={id} aria-label="Keys and words" title="Keys and words (?)">?</button>
      <div class="crl-help-box" ref={box} id={id} popover="auto" tabIndex={-1} role="dialog" aria-label="Keys and words"
        onToggle={(event) => { if (event.newState === "open") event.currentTarget.focus(); }}>
        <h2>Keys</h2>
        <dl>{KEYS.map(([key, what]) => <div key={key}><dt><kbd>{key}</kbd></dt><dd>{what}</dd></div>)}</dl>
        <label><input type="checkbox" checked={keys.value} onChange={(event) => { keys.value = event.currentTarget.checked; }} /> Keys of a single letter or sign are on</label>
        <h2>Words</h2>
        <dl>{WORDS.map(([word, what]) => <div key={word}><dt>{word}</dt><dd>{what}</dd></div>)}</dl>
        <p class="crl-faint">Layers, neurons, inputs and examples are counted from 1. Layer 1 is the input; w with the indices 2 1 leads to neuron 2 from neuron 1.</p>
      </div>
    </span>
  );
}

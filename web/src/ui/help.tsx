/** The keys, and a switch that turns them off. */

import type { Signal } from "@preact/signals";
import type { JSX } from "preact";

const KEYS: readonly (readonly [string, string])[] = [
  ["Space", "run or pause"], [".", "one step"], ["W", "next way to show the edges"], ["R", "the reverse network, and back"],
  ["T", "the numbers of a layer as a table"], ["[  ]", "step mode: phase before, next phase"],
  ["← → ↑ ↓", "in the network: another neuron; on the timeline: another step"], ["Shift", "on the timeline: ten at a time"],
  ["Home  End", "on the timeline: the first and the last step"],
];

export function Help({ keys }: { keys: Signal<boolean> }): JSX.Element {
  return (
    <details class="crl-help">
      <summary aria-label="Keys and help" title="Keys">?</summary>
      <div class="crl-help-box">
        <h2>Keys</h2>
        <dl>{KEYS.map(([key, what]) => <div><dt><kbd>{key}</kbd></dt><dd>{what}</dd></div>)}</dl>
        <label><input type="checkbox" checked={keys.value} onChange={(event) => { keys.value = event.currentTarget.checked; }} /> Single keys do something</label>
        <p class="crl-faint">Layers and neurons are counted from 1; layer 1 is the input.</p>
      </div>
    </details>
  );
}

/** A program for the gradient beside the truth by two forward passes: for the lesson that finds the wrong equation. */

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { EquationView } from "../formula";
import { number, signed } from "../format";
import type { Bench } from "../lessons/bench";
import { compare } from "../lessons/suspects";
import type { Network } from "../network";
import type { Store } from "../store";
import { Scroll } from "./scroll";

type Place = readonly [l: number, j: number, k: number];

const parse = (at: string): Place => at.split(".").map((part) => (part === "b" ? -1 : Number(part))) as unknown as Place;
/** In a list of one layer: "weight from neuron 1 to neuron 2", "bias of neuron 2". */
const nameOf = ([, j, k]: Place): string => (k < 0 ? `bias of neuron ${j + 1}` : `weight from neuron ${k + 1} to neuron ${j + 1}`);
const textOf = ([l, j, k]: Place): string => `${l}.${j}.${k < 0 ? "b" : k}`;

/** All parameters of a layer: its weights, then its biases. */
function ofLayer(net: Network, l: number): Place[] {
  const [n, m] = [net.sizes[l - 1]!, net.sizes[l - 2]!];
  const weights = Array.from({ length: n * m }, (_, i): Place => [l, Math.floor(i / m), i % m]);
  return [...weights, ...(net.biases ? Array.from({ length: n }, (_, j): Place => [l, j, -1]) : [])];
}

export function CheckPanel({ bench, wrong }: { bench: Bench; wrong: string }): JSX.Element {
  const { store, checked } = bench;
  const net = store.network.value;
  if (!net) return <section class="crl-panel">There is no network to check.</section>;
  const add = (places: readonly Place[]): void => {
    const known = new Set(checked.peek());
    checked.value = [...checked.peek(), ...places.map(textOf).filter((at) => !known.has(at))];
  };
  return (
    <section class="crl-panel crl-check-panel" aria-label="Check of the gradient">
      <header class="crl-head"><h2>Check the gradient</h2></header>
      <Suspects net={net} />
      <Chooser store={store} net={net} onCheck={add} />
      <Results bench={bench} wrong={wrong} />
    </section>
  );
}

function Suspects({ net }: { net: Network }): JSX.Element {
  const at = { L: net.L, l: Math.max(2, net.L - 1), j: 0, k: 0 };
  return (
    <div class="crl-suspects">
      {(["BP1", "BP2", "BP3", "BP4"] as const).map((name) => <Scroll label={name} key={name}><EquationView name={name} at={at} /></Scroll>)}
    </div>
  );
}

function Chooser({ store, net, onCheck }: { store: Store; net: Network; onCheck: (places: readonly Place[]) => void }): JSX.Element {
  const s = store.selection.value;
  const l = s.kind !== "none" && s.l >= 2 ? s.l : net.L;
  const all = ofLayer(net, l);
  const chosen = s.kind === "weight" ? textOf([s.l, s.j, s.k]) : s.kind === "neuron" && s.l >= 2 ? textOf([s.l, s.j, net.biases ? -1 : 0]) : textOf(all[0]!);
  const select = ([to, j, k]: Place): void => store.select({ kind: "weight", l: to, j, k });
  const layers = Array.from({ length: net.L - 1 }, (_, i) => net.L - i);
  return (
    <div class="crl-row">
      <label class="crl-field">Layer <select value={String(l)} onChange={(e) => select([Number(e.currentTarget.value), 0, 0])}>
        {layers.map((n) => <option key={n} value={String(n)}>{n}{n === net.L ? " (output)" : ""}</option>)}
      </select></label>
      <label class="crl-field">Parameter <select value={chosen} onChange={(e) => select(parse(e.currentTarget.value))}>
        {all.map((place) => <option key={textOf(place)} value={textOf(place)}>{nameOf(place)}</option>)}
      </select></label>
      <button type="button" class="crl-run" onClick={() => onCheck([parse(chosen)])}>Check</button>
      <button type="button" onClick={() => onCheck(all)}>Check all of layer {l}</button>
    </div>
  );
}

/** Scroll a table to the first of the rows that have just come; a layer's rows stand together, above others or below. */
function useNewest(all: readonly string[]): { readonly current: HTMLDivElement | null } {
  const box = useRef<HTMLDivElement>(null);
  const before = useRef<readonly string[]>([]);
  useEffect(() => {
    const rows = [...(box.current?.querySelectorAll<HTMLElement>("[data-at]") ?? [])];
    const first = rows.find((row) => !before.current.includes(row.dataset["at"]!));
    before.current = all;
    if (first) box.current!.scrollTop += first.getBoundingClientRect().top - box.current!.getBoundingClientRect().top - 8;
  }, [all]);
  return box;
}

function Results({ bench: { store, checked }, wrong }: { bench: Bench; wrong: string }): JSX.Element {
  const [net, p, it] = [store.network.value, store.parameters.value, store.pinned.value];
  const box = useNewest(checked.value);
  if (!net || !p || !it || checked.value.length === 0) return <p class="crl-faint">Nothing has been checked yet.</p>;
  const rows = checked.value.map((at) => ({ place: parse(at), ...compare(net, p, it.x, it.y, wrong, parse(at)) }));
  const order = rows.toSorted((u, v) => v.place[0] - u.place[0] || Number(u.place[2] < 0) - Number(v.place[2] < 0));
  return (
    <div class="crl-table-box" ref={box} tabIndex={0} role="region" aria-label="What was checked">
      <table class="crl-table">
        <thead><tr><th scope="col">Parameter</th><th scope="col">Verdict</th><th scope="col">The program says</th><th scope="col">The cost says</th><th scope="col">Relative error</th></tr></thead>
        <tbody>{order.map(({ at, place, ours, difference, error, agrees }) => (
          <tr key={at} data-at={at} class={agrees ? "" : "crl-row-bad"}>
            <th scope="row">Layer {place[0]}, {nameOf(place).replace("weight from neuron", "weight").replace("to neuron", "→").replace("bias of neuron", "bias")}</th>
            <td>{agrees ? <span class="crl-good">✓ agrees</span> : <span class="crl-bad">✗ differs</span>}</td>
            <td>{signed(ours)}</td><td>{signed(difference)}</td><td>{number(error, 2)}</td>
          </tr>
        ))}</tbody>
      </table>
    </div>
  );
}

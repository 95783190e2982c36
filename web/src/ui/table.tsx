/** The numbers of a layer as a real table: what the picture shows, for everybody. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { number, signed } from "../format";
import type { Pass } from "../model";
import type { Hello } from "../protocol";
import type { Selection, Store } from "../store";
import { bringIntoView } from "./inview";
import { activationName, capital, neuronName, Sym } from "./names";

const PAGE = 64; // rows at first

interface Column { readonly head: JSX.Element; readonly of: (pass: Pass, l: number, j: number) => string }

const INPUT: readonly Column[] = [{ head: <Sym of="x" />, of: (pass, _, j) => number(pass.a[1]![j]) }];
const COLUMNS: readonly Column[] = [
  { head: <Sym of="z" />, of: (pass, l, j) => signed(pass.z[l]![j]) },
  { head: <Sym of="a" />, of: (pass, l, j) => number(pass.a[l]![j]) },
  { head: <>σ′(z)</>, of: (pass, l, j) => number(pass.sigmaPrime[l]![j]) },
  { head: <Sym of="δ" />, of: (pass, l, j) => signed(pass.delta[l]![j]) },
];

/** The layer of what is chosen; a hidden one if nothing is. */
const layerOf = (s: Selection): number => (s.kind === "none" ? 2 : s.l);

export function LayerTable({ store }: { store: Store }): JSX.Element {
  const more = useSignal(false);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => bringIntoView(box.current!, "nearest"), []); // it is there only when somebody has asked for it
  const hello = store.hello.value!;
  const l = layerOf(store.selection.value);
  const n = hello.network.sizes[l - 1]!;
  const rows = more.value ? n : Math.min(n, PAGE);
  return (
    <div class="crl-table-box" ref={box} tabIndex={0} role="region" aria-label={`Layer ${l} as a table`}>
      <div class="crl-table-head">
        <label>Layer{" "}
          <select value={String(l)} onChange={(event) => store.select({ kind: "neuron", l: Number(event.currentTarget.value), j: 0 })}>
            {hello.network.sizes.map((size, i) => <option value={String(i + 1)}>{`${i + 1} (${size} neurons)`}</option>)}
          </select>
        </label>
      </div>
      <Rows store={store} hello={hello} l={l} rows={rows} />
      {n > rows && <button type="button" onClick={() => { more.value = true; }}>Show all {n} neurons</button>}
    </div>
  );
}

function Rows({ store, hello, l, rows }: { store: Store; hello: Hello; l: number; rows: number }): JSX.Element {
  const { pass, parameters, frame } = store.calm.value;
  const walked = store.walked.value;
  const example = walked ? `${walked.at + 1} of the mini-batch` : store.example.value + 1;
  const columns = l === 1 ? INPUT : COLUMNS;
  const before = l > 1 ? hello.network.sizes[l - 2]! : 0;
  const weights = before > 0 && before <= 16 ? before : 0;
  return (
    <table class="crl-table">
      <caption>Layer {l}{l > 1 && `, ${activationName(hello, l)}`}, of example {example}, after step {frame?.step ?? 0}</caption>
      <thead><tr>
        <th scope="col">Neuron</th>
        {pass && columns.map(({ head }) => <th scope="col">{head}</th>)}
        {l > 1 && hello.network.biases && <th scope="col"><Sym of="b" /></th>}
        {Array.from({ length: weights }, (_, k) => <th scope="col"><Sym of="w" i={k} /></th>)}
      </tr></thead>
      <tbody>{Array.from({ length: rows }, (_, j) => (
        <tr>
          <th scope="row">
            <button type="button" class="crl-link" onClick={() => store.select({ kind: "neuron", l, j })}>{capital(neuronName(hello, l, j))}</button>
          </th>
          {pass && columns.map(({ of }) => <td>{of(pass, l, j)}</td>)}
          {l > 1 && hello.network.biases && <td>{signed(parameters?.b[l]![j])}</td>}
          {Array.from({ length: weights }, (_, k) => <td>{signed(parameters?.w[l]![j * before + k])}</td>)}
        </tr>
      ))}</tbody>
    </table>
  );
}

/** The reverse network: what the backward pass computes, seen as a network of its own. */

import type { JSX } from "preact";
import "./learn.css";
import { useRef } from "preact/hooks";
import { EquationView, errorEquation, type Known } from "../formula";
import { number, signed } from "../format";
import { inputGradient, type Pass } from "../model";
import type { Network, Parameters } from "../network";
import type { Store } from "../store";
import { lengthOf } from "../trainer";
import { Canvas, type Place } from "./canvas";
import { drawReverse, isFlat, layoutOf, type Amplifier, type Reverse } from "./draw/reverse";
import { hit } from "./draw/layout";
import { ReverseSwitch } from "./legend";
import { capital, neuronName } from "./names";
import { editedClass, EditedNetwork } from "./whatif";

const MOST = 12; // amplifiers of a wide layer: those with the largest errors

/** The amplifiers of a layer; of a wide one those that send on most, in their order. */
function layerOf(net: Network, pass: Pass, slopes: Float64Array, l: number): Amplifier[] {
  const out = l === 1 ? slopes : pass.delta[l]!;
  const gain = (j: number): number | null => (l === 1 || net.sigma[l] === null ? null : pass.sigmaPrime[l]![j]!);
  const all = Array.from(out, (value, j) => ({ l, j, gain: gain(j), into: l === 1 ? value : pass.nablaA[l]![j]!, out: value }));
  const strongest = all.toSorted((u, v) => Math.abs(v.out) - Math.abs(u.out)).slice(0, MOST);
  return all.length <= MOST ? all : strongest.sort((u, v) => u.j - v.j);
}

/** The reverse network of a pass. */
export function reverseOf(net: Network, p: Parameters, pass: Pass, selection: Store["selection"]["value"]): Reverse {
  const slopes = inputGradient(net, p, pass);
  const layers = Array.from({ length: net.L }, (_, i) => layerOf(net, pass, slopes, net.L - i));
  const flow = (layer: number, from: number, to: number): number => {
    const [giver, taker] = [layers[layer]![from]!, layers[layer + 1]![to]!];
    return p.w[giver.l]![giver.j * net.sizes[giver.l - 2]! + taker.j]! * giver.out;
  };
  return { layers, flow, selection };
}

function seen(store: Store): Reverse | null {
  const [net, p, pass] = [store.network.value, store.parameters.value, store.pass.value];
  return net && p && pass ? reverseOf(net, p, pass, store.selection.value) : null;
}

export function ReverseNetwork({ store }: { store: Store }): JSX.Element {
  const { pass, parameters } = store.calm.value;
  const net = store.network.value;
  return (
    <section class={`crl-panel crl-reverse${editedClass(store)}`} aria-label="Reverse network">
      <header class="crl-head"><h2>Reverse network</h2><ReverseSwitch store={store} /></header>
      <EditedNetwork store={store} />
      {net && pass && parameters ? <Known_ store={store} known={{ network: net, parameters, pass, eta: store.eta.value }} />
        : <p class="crl-faint">{store.unknown.value ?? "There is no example to follow yet."}</p>}
    </section>
  );
}

function Known_({ store, known }: { store: Store; known: Known }): JSX.Element {
  const reverse = reverseOf(known.network, known.parameters, known.pass, store.selection.value);
  const height = (width: number): number => Math.max(200, Math.min(width < 520 ? 460 : 520, Math.max(...reverse.layers.map((l) => l.length)) * 92 + 68));
  const size = useRef<Place>({ width: 0, height: 0 });
  const press = (x: number, y: number): void => {
    const now = seen(store);
    if (!now) return;
    const at = hit(layoutOf(now, size.current.width, size.current.height), x, y);
    if (at.kind === "none") return store.select(at);
    const { l, j } = at.kind === "neuron" ? now.layers[at.l - 1]![at.j]! : now.layers[at.l - 2]![at.k]!;
    if (at.kind === "neuron") store.select({ kind: "neuron", l, j });
    else store.select({ kind: "weight", l, j, k: now.layers[at.l - 1]![at.j]!.j });
  };
  return (
    <>
      <p class="crl-faint">
        The same neurons, the same weights, read backwards. The slopes ∂C/∂a enter at the output; each neuron multiplies by a constant,
        its slope σ′(z). Hatched: a gain under 0.05, where the error dies.
        {Math.max(...known.network.sizes) > MOST && ` Of wide layers, the ${MOST} neurons with the largest errors.`}
      </p>
      <Canvas
        watch={() => seen(store)} class="crl-net" height={height} label={describe(reverse, known)} onPress={press}
        draw={(c, it, place, ink) => {
          size.current = place;
          if (it) drawReverse(c, it, place.width, place.height, ink);
        }}
      />
      <Lengths reverse={reverse} known={known} />
      <Case store={store} known={known} />
      <Table store={store} reverse={reverse} known={known} />
    </>
  );
}

/** How much of the error reaches each layer, and where it dies. */
function Lengths({ reverse, known: { network, pass } }: { reverse: Reverse; known: Known }): JSX.Element {
  const layers = Array.from({ length: network.L - 1 }, (_, i) => network.L - i);
  const flat = reverse.layers.flat().filter(isFlat).length;
  const amplifiers = reverse.layers.flat().filter(({ gain }) => gain !== null).length;
  return (
    <p class="crl-lengths">
      Length of the errors:{" "}
      {layers.map((l, i) => <span key={l}>{i > 0 && " → "}layer {l} <b>{number(lengthOf(pass.delta[l]!), 3)}</b></span>)}
      {flat > 0 && <>. <b class="crl-bad">{flat} of {amplifiers}</b> amplifiers shown let less than 5 % through.</>}
    </p>
  );
}

/** The chosen neuron: case 1 at the output, case 2 before it, with its numbers. */
function Case({ store, known }: { store: Store; known: Known }): JSX.Element | null {
  const s = store.selection.value;
  if (s.kind === "none" || s.l < 2) return <p class="crl-faint">Choose an amplifier to see its equation.</p>;
  const { L } = known.network;
  const isOutput = s.l === L;
  const text = isOutput ? "Case 1, the output layer: the slope of the cost comes straight in." : "Case 2, not the output layer: what comes in is the sum of the errors that it led to.";
  return (
    <div class="crl-card">
      <p class="crl-faint">{text}</p>
      <EquationView name={errorEquation(known.network, s.l)} at={{ L, l: s.l, j: s.j, k: 0 }} known={known} result />
    </div>
  );
}

function Table({ store, reverse, known: { network } }: { store: Store; reverse: Reverse; known: Known }): JSX.Element {
  const hello = store.hello.value!;
  return (
    <details class="crl-details">
      <summary>As a table</summary>
      <table class="crl-table">
        <thead><tr><th scope="col">Neuron</th><th scope="col">comes in, ∂C/∂a</th><th scope="col">gain σ′(z)</th><th scope="col">goes out, δ</th></tr></thead>
        <tbody>{reverse.layers.flat().map((it) => (
          <tr key={`${it.l}.${it.j}`}>
            <th scope="row"><button type="button" class="crl-link" onClick={() => store.select({ kind: "neuron", l: it.l, j: it.j })}>{capital(neuronName(hello, it.l, it.j))}</button></th>
            <td>{signed(it.into)}</td>
            <td>{it.gain === null ? (it.l === 1 ? "" : "softmax") : number(it.gain)}{isFlat(it) && " saturated"}</td>
            <td>{it.l === 1 ? "" : signed(it.out)}</td>
          </tr>
        ))}</tbody>
      </table>
      {Math.max(...network.sizes) > MOST && <p class="crl-faint">Of wide layers, the {MOST} neurons with the largest errors.</p>}
    </details>
  );
}

function describe(reverse: Reverse, { network, pass }: Known): string {
  const lengths = Array.from({ length: network.L - 1 }, (_, i) => `layer ${network.L - i}: ${number(lengthOf(pass.delta[network.L - i]!), 3)}`);
  return `Reverse network, from the output back to the input. Length of the errors, ${lengths.join("; ")}. ${reverse.layers.flat().filter(isFlat).length} saturated amplifiers. A table follows.`;
}

/** Step mode: one example, phase by phase, each number as symbols, then with numbers, then its result. */

import { useSignal, type Signal } from "@preact/signals";
import type { JSX } from "preact";
import "./learn.css";
import { useEffect, useRef } from "preact/hooks";
import { EQUATIONS, Formula, Num, type Known } from "../formula";
import { number, percent, signed } from "../format";
import { costOf, flatGradient } from "../model";
import { parametersOf } from "../network";
import {
  itemsAt, keyOf, phasesOf, placeOf, placesBeside, resultOf, selectionAt, type Item, type Phase, type Place,
} from "../phases";
import type { Store } from "../store";
import { descended } from "../trainer";
import { optimizerOf } from "./inspect/parts";
import { keysOf } from "./keys";
import { capital, neuronName } from "./names";
import { NumberField, whole } from "./numberfield";
import { changeOf, digitsOf, Predict } from "./predict";
import { Scroll } from "./scroll";
import { Strip } from "./strip";

/** The numbers that equations are filled with; null while there are none. */
function knownOf(store: Store): Known | null {
  const { parameters, pass } = store.calm.value;
  const network = store.network.value;
  return network && parameters && pass ? { network, parameters, pass, eta: store.eta.value, m: 1 } : null;
}

/** Go to a phase, and choose in it what was chosen, or its first neuron. */
function goTo(store: Store, index: number): void {
  const net = store.network.peek();
  if (!net) return;
  const phases = phasesOf(net);
  store.phase.value = Math.max(0, Math.min(index, phases.length - 1));
  const phase = phases[store.phase.peek()]!;
  store.select(selectionAt(phase, placeOf(net, phase, store.selection.peek())));
}

export function StepMode({ store }: { store: Store }): JSX.Element {
  const root = useRef<HTMLElement>(null);
  const revealed = useSignal<ReadonlySet<string>>(new Set());
  useEffect(() => keysOf(root.current!, {
    "[": () => goTo(store, store.phase.peek() - 1), "]": () => goTo(store, store.phase.peek() + 1),
  }), [store]);
  const known = knownOf(store);
  const phases = known ? phasesOf(known.network) : [];
  const phase = phases[Math.min(store.phase.value, phases.length - 1)];
  return (
    <section class="crl-steps crl-panel" ref={root} aria-label="Step by step">
      {known && phase ? (
        <>
          <PhaseBar store={store} phases={phases} />
          <Head store={store} phases={phases} phase={phase} />
          {phase.kind === "input" ? <Inputs store={store} known={known} /> : <Body store={store} phase={phase} known={known} revealed={revealed} />}
        </>
      ) : <p class="crl-faint">{store.unknown.value ?? "There is no example to follow yet."}</p>}
    </section>
  );
}

function PhaseBar({ store, phases }: { store: Store; phases: readonly Phase[] }): JSX.Element {
  const now = store.phase.value;
  const bar = useRef<HTMLOListElement>(null);
  useEffect(() => {
    const [list, one] = [bar.current, bar.current?.children[now] as HTMLElement | undefined];
    if (list && one) list.scrollTop = one.offsetTop - list.clientHeight / 2 + one.clientHeight / 2;
  }, [now]);
  return (
    <ol class="crl-phases" ref={bar} aria-label="Phases">
      {phases.map((phase, i) => (
        <li key={phase.short} class={i < now ? "is-done" : i === now ? "is-now" : ""}>
          <button type="button" aria-current={i === now ? "step" : undefined} onClick={() => goTo(store, i)} title={phase.title}>
            {phase.short}
          </button>
        </li>
      ))}
    </ol>
  );
}

function Head({ store, phases, phase }: { store: Store; phases: readonly Phase[]; phase: Phase }): JSX.Element {
  const now = store.phase.value;
  return (
    <header class="crl-steps-head">
      <h2>{phase.title}</h2>
      <div class="crl-row">
        <button type="button" disabled={now === 0} onClick={() => goTo(store, now - 1)} title="Key [">‹ Back</button>
        <button type="button" class="crl-run" disabled={now >= phases.length - 1} onClick={() => goTo(store, now + 1)} title="Key ]">Next ›</button>
        <label class="crl-check">
          <input type="checkbox" checked={store.predictFirst.value} onChange={(e) => { store.predictFirst.value = e.currentTarget.checked; }} />
          Predict first
        </label>
      </div>
      <p>{phase.says}</p>
    </header>
  );
}

interface InPhase {
  readonly store: Store;
  readonly phase: Phase;
  readonly known: Known;
  readonly revealed: Signal<ReadonlySet<string>>;
}

/** Whether a result is to be predicted still; and what reveals it. */
function hiding({ store, revealed }: InPhase): { isHidden: (item: Item) => boolean; reveal: (items: readonly Item[]) => void } {
  const walked = store.walked.value;
  const key = (item: Item): string => `${walked ? `batch ${walked.at}` : store.example.value}.${store.frame.value?.step}.${keyOf(item)}`;
  return {
    isHidden: (item) => store.predictFirst.value && !revealed.value.has(key(item)),
    reveal: (items) => { revealed.value = new Set([...revealed.peek(), ...items.map(key)]); },
  };
}

function Body(props: InPhase): JSX.Element {
  const { store, phase, known } = props;
  const at = placeOf(known.network, phase, store.selection.value);
  const { isHidden, reveal } = hiding(props);
  const items = itemsAt(known.network, phase, at);
  const firstHidden = items.findIndex(isHidden);
  const working = useRef<HTMLDivElement>(null);
  const right = (item: Item): void => {
    reveal([item]);
    requestAnimationFrame(() => focusNext(working.current));
  };
  return (
    <div class="crl-steps-body">
      <Places {...props} at={at} />
      <div class="crl-working" ref={working} key={`${store.phase.value}.${keyOf(items[0]!)}`}>
        {items.map((item, i) => (
          <Working key={keyOf(item)} item={item} known={known} isHidden={firstHidden >= 0 && i >= firstHidden} isAsked={i === firstHidden} onRight={() => right(item)} />
        ))}
        <Beside {...props} at={at} isHidden={isHidden} reveal={reveal} />
      </div>
      {phase.kind === "update" && <After store={store} known={known} />}
      {["bias", "weight", "update"].includes(phase.kind) && <Strip store={store} at={phase.kind === "bias" ? { ...at, k: -1 } : at} />}
    </div>
  );
}

/** To the next prediction, or to the button that goes on. */
function focusNext(working: HTMLElement | null): void {
  const next = working?.querySelector<HTMLElement>(".crl-predict input") ?? working?.closest(".crl-steps")?.querySelector<HTMLElement>(".crl-run:not(:disabled)");
  next?.focus();
}

/** An equation in three lines: symbols, numbers, result; the result may be asked for. */
function Working({ item, known, isHidden, isAsked, onRight }: {
  item: Item; known: Known; isHidden: boolean; isAsked: boolean; onRight: () => void;
}): JSX.Element {
  const it = EQUATIONS[item.equation]!;
  const sign = <mo>{item.equation === "GD" ? "←" : "="}</mo>;
  return (
    <div class="crl-card">
      <p class="crl-faint"><b>{item.equation}</b> {it.says}</p>
      <Scroll label={item.equation}>
        <div class="crl-eq-line"><Formula>{it.left(item.at)}{sign}{it.right(item.at)}</Formula></div>
        {(!isHidden || isAsked) && <div class="crl-eq-line crl-eq-numbers"><Formula><mo>=</mo>{it.numbers(item.at, known)}</Formula></div>}
        {!isHidden && <div class="crl-eq-line crl-eq-result"><Formula><mo>=</mo><Result item={item} known={known} /></Formula></div>}
      </Scroll>
      {isAsked && <Predict item={item} known={known} onRight={onRight} />}
    </div>
  );
}

/** Which neuron or weight the equations are written for. */
function Places({ store, phase, known, at }: InPhase & { at: Place }): JSX.Element | null {
  const { network } = known;
  if (phase.l) return null;
  const layers = Array.from({ length: network.L - 1 }, (_, i) => i + 2);
  const go = (l: number, j: number): void => store.select(selectionAt(phase, { l, j, k: 0 }));
  return (
    <div class="crl-row">
      <label>layer <select value={at.l} onChange={(e) => go(Number(e.currentTarget.value), 0)}>
        {layers.map((l) => <option key={l} value={l}>{l}{l === network.L ? " (output)" : ""}</option>)}
      </select></label>
      <span class="crl-field">neuron <NumberField label="neuron" size={4} wanted={whole(1, network.sizes[at.l - 1]!)}
        value={String(at.j + 1)} until={`${at.l}.${at.j}`} onPut={(j) => go(at.l, j - 1)} /></span>
    </div>
  );
}

/** A result; of an update the old value and its change too, all with digits enough to see what has changed. */
function Result({ item, known }: { item: Item; known: Known }): JSX.Element {
  const [change, result] = [changeOf(item, known), resultOf(item, known)];
  if (change === null) return <Num x={result} bare />;
  const digits = digitsOf(item, known);
  return <><Num x={result - change} bare digits={digits} /><mo>{change < 0 ? "−" : "+"}</mo><Num x={Math.abs(change)} /><mo>=</mo><Num x={result} bare digits={digits} /></>;
}

const HEADS: Readonly<Record<string, string>> = { FP1: "z", FP2: "a", BP1: "δ", BP1c: "δ", BPs: "δ", BP2: "δ", BP3: "∂C/∂b", BP4: "∂C/∂w", GD: "new value" };

/** The same result for the other neurons of the layer, or the other weights of the neuron: a table to choose from. */
function Beside({ store, phase, known, at, isHidden, reveal }: InPhase & {
  at: Place; isHidden: (item: Item) => boolean; reveal: (items: readonly Item[]) => void;
}): JSX.Element {
  const { network } = known;
  const rows = placesBeside(network, phase, at).map((place) => ({ place, items: itemsAt(network, phase, place) }));
  const hidden = rows.flatMap(({ items }) => items).filter(isHidden);
  const byWeight = phase.kind === "weight" || phase.kind === "update";
  const left = (byWeight ? network.sizes[at.l - 2]! : network.sizes[at.l - 1]!) - rows.filter(({ place }) => place.k >= 0 || !byWeight).length;
  const hello = store.hello.value!;
  const name = ({ l, j, k }: Place): string => capital(byWeight ? (k < 0 ? "the bias" : `from ${neuronName(hello, l - 1, k)}`) : neuronName(hello, l, j));
  return (
    <div class="crl-beside crl-card">
      <table>
        <caption class="crl-faint">{byWeight ? `Into ${neuronName(hello, at.l, at.j)}` : `Layer ${at.l}`}</caption>
        <thead><tr><td />{rows[0]?.items.map((item) => <th scope="col" key={item.equation}>{HEADS[item.equation]}</th>)}</tr></thead>
        <tbody>
          {rows.map(({ place, items }) => (
            <tr key={name(place)} class={place.j === at.j && place.k === at.k ? "is-now" : ""}>
              <th scope="row"><button type="button" class="crl-link crl-cut" title={name(place)} onClick={() => store.select(selectionAt(phase, place))}>{name(place)}</button></th>
              {items.map((item) => <td key={item.equation}>{isHidden(item) ? <span aria-label="to be predicted">?</span> : signed(resultOf(item, known), digitsOf(item, known))}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
      {left > 0 && <p class="crl-faint">and {left} more: choose one in the network</p>}
      {hidden.length > 0 && <button type="button" onClick={() => reveal(hidden)}>Show all of them</button>}
    </div>
  );
}

function Inputs({ store, known }: { store: Store; known: Known }): JSX.Element {
  const hello = store.hello.value;
  const [x, y] = [known.pass.a[1]!, known.pass.y];
  const rows = (name: string, values: Float64Array, names: readonly string[] | null | undefined): JSX.Element => (
    <table class="crl-inputs">
      <caption class="crl-faint">{name}</caption>
      <tbody>{Array.from(values.subarray(0, 24), (v, i) => (
        <tr key={i}><th scope="row">{names?.[i] ?? i + 1}</th><td>{number(v)}</td></tr>
      ))}</tbody>
      {values.length > 24 && <tfoot><tr><td colSpan={2}>and {values.length - 24} more</td></tr></tfoot>}
    </table>
  );
  return <div class="crl-row crl-inputs-row">{rows("x, the input", x, hello?.features)}{rows("y, what should come out", y, hello?.classes ?? hello?.targets)}</div>;
}

/** What the whole step does to this example's cost; and how it differs from what the training does. */
function After({ store, known: { network, parameters, pass, eta } }: { store: Store; known: Known }): JSX.Element {
  const hello = store.hello.value!;
  const optimizer = optimizerOf(hello);
  const isPlain = optimizer === "sgd" && hello.examples === 1;
  const stepped = eta == null ? null : parametersOf(network, descended(parameters.flat, flatGradient(network, pass), eta));
  const then = stepped && costOf(network, stepped, pass.a[1]!, pass.y);
  return (
    <div class="crl-card"><p>
      {then !== null && <>With this step in every parameter, the cost of this example goes from <b>{number(pass.cost, 5)}</b> to <b>{number(then, 5)}</b>
        {" "}({then < pass.cost ? "down" : "up"} {percent(Math.abs(then - pass.cost) / pass.cost)}). </>}
      {!isPlain && <span class="crl-faint">This is plain gradient descent with this example alone. The training itself uses {optimizer} on mini-batches of {hello.batch_size}.</span>}
    </p></div>
  );
}

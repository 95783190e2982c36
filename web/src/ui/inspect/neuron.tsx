/** A neuron: what comes in, what it makes of it, and what it is blamed for. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { FLAT } from "../../activations";
import { errorEquation, EquationView, type Known } from "../../formula";
import { number, percent, signed } from "../../format";
import type { Store } from "../../store";
import type { Hello } from "../../protocol";
import { ActivationSym, activationName, capital, neuronName, Sym, WeightSym } from "../names";
import { activationCurve, answerOf, blames, chain, contributions, type Term } from "./parts";
import { Plot } from "./plots";

/** What a card is about: which neuron, and the numbers that it takes. */
export interface About { readonly store: Store; readonly hello: Hello; readonly known: Known; readonly l: number; readonly j: number }

const FIRST = 7; // terms of a sum: so many at first

interface SumProps {
  readonly terms: readonly Term[];
  readonly name: (term: Term) => JSX.Element;
  readonly onChoose: (term: Term) => void;
  readonly describe: (term: Term) => string;
  readonly total: JSX.Element;
  readonly sum: number;
}

/** A sum as bars: each of its terms, the largest first, and what they come to. */
function SumBars({ terms, name, onChoose, describe, total, sum }: SumProps): JSX.Element {
  const isOpen = useSignal(false);
  const shown = isOpen.value ? terms : terms.slice(0, terms.length === FIRST + 1 ? FIRST + 1 : FIRST);
  const rest = terms.slice(shown.length);
  const most = Math.max(...terms.map((term) => Math.abs(term.value)), Math.abs(sum), 1e-300);
  return (
    <div class="crl-sum">
      {shown.map((term) => (
        <button type="button" class="crl-term" title={describe(term)} onClick={() => onChoose(term)}>
          <span class="crl-term-name">{name(term)}</span>
          <Bar value={term.value} most={most} />
          <span class="crl-number">{signed(term.value)}</span>
        </button>
      ))}
      {rest.length > 0 && (
        <button type="button" class="crl-term crl-more" onClick={() => { isOpen.value = true; }}>
          <span class="crl-term-name">+ {rest.length} more</span>
          <Bar value={rest.reduce((all, term) => all + term.value, 0)} most={most} />
          <span class="crl-number">{signed(rest.reduce((all, term) => all + term.value, 0))}</span>
        </button>
      )}
      <div class="crl-term crl-total">
        <span class="crl-term-name">{total}</span><Bar value={sum} most={most} /><span class="crl-number">{signed(sum)}</span>
      </div>
    </div>
  );
}

/** A bar to the right of the middle, or to the left where it is negative. */
function Bar({ value, most }: { value: number; most: number }): JSX.Element {
  const share = Math.min(50, (50 * Math.abs(value)) / most);
  const style = value < 0 ? { right: "50%", width: `${share}%` } : { left: "50%", width: `${share}%` };
  return <span class="crl-bar" aria-hidden="true"><i class={value < 0 ? "crl-minus" : "crl-plus"} style={style} /></span>;
}

function Incoming({ store, hello, known, l, j }: About): JSX.Element {
  const { network, parameters, pass } = known;
  const terms = contributions(network, parameters, pass, l, j);
  const describe = ({ from, weight, other }: Term): string =>
    from < 0 ? "the bias" : `${number(weight)} × ${number(other)}, from ${neuronName(hello, l - 1, from)}; choose it to see the weight`;
  return (
    <section class="crl-card">
      <h3><span><Sym of="z" l={l} i={j} />, the weighted sum</span> <span class="crl-tag">FP1</span></h3>
      <p class="crl-say">What each neuron before sends times the weight of the edge{network.biases && ", and the bias"}.</p>
      <SumBars
        terms={terms} describe={describe} total={<Sym of="z" l={l} i={j} />} sum={pass.z[l]![j]!}
        name={({ from }) => (from < 0 ? <WeightSym l={l} j={j} k={-1} />
          : <><WeightSym l={l} j={j} k={from} /><span class="crl-dot">·</span><ActivationSym l={l - 1} j={from} /></>)}
        onChoose={({ from }) => store.select({ kind: "weight", l, j, k: from })}
      />
    </section>
  );
}

function Answer({ hello, known, l, j }: About): JSX.Element {
  const { network, pass } = known;
  const [z, a, slope] = [pass.z[l]![j]!, pass.a[l]![j]!, pass.sigmaPrime[l]![j]!];
  const f = activationName(hello, l, j);
  const isFlat = Math.abs(slope) < FLAT;
  return (
    <section class="crl-card">
      <h3><span><Sym of="a" l={l} i={j} /> = {f}(<Sym of="z" l={l} i={j} />)</span> <span class="crl-tag">FP2</span></h3>
      <p class="crl-say">
        {f}({number(z)}) = <b>{number(a)}</b>, slope σ′(z) = <b>{number(slope)}</b>
        {network.sigma[l] === null && " (the other neurons of the layer held still)"}
      </p>
      <Plot
        curve={activationCurve(answerOf(network, pass, l, j), z)} at={{ x: z, y: a }} slope={slope} axis="z"
        label={`${f} around z = ${number(z)}: its value there is ${number(a)}, its slope ${number(slope)}`}
      />
      {isFlat && (errorEquation(network, l) === "BP1c"
        ? <p class="crl-say">Such a small slope slows nothing here: it cancels in the error, δ = a − y (BP1c).</p>
        : <p class="crl-note">The slope is under 0.05: the neuron is saturated, and passes {number(100 * Math.abs(slope), 2)} % of the error on.</p>)}
    </section>
  );
}

function Blame(about: About): JSX.Element {
  const { store, hello, known, l, j } = about;
  const { network, parameters, pass } = known;
  const name = errorEquation(network, l);
  const at = { L: network.L, l, j, k: 0 };
  const isSum = name === "BP2" || (name === "BPs" && l < network.L);
  return (
    <section class="crl-card">
      <h3><span><Sym of="δ" l={l} i={j} />, the error</span> {isSum && <span class="crl-tag">{name}</span>}</h3>
      <p class="crl-say">
        How the cost changes with <Sym of="z" l={l} i={j} />
        {isSum ? ": the errors of the neurons after it, each times its weight; and their sum times its own slope." : ": it stands at the output, so the cost says so itself."}
      </p>
      {isSum ? <>
        <SumBars
          terms={blames(network, parameters, pass, l, j)} total={<>∂C/∂a</>} sum={pass.nablaA[l]![j]!}
          describe={({ from, weight, other }) => `${number(weight)} × ${number(other)}, the error of ${neuronName(hello, l + 1, from)}; choose it to see why`}
          name={({ from }) => <><WeightSym l={l + 1} j={from} k={j} /><span class="crl-dot">·</span><Sym of="δ" l={l + 1} i={from} /></>}
          onChoose={({ from }) => store.select({ kind: "neuron", l: l + 1, j: from })}
        />
        {name === "BP2" && <p class="crl-say">× slope {number(pass.sigmaPrime[l]![j])} = <b>{signed(pass.delta[l]![j])}</b></p>}
      </> : <EquationView name={name} at={at} known={known} result />}
    </section>
  );
}

/** An input: only its number, and how the cost changes with it. */
function Input({ store, hello, known, j }: About): JSX.Element {
  const { network, parameters, pass } = known;
  const terms = blames(network, parameters, pass, 1, j);
  const sum = terms.reduce((all, term) => all + term.value, 0);
  return (
    <section class="crl-card">
      <h3><span><Sym of="x" i={j} /> = {number(pass.a[1]![j])}</span></h3>
      <p class="crl-say">{capital(neuronName(hello, 1, j))} of this example. How the cost changes with it, from the errors of layer 2:</p>
      <SumBars
        terms={terms} total={<>∂C/∂x</>} sum={sum} describe={({ weight, other }) => `${number(weight)} × ${number(other)}`}
        name={({ from }) => <><WeightSym l={2} j={from} k={j} /><span class="crl-dot">·</span><Sym of="δ" l={2} i={from} /></>}
        onChoose={({ from }) => store.select({ kind: "neuron", l: 2, j: from })}
      />
    </section>
  );
}

/** The way to the cost along the largest shares of the blame; each neuron on it is a link. */
export function WhyChain({ store, hello, known, l, j }: About): JSX.Element {
  const path = chain(known.network, known.parameters, known.pass, l, j);
  return (
    <nav class="crl-why" aria-label="Why: the way to the cost">
      <b>Why?</b>
      {path.map((at, i) => (
        <>
          {i > 0 && <span class="crl-arrow" title={`${percent(path[i - 1]!.share, 0)} of the error comes this way`}>← {percent(path[i - 1]!.share, 0)}</span>}
          <button type="button" class="crl-link" aria-current={i === 0} title={capital(neuronName(hello, at.l, at.j))}
            onClick={() => store.select({ kind: "neuron", l: at.l, j: at.j })}>
            {at.l === 1 ? <>∂C/∂<Sym of="x" i={at.j} /></> : <><Sym of="δ" l={at.l} i={at.j} /> = {signed(known.pass.delta[at.l]![at.j], 3)}</>}
          </button>
        </>
      ))}
      <span class="crl-nowrap"><span class="crl-arrow">←</span> C = {number(known.pass.cost)}</span>
    </nav>
  );
}

export function Neuron(about: About): JSX.Element {
  return (
    <div class="crl-cards">
      {about.l === 1 ? <div class="crl-stack"><Input {...about} /></div> : <>
        <div class="crl-stack"><Incoming {...about} /><Answer {...about} /></div>
        <div class="crl-stack"><Blame {...about} /></div>
      </>}
    </div>
  );
}

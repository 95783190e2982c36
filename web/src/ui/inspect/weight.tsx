/** A weight or a bias: its gradient, its update, and the cost as a function of it alone. */

import { batch, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { EquationView } from "../../formula";
import { count, exact, many, number, signed } from "../../format";
import { centralDifference } from "../../model";
import { ActivationSym, neuronName, SlopeSym, Sym, WeightSym } from "../names";
import { FINITE, NumberField } from "../numberfield";
import type { About } from "./neuron";
import { checked, costCurve, hasKink, isPlain, optimizerOf, rateAt, TOLERANCE } from "./parts";
import { Plot } from "./plots";
import { WeightHistory } from "./weighthistory";

export interface AboutWeight extends About { readonly k: number }

const gradientOf = ({ known: { pass, network }, l, j, k }: AboutWeight): number =>
  k < 0 ? pass.nablaB[l]![j]! : pass.nablaW[l]![j * network.sizes[l - 2]! + k]!;

function Gradient(about: AboutWeight): JSX.Element {
  const { store, hello, known, l, j, k } = about;
  const neuron = (layer: number, i: number): void => store.select({ kind: "neuron", l: layer, j: i });
  return (
    <section class="crl-card">
      <h3><SlopeSym l={l} j={j} k={k} /> its gradient</h3>
      <EquationView name={k < 0 ? "BP3" : "BP4"} at={{ L: known.network.L, l, j, k }} known={known} result={k >= 0} />
      <p class="crl-say">Where its factors come from:</p>
      <div class="crl-factors">
        {k >= 0 && (
          <button type="button" class="crl-link" onClick={() => neuron(l - 1, k)}>
            <span class="crl-nowrap"><ActivationSym l={l - 1} j={k} /> = {number(known.pass.a[l - 1]![k])}</span>
            <small>{neuronName(hello, l - 1, k)}</small>
          </button>
        )}
        <button type="button" class="crl-link" onClick={() => neuron(l, j)}>
          <span class="crl-nowrap"><Sym of="δ" l={l} i={j} /> = {signed(known.pass.delta[l]![j])}</span>
          <small>{neuronName(hello, l, j)}</small>
        </button>
      </div>
      <Update {...about} />
    </section>
  );
}

/** What the last step did to it; and, where that is all the rule there is, why. */
function Update({ store, hello, l, j, k }: AboutWeight): JSX.Element {
  const { frame, previous } = store.calm.value; // of the same moment as the title above it
  const index = store.index(l, j, k);
  if (store.whatIf.value) return <p class="crl-say">Edited: the recorded value is {number(frame?.parameters[index])}.</p>;
  if (!frame || !previous || previous.step >= frame.step) return <p class="crl-say">No step has been taken yet.</p>;
  const [now, was] = [frame.parameters[index]!, previous.parameters[index]!];
  const steps = frame.step - previous.step;
  const rate = rateAt(hello, store.curves.value, frame.step);
  const isExplained = steps === 1 && isPlain(hello) && rate !== null;
  return (
    <div class="crl-update">
      <p class="crl-say">
        {steps === 1 ? `Step ${count(frame.step)}` : `The last ${many(steps, "step")}`}
        {now === was ? " did not change it." : <> changed it by <b>{signed(now - was)}</b>: {number(was)} → {number(now)}.</>}
      </p>
      <p class="crl-say">{isExplained
        ? <>
          Gradient descent, <span class="crl-nowrap">w ← w − (η/m) Σ ∂C/∂w</span> with η = {number(rate)}: so the mean gradient
          of that mini-batch was {signed((was - now) / rate!)}.
        </>
        : steps === 1 ? <>By {optimizerOf(hello)}, from the gradient of a mini-batch of {hello.batch_size} and the steps before.</> : null}</p>
    </div>
  );
}

const SPANS = [0.01, 0.1, 0.3, 1, 3, 10, 30];

function Landscape(about: AboutWeight): JSX.Element | null {
  const { store, known: { network, parameters, pass }, l, j, k } = about;
  const zoom = useSignal(3);
  const pinned = store.pinned.value;
  if (!pinned) return null;
  const index = store.index(l, j, k);
  const w = parameters.flat[index]!;
  const curve = costCurve(network, parameters, pinned.x, pinned.y, index, SPANS[zoom.value]!);
  const g = gradientOf(about);
  const { frame, previous } = store.calm.value;
  const was = (store.whatIf.value ? frame : previous)?.parameters[index];
  const isSeen = was !== undefined && was !== w && was > curve.x[0]! && was < curve.x.at(-1)!;
  const press = (by: number): void => { zoom.value = Math.max(0, Math.min(SPANS.length - 1, zoom.peek() + by)); };
  return (
    <section class="crl-card">
      <h3>The cost along this {k < 0 ? "bias" : "weight"} alone
        <span class="crl-buttons">
          <button type="button" aria-label="Narrower" disabled={zoom.value === 0} onClick={() => press(-1)}>+</button>
          <button type="button" aria-label="Wider" disabled={zoom.value === SPANS.length - 1} onClick={() => press(1)}>−</button>
        </span>
      </h3>
      <Plot curve={curve} at={{ x: w, y: pass.cost }} slope={g} axis={k < 0 ? "bias" : "weight"}
        label={`Cost of the example along it: at ${number(w)} it is ${number(pass.cost)}, and its slope ${number(g)}`}>
        {(at) => isSeen && <Step from={at.x(was)} to={at.x(w)} y={at.y(pass.cost)} />}
      </Plot>
      <p class="crl-say">
        <i class="crl-mark crl-mark-point" />now: C = {number(pass.cost)} <i class="crl-mark crl-mark-tangent" />its tangent, slope {signed(g)}
        {isSeen && <><i class="crl-mark crl-mark-step" />{store.whatIf.value ? "your edit" : "the step taken"}</>}
      </p>
    </section>
  );
}

/** An arrow from where the weight was. */
function Step({ from, to, y }: { from: number; to: number; y: number }): JSX.Element {
  const head = Math.sign(to - from) * Math.min(5, Math.abs(to - from));
  const above = y > 30 ? y - 12 : y + 12;
  return (
    <g class="crl-step">
      <line x1={from} x2={to} y1={above} y2={above} />
      <path d={`M${to} ${above}l${-head} -3.5v7z`} />
      <circle cx={from} cy={above} r="2.5" />
    </g>
  );
}

function GradientCheck(about: AboutWeight): JSX.Element | null {
  const { store, known: { network, parameters }, l, j, k } = about;
  const power = useSignal(-5);
  const pinned = store.pinned.value;
  if (!pinned) return null;
  const epsilon = 10 ** power.value;
  const index = store.index(l, j, k);
  const found = checked(gradientOf(about), centralDifference(network, parameters, pinned.x, pinned.y, index, epsilon));
  return (
    <section class="crl-card">
      <h3>Check it <span class="crl-tag">2 forward passes</span></h3>
      <p class="crl-say">The same slope without backpropagation: <span class="crl-nowrap">(C(w + ε) − C(w − ε)) / 2ε</span>.</p>
      <label class="crl-slide">ε = {number(epsilon, 1)}
        <input type="range" min="-12" max="-1" step="0.5" value={power.value} aria-label="epsilon, a power of ten"
          onInput={(event) => { power.value = event.currentTarget.valueAsNumber; }} />
      </label>
      <dl class="crl-facts">
        <div><dt>Backpropagation</dt><dd>{signed(found.analytic, 8)}</dd></div>
        <div><dt title="(C(w + ε) − C(w − ε)) / 2ε">Central difference</dt><dd>{signed(found.numeric, 8)}</dd></div>
        <div><dt>Relative error</dt><dd>{number(found.error, 3)}</dd></div>
      </dl>
      <p class={found.isPassed ? "crl-good" : "crl-bad"}>
        {found.isPassed ? `✓ They agree to ${number(TOLERANCE, 1)}.` : `✗ They differ by more than ${number(TOLERANCE, 1)}.`}
        {!found.isPassed && <span class="crl-say"> {whyNot(epsilon, network)}</span>}
      </p>
    </section>
  );
}

/** Where a difference quotient goes wrong, so that nobody blames the gradient for it. */
function whyNot(epsilon: number, network: About["known"]["network"]): string {
  if (epsilon < 1e-7) return "ε is so small that the two costs are almost the same float64: their difference is mostly rounding.";
  if (epsilon > 1e-3) return "ε is so large that the curve bends between the two points.";
  return hasKink(network) ? "A kink of an activation may lie between the two points." : "Try another ε.";
}

/** What if it had another value? */
function Edit({ store, known, l, j, k }: AboutWeight): JSX.Element {
  const isDragged = useRef(false);
  const index = store.index(l, j, k);
  const value = known.parameters.flat[index]!;
  const put = (wanted: number): void => { if (wanted !== value) store.edit(index, wanted); };
  const drag = (wanted: number): void => batch(() => { // a drag of the slider is one edit
    if (isDragged.current && store.whatIf.peek()) store.undo("last");
    isDragged.current = true;
    put(wanted);
  });
  const begun = store.calm.value.frame?.parameters[index] ?? value;
  const reach = Math.max(1, 2 * Math.abs(begun));
  return (
    <section class="crl-card">
      <h3>What if?</h3>
      <p class="crl-say">Give it another value, and see what the network makes of it. Nothing of it is recorded.</p>
      <div class="crl-slide crl-value"><WeightSym l={l} j={j} k={k} />
        <NumberField label="New value" wanted={FINITE} size={12} value={exact(Number(value.toPrecision(8)))} until={store.whatIf.value} onPut={put} />
      </div>
      <input type="range" class="crl-wide" min={begun - reach} max={begun + reach} step={reach / 200} value={value} aria-label="New value"
        onInput={(event) => drag(event.currentTarget.valueAsNumber)} onBlur={() => { isDragged.current = false; }}
        onPointerUp={() => { isDragged.current = false; }} />
    </section>
  );
}

export function Weight(about: AboutWeight): JSX.Element {
  return (
    <div class="crl-cards">
      <div class="crl-stack"><Gradient {...about} /><GradientCheck {...about} /></div>
      <div class="crl-stack"><Edit {...about} /><Landscape {...about} /><WeightHistory {...about} /></div>
    </div>
  );
}

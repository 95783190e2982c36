/** The layer editor, and the settings of the training. */

import { useSignal, type Signal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { many, parseNumber } from "../format";
import { MOST_LAYERS } from "../start/link";
import { LIMITS, problemOf, RATES, type Plan } from "../start/plans";
import type { Options, Upload } from "../start/server";
import { isOdd, NOISE, RATE, whole, type Wanted } from "./numberfield";

interface Props {
  readonly plan: Signal<Plan>;
  readonly options: Options;
  /** The file that was dropped, if it is one. */
  readonly upload: Upload | null;
  readonly isStarting: boolean;
  /** What is to be said of the link that it came from. */
  readonly notice: ComponentChildren;
  readonly onStart: () => void;
  readonly onClose: () => void;
}

const spaced = (name: string): string => name.replace(/_/g, " ");

export function PlanForm({ plan, options, upload, isStarting, notice, onStart, onClose }: Props): JSX.Element {
  const it = plan.value;
  const columns = upload?.columns ?? [];
  const root = useRef<HTMLFormElement>(null);
  const problem = problemOf(it);
  useEffect(() => {
    root.current?.scrollIntoView({ block: "nearest" });
    root.current?.querySelector("h2")?.focus();
  }, []);
  const submit = (event: Event): void => {
    event.preventDefault();
    if (!problem) onStart();
  };
  return (
    <form class="crl-panel crl-plan" ref={root} onSubmit={submit} aria-label="Network and training">
      <header class="crl-head">
        <h2 tabIndex={-1} class="crl-cut" title={it.source}>A network for {it.source === "mnist" ? "digits" : it.source}</h2>
        <button type="button" class="crl-quiet crl-push" aria-label="Close" onClick={onClose}>×</button>
      </header>
      {notice}
      {columns.length > 0 && (
        <label class="crl-field">Learn to predict{" "}
          <select value={it.target ?? ""} onChange={(e) => { plan.value = { ...plan.peek(), target: e.currentTarget.value }; }}>
            {columns.map(({ name, examples }) => <option key={name} value={name}>{name} ({examples.slice(0, 3).join(", ")} …)</option>)}
          </select>
          <span class="crl-faint">from all other columns; columns of text become one input for each of their values{upload?.more ? `; ${many(upload.more, "column")} more are not listed` : ""}{upload?.header === false ? "; the first row is data, so the columns are called c1, c2 …" : ""}</span>
        </label>
      )}
      <Layers plan={plan} options={options} />
      <Training plan={plan} options={options} />
      <div class="crl-row">
        <button type="submit" class="crl-run" disabled={problem !== null || isStarting}>{isStarting ? "Starting …" : "Train"}</button>
        {problem && <span class="crl-bad" role="status">{problem}</span>}
        {!problem && !it.upload && <span class="crl-faint">The address of this page holds these settings: a link to it brings them back.</span>}
      </div>
    </form>
  );
}

function Layers({ plan, options }: Pick<Props, "plan" | "options">): JSX.Element {
  const { hidden } = plan.value;
  const put = (next: Plan["hidden"]): void => { plan.value = { ...plan.peek(), hidden: next }; };
  const change = (i: number, part: Partial<Plan["hidden"][number]>): void => put(hidden.map((layer, at) => (at === i ? { ...layer, ...part } : layer)));
  return (
    <ol class="crl-layers" aria-label="Layers">
      <li><b>Layer 1</b><span class="crl-faint">input: as many as the data has</span></li>
      {hidden.map((layer, i) => (
        <li key={i}>
          <b>Layer {i + 2}</b>
          <label class="crl-field"><Real value={layer.neurons} wanted={whole(...LIMITS.neurons)} label={`Neurons of layer ${i + 2}`} onChange={(neurons) => change(i, { neurons })} /> neurons</label>
          <Choice label={`Activation of layer ${i + 2}`} value={layer.activation} options={options.activations.filter((name) => name !== "softmax")} onChange={(activation) => change(i, { activation })} />
          <button type="button" class="crl-link" aria-label={`Remove layer ${i + 2}`} onClick={() => put(hidden.filter((_, at) => at !== i))}>remove</button>
        </li>
      ))}
      <li class="crl-layers-add">
        <button type="button" disabled={hidden.length >= MOST_LAYERS} onClick={() => put([...hidden, hidden.at(-1) ?? { neurons: 8, activation: "tanh" }])}>+ Add a hidden layer</button>
      </li>
      <li><b>Layer {hidden.length + 2}</b><span class="crl-faint">output: one for each class, or for each number to predict</span></li>
    </ol>
  );
}

function Training({ plan, options }: Pick<Props, "plan" | "options">): JSX.Element {
  const it = plan.value;
  const put = (part: Partial<Plan>): void => { plan.value = { ...plan.peek(), ...part }; };
  const isUsual = it.rate === RATES[it.optimizer];
  const optimize = (optimizer: string): void => put({ optimizer, ...(isUsual || it.optimizer !== optimizer ? { rate: RATES[optimizer] ?? it.rate } : {}) });
  return (
    <div class="crl-settings">
      <Field name="Cost"><Choice label="Cost" value={it.cost ?? ""} options={["", ...options.costs]} empty="suits the data" onChange={(cost) => put({ cost: cost || null })} /></Field>
      <Field name="Optimizer"><Choice label="Optimizer" value={it.optimizer} options={options.optimizers.filter((name) => name !== "lbfgs")} onChange={optimize} /></Field>
      <Field name="Learning rate η"><Real value={it.rate} wanted={RATE} label="Learning rate" onChange={(rate) => put({ rate })} /></Field>
      <Field name="Examples in a mini-batch"><Real value={it.batch} wanted={whole(...LIMITS.batch)} label="Examples in a mini-batch" onChange={(batch) => put({ batch })} /></Field>
      <Field name="Epochs"><Real value={it.epochs} wanted={whole(...LIMITS.epochs)} label="Epochs" onChange={(epochs) => put({ epochs })} /></Field>
      <Field name="Initial weights"><Choice label="Initial weights" value={it.initial ?? ""} options={["", ...options.initial]} empty="suit the activation" onChange={(initial) => put({ initial: initial || null })} /></Field>
      {it.points !== null && <Field name="Number of points"><Real value={it.points} wanted={whole(...LIMITS.points)} label="Points" onChange={(points) => put({ points })} /></Field>}
      {it.noise !== null && <Field name="Noise (0 for none)"><Real value={it.noise} wanted={NOISE} label="Noise of the points" onChange={(noise) => put({ noise })} /></Field>}
      <Field name="Seed"><Typed value={it.seed} wanted={whole(...LIMITS.seed)} label="Seed" usual="drawn at random" read={orNone} onChange={(seed) => put({ seed })} /></Field>
    </div>
  );
}

const Field = ({ name, children }: { name: string; children: ComponentChildren }): JSX.Element => <div class="crl-setting"><span aria-hidden="true">{name}</span>{children}</div>;

function Choice({ label, value, options, empty, onChange }: {
  label: string; value: string; options: readonly string[]; empty?: string; onChange: (value: string) => void;
}): JSX.Element {
  return (
    <select aria-label={label} value={value} onChange={(e) => onChange(e.currentTarget.value)}>
      {options.map((name) => <option key={name} value={name}>{name ? spaced(name) : empty}</option>)}
    </select>
  );
}

interface TypedProps<T> {
  readonly value: T;
  readonly wanted: Wanted;
  readonly label: string;
  readonly usual?: string;
  /** What a text means; NaN where it is no number. */
  readonly read: (text: string) => T;
  readonly onChange: (value: T) => void;
}

const real = (text: string): number => parseNumber(text) ?? NaN;
const orNone = (text: string): number | null => (text.trim() === "" ? null : real(text));

const Real = (props: Omit<TypedProps<number>, "read">): JSX.Element => <Typed {...props} read={real} />;

/** A number as it was typed, until it is set from elsewhere: by another optimizer. */
function Typed<T extends number | null>({ value, wanted, label, usual, read, onChange }: TypedProps<T>): JSX.Element {
  const typed = useSignal(String(value ?? ""));
  const text = Object.is(read(typed.value), value) ? typed.value : String(value ?? "");
  return <input type="text" inputMode="decimal" size={8} aria-label={label} placeholder={usual} value={text} aria-invalid={isOdd(text, wanted) ? "true" : undefined}
    onInput={(e) => { typed.value = e.currentTarget.value; onChange(read(e.currentTarget.value)); }} />;
}

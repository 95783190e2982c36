/** Where a number comes from: the neuron or the weight that is chosen, with its formulas and its live numbers. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Known } from "../formula";
import { number } from "../format";
import { passOf } from "../model";
import { parametersOf } from "../network";
import type { Hello } from "../protocol";
import { NOTHING, type Selection, type Store } from "../store";
import { largestAt } from "./example";
import { FORMS, written, type Form } from "./inspect/copying";
import { Neuron, WhyChain } from "./inspect/neuron";
import { Weight } from "./inspect/weight";
import { bringIntoView } from "./inview";
import { capital, selectionName, WeightSym } from "./names";
import { editedClass, Unrecorded } from "./whatif";

type Chosen = Exclude<Selection, { kind: "none" }>;

/** Something to begin with, where nothing is chosen. */
export function Invitation({ store }: { store: Store }): JSX.Element | null {
  const hello = store.hello.value;
  if (!hello || store.selection.value.kind !== "none") return null;
  const L = hello.network.sizes.length;
  const strongest = (): Selection => {
    const p = store.parameters.peek()!;
    const l = Math.min(3, L);
    const at = largestAt(p.w[l]!.map(Math.abs));
    return { kind: "weight", l, j: Math.floor(at / hello.network.sizes[l - 2]!), k: at % hello.network.sizes[l - 2]! };
  };
  return (
    <section class="crl-panel crl-invitation" aria-label="Inspector">
      <p><b>Every number here has a reason.</b> Choose a neuron or an edge of the network to see where its number comes from.</p>
      <p>
        <button type="button" onClick={() => store.select({ kind: "neuron", l: 2, j: 0 })}>A hidden neuron</button>
        <button type="button" onClick={() => store.select({ kind: "neuron", l: L, j: 0 })}>An output and its error</button>
        <button type="button" onClick={() => store.select(strongest())}>The strongest weight of layer {Math.min(3, L)}</button>
      </p>
    </section>
  );
}

/** Where one came from: the last choices, each a way back. */
function useTrail(store: Store): readonly Chosen[] {
  const trail = useSignal<readonly Chosen[]>([]);
  const now = store.selection.value;
  useEffect(() => {
    if (now.kind === "none") { trail.value = []; return; }
    const same = trail.peek().findIndex((s) => JSON.stringify(s) === JSON.stringify(now));
    trail.value = same >= 0 ? trail.peek().slice(0, same + 1) : [...trail.peek().slice(-5), now];
  }, [JSON.stringify(now)]);
  return trail.value;
}

function Trail({ store, hello }: { store: Store; hello: Hello }): JSX.Element | null {
  const trail = useTrail(store);
  if (trail.length < 2) return null;
  return (
    <nav class="crl-trail" aria-label="Where you came from">
      {trail.slice(0, -1).map((s) => (
        <>
          <button type="button" class="crl-link" onClick={() => store.select(s)}>{capital(selectionName(hello, s))}</button>
          <span aria-hidden="true">›</span>
        </>
      ))}
    </nav>
  );
}

/** Copy buttons; where the clipboard is not to be had, the text is shown to be copied by hand. */
function Copy({ known, chosen }: { known: Known; chosen: Chosen }): JSX.Element {
  const done = useSignal<Form | null>(null);
  const text = useSignal<string | null>(null);
  const copy = async (form: Form): Promise<void> => {
    const wanted = written(known, chosen, form);
    try {
      await navigator.clipboard.writeText(wanted);
      done.value = form;
      text.value = null;
      setTimeout(() => { done.value = null; }, 1500);
    } catch {
      text.value = wanted;
    }
  };
  return (
    <div class="crl-copy">
      <span class="crl-faint">Copy as</span>
      {FORMS.map((form) => <button type="button" onClick={() => void copy(form)}>{done.value === form ? "✓ copied" : form}</button>)}
      {text.value !== null && (
        <textarea readOnly rows={4} aria-label="To be copied" value={text.value} onFocus={(event) => event.currentTarget.select()} />
      )}
    </div>
  );
}

/** Where a cost goes, in words. */
export function costCourse(before: number, after: number): string {
  if (after === before) return `stays at ${number(before)}`;
  if (!Number.isFinite(after)) return `was ${number(before)}, and is now ${number(after)}: some number has become too large`;
  if (!Number.isFinite(before)) return `was ${number(before)}, and is now ${number(after)}`;
  return `${after > before ? "rises" : "falls"} from ${number(before)} to ${number(after)}`;
}

/** The cost with the edit and without it. */
function Edited({ store }: { store: Store }): JSX.Element | null {
  const { frame, pass } = store.calm.value;
  const [shape, net, pinned] = [store.shape.value, store.network.value, store.pinned.value];
  if (!store.whatIf.value || !frame || !pass || !shape || !net || !pinned) return null;
  const before = passOf(net, parametersOf(shape, frame.parameters), pinned.x, pinned.y).cost;
  return <Unrecorded store={store}>The cost of this example {costCourse(before, pass.cost)}.</Unrecorded>;
}

function Body({ store, hello, chosen }: { store: Store; hello: Hello; chosen: Chosen }): JSX.Element {
  const { parameters, pass } = store.calm.value;
  const network = store.network.value;
  if (!network) return <p class="crl-empty">{store.unknown.value}</p>;
  if (!parameters || !pass) return <p class="crl-empty">No example was kept with this run, so there is no pass to explain.</p>;
  const known = { network, parameters, pass };
  const about = { store, hello, known, l: chosen.l, j: chosen.j };
  const name = JSON.stringify(chosen); // another choice begins with everything closed
  return (
    <>
      <WhyChain {...about} />
      {chosen.kind === "neuron" ? <Neuron key={name} {...about} /> : <Weight key={name} {...about} k={chosen.k} />}
      <Copy known={known} chosen={chosen} />
    </>
  );
}

/** What is chosen: a weight by its symbol and its number, and in small where it leads. */
function Title({ store, hello, s }: { store: Store; hello: Hello; s: Chosen }): JSX.Element {
  if (s.kind === "neuron") return <>{capital(selectionName(hello, s))}</>;
  const value = store.calm.value.parameters?.flat[store.index(s.l, s.j, s.k)];
  return <><WeightSym l={s.l} j={s.j} k={s.k} /> = {number(value)} <small>{selectionName(hello, s).replace("the weight ", "")}</small></>;
}

/** Bring what was pressed into view: not what is there when a page or a mode is opened, and not beside step mode, whose own panel tells of it. */
function useInView(place: { readonly current: HTMLElement | null }, name: string): void {
  const isFirst = useRef(true);
  useEffect(() => {
    const [el, isOpening] = [place.current, isFirst.current];
    isFirst.current = false;
    if (!el || isOpening || !navigator.userActivation?.hasBeenActive || el.closest(".crl")?.querySelector(".crl-steps")) return;
    if (el.getBoundingClientRect().top > innerHeight - 200) bringIntoView(el, "start");
  }, [name]);
}

export function Inspector({ store }: { store: Store }): JSX.Element | null {
  const place = useRef<HTMLElement>(null);
  const [hello, s] = [store.hello.value, store.selection.value];
  useInView(place, JSON.stringify(s));
  if (!hello || s.kind === "none") return null;
  return (
    <section ref={place} class={`crl-panel crl-inspector${editedClass(store)}`} aria-label="Inspector">
      <header class="crl-head">
        <h2><Title store={store} hello={hello} s={s} /></h2>
        <Trail store={store} hello={hello} />
        <button type="button" class="crl-quiet" aria-label="Close the inspector" onClick={() => store.select(NOTHING)}>×</button>
      </header>
      <Edited store={store} />
      <Body store={store} hello={hello} chosen={s} />
    </section>
  );
}

/** What can be taken away of a run: one file that opens anywhere, a picture, a table, Python that trains it again. */

import { useSignal, type Signal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useRef } from "preact/hooks";
import "./study.css";
import { csvOf, stepsInRow } from "../csv";
import { drawingOf, pngOf, svgOf } from "../drawing";
import { bytes, many } from "../format";
import { save } from "../save";
import { MEGABYTES, PRECISIONS, type Extent, type RunFile } from "../source";
import { trying } from "../state";
import type { Store } from "../store";
import { NumberField, whole } from "./numberfield";

/** The name of a file of this run. */
const named = (store: Store, what: string): string => `${(store.hello.peek()?.name ?? "run").replace(/[^\w.-]+/g, "-")}${what}`;

export function Save({ store }: { store: Store }): JSX.Element | null {
  const place = useRef<HTMLDetailsElement>(null);
  const isOpen = useSignal(false);
  if (!store.hello.value) return null;
  const close = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || !place.current?.open) return;
    event.preventDefault(); // what else this key closes stays
    place.current.open = false;
    place.current.querySelector("summary")!.focus();
  };
  return (
    <details class="crl-help crl-save" ref={place} onToggle={(event) => { isOpen.value = event.currentTarget.open; }} onKeyDown={close}>
      <summary title="Save this run, its picture, its curves, or Python that trains it again">Export</summary>
      {isOpen.value && (
        <div class="crl-help-box">
          {store.source.file && <OneFile store={store} file={store.source.file} />}
          <Picture store={store} root={() => place.current!.closest(".crl")!} />
          <Table store={store} />
          {store.source.cell && <Python store={store} cell={store.source.cell} />}
        </div>
      )}
    </details>
  );
}

const Part = ({ title, words, children }: { title: string; words: string; children: ComponentChildren }): JSX.Element => (
  <section><b>{title}</b><span class="crl-faint">{words}</span><div class="crl-row">{children}</div></section>
);

type Size = Awaited<ReturnType<RunFile["size"]>>;

/** How large the file will be is asked for before it is saved. */
function OneFile({ store, file }: { store: Store; file: RunFile }): JSX.Element {
  const last = store.last.value;
  const extent = useSignal<Extent>({ most: 8, precision: "float32", from: 0, to: store.last.peek() });
  const size: Signal<Size | "asked" | null> = useSignal(null);
  const ask = async (change: Partial<Extent>): Promise<void> => {
    const wanted = extent.value = { ...extent.peek(), ...change };
    size.value = "asked";
    const found = await trying(store, () => file.size(wanted));
    if (extent.peek() === wanted) size.value = found;
  };
  if (size.value === null && !store.problem.value) void ask({});
  const it = size.value;
  const step = (name: "from" | "to", low: number, high: number): JSX.Element => (
    <NumberField label={`${name} step`} wanted={whole(low, high)} value={String(extent.value[name])} onPut={(at) => void ask({ [name]: at })} />
  );
  return (
    <Part title="One HTML file" words="This lab with the run in it; it opens anywhere, without a server or a network.">
      <Choice name="at most" unit=" MB" among={MEGABYTES} value={extent.value.most} onChange={(most) => void ask({ most })} />
      <Choice name="precision" among={PRECISIONS} value={extent.value.precision} onChange={(precision) => void ask({ precision })} />
      <span class="crl-field">steps {step("from", 0, extent.value.to)} to {step("to", extent.value.from, last)}</span>
      <div class="crl-row crl-save-it">
        {it === "asked" ? <span class="crl-faint" role="status">Measuring …</span> : it && (
          <>
            <a class="crl-button" href={file.address(extent.value)} download="">Save {bytes(it.bytes)}</a>
            <span class="crl-faint">with {it.frames < it.of ? `${it.frames} of ` : ""}{many(it.of, "recorded step")}</span>
          </>
        )}
      </div>
    </Part>
  );
}

interface Choices<T> { name: string; unit?: string; among: readonly T[]; value: T; onChange: (value: T) => void }

const Choice = <T extends string | number>({ name, unit = "", among, value, onChange }: Choices<T>): JSX.Element => (
  <label class="crl-field">{name}{" "}
    <select value={String(value)} onChange={(event) => onChange(among[event.currentTarget.selectedIndex]!)}>
      {among.map((each) => <option value={String(each)}>{each}{unit}</option>)}
    </select>
  </label>
);

function Picture({ store, root }: { store: Store; root: () => Element }): JSX.Element {
  const put = (kind: "svg" | "png"): void => void trying(store, async () => {
    const drawing = drawingOf(root().querySelector(".crl-stage canvas, .crl-reverse canvas"));
    if (!drawing) throw new Error("There is no picture of the network on this screen: go to Train, Step or History.");
    save(named(store, `-step-${store.step.peek()}.${kind}`), kind === "svg" ? svgOf(drawing) : await pngOf(drawing));
  });
  return (
    <Part title="The network as a picture" words="As it is shown now: its step, its colours, what its edges show.">
      <button type="button" onClick={() => put("svg")}>SVG</button><button type="button" onClick={() => put("png")}>PNG</button>
    </Part>
  );
}

function Table({ store }: { store: Store }): JSX.Element {
  const { source, last, first, curves } = store;
  const put = (): void => void trying(store, async () => save(named(store, ".csv"), csvOf(await source.curves(first.peek() + 1, undefined, source.rows)), "text/csv"));
  const each = source.rows ? Math.ceil((last.value - first.value) / source.rows) : curves.value ? stepsInRow(curves.value) : 1;
  const rows = each > 1 ? ` A row stands for ${many(each, "step")}: the mean, the lowest and the highest of their costs.` : " A row is one step.";
  return (
    <Part title="The curves as a table" words={`Costs, held-out results, and the figures of each layer, by step.${rows}`}>
      <button type="button" onClick={put}>CSV</button>
    </Part>
  );
}

/** The cell of a notebook, to be copied. */
function Python({ store, cell }: { store: Store; cell: () => Promise<string> }): JSX.Element {
  const text = useSignal<string | null>(null);
  const isDone = useSignal(false);
  const show = async (): Promise<void> => { text.value = await trying(store, cell); };
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text.peek()!);
      isDone.value = true;
    } catch { /* the text is there to be copied by hand */ }
  };
  return (
    <Part title="Python that trains it again" words="The cell of a notebook: the same data, the same first weights, the same numbers.">
      {text.value === null ? <button type="button" onClick={() => void show()}>Show the cell</button> : (
        <>
          <textarea readOnly rows={9} aria-label="Python" value={text.value} onFocus={(event) => event.currentTarget.select()} />
          <button type="button" onClick={() => void copy()}>{isDone.value ? "✓ copied" : "Copy"}</button>
          <button type="button" onClick={() => save(named(store, ".py"), text.peek()!, "text/x-python")}>Save as .py</button>
        </>
      )}
    </Part>
  );
}

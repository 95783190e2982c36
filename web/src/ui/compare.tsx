/** Another run beside this one: which, and how its curves are told from those of this one: by colour, and by dashes. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { CLASSES } from "../colours";
import { nameOf, type Hello, type Other } from "../protocol";
import type { Others } from "../source";
import { trying } from "../state";
import type { Store } from "../store";
import type { Line } from "./chart";

const [COST, HELD_OUT] = [2, 3]; // of the colours that stay apart in every kind of colour blindness

/** The lines of another run: its cost, and what is held out. */
export const linesOfOther = (id: string): readonly Line[] => [
  { name: `${id}: cost`, colour: ({ theme }) => CLASSES[theme][COST]!, dash: [7, 4] },
  { name: `${id}: held-out`, colour: ({ theme }) => CLASSES[theme][HELD_OUT]!, width: 2, dash: [2, 4], points: true },
];

/** The runs, the parent of a branch first. */
export function ordered(runs: readonly string[], parent: Hello["parent"]): readonly string[] {
  const own = parent && nameOf(parent.run);
  return own !== null && runs.includes(own) ? [own, ...runs.filter((id) => id !== own)] : runs;
}

/** Which run is laid over this one; in History, and wherever one has been chosen. */
export function Compare({ store }: { store: Store }): JSX.Element | null {
  const { others } = store.source;
  if (!others || (store.mode.value !== "history" && !store.other.value)) return null;
  return <Choice store={store} others={others} />;
}

function Choice({ store, others }: { store: Store; others: Others }): JSX.Element | null {
  const runs = useSignal<readonly string[]>([]);
  useEffect(() => { void trying(store, others.list).then((it) => { runs.value = it ?? []; }); }, [others]);
  const [chosen, parent] = [store.compared.value ?? "", store.hello.value?.parent ?? null];
  const all = ordered(runs.value, parent);
  if (all.length === 0 && chosen === "") return <span class="crl-faint">There is no other run to compare it with.</span>;
  const first = parent && all[0] === nameOf(parent.run) ? all[0] : null;
  return (
    <label class="crl-field crl-compare">compare with{" "}
      <select value={chosen} onChange={(event) => void store.compare(event.currentTarget.value || null)}>
        <option value="">no other run</option>
        {[...new Set([...all, ...(chosen ? [chosen] : [])])].map((id) => <option value={id}>{id}{id === first ? " (its origin)" : ""}</option>)}
      </select>
    </label>
  );
}

/** Costs of two kinds are two quantities: one may be compared with the other in how it falls, not in its height. */
export function OtherCost({ store, other }: { store: Store; other: Other }): JSX.Element | null {
  const [ours, theirs] = [store.hello.value?.network.cost, other.hello.network.cost].map((cost) => cost?.replace(/_/g, " "));
  if (ours === theirs) return null;
  return <p class="crl-note">{other.id} has another cost, {theirs}; here it is {ours}. Their heights are not the same quantity: compare the accuracy.</p>;
}

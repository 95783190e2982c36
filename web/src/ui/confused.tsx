/** The confusion matrix: rows are what is true, columns are what the network says; a cell leads to one example. */

import { useSignal } from "@preact/signals";
import type { JSX, TargetedKeyboardEvent } from "preact";
import { useMemo, useRef } from "preact/hooks";
import "./study.css";
import { count, many, percent } from "../format";
import type { Confusion, Hello } from "../protocol";
import { joined } from "../rows";
import type { Study } from "../source";
import { trying } from "../state";
import type { Store } from "../store";
import { useAsked, useCurrent } from "./asked";
import { className } from "./names";
import { Scroll } from "./scroll";

const MOST = 20; // classes of a table that can be read

interface Props { readonly store: Store; readonly hello: Hello; readonly study: Study }

export function Confused(props: Props): JSX.Element {
  const classes = Math.max(2, props.hello.network.sizes.at(-1)!);
  const isOpen = useSignal(props.hello.network.sizes[0] !== 2); // beside the plane there is no room for it at once
  if (classes > MOST) return <p class="crl-faint">The confusion matrix is shown for up to {MOST} classes; here there are {count(classes)}.</p>;
  return (
    <details class="crl-confused" open={isOpen.value} onToggle={(event) => { isOpen.value = event.currentTarget.open; }}>
      <summary>Confusion matrix</summary>
      {isOpen.value && <Asked {...props} />}
    </details>
  );
}

/** What the examples are that the network is judged by. */
const PARTS: Readonly<Record<Confusion["part"], string>> = {
  "held-out": "held-out examples", test: "examples of the test set (none are held out)",
  training: "training examples (none are held out, and there is no test set)",
};

export function sayOf({ part, examples, of, counts, step }: Confusion): string {
  const right = counts.reduce((sum, row, i) => sum + row[i]!, 0);
  const which = `${examples < of ? `${count(examples)} of ` : ""}${count(of)} ${PARTS[part]}`;
  return `${count(right)} right (${percent(right / Math.max(1, examples))}) of ${which}, at step ${count(step)}`;
}

function Asked({ store, hello, study }: Props): JSX.Element {
  const asked = useAsked(store, study, (step) => study.confusion(step));
  const isOld = !useCurrent(store, asked);
  const [it, problem] = [asked.found.value, asked.problem.value];
  if (!it) return <p class="crl-faint">{problem ?? (study.only === null ? "The engine is judging held-out examples …" : "This file has none.")}</p>;
  return (
    <>
      {isOld && <p class="crl-note">{study.only !== null ? "This file has it of the last step alone:" : problem ? `${problem} This is` : "The shown step is being judged; this is"} step {count(it.step)}.</p>}
      <Table store={store} hello={hello} study={study} it={it} />
    </>
  );
}

/** Follow the example of a cell through the network, unless another one has been chosen when it comes. */
export async function follow(store: Store, study: Study, place: number, wish: { current: number | null }): Promise<void> {
  const before = store.example.peek();
  wish.current = place;
  const one = await trying(store, () => study.example(place));
  const all = store.examples.peek();
  if (!one || !all || wish.current !== place || store.example.peek() !== before) return;
  const found = joined(all, one.x, one.y, 0);
  store.examples.value = found.all;
  store.pin(found.place);
}

/** Of a row of the true class the share that a cell has, as a colour on which ink is read: blue where it is right, else orange. */
function tint(share: number, isRight: boolean): string {
  const colour = isRight ? "var(--crl-positive)" : "var(--crl-negative)";
  return `color-mix(in srgb, ${colour} ${Math.round(6 + 44 * share ** 0.5)}%, var(--crl-paper))`;
}

const KEYS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1],
};

/** The next cell that holds something, in a direction. */
export function neighbour(counts: Confusion["counts"], [i, j]: readonly [number, number], [down, right]: readonly [number, number]): [number, number] {
  for (let [row, column] = [i + down, j + right]; counts[row]?.[column] !== undefined; row += down, column += right) {
    if (counts[row]![column]! > 0) return [row, column];
  }
  return [i, j];
}

/** One stop of the Tab key; the arrows lead to the other cells. */
function useCells(it: Confusion) {
  const begun = useMemo((): readonly [number, number] => {
    const row = Math.max(0, it.counts.findIndex((cells) => cells.some((n) => n > 0)));
    return [row, Math.max(0, it.counts[row]!.findIndex((n) => n > 0))];
  }, [it]);
  const at = useSignal(begun);
  const now = it.counts[at.value[0]]?.[at.value[1]] ? at.value : begun;
  const key = (event: TargetedKeyboardEvent<HTMLTableElement>): void => {
    const way = KEYS[event.key];
    if (!way) return;
    event.preventDefault();
    at.value = neighbour(it.counts, now, way);
    event.currentTarget.querySelector<HTMLElement>(`[data-cell="${at.value.join(".")}"]`)?.focus();
  };
  return { at, now, key };
}

function Table({ store, hello, study, it }: Props & { readonly it: Confusion }): JSX.Element {
  const { at, now, key } = useCells(it);
  const wish = useRef<number | null>(null);
  const names = it.counts.map((_, i) => className(hello, i));
  return (
    <>
      <p class="crl-faint">{sayOf(it)}. Press a number to follow one such example.</p>
      <Scroll label="Confusion matrix">
        <table onKeyDown={key}>
          <thead><tr>
            <td class="crl-corner">says →<br />true ↓</td>
            {names.map((name) => <th scope="col" title={`the network says ${name}`}>{name}</th>)}
          </tr></thead>
          <tbody>{it.counts.map((row, i) => (
            <tr>
              <th scope="row" title={`true class ${names[i]}`}>{names[i]}</th>
              {row.map((n, j) => (
                <Cell n={n} of={row.reduce((a, b) => a + b, 0)} isRight={i === j} words={`${names[i]} taken for ${names[j]}: ${many(n, "example")}`}
                  place={it.sample[i]?.[j] ?? null} at={`${i}.${j}`} isNow={now[0] === i && now[1] === j}
                  onFocus={() => { at.value = [i, j]; }} onPress={(place) => void follow(store, study, place, wish)} />
              ))}
            </tr>
          ))}</tbody>
        </table>
      </Scroll>
    </>
  );
}

interface CellProps {
  readonly n: number;
  readonly of: number;
  readonly isRight: boolean;
  readonly words: string;
  readonly place: number | null;
  readonly at: string;
  readonly isNow: boolean;
  readonly onFocus: () => void;
  readonly onPress: (place: number) => void;
}

function Cell({ n, of, isRight, words, place, at, isNow, onFocus, onPress }: CellProps): JSX.Element {
  const background = tint(n / Math.max(1, of), isRight);
  if (n === 0) return <td class="is-none" title={words}>·</td>;
  return (
    <td class={isRight ? "is-right" : ""} title={words} style={{ background }}>
      {place === null ? count(n) : (
        <button type="button" data-cell={at} tabIndex={isNow ? 0 : -1} aria-label={words} onFocus={onFocus} onClick={() => onPress(place)}>{count(n)}</button>
      )}
    </td>
  );
}

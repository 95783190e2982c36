/** What the picture of the network shows, and in what sizes. */

import type { JSX } from "preact";
import { number } from "../format";
import { ENCODINGS, type Encoding, type Store } from "../store";
import { SORTS } from "./draw/areas";
import { DASH, FULL } from "./draw/network";
import { ENCODING_ROWS } from "./draw/values";
import { scalesOf, wideScales, type Look, type Seen } from "./stage";

interface Option { readonly value: string; readonly name: string; readonly title?: string }

/** A few choices, of which one is made. */
export function Segments(
  { label, options, value, onChoose }: { label: string; options: readonly Option[]; value: string; onChoose: (value: string) => void },
): JSX.Element {
  return (
    <div class="crl-segments" role="group" aria-label={label}>
      {options.map((option) => (
        <button type="button" aria-pressed={option.value === value} title={option.title} onClick={() => onChoose(option.value)}>
          {option.name}
        </button>
      ))}
    </div>
  );
}

export function EncodingSwitch({ store }: { store: Store }): JSX.Element {
  const options = ENCODINGS.map((value) => ({ value, name: ENCODING_ROWS[value].name, title: `Show ${ENCODING_ROWS[value].words} (W: next)` }));
  return (
    <Segments label="What the edges show" options={options} value={store.encoding.value}
      onChoose={(value) => { store.encoding.value = value as Encoding; }} />
  );
}

export function NeuronSwitch({ look, isSmall }: { look: Look; isSmall: boolean }): JSX.Element {
  const options = [
    { value: "picture", name: "Picture", title: "In each neuron its activation over the whole plane" },
    isSmall ? { value: "number", name: "Number", title: "In each neuron its number for the chosen example" }
      : { value: "number", name: "Edges", title: "In each neuron its incoming edges" },
  ];
  return (
    <Segments label="What the neurons show" options={options} value={look.pictures.value ? "picture" : "number"}
      onChoose={(value) => { look.pictures.value = value === "picture"; }} />
  );
}

export const ReverseSwitch = ({ store }: { store: Store }): JSX.Element => (
  <button type="button" class="crl-push" aria-pressed={store.reverse.value} title="The backward pass as a network of its own (R)"
    onClick={() => { store.reverse.value = !store.reverse.peek(); }}>{store.reverse.value ? "Forward" : "Reverse"}</button>
);

export function SortSwitch({ look }: { look: Look }): JSX.Element {
  return (
    <label class="crl-field">Sort by{" "}
      <select value={look.sort.value} onChange={(event) => { look.sort.value = event.currentTarget.value as typeof SORTS[number]; }}>
        {SORTS.map((sort) => <option value={sort}>{sort}</option>)}
      </select>
    </label>
  );
}

/** A line as it is drawn for a value. */
function Sample({ share, isNegative }: { share: number; isNegative: boolean }): JSX.Element {
  const width = 0.5 + (FULL - 0.5) * share;
  return (
    <svg class="crl-sample" width="34" height="10" aria-hidden="true">
      <line x1="1" y1="5" x2="33" y2="5" stroke-width={width} stroke={`var(--crl-${isNegative ? "negative" : "positive"})`}
        {...(isNegative ? { "stroke-dasharray": DASH.join(" ") } : {})} />
    </svg>
  );
}

export function Legend({ seen }: { seen: Seen }): JSX.Element {
  const row = seen.encoding;
  return (
    <div class="crl-legend">
      {seen.isSmall ? <SmallLegend seen={seen} edge={row.edge} /> : <WideLegend seen={seen} edge={row.edge} />}
      <NodeLegend seen={seen} node={row.node} />
    </div>
  );
}

function SmallLegend({ seen, edge }: { seen: Seen; edge: string }): JSX.Element {
  const { edge: scale } = scalesOf(seen);
  return (
    <span class="crl-key"><b>{edge}</b>
      <Sample share={1} isNegative={false} />{number(scale, 1)}
      <Sample share={1} isNegative />{number(-scale, 1)}
      <span class="crl-faint">dashed = negative</span>
    </span>
  );
}

function WideLegend({ seen, edge }: { seen: Seen; edge: string }): JSX.Element | null {
  if (!seen.values || seen.pictures) return null;
  const { scales } = wideScales(seen);
  return (
    <span class="crl-key"><b>{edge}</b><span class="crl-ramp" aria-hidden="true" />
      {seen.shape.sizes.slice(1).map((_, i) => <span class="crl-faint">layer {i + 2}: ±{number(scales[i + 2], 1)}</span>)}
    </span>
  );
}

function NodeLegend({ seen, node }: { seen: Seen; node: string }): JSX.Element | null {
  if (!seen.values?.nodes) return null;
  const name = node === "a" ? "activation a" : "error δ";
  const plane = <span class="crl-key"><b>neurons</b>activation over the plane<span class="crl-ramp" aria-hidden="true" />low to high</span>;
  if (!seen.isSmall) {
    const bars = <span class="crl-key"><b>bars</b>{name}{node === "δ" && <span class="crl-faint">hatched = negative</span>}</span>;
    return <>{seen.pictures && plane}{bars}</>;
  }
  const { node: scale } = scalesOf(seen);
  if (seen.pictures) return plane;
  return <span class="crl-key"><b>neurons</b>{name}<span class="crl-ramp" aria-hidden="true" />±{number(scale, 1)}</span>;
}

/** uPlot in a panel: as wide as it is, in the page's colours, with the shown step as a line; a click goes to a step. */

import { effect, useSignal, type ReadonlySignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { count, number } from "../format";
import { ticks } from "./axis";
import { inkOf, UNSEEN, watchView } from "./canvas";
import type { Ink } from "./draw/network";
import { lastBefore } from "./healthparts";
import { watchTheme } from "./theme";

export interface Line {
  readonly name: string;
  readonly colour: (ink: Ink) => string;
  readonly width?: number;
  readonly dash?: readonly number[];
  readonly points?: boolean;
  /** An edge of a band: no line of its own. */
  readonly isEdge?: boolean;
}

interface Props {
  readonly label: string;
  readonly lines: readonly Line[];
  /** Which two lines a band lies between. */
  readonly band?: readonly [number, number];
  readonly data: () => uPlot.AlignedData;
  readonly isLog?: boolean;
  /** The first and the last step that there is. */
  readonly range: () => readonly [number, number];
  readonly height: number;
  readonly step: ReadonlySignal<number>;
  /** While a recording is played, the numbers of the legend wait. */
  readonly playing: ReadonlySignal<boolean>;
  readonly onSeek: (step: number) => void;
}

/** The number at this place, or the last one before it: of several lines, each is known at steps of its own, which `named` tells. */
export function known([steps, ...lines]: uPlot.AlignedData, line: number, at: number | null, named: boolean | undefined): string {
  for (let i = at ?? -1; i >= 0; i--) {
    const value = lines[line]?.[i];
    if (value !== null && value !== undefined) return number(value, 3) + (named && i !== at ? ` (step ${count(steps[i]!)})` : "");
  }
  return "–";
}

/** The data with as many lines as are drawn: it may have changed by now, and the lines change with the next rendering. */
export function fitted({ data, lines }: Pick<Props, "data" | "lines">): uPlot.AlignedData {
  const [steps, ...found] = data();
  return [steps, ...lines.map((_, i) => found[i] ?? Array.from(steps, () => null))];
}

function optionsOf(props: Props, width: number, ink: Ink): uPlot.Options {
  const thin = { stroke: ink.line, width: 0.5 };
  const axis = { stroke: ink.faint, grid: thin, ticks: thin, font: "11px system-ui, sans-serif" };
  return {
    width, height: props.height, cursor: { y: false, points: { size: 6 } },
    legend: { live: true, markers: { dash: (_, i) => (props.lines[i - 1]?.dash ? "dashed" : "solid") } },
    scales: { x: { time: false, range: () => [...props.range()] }, y: props.isLog ? { distr: 3 } : {} },
    axes: [
      { ...axis, size: 28, space: 60, values: (_, splits) => splits.map((v) => (Number.isInteger(v) ? count(v) : "")) },
      { ...axis, size: 56, values: (_, splits) => (props.isLog ? splits.map((v) => (v === null ? "" : number(v, 2))) : ticks(splits)) },
    ],
    series: [
      { label: "step", value: (_, v) => (v === null ? "–" : count(v)) },
      ...props.lines.map((line) => ({
        label: line.name, stroke: line.isEdge ? "transparent" : line.colour(ink), width: line.isEdge ? 0 : line.width ?? 1.5, spanGaps: true,
        points: line.points ? { size: 4 } : { show: false },
        value: (plot: uPlot, _: number | null, i: number, at: number | null) => known(plot.data, i - 1, at, line.points),
        ...(line.dash ? { dash: [...line.dash] } : {}),
      })),
    ],
    ...(props.band ? { bands: [bandOf(props.band, props.lines, ink)] } : {}),
  };
}

const bandOf = ([low, high]: readonly [number, number], lines: readonly Line[], ink: Ink): uPlot.Band => ({
  series: [high + 1, low + 1], fill: `color-mix(in srgb, ${lines[low]!.colour(ink)} 22%, transparent)`,
});

/** Draw new data in the frame that they come with; where the chart is not in view, seldom. */
function followed(el: Element, read: () => uPlot.AlignedData, draw: (data: uPlot.AlignedData) => void): () => void {
  let [isInView, data] = [true, null as uPlot.AlignedData | null];
  let later: ReturnType<typeof setTimeout> | undefined;
  const now = (): void => {
    clearTimeout(later);
    later = undefined;
    if (data) draw(data);
    data = null;
  };
  const end = effect(() => {
    data = read();
    if (isInView) now();
    else later ??= setTimeout(now, UNSEEN);
  });
  const unwatch = watchView(el, (is) => {
    isInView = is;
    if (is) now();
  });
  return () => { end(); unwatch(); clearTimeout(later); };
}

export function Chart(props: Props): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const mark = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const turns = useSignal(0); // of the theme: uPlot takes its colours once
  const latest = useRef(props);
  latest.current = props;
  const isMoving = (): boolean => latest.current.playing.peek();
  const place = (): void => {
    const [it, line] = [plot.current, mark.current];
    if (!it || !line) return;
    const left = it.valToPos(latest.current.step.peek(), "x");
    const isInside = Number.isFinite(left) && left >= -1 && left <= it.bbox.width / devicePixelRatio + 1; // as uPlot has measured it
    line.style.display = isInside ? "block" : "none";
    line.style.transform = `translateX(${left}px)`;
    if (isMoving()) return;
    if (it.cursor.left === undefined || it.cursor.left < 0) it.setLegend({ idx: lastBefore(it.data[0] as number[], latest.current.step.peek()) }, false);
  };
  useEffect(() => {
    const el = box.current!;
    const it = new uPlot(optionsOf(latest.current, el.clientWidth || 300, inkOf(el)), fitted(latest.current), el);
    it.over.append(mark.current!);
    it.over.addEventListener("mouseleave", () => place());
    it.over.addEventListener("click", () => { if (it.cursor.left! >= 0) latest.current.onSeek(Math.round(it.posToVal(it.cursor.left!, "x"))); });
    plot.current = it;
    const resized = new ResizeObserver(() => {
      if (Math.abs(it.width - el.clientWidth) > 1) it.setSize({ width: el.clientWidth, height: latest.current.height });
      place();
    });
    resized.observe(el);
    const ends = [
      followed(el, () => fitted(latest.current), (data) => { it.setData(data); place(); }),
      effect(() => { void [latest.current.step.value, latest.current.playing.value]; place(); }),
    ];
    return () => { for (const end of ends) end(); resized.disconnect(); it.destroy(); plot.current = null; };
  }, [props.isLog, props.lines.map((line) => line.name).join(), turns.value]);
  useEffect(() => watchTheme(box.current!, () => { turns.value++; }), []);
  return <div class="crl-chart" role="img" aria-label={props.label}><div ref={box} /><div class="crl-chart-now" ref={mark} /></div>;
}

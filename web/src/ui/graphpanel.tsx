/** A small graph, and how the two modes of differentiation touch its edges: one by one, counted. */

import type { JSX } from "preact";
import { useId } from "preact/hooks";
import type { Bench } from "../lessons/bench";
import { GRAPHS, isKnown, paths, sweptTo, touches, valuesOf, type Graph, type GraphEdge, type Mode, type Values } from "../lessons/graphs";
import { number } from "../format";

const [WIDTH, HEIGHT] = [520, 340];
const short = (x: number): string => (Number.isInteger(x) ? String(x).replace("-", "−") : number(x, 3));

interface Sweep { readonly mode: Mode; readonly from: string; readonly touched: number }

/** Where one can begin: forward at each node without edges into it, in reverse at each without edges out of it. */
function beginnings(graph: Graph): readonly { mode: Mode; from: string }[] {
  const ends = (side: "from" | "to"): string[] => graph.nodes.map(({ id }) => id).filter((id) => !graph.edges.some((edge) => edge[side] === id));
  return [...ends("to").map((from) => ({ mode: "forward" as const, from })), ...ends("from").map((from) => ({ mode: "reverse" as const, from }))];
}

export function GraphPanel({ bench }: { bench: Bench }): JSX.Element {
  const graph = GRAPHS[bench.graph]!;
  const sweep = bench.sweep.value;
  const values = valuesOf(graph);
  const all = touches(graph, sweep.mode).length;
  const isOver = sweep.touched >= all;
  const begin = (mode: Mode, from: string): void => { bench.sweep.value = { mode, from, touched: 0 }; };
  const touch = (touched: number): void => { bench.sweep.value = { ...bench.sweep.peek(), touched }; };
  return (
    <section class="crl-panel crl-graph" aria-label="Graph">
      <div class="crl-row">
        <div class="crl-segments" role="group" aria-label="Mode">
          {beginnings(graph).map(({ mode, from }) => (
            <button key={mode + from} type="button" aria-pressed={sweep.mode === mode && sweep.from === from} onClick={() => begin(mode, from)}>{mode} from {from}</button>
          ))}
        </div>
        <button type="button" class="crl-run" disabled={!sweep.from || isOver} onClick={() => touch(sweep.touched + 1)}>Next edge</button>
        <button type="button" disabled={!sweep.from || sweep.touched === 0} onClick={() => touch(0)}>Start again</button>
      </div>
      <Picture graph={graph} values={values} sweep={sweep} />
      <Counters graph={graph} sweep={sweep} />
      <NodeTable graph={graph} values={values} sweep={sweep} />
    </section>
  );
}

const [HALF_WIDTH, HALF_HEIGHT] = [46, 24]; // of a node

/** Where the line from a node's middle to a point leaves its box. */
function leaving(x: number, y: number, toX: number, toY: number): [number, number] {
  const [dx, dy] = [toX - x, toY - y];
  const t = Math.min((HALF_WIDTH + 5) / Math.abs(dx || 1e-9), (HALF_HEIGHT + 5) / Math.abs(dy || 1e-9));
  return [x + t * dx, y + t * dy];
}

/** The course of an edge, and where its name stands: beside it, away from the middle of the picture. */
function course(graph: Graph, edge: GraphEdge): { path: string; x: number; y: number; anchor: "start" | "middle" | "end" } {
  const at = (id: string): readonly [number, number] => {
    const [x, y] = graph.nodes.find((node) => node.id === id)!.at;
    return [x * WIDTH, y * HEIGHT];
  };
  const [[x1, y1], [x2, y2]] = [at(edge.from), at(edge.to)];
  const far = Math.hypot(x2 - x1, y2 - y1);
  const bend = (edge.bend ?? 0) * HEIGHT * 2;
  const [cx, cy] = [(x1 + x2) / 2 - ((y2 - y1) / far) * bend, (y1 + y2) / 2 + ((x2 - x1) / far) * bend];
  const [[ax, ay], [bx, by]] = [leaving(x1, y1, cx, cy), leaving(x2, y2, cx, cy)];
  const [x, y] = [(x1 + x2) / 4 + cx / 2, (y1 + y2) / 4 + cy / 2];
  const path = `M${ax} ${ay}Q${cx} ${cy} ${bx} ${by}`;
  if (edge.bend !== undefined) return { path, x, y: y + (edge.bend > 0 ? 20 : -10), anchor: "middle" };
  const side = x < WIDTH * 0.52 ? -1 : 1;
  const [nx, ny] = [(y2 - y1) / far, (x1 - x2) / far]; // across the edge
  const out = 10 * side * Math.sign(nx || 1);
  return { path, x: x + out * nx, y: y + out * ny + 4, anchor: side < 0 ? "end" : "start" };
}

function Picture({ graph, values, sweep }: { graph: Graph; values: Values; sweep: Sweep }): JSX.Element {
  const arrow = useId(); // a page may show two graphs
  const order = touches(graph, sweep.mode);
  const found = sweptTo(graph, values, sweep.mode, sweep.from, sweep.touched);
  return (
    <svg class="crl-graph-picture" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label="The graph; its numbers stand in the table below.">
      <defs><marker id={arrow} viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 0L8 4L0 8z" fill="context-stroke" /></marker></defs>
      {graph.edges.map((edge) => {
        const place = order.indexOf(edge);
        const state = place < sweep.touched ? (place === sweep.touched - 1 ? "is-now" : "is-done") : "";
        const { path, x, y, anchor } = course(graph, edge);
        const isBack = sweep.mode === "reverse" && sweep.from !== "";
        return (
          <g key={edge.name} class={`crl-graph-edge ${state}`}>
            <path d={path} fill="none" {...{ [isBack ? "marker-start" : "marker-end"]: `url(#${arrow})` }} />
            <text x={x} y={y} text-anchor={anchor}>{edge.name} = {short(edge.derivative(values))}</text>
          </g>
        );
      })}
      {graph.nodes.map((node) => {
        const known = sweep.from !== "" && isKnown(graph, sweep.mode, sweep.touched, node.id);
        return (
          <g key={node.id} class={`crl-graph-node ${known ? "is-known" : ""}`} transform={`translate(${node.at[0] * WIDTH} ${node.at[1] * HEIGHT})`}>
            <rect x={-HALF_WIDTH} y={-HALF_HEIGHT} width={2 * HALF_WIDTH} height={2 * HALF_HEIGHT} rx={9} />
            <text y={-6}>{node.text}{node.id in values && !node.text.includes("=") ? ` = ${short(values[node.id]!)}` : ""}</text>
            <text y={13} class="crl-graph-value">{sweep.from ? derivativeText(sweep, node.id, known ? found[node.id]! : null) : node.text.includes("=") ? `= ${short(values[node.id]!)}` : ""}</text>
          </g>
        );
      })}
    </svg>
  );
}

const derivativeText = ({ mode, from }: Sweep, id: string, x: number | null): string =>
  `${mode === "forward" ? `∂${id}/∂${from}` : `∂${from}/∂${id}`} = ${x === null ? "?" : short(x)}`;

function Counters({ graph, sweep }: { graph: Graph; sweep: Sweep }): JSX.Element {
  const starts = beginnings(graph);
  const count = (mode: Mode): number => starts.filter((it) => it.mode === mode).length;
  const edges = graph.edges.length;
  const ways = starts.filter(({ mode }) => mode === "forward").reduce((sum, { from }) => sum + paths(graph, from, starts.find(({ mode }) => mode === "reverse")!.from), 0);
  return (
    <dl class="crl-counters">
      <div><dt>edges touched</dt><dd aria-live="polite">{sweep.from ? sweep.touched : 0} of {edges}</dd></div>
      <div><dt>all derivatives: forward</dt><dd>{count("forward")} × {edges} touches</dd></div>
      <div><dt>in reverse</dt><dd>{count("reverse")} × {edges} touches</dd></div>
      <div><dt>paths to the end</dt><dd>{ways}</dd></div>
    </dl>
  );
}

function NodeTable({ graph, values, sweep }: { graph: Graph; values: Values; sweep: Sweep }): JSX.Element {
  const found = sweptTo(graph, values, sweep.mode, sweep.from, sweep.touched);
  return (
    <details class="crl-details">
      <summary>As a table</summary>
      <table class="crl-table">
        <thead><tr><th scope="col">Node</th><th scope="col">value</th><th scope="col">derivative</th></tr></thead>
        <tbody>{graph.nodes.map(({ id, text }) => (
          <tr key={id}><th scope="row">{text}</th><td>{id in values ? short(values[id]!) : ""}</td>
            <td>{sweep.from ? derivativeText(sweep, id, isKnown(graph, sweep.mode, sweep.touched, id) ? found[id]! : null) : ""}</td></tr>
        ))}</tbody>
      </table>
      <ul class="crl-faint">{graph.edges.map((edge) => <li key={edge.name}>{edge.from} to {edge.to}: {edge.name} = {short(edge.derivative(values))}</li>)}</ul>
    </details>
  );
}

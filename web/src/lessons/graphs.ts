/** Small graphs to do by hand: what each edge's derivative is, and in which order the two modes touch the edges. */

export type Mode = "forward" | "reverse";

export interface GraphNode {
  readonly id: string;
  /** What it is made of, such as "a + b". */
  readonly text: string;
  /** Its place in the drawing, from 0 to 1 each way. */
  readonly at: readonly [x: number, y: number];
  /** Its value from the values of the others; those without one are inputs. */
  readonly value?: (of: Values) => number;
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly name: string;
  readonly derivative: (of: Values) => number;
  /** How far a parallel edge is bent, in the same measure as places. */
  readonly bend?: number;
}

export type Values = Readonly<Record<string, number>>;

/** Nodes and edges, both from the inputs on: no edge begins at a node before all edges into it have been named. */
export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  readonly inputs: Values;
}

const one = (): number => 1;
const greek = (names: string, from: string, to: string, values: readonly number[]): GraphEdge[] =>
  [...names].map((name, i) => ({ from, to, name, derivative: () => values[i]!, bend: (i - 1) * 0.22 }));

export const GRAPHS: Readonly<Record<string, Graph>> = {
  product: {
    inputs: { a: 2, b: 1 },
    nodes: [
      { id: "a", text: "a", at: [0.14, 0.88] },
      { id: "b", text: "b", at: [0.72, 0.88] },
      { id: "c", text: "c = a + b", at: [0.26, 0.49], value: ({ a, b }) => a! + b! },
      { id: "d", text: "d = b + 1", at: [0.82, 0.49], value: ({ b }) => b! + 1 },
      { id: "e", text: "e = c · d", at: [0.54, 0.11], value: ({ c, d }) => c! * d! },
    ],
    edges: [
      { from: "a", to: "c", name: "∂c/∂a", derivative: one },
      { from: "b", to: "c", name: "∂c/∂b", derivative: one },
      { from: "b", to: "d", name: "∂d/∂b", derivative: one },
      { from: "c", to: "e", name: "∂e/∂c", derivative: ({ d }) => d! },
      { from: "d", to: "e", name: "∂e/∂d", derivative: ({ c }) => c! },
    ],
  },
  paths: {
    inputs: {},
    nodes: [
      { id: "X", text: "X", at: [0.1, 0.5] },
      { id: "Y", text: "Y", at: [0.5, 0.5] },
      { id: "Z", text: "Z", at: [0.9, 0.5] },
    ],
    edges: [...greek("αβγ", "X", "Y", [2, 3, 4]), ...greek("δεζ", "Y", "Z", [1, 2, 5])],
  },
};

/** The value of each node. */
export function valuesOf(graph: Graph, inputs: Values = graph.inputs): Values {
  const values: Record<string, number> = { ...inputs };
  for (const node of graph.nodes) if (node.value) values[node.id] = node.value(values);
  return values;
}

/** The edges in the order in which a mode touches them: each once. */
export function touches(graph: Graph, mode: Mode): readonly GraphEdge[] {
  return mode === "forward" ? graph.edges : graph.edges.toReversed();
}

/** The derivative at each node after so many touches: by `from` (forward), or of `from` (reverse). */
export function sweptTo(graph: Graph, values: Values, mode: Mode, from: string, touched: number): Record<string, number> {
  const found: Record<string, number> = Object.fromEntries(graph.nodes.map(({ id }) => [id, id === from ? 1 : 0]));
  for (const edge of touches(graph, mode).slice(0, touched)) {
    const [source, target] = mode === "forward" ? [edge.from, edge.to] : [edge.to, edge.from];
    found[target]! += edge.derivative(values) * found[source]!;
  }
  return found;
}

/** How many paths lead from one node to another. */
export function paths(graph: Graph, from: string, to: string): number {
  if (from === to) return 1;
  return graph.edges.filter((edge) => edge.from === from).reduce((sum, edge) => sum + paths(graph, edge.to, to), 0);
}

/** Whether all edges that a node waits for have been touched, so that its derivative is known. */
export function isKnown(graph: Graph, mode: Mode, touched: number, id: string): boolean {
  const left = touches(graph, mode).slice(touched);
  return !left.some((edge) => (mode === "forward" ? edge.to : edge.from) === id);
}

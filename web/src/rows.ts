/** Rows of matrices; and how an example that the page did not have joins those that it has. */

import type { Examples, Matrix } from "./protocol";

const rowAt = ({ data, columns }: Matrix, i: number): Matrix => ({ data: data.subarray(i * columns, (i + 1) * columns), rows: 1, columns });

/** One of some examples. */
export const exampleAt = ({ x, y }: Examples, i: number): Examples => ({ x: rowAt(x, i), y: rowAt(y, i), points: null });

function isRow(u: Matrix, i: number, v: Matrix, j: number): boolean {
  for (let k = 0; k < u.columns; k++) if (u.data[i * u.columns + k] !== v.data[j * v.columns + k]) return false;
  return true;
}

function withRow(m: Matrix, from: Matrix, i: number): Matrix {
  const data = m.data instanceof Float32Array ? new Float32Array(m.data.length + m.columns) : new Float64Array(m.data.length + m.columns);
  data.set(m.data);
  data.set(from.data.subarray(i * from.columns, (i + 1) * from.columns), m.data.length);
  return { data, rows: m.rows + 1, columns: m.columns };
}

/** The examples with this one among them, and its place there. */
export function joined(all: Examples, x: Matrix, y: Matrix, i: number): { readonly all: Examples; readonly place: number } {
  for (let row = 0; row < all.x.rows; row++) {
    if (isRow(all.x, row, x, i) && isRow(all.y, row, y, i)) return { all, place: row };
  }
  return { all: { ...all, x: withRow(all.x, x, i), y: withRow(all.y, y, i) }, place: all.x.rows };
}

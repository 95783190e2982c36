/** The numbers beside an axis. */

import { number } from "../format";

const MOST = 5; // decimals that are looked for

/** So many decimals that none of the numbers is rounded, and no more; of numbers that are not round, so many that they differ. */
function decimalsOf(known: readonly number[]): number {
  const apart = Math.min(...known.slice(1).map((v, i) => Math.abs(v - known[i]!)).filter((gap) => gap > 0));
  const scale = Number.isFinite(apart) ? apart : Math.max(...known.map(Math.abs));
  const isExact = (decimals: number): boolean => known.every((v) => Math.abs(v - Number(v.toFixed(decimals))) <= 1e-6 * scale);
  const least = Array.from({ length: MOST }, (_, decimals) => decimals).find(isExact);
  return least ?? (scale > 0 ? Math.max(0, -Math.floor(Math.log10(scale) + 1e-9)) : 0);
}

/** The numbers of an axis, all with as many decimals; very small and very large ones with a power of ten. */
export function ticks(splits: readonly (number | null)[]): string[] {
  const known = splits.filter((v) => v !== null);
  const decimals = decimalsOf(known);
  const isPlain = Math.max(...known.map(Math.abs)) < 1e5 && decimals < MOST;
  return splits.map((v) => (v === null ? "" : isPlain ? v.toFixed(decimals).replace("-", "−") : number(v, 2)));
}

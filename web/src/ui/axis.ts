/** The numbers beside an axis. */

import { number } from "../format";

/** The numbers of an axis, all with as many decimals; very small and very large ones with a power of ten. */
export function ticks(splits: readonly (number | null)[]): string[] {
  const known = splits.filter((v) => v !== null);
  const apart = Math.min(...known.slice(1).map((v, i) => Math.abs(v - known[i]!)));
  const most = Math.max(...known.map(Math.abs));
  const decimals = Number.isFinite(apart) && apart > 0 ? Math.max(0, -Math.floor(Math.log10(apart) + 1e-9)) : 0;
  const isPlain = most < 1e5 && decimals <= 4;
  return splits.map((v) => (v === null ? "" : isPlain ? v.toFixed(decimals).replace("-", "−") : number(v, 2)));
}

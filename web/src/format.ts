/** How numbers look. One place, so that the same number looks the same everywhere. */

const MINUS = "−";
const ABOUT_ONE = [1e-3, 1e5] as const; // sizes that are written without a power of ten

const withMinus = (text: string): string => text.replace(/-/g, MINUS);

function special(x: number): string | null {
  if (Number.isNaN(x)) return "NaN";
  return Number.isFinite(x) ? null : x > 0 ? "∞" : `${MINUS}∞`;
}

/** A number of so many significant digits, with a true minus: 0.1234, −12.35, 1.23e−7. Its width hardly changes. */
export function number(x: number | null | undefined, digits: number = 4): string {
  if (x === null || x === undefined) return "–";
  const odd = special(x);
  if (odd) return odd;
  if (x === 0) return (0).toFixed(Math.max(digits - 1, 0));
  const size = Math.abs(x);
  if (size < ABOUT_ONE[0] || size >= ABOUT_ONE[1]) return withMinus(x.toExponential(Math.max(digits - 2, 0)).replace("e+", "e"));
  return withMinus(x.toPrecision(Math.max(digits, Math.ceil(Math.log10(size + 0.5)), 1)));
}

/** With its sign, + too, so that sign is never colour alone. */
export const signed = (x: number | null | undefined, digits: number = 4): string =>
  x !== null && x !== undefined && x > 0 ? `+${number(x, digits)}` : number(x, digits);

/** All digits that tell this float64 from its neighbours: to copy, and to edit. */
export const exact = (x: number): string => special(x) ?? String(x);

/** 12,345 */
export const count = (n: number): string => String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ",");

/** 97.3 % */
export const percent = (share: number | null | undefined, digits: number = 1): string =>
  share === null || share === undefined || !Number.isFinite(share) ? "–" : `${withMinus((100 * share).toFixed(digits))} %`;

/** 1.5 MB */
export function bytes(n: number): string {
  const units = ["B", "kB", "MB", "GB"];
  const power = Math.min(Math.floor(Math.log10(Math.max(n, 1)) / 3), 3);
  return power === 0 ? `${n} B` : `${(n / 1000 ** power).toPrecision(3)} ${units[power]}`;
}

/** "1 step", "12,345 steps" */
export const many = (n: number, word: string, words: string = `${word}s`): string => `${count(n)} ${n === 1 ? word : words}`;

/** What somebody typed, if it is a finite number: a comma, a true minus and 2e-3 are understood. */
export function parseNumber(text: string): number | null {
  const plain = text.trim().replace(MINUS, "-").replace(",", ".");
  const x = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : NaN;
  return Number.isFinite(x) ? x : null;
}

/** What went wrong, in words. */
export const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Names beside a network: how much room they are given, and where they are cut. */

const LATIN = 7; // pixels of a letter, about
const WIDE = 13; // of a Chinese, Japanese or Korean one
const isWide = (letter: string): boolean => letter.codePointAt(0)! >= 0x2e80;

/** How wide a name is, about. */
const breadth = (text: string): number => Array.from(text).reduce((sum, letter) => sum + (isWide(letter) ? WIDE : LATIN), 0);

/** The room beside a network of so much width for some names: what the longest needs, but never so much that it squeezes the network. */
export const roomFor = (texts: readonly string[], width: number): number => Math.min(width * (width < 520 ? 0.17 : 0.2), Math.max(...texts.map(breadth)));

/** A name that has so much room: cut, with an ellipsis, where it is longer. */
export function fitted(c: Pick<CanvasRenderingContext2D, "measureText">, text: string, room: number): string {
  if (c.measureText(text).width <= room) return text;
  const letters = Array.from(text.replace(/…$/, ""));
  while (letters.length > 1 && c.measureText(`${letters.join("")}…`).width > room) letters.pop();
  return `${letters.join("").trimEnd()}…`;
}

/**
 * Colours of numbers: blue above 0, orange below, the paper at 0. Blue and orange stay apart in every kind of colour
 * blindness; and what they say is said in another way too: dashes, signs, shapes.
 */

export type Theme = "light" | "dark";
export type Rgb = readonly [number, number, number];

interface Ends {
  readonly negative: Rgb;
  readonly zero: Rgb;
  readonly positive: Rgb;
}

/** The middle is what the panel is drawn on, so that 0 is seen as nothing. */
const SCALES: Readonly<Record<Theme, Ends>> = {
  light: { negative: [196, 84, 0], zero: [255, 255, 255], positive: [0, 90, 181] },
  dark: { negative: [255, 163, 71], zero: [22, 27, 34], positive: [92, 172, 255] },
};

/** Classes: hue and shape; after the eighth they begin again (Okabe and Ito 2008, without their black and yellow). */
export const CLASSES: Readonly<Record<Theme, readonly string[]>> = {
  light: ["#005ab5", "#c45400", "#008a63", "#b4508f", "#3a8fc4", "#8a6d00", "#5b5b8c", "#7a3d1d"],
  dark: ["#5cacff", "#ffa347", "#3ecf9f", "#e593c6", "#8fd3ff", "#e0c341", "#b3b3e6", "#d9a184"],
};
const SHAPES = ["circle", "triangle", "square", "diamond", "cross", "star", "pentagon", "plus"] as const;
export type Shape = (typeof SHAPES)[number];

/** The colour and the shape of a class. */
export function classMark(i: number, theme: Theme): { colour: string; shape: Shape } {
  return { colour: CLASSES[theme][i % CLASSES[theme].length]!, shape: SHAPES[i % SHAPES.length]! };
}

/** x/scale as a colour: -1 orange, 0 paper, 1 blue; what is not finite is magenta, which is nowhere else. */
export function diverging(x: number, scale: number, theme: Theme): Rgb {
  if (!Number.isFinite(x)) return [220, 0, 160];
  const ends = SCALES[theme];
  const t = scale > 0 ? Math.max(-1, Math.min(1, x / scale)) : 0;
  const end = t < 0 ? ends.negative : ends.positive;
  const mixed = ends.zero.map((from, i) => Math.round(from + (end[i]! - from) * Math.abs(t) ** 0.8));
  return mixed as unknown as Rgb;
}

export const css = ([r, g, b]: Rgb, alpha: number = 1): string =>
  alpha === 1 ? `rgb(${r} ${g} ${b})` : `rgb(${r} ${g} ${b} / ${alpha})`;

/** The colour of an edge: by sign, from faint to full. */
export function edgeColour(x: number, scale: number, theme: Theme): string {
  const full = SCALES[theme][x < 0 ? "negative" : "positive"];
  return css(full, Math.max(0.12, Math.min(1, Math.abs(x) / (scale || 1))));
}

const STEPS = 256;
const tables = (theme: Theme): Uint8ClampedArray => {
  const table = new Uint8ClampedArray(4 * (2 * STEPS + 1));
  for (let i = 0; i <= 2 * STEPS; i++) table.set([...diverging(i - STEPS, STEPS, theme), 255], 4 * i);
  return table;
};
/** The same, a pixel in each number. */
const TABLES: Readonly<Record<Theme, Uint32Array>> = { light: new Uint32Array(tables("light").buffer), dark: new Uint32Array(tables("dark").buffer) };

/** Many numbers as pixels (RGBA), for ImageData: written into `pixels`, which holds four bytes for each. */
export function paintNumbers(values: ArrayLike<number>, scale: number, theme: Theme, pixels: Uint8ClampedArray): void {
  const [table, whole] = [TABLES[theme], new Uint32Array(pixels.buffer, pixels.byteOffset, pixels.length >> 2)];
  const factor = STEPS / (scale || 1);
  for (let i = 0; i < values.length; i++) {
    const place = values[i]! * factor + STEPS + 0.5; // NaN is no place: as 0, the paper
    whole[i] = table[place >= 2 * STEPS ? 2 * STEPS : place > 0 ? Math.floor(place) : place <= 0 ? 0 : STEPS]!;
  }
}

/** The scale that shows numbers well: the size that all but the largest hundredth stay under. */
export function extent(values: ArrayLike<number>): number {
  const sizes = Float64Array.from(values, (x) => Math.abs(x)).filter(Number.isFinite).sort();
  if (sizes.length === 0) return 1;
  return sizes[Math.min(sizes.length - 1, Math.ceil(0.99 * sizes.length))] || sizes[sizes.length - 1] || 1;
}

/** Which theme an element is seen in: its own data-theme, the notebook's, or the system's. */
export function themeOf(el: Element): Theme {
  const own = el.closest("[data-theme]")?.getAttribute("data-theme");
  if (own === "light" || own === "dark") return own;
  const jupyter = document.body?.dataset["jpThemeLight"];
  if (jupyter !== undefined) return jupyter === "true" ? "light" : "dark";
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

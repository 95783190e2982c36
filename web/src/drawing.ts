/** The pictures of canvases, drawn once more as a file. */

import { SvgContext } from "./svg";

/** A picture as a canvas holds it: how large, on what paper, and how it is drawn once more. */
export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly paper: string;
  readonly draw: (c: CanvasRenderingContext2D) => void;
}

/** The picture of a canvas of the lab; null where it has none. */
export function drawingOf(canvas: Element | null): Drawing | null {
  const found: Drawing[] = [];
  canvas?.dispatchEvent(new CustomEvent("crl-drawing", { detail: found }));
  return found[0] ?? null;
}

const EDGE = 12; // of paper around a picture
const SHARP = 3; // pixels of a PNG to one of the page: enough for print

export async function pngOf({ width, height, paper, draw }: Drawing): Promise<Blob> {
  const canvas = Object.assign(document.createElement("canvas"), { width: Math.round((width + 2 * EDGE) * SHARP), height: Math.round((height + 2 * EDGE) * SHARP) });
  const c = canvas.getContext("2d")!;
  c.fillStyle = paper;
  c.fillRect(0, 0, canvas.width, canvas.height);
  c.scale(SHARP, SHARP);
  c.translate(EDGE, EDGE);
  draw(c);
  return new Promise((resolve, reject) => canvas.toBlob((it) => (it ? resolve(it) : reject(new Error("The picture could not be made."))), "image/png"));
}

export function svgOf({ width, height, paper, draw }: Drawing): Blob {
  const ruler = document.createElement("canvas").getContext("2d")!;
  const context = new SvgContext(width, height, (text, font) => Object.assign(ruler, { font }).measureText(text));
  draw(context as unknown as CanvasRenderingContext2D);
  return new Blob([context.text(paper, EDGE)], { type: "image/svg+xml" });
}

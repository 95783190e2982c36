/** A canvas that writes down what is drawn on it as SVG: as much of a 2D context as the pictures of the lab use. */

const escape = (text: string): string => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
const short = (x: number): string => String(Number(x.toFixed(2)));
const ANCHORS: Readonly<Record<string, string>> = { center: "middle", right: "end", end: "end" };
const BASELINES: Readonly<Record<string, string>> = { middle: "central", top: "text-before-edge", hanging: "hanging", bottom: "text-after-edge" };

/** A colour that other programs understand too: rgb(1 2 3 / 0.5) is one of the newer ways to write it. */
function paint(name: "fill" | "stroke", colour: string): string {
  const [, r, g, b, alpha] = /^rgb\((\d+) (\d+) (\d+)(?: \/ ([\d.]+))?\)$/.exec(colour) ?? [];
  if (r === undefined) return `${name}="${escape(colour)}"`;
  return `${name}="rgb(${r},${g},${b})"${alpha === undefined ? "" : ` ${name}-opacity="${alpha}"`}`;
}

/** What `save` keeps. */
class Style {
  fillStyle = "#000";
  strokeStyle = "#000";
  lineWidth = 1;
  globalAlpha = 1;
  font = "10px sans-serif";
  textAlign = "start";
  textBaseline = "alphabetic";
  imageSmoothingEnabled = true;
  dash: readonly number[] = [];
  groups = 0; // opened since
}

export class SvgContext extends Style {
  readonly #parts: string[] = [];
  readonly #kept: Style[] = [];
  #path = "";
  #clips = 0;

  constructor(readonly width: number, readonly height: number, readonly measure: (text: string, font: string) => TextMetrics) {
    super();
  }

  /** The picture, on paper of a colour that is so much larger on every side. */
  text(paper: string, edge: number = 0): string {
    const [w, h] = [short(this.width + 2 * edge), short(this.height + 2 * edge)];
    const head = `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="${-edge} ${-edge} ${w} ${h}">`;
    return `${head}<rect x="${-edge}" y="${-edge}" width="${w}" height="${h}" ${paint("fill", paper)}/>${this.#parts.join("")}</svg>\n`;
  }

  // ---------------------------------------------------------------------------------------------------- the path

  beginPath(): void { this.#path = ""; }
  moveTo(x: number, y: number): void { this.#path += `M${short(x)} ${short(y)}`; }
  lineTo(x: number, y: number): void { this.#path += `${this.#path ? "L" : "M"}${short(x)} ${short(y)}`; }
  closePath(): void { this.#path += "Z"; }
  rect(x: number, y: number, w: number, h: number): void { this.#path += `M${short(x)} ${short(y)}h${short(w)}v${short(h)}h${short(-w)}Z`; }

  roundRect(x: number, y: number, w: number, h: number, r: number): void {
    const turn = (dx: number, dy: number): string => `a${r} ${r} 0 0 1 ${short(dx)} ${short(dy)}`;
    const [across, down] = [short(w - 2 * r), short(h - 2 * r)];
    this.#path += `M${short(x + r)} ${short(y)}h${across}${turn(r, r)}v${down}${turn(-r, r)}h-${across}${turn(-r, -r)}v-${down}${turn(r, -r)}Z`;
  }

  /** Whole circles alone. */
  arc(x: number, y: number, r: number, from: number, to: number): void {
    if (Math.abs(to - from) < 2 * Math.PI - 1e-9) throw new Error("Parts of circles are not drawn in these pictures.");
    const half = (to_: number): string => `a${short(r)} ${short(r)} 0 1 1 ${short(to_)} 0`;
    this.#path += `M${short(x - r)} ${short(y)}${half(2 * r)}${half(-2 * r)}Z`;
  }

  // ------------------------------------------------------------------------------------------------------- marks

  #alpha(): string { return this.globalAlpha < 1 ? ` opacity="${short(this.globalAlpha)}"` : ""; }
  #line(): string {
    const dash = this.dash.length ? ` stroke-dasharray="${this.dash.join(" ")}"` : "";
    return `${paint("stroke", this.strokeStyle)} stroke-width="${short(this.lineWidth)}"${dash}`;
  }

  fill(): void { this.#parts.push(`<path d="${this.#path}" ${paint("fill", this.fillStyle)}${this.#alpha()}/>`); }
  stroke(): void { if (this.#path) this.#parts.push(`<path d="${this.#path}" fill="none" ${this.#line()}${this.#alpha()}/>`); }
  clearRect(): void {}
  fillRect(x: number, y: number, w: number, h: number): void {
    this.#parts.push(`<rect x="${short(x)}" y="${short(y)}" width="${short(w)}" height="${short(h)}" ${paint("fill", this.fillStyle)}${this.#alpha()}/>`);
  }
  strokeRect(x: number, y: number, w: number, h: number): void {
    this.#parts.push(`<rect x="${short(x)}" y="${short(y)}" width="${short(w)}" height="${short(h)}" fill="none" ${this.#line()}${this.#alpha()}/>`);
  }

  fillText(text: string, x: number, y: number): void { this.#words(text, x, y, paint("fill", this.fillStyle)); }
  strokeText(text: string, x: number, y: number): void { this.#words(text, x, y, `fill="none" ${this.#line()}`); }
  #words(text: string, x: number, y: number, how: string): void {
    const place = `x="${short(x)}" y="${short(y)}" text-anchor="${ANCHORS[this.textAlign] ?? "start"}" dominant-baseline="${BASELINES[this.textBaseline] ?? "auto"}"`;
    this.#parts.push(`<text ${place} style="font:${escape(this.font)}" ${how}${this.#alpha()}>${escape(text)}</text>`);
  }
  measureText(text: string): TextMetrics { return this.measure(text, this.font); }

  /** A picture within the picture, or a part of it, as PNG. */
  drawImage(image: HTMLCanvasElement, ...at: number[]): void {
    const [sx, sy, sw, sh, x, y, w, h] = at.length === 8 ? at : [0, 0, image.width, image.height, ...at];
    const part = Object.assign(document.createElement("canvas"), { width: sw, height: sh });
    part.getContext("2d")!.drawImage(image, sx!, sy!, sw!, sh!, 0, 0, sw!, sh!);
    const sharp = this.imageSmoothingEnabled ? "" : ' style="image-rendering:pixelated"';
    const box = `x="${short(x!)}" y="${short(y!)}" width="${short(w!)}" height="${short(h!)}"`;
    this.#parts.push(`<image ${box} preserveAspectRatio="none" href="${part.toDataURL("image/png")}"${sharp}${this.#alpha()}/>`);
  }

  // ------------------------------------------------------------------------------------------------------- state

  setLineDash(dash: readonly number[]): void { this.dash = [...dash]; }
  getLineDash(): number[] { return [...this.dash]; }

  save(): void {
    this.#kept.push(Object.assign(new Style(), styleOf(this)));
    this.groups = 0;
  }

  restore(): void {
    this.#parts.push("</g>".repeat(this.groups));
    Object.assign(this, this.#kept.pop() ?? {});
  }

  clip(): void {
    const id = `clip${++this.#clips}`;
    this.#parts.push(`<clipPath id="${id}"><path d="${this.#path}"/></clipPath><g clip-path="url(#${id})">`);
    this.groups++;
  }
}

/** What of a context `save` keeps. */
function styleOf(it: Style): Partial<Style> {
  return Object.fromEntries(Object.keys(new Style()).map((key) => [key, it[key as keyof Style]]));
}

/** A canvas that draws itself anew when a signal that it reads changes, in the same frame; where it is not seen, seldom. */

import { effect, untracked } from "@preact/signals";
import type { JSX, TargetedMouseEvent } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { themeOf } from "../colours";
import type { Drawing } from "../drawing";
import type { Ink } from "./draw/network";
import { watchTheme } from "./theme";

export interface Place { readonly width: number; readonly height: number }

/** What the style sheet says of colours, for a canvas. */
export function inkOf(el: Element): Ink {
  const style = getComputedStyle(el);
  // light-dark() is resolved in a real property alone, so each colour is tried on
  const probe = document.createElement("i");
  probe.style.display = "none";
  el.parentElement!.append(probe);
  const colour = (name: string): string => {
    probe.style.color = `var(--crl-${name})`;
    return getComputedStyle(probe).color || style.color;
  };
  const ink = {
    theme: themeOf(el), ink: colour("ink"), faint: colour("faint"), line: colour("line"), paper: colour("paper"), accent: colour("accent"),
  };
  probe.remove();
  return ink;
}

interface Props<T> {
  /** Reads the signals that the drawing depends on. */
  readonly watch: () => T;
  readonly draw: (c: CanvasRenderingContext2D, seen: T, place: Place, ink: Ink) => void;
  readonly label: string;
  /** CSS pixels; a function of the width, where the picture asks for more. */
  readonly height: number | ((width: number) => number);
  readonly onPoint?: (x: number, y: number) => void;
  readonly onLeave?: () => void;
  readonly onPress?: (x: number, y: number) => void;
  readonly class?: string;
}

/** The canvas with its size, its sharpness on fine screens, and its redrawing. */
export function Canvas<T>(props: Props<T>): JSX.Element {
  const ref = useRef<HTMLCanvasElement>(null);
  const latest = useRef(props);
  latest.current = props;
  useEffect(() => begin(ref.current!, latest), []);
  const at = (event: TargetedMouseEvent<HTMLCanvasElement>): [number, number] => [event.offsetX, event.offsetY];
  return (
    <canvas
      ref={ref} role="img" aria-label={props.label} class={props.class}
      onPointerMove={(event) => props.onPoint?.(...at(event))} onPointerLeave={() => props.onLeave?.()}
      onClick={(event) => props.onPress?.(...at(event))}
    />
  );
}

/** Be told whether an element is in view; the function that is given back ends it. */
export function watchView(el: Element, tell: (is: boolean) => void): () => void {
  const observer = new IntersectionObserver((entries) => tell(entries.at(-1)!.isIntersecting));
  observer.observe(el);
  return () => observer.disconnect();
}

export const UNSEEN = 1000; // ms between two drawings of what is not in view, but may be printed

/** Draw, and draw again when something changes; the function that is given back ends it. */
function begin<T>(canvas: HTMLCanvasElement, props: { readonly current: Props<T> }): () => void {
  const c = canvas.getContext("2d")!;
  let [ink, width, seen, isInView, isGone] = [inkOf(canvas), 0, undefined as T, true, false];
  let later: ReturnType<typeof setTimeout> | undefined;
  const redraw = (): void => {
    clearTimeout(later);
    later = undefined;
    const { height, draw } = props.current;
    if (width < 10 || isGone) return;
    const tall = typeof height === "function" ? height(width) : height;
    const sharp = devicePixelRatio || 1;
    const size = [Math.round(width * sharp), Math.round(tall * sharp)] as const;
    if (canvas.width !== size[0] || canvas.height !== size[1]) {
      [canvas.width, canvas.height] = size;
      canvas.style.height = `${tall}px`;
    }
    c.setTransform(sharp, 0, 0, sharp, 0, 0);
    c.clearRect(0, 0, width, tall);
    draw(c, seen, { width, height: tall }, ink);
  };
  /** Whoever wants the picture elsewhere is told how to draw it. */
  const told = (event: Event): void => {
    const tall = canvas.clientHeight;
    const again = (onto: CanvasRenderingContext2D): void => props.current.draw(onto, seen, { width, height: tall }, ink);
    (event as CustomEvent<Drawing[]>).detail.push({ width, height: tall, paper: ink.paper, draw: again });
  };
  const plan = (): void => {
    if (isInView) untracked(redraw); // at once: once elements have changed, to set a font is to have all styles computed
    else later ??= setTimeout(redraw, UNSEEN);
  };
  const end = effect(() => {
    seen = props.current.watch();
    plan();
  });
  const resized = new ResizeObserver(() => {
    if (Math.abs(canvas.clientWidth - width) < 1) return;
    width = canvas.clientWidth;
    plan();
  });
  resized.observe(canvas);
  const unwatch = watchView(canvas, (is) => {
    isInView = is;
    if (is && later !== undefined) plan();
  });
  const unwatchTheme = watchTheme(canvas, () => { ink = inkOf(canvas); plan(); });
  canvas.addEventListener("crl-drawing", told);
  return () => {
    canvas.removeEventListener("crl-drawing", told);
    isGone = true;
    end();
    resized.disconnect();
    unwatch();
    unwatchTheme();
    clearTimeout(later);
  };
}

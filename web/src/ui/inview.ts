/** Bring an element into view; at once where somebody wants no motion. */
export function bringIntoView(el: Element, block: ScrollLogicalPosition): void {
  const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
  el.scrollIntoView({ block, behavior: isStill ? "auto" : "smooth" });
}

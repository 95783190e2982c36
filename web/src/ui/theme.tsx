/** Light or dark: as the system has it, until somebody chooses; the choice is kept where the browser keeps things. */

import { useSignal, type ReadonlySignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { themeOf, type Theme } from "../colours";
import { shelf } from "../lessons/progress";

const KEY = "chainrule-theme";
type Place = { readonly current: HTMLElement | null };

const labOf = (el: Element): HTMLElement => el.closest<HTMLElement>(".crl") ?? (el as HTMLElement);

/** Be told when an element is seen in the other theme; the function that is given back ends it. */
export function watchTheme(el: Element, tell: (theme: Theme) => void): () => void {
  let theme = themeOf(el);
  const look = (): void => {
    const now = themeOf(el);
    if (now === theme) return;
    theme = now;
    tell(now);
  };
  const system = matchMedia("(prefers-color-scheme: dark)");
  const chosen = new MutationObserver(look);
  system.addEventListener("change", look);
  chosen.observe(labOf(el), { attributeFilter: ["data-theme"] });
  return () => { system.removeEventListener("change", look); chosen.disconnect(); };
}

/** The theme that an element is seen in; null before it is there. */
export function useTheme(place: Place): ReadonlySignal<Theme | null> {
  const theme = useSignal<Theme | null>(null);
  useEffect(() => {
    theme.value = themeOf(place.current!);
    return watchTheme(place.current!, (now) => { theme.value = now; });
  }, []);
  return theme;
}

/** What was chosen before; null where nothing was, or where the page may keep nothing. */
export function keptTheme(): Theme | null {
  try {
    const kept = shelf()?.getItem(KEY);
    return kept === "light" || kept === "dark" ? kept : null;
  } catch {
    return null;
  }
}

/** Turn a lab to a theme, and keep the choice. */
export function chooseTheme(lab: HTMLElement, theme: Theme): void {
  lab.dataset["theme"] = theme;
  try {
    shelf()?.setItem(KEY, theme);
  } catch { /* then it lasts as long as the page */ }
}

/** The button that turns it; what was chosen before holds again. */
export function ThemeButton(): JSX.Element {
  const place = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    const kept = keptTheme();
    if (kept) labOf(place.current!).dataset["theme"] = kept;
  }, []);
  const isDark = useTheme(place).value === "dark";
  const words = isDark ? "Light colours" : "Dark colours";
  return (
    <button type="button" class="crl-quiet" ref={place} title={words} aria-label={words}
      onClick={() => chooseTheme(labOf(place.current!), isDark ? "light" : "dark")}>◐</button>
  );
}

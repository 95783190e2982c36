/** What the engine says, asked when the lab stands still, or at the end of an epoch. */

import { effect, useComputed, type ReadonlySignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { Asking } from "../asking";
import type { Study } from "../source";
import type { Store } from "../store";

/** The step that is worth a question: the shown one; while a training runs, the end of its last epoch. */
export function stepToAsk(store: Store, { only }: Study): number | null {
  if (only !== null) return only;
  if (store.playing.value || (typeof document !== "undefined" && document.hidden)) return null;
  if (store.running.value && store.following.value) return store.curves.value?.epochs.at(-1)?.step ?? null;
  return store.step.value;
}

export interface Asked<T> {
  readonly found: ReadonlySignal<T | null>;
  readonly problem: ReadonlySignal<string | null>;
}

/** The newest answer to a question about steps. */
export function useAsked<T>(store: Store, study: Study, ask: (step: number) => Promise<T | null>): Asked<T> {
  const asking = useMemo(() => new Asking(ask), [study]);
  useEffect(() => {
    const look = (): void => asking.want(stepToAsk(store, study));
    const end = effect(look);
    const turned = (): void => { if (!document.hidden) look(); }; // what was not asked while nobody saw it
    document.addEventListener("visibilitychange", turned);
    return () => { end(); document.removeEventListener("visibilitychange", turned); asking.stop(); };
  }, [asking]);
  return asking;
}

/** Whether an answer about a step belongs to what is shown: to this very step, or to a training that runs on. */
export function useCurrent(store: Store, { found }: Asked<{ readonly step: number }>): boolean {
  return useComputed(() => {
    const step = found.value?.step;
    return step !== undefined && ((store.running.value && store.following.value) || step === store.step.value);
  }).value;
}

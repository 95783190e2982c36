/** A signal that follows another, but seldom enough for what is expensive to draw. */

import { effect, useSignal, type ReadonlySignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

export const PAUSE = 300; // ms between two changes of a chart

/** The value of a signal, at most once in so many milliseconds; the last one always comes. */
export function useSlow<T>(source: ReadonlySignal<T>, pause: number = PAUSE): ReadonlySignal<T> {
  const slow = useSignal(source.peek());
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let last = 0;
    const take = (): void => {
      timer = undefined;
      last = Date.now();
      slow.value = source.peek();
    };
    const end = effect(() => {
      void source.value;
      timer ??= setTimeout(take, Math.max(0, last + pause - Date.now()));
    });
    return () => { end(); clearTimeout(timer); };
  }, [source]);
  return slow;
}

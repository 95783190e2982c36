/** A signal that follows another, but seldom enough for what is expensive to draw. */

import { effect, useSignal, type ReadonlySignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

const PAUSE = 500; // ms between two changes of a chart
const LATER = 100; // ms more that a change waits for the next, to be shown in one frame with others

/** The value of a signal, at most once in so many milliseconds; the last one always comes. */
export function useSlow<T>(source: ReadonlySignal<T>, pause: number = PAUSE): ReadonlySignal<T> {
  const slow = useSignal(source.peek());
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let last = -Infinity;
    const take = (): void => {
      clearTimeout(timer);
      timer = undefined;
      last = Date.now();
      slow.value = source.peek();
    };
    const end = effect(() => {
      void source.value;
      const wait = last + pause - Date.now();
      if (wait <= 0) take(); // in the frame that it came with
      else timer ??= setTimeout(take, wait + LATER);
    });
    return () => { end(); clearTimeout(timer); };
  }, [source]);
  return slow;
}

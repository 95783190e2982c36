/** Playing what was recorded: the button, and how fast. */

import type { JSX } from "preact";
import { count } from "../format";
import { speedsOf } from "../playing";
import type { Store } from "../store";

/** "1 step/s", "1,000 steps/s" */
export const speedName = (speed: number, what: "step" | "frame"): string => `${count(speed)} ${what}${speed === 1 ? "" : "s"}/s`;

/** These speeds, and the one that is chosen, if it is another. */
export const withChosen = (speeds: readonly number[], chosen: number | null): readonly number[] =>
  (chosen === null || speeds.includes(chosen) ? speeds : [...speeds, chosen].sort((a, b) => a - b));

export function PlayButton({ store }: { store: Store }): JSX.Element {
  const isOn = store.playing.value;
  const words = isOn ? "Stop playing" : "Play the recorded steps";
  return (
    <button type="button" class="crl-play" aria-label={words} title={store.source.live ? `${words}; a training that runs is left alone` : `${words} (Space)`}
      onClick={() => { if (isOn) store.play(0); else void store.replay(); }}><span aria-hidden="true">{isOn ? "❚❚" : "▶"}</span></button>
  );
}

export function PlaySpeed({ store, label = "Speed of playing" }: { store: Store; label?: string }): JSX.Element {
  const isLive = Boolean(store.source.live);
  const speed = store.tempo();
  return (
    <select aria-label={label} title="How fast the recorded steps are played" value={String(speed)}
      onChange={(event) => store.playAt(Number(event.currentTarget.value))}>
      {withChosen(speedsOf(isLive), speed).map((each) => <option key={each} value={String(each)}>{speedName(each, isLive ? "step" : "frame")}</option>)}
    </select>
  );
}

/** The panels that a lesson brings, and Run, One step and the slider for its small network. */

import type { JSX } from "preact";
import { number } from "../format";
import type { Bench } from "../lessons/bench";
import { canTrain, type Lab, type Panel } from "../lessons/lab";
import type { Lock } from "../lessons/rules";
import { Boundary } from "./boundary";
import { CheckPanel } from "./checkpanel";
import { Curves } from "./curves";
import { GraphPanel } from "./graphpanel";
import { Health } from "./health";
import { Inspector } from "./inspector";
import { ReverseNetwork } from "./reverse";
import { Stage } from "./stage";
import { StepMode } from "./stepmode";
import { toggle } from "./topbar";

/** The network, forward or in reverse: the button in its corner turns it. */
const network = ({ bench: { store } }: { bench: Bench }): JSX.Element => (store.reverse.value ? <ReverseNetwork store={store} /> : <Stage store={store} />);

/** One row a panel that a lesson may ask for. */
const PANELS: Readonly<Record<Panel, (props: { bench: Bench; lab: Lab }) => JSX.Element>> = {
  stage: network,
  inspector: ({ bench }) => <Inspector store={bench.store} />,
  steps: ({ bench }) => <StepMode store={bench.store} />,
  reverse: network,
  curves: ({ bench }) => <Curves store={bench.store} />,
  health: ({ bench }) => <Health store={bench.store} />,
  boundary: ({ bench }) => <Boundary store={bench.store} />,
  graph: ({ bench }) => <GraphPanel bench={bench} />,
  check: ({ bench, lab }) => <CheckPanel bench={bench} wrong={lab.wrong ?? ""} />,
};

export function LessonLab({ lab, bench, locks }: { lab: Lab; bench: Bench; locks: readonly Lock[] }): JSX.Element {
  const { store } = bench;
  return (
    <>
      {store.problem.value && (
        <div class="crl-banner crl-banner-warn" role="alert">
          <span>{store.problem.value}</span><button type="button" class="crl-quiet" aria-label="Dismiss" onClick={() => store.dismiss()}>×</button>
        </div>
      )}
      {canTrain(lab) && <Transport bench={bench} locks={locks} />}
      {lab.panels.map((name) => {
        const Panel_ = PANELS[name];
        return <Panel_ key={name} bench={bench} lab={lab} />;
      })}
    </>
  );
}

/** Run, step, reset, and the slider over all steps. */
function Transport({ bench: { store, training }, locks }: { bench: Bench; locks: readonly Lock[] }): JSX.Element {
  const running = store.running.value;
  const isLocked = (lock: Lock): boolean => locks.includes(lock);
  const isOver = store.finished.value;
  return (
    <div class="crl-panel crl-transport" role="group" aria-label="Training">
      <button type="button" class="crl-run" disabled={isLocked("run") || isOver} onClick={() => toggle(store)}>{running ? "Pause" : "Run"}</button>
      <button type="button" onClick={() => void store.stepOnce()} disabled={running || isLocked("step") || isOver}>One step</button>
      <button type="button" disabled={isLocked("reset")} title="Begin again with the same first weights" onClick={() => void store.reset()}>Reset</button>
      <label class="crl-field crl-transport-slider">Step {store.step.value} of {store.last.value}
        <input type="range" min={0} max={Math.max(1, store.last.value)} value={store.step.value} disabled={store.last.value === 0} aria-label="Step"
          onInput={(e) => { if (store.running.peek()) void store.pause(); void store.seek(Number(e.currentTarget.value)); }} />
      </label>
      <span class="crl-faint">learning rate η = {number(store.learningRate.value, 2)}, cost {number(training?.costAt(store.frame.value?.step ?? 0), 4)}</span>
    </div>
  );
}

/** The whole screen of a run: the bar above, the network, its panels, the inspector, the line of all steps. */

import { useSignal, type Signal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import "./ui.css";
import { count } from "../format";
import { nameOf, type Hello, type Parent } from "../protocol";
import { MODES, type Mode, type Store } from "../store";
import { Boundary } from "./boundary";
import { Curves } from "./curves";
import { Health } from "./health";
import { Help } from "./help";
import { Inspector, Invitation } from "./inspector";
import { keysOf, labKeys } from "./keys";
import { Lessons } from "./lessons";
import type { School } from "../lessons/school";
import { capital } from "./names";
import { ReverseNetwork } from "./reverse";
import { Save } from "./save";
import { Stage } from "./stage";
import { StepMode } from "./stepmode";
import { ThemeButton } from "./theme";
import { Timeline, goTo } from "./timeline";
import { Topbar } from "./topbar";

const NAMES: Readonly<Record<Mode, { readonly name: string; readonly title: string }>> = {
  train: { name: "Train", title: "See the network learn" },
  step: { name: "Step", title: "One example, forward and back, equation by equation" },
  history: { name: "History", title: "All that was recorded, over time" },
  lessons: { name: "Lessons", title: "Learn backpropagation, one idea at a time" },
};

/** Single keys; they can be turned off, since speech input and slips of the hand press them too. A lesson's are its own network's. */
function useKeys(store: Store, place: { readonly current: HTMLElement | null }, isOn: Signal<boolean>): void {
  useEffect(() => {
    const within = place.current!; // so that the guard is asked before the root's own listeners
    const guard = (event: KeyboardEvent): void => { if (!isOn.peek() && event.key.length === 1) event.stopPropagation(); };
    within.addEventListener("keydown", guard);
    const alone = wholePage(within.closest(".crl") ?? within, within);
    return () => { within.removeEventListener("keydown", guard); alone(); };
  }, [store]);
  const isLesson = store.mode.value === "lessons";
  useEffect(() => (isLesson ? undefined : keysOf(place.current!, labKeys(store))), [store, isLesson]);
}

/** Where the lab is the whole page, keys that nothing else has are its own. */
function wholePage(root: Element, within: HTMLElement): () => void {
  const labs = document.querySelectorAll("[data-crl-autoboot]");
  if (labs.length !== 1 || labs[0] !== root) return () => {};
  const pass = (event: KeyboardEvent): void => {
    const { key, ctrlKey, metaKey, altKey, shiftKey } = event;
    if (event.target !== document.body) return;
    const copy = new KeyboardEvent("keydown", { key, ctrlKey, metaKey, altKey, shiftKey, bubbles: true, cancelable: true });
    if (!within.dispatchEvent(copy)) event.preventDefault();
  };
  document.addEventListener("keydown", pass);
  return () => document.removeEventListener("keydown", pass);
}

export function App({ store, school }: { store: Store; school: School }): JSX.Element {
  const place = useRef<HTMLElement>(null);
  const keys = useSignal(true);
  useKeys(store, place, keys);
  return (
    <main class="crl-app" ref={place} tabIndex={-1}>
      <Header store={store} keys={keys} />
      <Banners store={store} />
      {store.hello.value ? <Screen store={store} school={school} /> : <Waiting store={store} />}
      <Aloud store={store} />
    </main>
  );
}

/** What a screen reader is told: when something has come to rest, never while it runs. */
function Aloud({ store }: { store: Store }): JSX.Element {
  return <p class="crl-aloud" aria-live="polite">{store.settled.value ? `Step ${count(store.step.value)} of ${count(store.last.value)}.` : ""}</p>;
}

function Header({ store, keys }: { store: Store; keys: Signal<boolean> }): JSX.Element {
  const hello = store.hello.value;
  return (
    <header class="crl-header">
      <h1>{hello?.name ?? "chainrule lab"} {hello && <small>{sizes(hello)}</small>}{hello?.parent && <Origin parent={hello.parent} home={store.source.home} />}</h1>
      <nav class="crl-tabs" aria-label="Mode">
        {MODES.map((mode) => (
          <button type="button" aria-current={store.mode.value === mode ? "page" : undefined} title={NAMES[mode].title}
            onClick={() => { store.mode.value = mode; }}>{NAMES[mode].name}</button>
        ))}
      </nav>
      <span class="crl-header-end">
        <Save store={store} />
        {store.source.home && <a href={store.source.home} title="Other runs, and new ones">All runs</a>}
        <ThemeButton />
        <Help keys={keys} />
      </span>
    </header>
  );
}

/** Where a branch began, and the way there where the run can be had. */
function Origin({ parent: { run, step }, home }: { parent: Parent; home: string | undefined }): JSX.Element {
  const name = nameOf(run);
  return (
    <small class="crl-origin">branched off from{" "}
      {home === undefined ? name : <a href={`?run=${encodeURIComponent(name)}#step=${step}`}>{name}</a>} at step {count(step)}</small>
  );
}

const sizes = (hello: Hello): string => `${hello.network.sizes.join(" → ")} neurons, ${count(hello.examples)} examples`;

export function Waiting({ store }: { store: Store | null }): JSX.Element {
  return <p class="crl-empty" role="status">{store?.problem.value ? "Nothing could be loaded." : "Loading the run …"}</p>;
}

/** What went wrong, and what can be done about it. */
function Banners({ store }: { store: Store }): JSX.Element {
  const end = store.curves.value?.events.find((event) => event.kind.endsWith("Error"));
  return (
    <>
      {store.problem.value && <Banner kind="bad" onClose={() => store.dismiss()}>{capital(store.problem.value)}</Banner>}
      {!store.connected.value && <Banner kind="warn">The connection to the training is lost; the page tries again.</Banner>}
      {end && (
        <Banner kind="bad">
          The training stopped after step {count(end.step)}: {typeof end.value === "string" ? end.value : end.kind}
          {" "}<button type="button" onClick={() => goTo(store, end.step)}>To the last step with finite numbers</button>
        </Banner>
      )}
      {store.unknown.value && <Banner kind="warn">{store.unknown.value}</Banner>}
    </>
  );
}

function Banner({ kind, children, onClose }: { kind: "bad" | "warn"; children: ComponentChildren; onClose?: () => void }): JSX.Element {
  return (
    <div class={`crl-banner crl-banner-${kind}`} role="alert">
      <span>{children}</span>
      {onClose && <button type="button" class="crl-quiet" aria-label="Dismiss" onClick={onClose}>×</button>}
    </div>
  );
}

/** The panels of a mode, in two columns where there is room. */
function Screen({ store, school }: { store: Store; school: School }): JSX.Element {
  const mode = store.mode.value;
  const network = store.reverse.value ? <ReverseNetwork store={store} /> : <Stage store={store} />;
  if (mode === "lessons") return <Lessons store={store} school={school} />;
  if (mode === "history") {
    return (
      <>
        <Topbar store={store} />
        <Timeline store={store} />
        <Columns
          left={<><Curves store={store} height={230} /><Health store={store} /></>}
          right={<>{network}<Inspector store={store} /><Boundary store={store} /></>}
        />
      </>
    );
  }
  if (mode === "step") {
    const below = !store.predictFirst.value && <Inspector store={store} />; // it would tell what is to be predicted
    return <><Topbar store={store} /><Columns left={<>{network}{below}</>} right={<StepMode store={store} />} /><Timeline store={store} /></>;
  }
  const isChosen = store.selection.value.kind !== "none"; // then the inspector stands to the right, and the health below
  const health = <Health store={store} />;
  return (
    <>
      <Topbar store={store} />
      <Columns
        left={<>{network}<Invitation store={store} /><Curves store={store} />{isChosen && health}</>}
        right={<><Inspector store={store} /><Boundary store={store} />{!isChosen && health}</>}
      />
      <Timeline store={store} />
    </>
  );
}

const Columns = ({ left, right }: { left: ComponentChildren; right: ComponentChildren }): JSX.Element => (
  <div class="crl-columns"><div class="crl-column">{left}</div><div class="crl-column">{right}</div></div>
);

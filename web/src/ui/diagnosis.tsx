/** What is wrong with the network, as `chainrule diagnose` says it: worst first, each with its number, its equation, a remedy. */

import type { ComponentChildren, JSX } from "preact";
import "./study.css";
import { count, many, number } from "../format";
import type { Finding, Findings } from "../protocol";
import type { Study } from "../source";
import type { Store } from "../store";
import { useAsked, useCurrent } from "./asked";

/** The engine's sentences; where it has not said any of the shown step, what can be told without it. */
export function Diagnosis(
  { store, study, between }: { store: Store; study: Study; between: ComponentChildren },
): JSX.Element {
  const asked = useAsked(store, study, (step) => study.findings(step));
  const isCurrent = useCurrent(store, asked);
  const [it, problem] = [asked.found.value, asked.problem.value];
  if (it && isCurrent) return <Said it={it} />;
  return (
    <>
      {between}
      <p class="crl-faint">
        {study.only === null ? problem ?? "The engine is looking at this step …" : it && (
          <>The engine was asked about step {count(it.step)}:{" "}
            <button type="button" class="crl-link" onClick={() => void store.seek(it.step)}>see what it found</button></>
        )}
      </p>
    </>
  );
}

function Said({ it }: { it: Findings }): JSX.Element {
  const looked = `${many(it.examples, "training example")} at step ${count(it.step)}`;
  if (it.findings.length === 0) {
    return <p class="crl-good crl-diagnosis"><span aria-hidden="true">✓</span> Nothing to say: the engine looked at {looked}, and found nothing wrong.</p>;
  }
  return (
    <div class="crl-diagnosis">
      <p class="crl-faint">{many(it.findings.length, "finding")} in {looked}, worst first</p>
      <ol>{it.findings.map((finding) => <One key={finding.id} finding={finding} />)}</ol>
    </div>
  );
}

const One = ({ finding }: { finding: Finding }): JSX.Element => (
  <li>
    <p>
      <b class="crl-warn">{finding.title}</b>{" "}
      {finding.equation && <span class="crl-tag" title={finding.formula ? `The equation behind it: ${finding.formula}` : "The equation behind it"}>{finding.equation}</span>}
    </p>
    <p>{finding.sentence}</p>
    <p class="crl-faint">Measured: {finding.measures}, {number(finding.number)}; usual is about {number(finding.usual, 2)}.{finding.formula && ` ${finding.formula}`}</p>
    <p><b>Try:</b> {finding.remedy}</p>
  </li>
);

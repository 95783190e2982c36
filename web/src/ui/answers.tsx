/** The learner's own answers: seen here, saved as a file by the learner, and sent nowhere. */

import type { JSX } from "preact";
import { many } from "../format";
import { csvOf, jsonOf, type AnswerLog } from "../lessons/log";
import { save } from "../save";
import { Scroll } from "./scroll";

const SHOWN = 8;
const SAYS: Readonly<Record<string, string>> = { yes: "✓ right", no: "✗ not right", shown: "shown", "": "" };

export function Answers({ log }: { log: AnswerLog }): JSX.Element | null {
  const entries = log.entries.value;
  if (entries.length === 0) return null;
  return (
    <details class="crl-details crl-answers">
      <summary>Your answers ({entries.length})</summary>
      <p class="crl-faint">They stay in this page and are gone when it is closed. Save them if your teacher asks for them.</p>
      <p class="crl-row">
        <button type="button" onClick={() => save("answers.csv", csvOf(entries), "text/csv")}>Save as CSV</button>
        <button type="button" onClick={() => save("answers.json", jsonOf(entries), "application/json")}>Save as JSON</button>
        <button type="button" class="crl-link" onClick={() => log.clear()}>Delete them</button>
      </p>
      <Scroll label="Your answers">
        <table class="crl-table">
          <caption>The last of {many(entries.length, "answer")}</caption>
          <thead><tr><th scope="col">Lesson, step</th><th scope="col">Answer</th><th scope="col">Result</th></tr></thead>
          <tbody>{entries.slice(-SHOWN).reverse().map((it, i) => (
            <tr key={entries.length - i}><th scope="row" title={it.goal}>{it.lesson}, {it.step}</th><td>{it.answer || "–"}</td><td>{SAYS[it.right]}</td></tr>
          ))}</tbody>
        </table>
      </Scroll>
    </details>
  );
}

/** A lesson of one's own: a Markdown file that is dropped or chosen; and the texts of those that there are, to begin from. */

import { useSignal, type Signal } from "@preact/signals";
import type { JSX } from "preact";
import { reason } from "../format";
import { EXAMPLE } from "../lessons/all";
import type { School } from "../lessons/school";
import { save } from "../save";

/** What is said of a file that was taken, or why it was not. */
export interface Taking {
  readonly said: Signal<{ readonly text: string; readonly isBad: boolean } | null>;
  readonly over: Signal<boolean>;
  readonly take: (files: Iterable<File> | null | undefined) => Promise<void>;
  /** What makes an element one on which files can be dropped. */
  readonly target: Readonly<Record<"onDragOver" | "onDragLeave" | "onDrop", (event: DragEvent) => void>>;
}

/** Read a lesson file; one that is no text is refused, not mended. */
async function taken(school: School, file: File): Promise<string> {
  if (file.size > 2 ** 20) throw new Error("a lesson has at most 1 MB.");
  const bytes = await file.arrayBuffer();
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Error("this is no text in UTF-8. A lesson is a Markdown file.");
  }
  return school.add(text).title;
}

export function useTaking(school: School): Taking {
  const said = useSignal<{ text: string; isBad: boolean } | null>(null);
  const over = useSignal(false);
  const take = async (files: Iterable<File> | null | undefined): Promise<void> => {
    for (const file of files ?? []) {
      try {
        said.value = { text: `“${await taken(school, file)}” is in the list, and is kept in this browser.`, isBad: false };
      } catch (error) {
        said.value = { text: `${file.name}: ${reason(error)}`, isBad: true };
        return;
      }
    }
  };
  return {
    said, over, take,
    target: {
      onDragOver: (event) => { event.preventDefault(); over.value = true; },
      onDragLeave: () => { over.value = false; },
      onDrop: (event) => { event.preventDefault(); over.value = false; void take(event.dataTransfer?.files); },
    },
  };
}

export function OwnLessons({ school, taking: { said, take } }: { school: School; taking: Taking }): JSX.Element {
  const own = school.lessons.value.filter(({ id }) => school.isOwn(id));
  return (
    <section class="crl-panel crl-own" aria-labelledby="crl-own">
      <h2 id="crl-own">A lesson of your own</h2>
      <p>A lesson is one Markdown file: text, a small network, and goals that the page checks. Drop it anywhere here, or choose it. Nothing in it is executed.</p>
      <p class="crl-row">
        <label class="crl-choose">Choose a lesson file …
          <input type="file" multiple class="crl-file" accept=".md,.markdown,.txt,text/markdown" onChange={(e) => { void take(e.currentTarget.files); e.currentTarget.value = ""; }} />
        </label>
      </p>
      <output role="status" class={said.value?.isBad ? "crl-bad" : "crl-good"}>{said.value?.text}</output>
      {own.length > 0 && (
        <ul class="crl-own-list">{own.map(({ id, title }) => (
          <li key={id}>{title} <button type="button" class="crl-link" onClick={() => school.remove(id)}>Remove</button></li>
        ))}</ul>
      )}
      <Texts school={school} />
    </section>
  );
}

/** To write one: the example that explains itself, and the text of any lesson. */
function Texts({ school }: { school: School }): JSX.Element {
  const id = useSignal(school.lessons.peek()[0]?.id ?? "");
  return (
    <details class="crl-details">
      <summary>How to write one</summary>
      <p>Begin with the example, which says of each of its parts what it is for, and open it here again: what is wrong in it is said with its line and field.</p>
      <p class="crl-row"><button type="button" onClick={() => save("my-lesson.md", EXAMPLE, "text/markdown")}>Save the example</button></p>
      <p class="crl-row">
        <label class="crl-field">Or begin with the text of{" "}
          <select value={id.value} onChange={(e) => { id.value = e.currentTarget.value; }}>
            {school.lessons.value.map((lesson) => <option key={lesson.id} value={lesson.id}>{lesson.title}</option>)}
          </select>
        </label>
        <button type="button" onClick={() => save(`${id.peek()}.md`, school.textOf(id.peek()), "text/markdown")}>Save its text</button>
      </p>
      <pre class="crl-example" tabIndex={0}>{EXAMPLE}</pre>
    </details>
  );
}

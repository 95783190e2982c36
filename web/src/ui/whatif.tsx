/** The mark of a what-if edit: what is shown is not what was recorded, and the way back. */

import type { ComponentChildren, JSX } from "preact";
import type { Store } from "../store";

export function Unrecorded({ store, children }: { store: Store; children: ComponentChildren }): JSX.Element {
  return (
    <div class="crl-edited" role="status">
      <span><b>What if: not recorded.</b> {children}</span>
      <button type="button" onClick={() => store.undo("last")}>Undo</button>
      <button type="button" onClick={() => store.undo("all")}>Back to the recording</button>
    </div>
  );
}

/** Of the network, while no inspector says so. */
export function EditedNetwork({ store }: { store: Store }): JSX.Element | null {
  const isInspected = store.selection.value.kind !== "none" && !(store.mode.value === "step" && store.predictFirst.value);
  if (!store.whatIf.value || isInspected) return null;
  return <Unrecorded store={store}>This is the network with what you typed.</Unrecorded>;
}

/** The frame around what an edit has changed. */
export const editedClass = (store: Store): string => (store.whatIf.value ? " crl-what-if" : "");

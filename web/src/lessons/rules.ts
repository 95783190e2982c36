/** What a lesson may hide, and what it may lock. A learner can lift all of it: it keeps a class together, it is no prison. */

import type { Command } from "../protocol";
import type { PageTraining } from "../sources/page";
import type { Store } from "../store";

/** What can be hidden, and what it is called; the style sheet has a rule for each. */
export const HIDES = {
  tabs: "the other screens of the lab", lessons: "the other lessons", hints: "the hints", solutions: "“Show me”",
  encoding: "the switch of what the edges show", example: "the choice of the example", reverse: "the reverse network", copy: "copying as a formula",
} as const;
export type Hide = keyof typeof HIDES;

/** What can be locked, and what it is called. */
export const LOCKS = {
  run: "Run", step: "One step", reset: "Reset", edit: "what-if edits", skip: "skipping a step",
} as const;
export type Lock = keyof typeof LOCKS;

export interface Rules {
  readonly hide: readonly Hide[];
  readonly lock: readonly Lock[];
}

/** "This lesson hides the hints and tables; it locks Run." Empty where there are no rules. */
export function rulesText({ hide, lock }: Rules): string {
  const list = (words: readonly string[]): string => [words.slice(0, -1).join(", "), words.at(-1)].filter(Boolean).join(" and ");
  const hidden = hide.length ? `hides ${list(hide.map((name) => HIDES[name]))}` : "";
  const shut = lock.length ? `locks ${list(lock.map((name) => LOCKS[name]))}` : "";
  return hidden || shut ? `This lesson ${[hidden, shut].filter(Boolean).join("; it ")}.` : "";
}

const LOCKED_BY: Partial<Record<Command["command"], Lock>> = { run: "run", step: "step", reset: "reset" };

/** A store that does not do what is locked, whoever asks for it: a button, or a key. */
export function locked(store: Store, training: PageTraining, locks: () => readonly Lock[]): Store {
  const isLocked = (lock: Lock | undefined): boolean => lock !== undefined && locks().includes(lock);
  const { send } = training;
  training.send = (command) => {
    if (isLocked(LOCKED_BY[command.command])) throw new Error(`This lesson has locked ${LOCKS[LOCKED_BY[command.command]!]}.`);
    return send.call(training, command);
  };
  const { edit } = store;
  store.edit = (index, value) => {
    if (isLocked("edit")) store.problem.value = `This lesson has locked ${LOCKS.edit}.`;
    else edit.call(store, index, value);
  };
  return store;
}

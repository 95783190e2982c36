/** What the start screen asks the lab's server. */

import type { Parent } from "../protocol";

export interface Options {
  readonly data: readonly string[];
  readonly activations: readonly string[];
  readonly costs: readonly string[];
  readonly optimizers: readonly string[];
  readonly initial: readonly string[];
}

export interface Run {
  readonly id: string;
  readonly name: string;
  readonly data?: string;
  readonly hidden?: readonly number[];
  readonly epochs?: number;
  readonly of?: number;
  readonly finished?: boolean;
  readonly figure?: string;
  readonly value?: number | null;
  readonly recorded?: number;
  readonly begun?: string;
  readonly live?: boolean;
  readonly running?: boolean;
  readonly error?: string;
  /** The run that it branched off from. */
  readonly parent?: Parent | null;
}

export interface Upload {
  readonly upload: string;
  readonly name: string;
  readonly kind: "table" | "npz" | "idx";
  readonly columns?: readonly { readonly name: string; readonly examples: readonly string[] }[];
  /** Columns that are not listed, of a very wide table. */
  readonly more?: number;
  /** Whether the first row names the columns; without it they are c1, c2 ... */
  readonly header?: boolean;
  readonly arrays?: readonly { readonly name: string; readonly shape: readonly number[] }[];
}

async function ask<T>(address: string, init?: RequestInit): Promise<T> {
  const response = await fetch(address, { credentials: "same-origin", ...init }).catch(() => {
    throw new Error("The lab does not answer. Is `chainrule lab` still running?");
  });
  const said = (await response.json().catch(() => ({}))) as T & { error?: string };
  if (!response.ok) throw new Error(said.error ?? `The lab answered ${response.status} ${response.statusText}.`);
  return said;
}

/** The server at an address without a slash at its end. */
export const serverAt = (base: string) => ({
  options: (): Promise<Options> => ask<Options>(`${base}/api/options`),
  runs: (): Promise<readonly Run[]> => ask<readonly Run[]>(`${base}/api/runs`),
  start: async (settings: object): Promise<string> =>
    (await ask<{ id: string }>(`${base}/api/start`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(settings) })).id,
  /** A file; with `upload`, a further one of the same. */
  send: (file: File, upload: string | null): Promise<Upload> => {
    const said = new URLSearchParams({ name: file.name, ...(upload ? { upload } : {}) });
    return ask<Upload>(`${base}/api/upload?${said}`, { method: "POST", headers: { "Content-Type": "application/octet-stream" }, body: file });
  },
});
export type Server = ReturnType<typeof serverAt>;

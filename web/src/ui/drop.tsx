/** One's own data: a table, an archive, or the files of an IDX folder, dropped or chosen. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { reason } from "../format";
import { chosen, dropped } from "../start/files";
import type { Server, Upload } from "../start/server";
import { Thumbnail } from "./thumbnails";

interface Props {
  readonly server: Server;
  readonly onReady: (upload: Upload) => void;
  readonly onProblem: (words: string | null) => void;
}

/** Send the files one after the other; those of an IDX folder belong together. */
async function sent(server: Server, files: readonly File[]): Promise<Upload> {
  if (files.length === 0) throw new Error("No file was dropped.");
  if (files.length > 4) throw new Error(`These are ${files.length} files. Drop one table, one archive, or the up to four files of an IDX folder.`);
  let upload: Upload | null = null;
  for (const file of files) upload = await server.send(file, upload?.upload ?? null);
  return upload!;
}

export function Drop({ server, onReady, onProblem }: Props): JSX.Element {
  const over = useSignal(false);
  const busy = useSignal(false);
  const told = useSignal<Upload | null>(null);
  const drops = useRef(0);
  const take = async (wanted: Promise<readonly File[]>): Promise<void> => {
    const mine = ++drops.current;
    const ifNewest = (show: () => void): void => { if (mine === drops.current) show(); };
    busy.value = true;
    onProblem(null);
    try {
      const it = await sent(server, chosen(await wanted));
      ifNewest(() => { told.value = it; onReady(it); });
    } catch (error) {
      ifNewest(() => onProblem(reason(error)));
    } finally {
      ifNewest(() => { busy.value = false; });
    }
  };
  return (
    <div class={`crl-drop ${over.value ? "is-over" : ""}`}
      onDragOver={(e) => { e.preventDefault(); over.value = true; }} onDragLeave={() => { over.value = false; }}
      onDrop={(e) => { e.preventDefault(); over.value = false; void take(dropped(e.dataTransfer)); }}>
      <label class="crl-pick-start">
        <Thumbnail name="own" />
        <b>Your data</b>
        <span class="crl-faint">Drop a table (.csv), an archive (.npz), or a folder of IDX files here.</span>
        <input type="file" multiple class="crl-file" aria-label="Choose a file of your own" accept=".csv,.tsv,.txt,.npz,.gz" onChange={(e) => {
          void take(Promise.resolve(Array.from(e.currentTarget.files ?? [])));
          e.currentTarget.value = ""; // so that the same file, mended, can be chosen again
        }} />
        <span class="crl-pick-go crl-cut" role="status">{busy.value ? "Reading …" : told.value ? told.value.name : "Choose a file …"}</span>
      </label>
    </div>
  );
}

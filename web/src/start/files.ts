/** Which files of a drop, or of a folder, are meant. */

const IDX = /(^|[-_.])(images|labels)[-.]idx[13]-ubyte(\.gz)?$/i;
const MOST = 2000; // files of a folder that are looked at

/** All files that were dropped, those within a folder too. The entries must be asked for at once: later they are gone. */
export async function dropped(data: DataTransfer | null): Promise<readonly File[]> {
  const entries = Array.from(data?.items ?? [], (item) => item.webkitGetAsEntry?.()).filter((entry) => entry !== null && entry !== undefined);
  if (!entries.some((entry) => entry.isDirectory)) return Array.from(data?.files ?? []);
  return (await Promise.all(entries.map(within))).flat();
}

async function within(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile) return [await new Promise<File>((done, failed) => (entry as FileSystemFileEntry).file(done, failed))];
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: FileSystemEntry[] = [];
  for (;;) { // a browser gives them a hundred at a time
    const some = await new Promise<FileSystemEntry[]>((done, failed) => reader.readEntries(done, failed));
    if (some.length === 0 || found.length > MOST) break;
    found.push(...some);
  }
  return (await Promise.all(found.filter((it) => it.isFile).map(within))).flat();
}

/** Of a folder's many files those of IDX, where there are any; of a file that is there packed and unpacked, the first. */
export function chosen(files: readonly File[]): readonly File[] {
  const idx = files.filter(({ name }) => IDX.test(name)).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  if (idx.length === 0 || files.length <= 1) return files;
  const stem = (name: string): string => name.replace(/\.gz$/i, "");
  return idx.filter(({ name }, i) => idx.findIndex((other) => stem(other.name) === stem(name)) === i);
}

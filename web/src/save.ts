/** A file for the user to keep: made in the page, sent nowhere. */

/** Offer a text, or what is a blob already, as a download. */
export function save(name: string, what: string | Blob, type: string = "text/plain"): void {
  const blob = typeof what === "string" ? new Blob([what], { type: `${type};charset=utf-8` }) : what;
  const address = URL.createObjectURL(blob);
  const link = Object.assign(document.createElement("a"), { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

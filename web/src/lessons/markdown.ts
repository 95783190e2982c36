/** The little Markdown that lessons are written in: paragraphs, lists, **bold**, *stressed*, `code`, and blocks between fences. */

export type Span = { readonly kind: "text" | "bold" | "stress" | "code"; readonly text: string };
export type Block =
  | { readonly kind: "paragraph"; readonly spans: readonly Span[] }
  | { readonly kind: "list"; readonly items: readonly (readonly Span[])[] }
  | Fence;
/** Between ```name and ```: JSON for the lab, the name of an equation, or text as it stands. */
export interface Fence {
  readonly kind: "fence";
  readonly name: string;
  readonly text: string;
  /** Of the file: where its text begins. */
  readonly line: number;
}

const INLINE = /\*\*(.+?)\*\*|\*(.+?)\*|`(.+?)`/g;

/** A line of text in parts that look alike. */
export function spans(text: string): Span[] {
  const found: Span[] = [];
  let end = 0;
  for (const match of text.matchAll(INLINE)) {
    if (match.index > end) found.push({ kind: "text", text: text.slice(end, match.index) });
    const [all, bold, stress, code] = match;
    found.push(bold ? { kind: "bold", text: bold } : stress ? { kind: "stress", text: stress } : { kind: "code", text: code! });
    end = match.index + all.length;
  }
  if (end < text.length) found.push({ kind: "text", text: text.slice(end) });
  return found;
}

const FENCES = /^```([a-z]*)[ \t]*(.*)\n([\s\S]*?)^```[ \t]*$/gm;

/** How many lines stand before a fence that begins and does not end; null where there is none. */
export function openAt(text: string): number | null {
  const rest = text.replace(FENCES, (block) => block.replace(/[^\n]/g, ""));
  const at = rest.search(/^```/m);
  return at < 0 ? null : rest.slice(0, at).split("\n").length - 1;
}

/** The blocks of a text that begins on a line of its file. */
export function blocks(text: string, line: number = 1): Block[] {
  const found: Block[] = [];
  let end = 0;
  for (const match of text.matchAll(FENCES)) {
    found.push(...prose(text.slice(end, match.index)));
    const at = line + text.slice(0, match.index).split("\n").length - 1;
    found.push({ kind: "fence", name: match[1]!, text: `${match[2]}\n${match[3]}`.trim(), line: match[2] ? at : at + 1 });
    end = match.index + match[0].length;
  }
  return [...found, ...prose(text.slice(end))];
}

function prose(text: string): Block[] {
  return text.split(/\n\s*\n/).map((part) => part.trim()).filter(Boolean).map((part) => {
    if (!part.startsWith("- ")) return { kind: "paragraph", spans: spans(part.replace(/\s*\n\s*/g, " ")) };
    const items = part.split(/\n(?=- )/).map((item) => spans(item.slice(2).replace(/\s*\n\s*/g, " ")));
    return { kind: "list", items };
  });
}

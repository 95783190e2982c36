/** The little Markdown that lessons are written in: paragraphs, lists, **bold**, *stressed*, `code`, and blocks between fences. */

export type Span = { readonly kind: "text" | "bold" | "stress" | "code"; readonly text: string };
export type Block =
  | { readonly kind: "paragraph"; readonly spans: readonly Span[] }
  | { readonly kind: "list"; readonly items: readonly (readonly Span[])[] }
  /** Between ```name and ```: JSON for the lab, or the name of an equation. */
  | { readonly kind: "fence"; readonly name: string; readonly text: string };

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

/** The blocks of a text. */
export function blocks(text: string): Block[] {
  const found: Block[] = [];
  const fences = /^```([a-z]*)[ \t]*(.*)\n([\s\S]*?)^```[ \t]*$/gm;
  let end = 0;
  for (const match of text.matchAll(fences)) {
    found.push(...prose(text.slice(end, match.index)));
    found.push({ kind: "fence", name: match[1]!, text: `${match[2]}\n${match[3]}`.trim() });
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

/** Between a template's text and the editor's document: `{{ name | default: 'x' }}` is a chip, all else is words. */
import type { JSONContent } from "@tiptap/core";

const CHIP = /\{\{\s*([^{}]*?)\s*\}\}/g;

export function toDocument(text: string): JSONContent {
  return {
    type: "doc",
    content: text.split("\n").map((line) => ({ type: "paragraph", content: pieces(line) })),
  };
}

export function pieces(line: string): JSONContent[] {
  const found: JSONContent[] = [];
  let at = 0;
  for (const one of line.matchAll(CHIP)) {
    if (one.index > at) found.push({ type: "text", text: line.slice(at, one.index) });
    if (one[1]) found.push({ type: "chip", attrs: { says: one[1] } });
    at = one.index + one[0].length;
  }
  if (at < line.length) found.push({ type: "text", text: line.slice(at) });
  return found;
}

export function toText(document: JSONContent): string {
  return (document.content ?? [])
    .map((paragraph) =>
      (paragraph.content ?? [])
        .map((piece) => (piece.type === "chip" ? `{{ ${String(piece.attrs?.says ?? "")} }}` : (piece.text ?? "")))
        .join(""),
    )
    .join("\n");
}

/** The name, what stands in for it, and what else is done to it. */
export function read(says: string): { name: string; instead: string | null; rest: string } {
  const [name = "", ...filters] = says.split(/\s*\|\s*/);
  let instead: string | null = null;
  const rest: string[] = [];
  for (const filter of filters) {
    const found = /^default:\s*(?:'([^']*)'|"([^"]*)")$/.exec(filter);
    if (found && instead === null) instead = found[1] ?? found[2] ?? "";
    else rest.push(filter);
  }
  return { name: name.trim(), instead, rest: rest.join(" | ") };
}

export function write(chip: { name: string; instead: string | null; rest: string }): string {
  const quoted = chip.instead?.includes("'") ? `"${chip.instead.replaceAll('"', "”")}"` : `'${chip.instead}'`;
  return [chip.name, ...(chip.rest ? [chip.rest] : []), ...(chip.instead !== null ? [`default: ${quoted}`] : [])].join(" | ");
}

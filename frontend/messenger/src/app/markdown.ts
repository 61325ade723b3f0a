// A message's Markdown as DOM nodes. A message can only ever become these elements, never markup of its own.
//
// Known: paragraphs, line breaks, headings (as bold lines), lists, **bold**, *italics*, `code`, ``` blocks,
// [links](https://…), <https://…>, bare https:// addresses, backslash escapes. All else is the text as written.

const ITEM = /^ {0,3}(?:([-*+])|(\d{1,9})[.)])[ \t]+(.*)$/;
const ESCAPABLE = /[!-/:-@[-`{-~]/;
const DEEPEST = 8;

interface Block {
  kind: "text" | "ul" | "ol" | "code" | "heading";
  start: number;
  items: string[][];
}

export function draw(source: string): DocumentFragment {
  const drawn = document.createDocumentFragment();
  for (const block of blocks(source.replace(/\r\n?/g, "\n").split("\n"))) drawn.append(element(block));
  return drawn;
}

// Text as it was typed, with its line breaks, and addresses that can be followed.
export function drawPlain(source: string): DocumentFragment {
  const drawn = document.createDocumentFragment();
  for (const text of source.split(/\n{2,}/)) {
    const paragraph = document.createElement("p");
    text.split("\n").forEach((line, at) => {
      if (at) paragraph.append(document.createElement("br"));
      withAddresses(paragraph, line);
    });
    drawn.append(paragraph);
  }
  return drawn;
}

// The same words without their marks, on one line.
export function plain(source: string): string {
  const holder = document.createElement("div");
  holder.append(draw(source));
  for (const end of holder.querySelectorAll("p, li, br, pre")) end.after(" ");
  return (holder.textContent ?? "").replace(/\s+/g, " ").trim();
}

function* blocks(lines: string[]): Generator<Block> {
  let open: Block | null = null;
  const block = (kind: Block["kind"], items: string[][] = [], start = 1): Block => ({ kind, items, start });
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] as string;
    if (open?.kind === "code") {
      if (/^\s*```\s*$/.test(line)) {
        yield open;
        open = null;
      } else open.items[0]!.push(line);
      continue;
    }
    const item = ITEM.exec(line);
    const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(line);
    if (/^\s*```/.test(line)) {
      if (open) yield open;
      open = block("code", [[]]);
    } else if (heading) {
      if (open) yield open;
      open = null;
      yield block("heading", [[heading[1] as string]]);
    } else if (!line.trim()) {
      if (open?.kind === "text") {
        yield open;
        open = null;
      }
    } else if (item) {
      const kind = item[2] === undefined ? "ul" : "ol";
      if (open?.kind !== kind) {
        if (open) yield open;
        open = block(kind, [], Number(item[2] ?? 1));
      }
      open.items.push([item[3] as string]);
    } else if (open && open.kind !== "text" && /^ {2,}/.test(line)) {
      open.items.at(-1)!.push(line.trim());
    } else {
      if (open && open.kind !== "text") {
        yield open;
        open = null;
      }
      open ??= block("text", [[]]);
      open.items[0]!.push(line);
    }
  }
  if (open) yield open;
}

function element({ kind, items, start }: Block): HTMLElement {
  if (kind === "code") {
    const drawn = document.createElement("pre");
    drawn.tabIndex = 0;
    drawn.appendChild(document.createElement("code")).textContent = items[0]!.join("\n");
    return drawn;
  }
  if (kind === "ul" || kind === "ol") {
    const drawn = document.createElement(kind);
    if (kind === "ol" && start !== 1) (drawn as HTMLOListElement).start = start;
    for (const lines of items) withBreaks(drawn.appendChild(document.createElement("li")), lines);
    return drawn;
  }
  const drawn = document.createElement("p");
  withBreaks(kind === "heading" ? drawn.appendChild(document.createElement("strong")) : drawn, items[0]!);
  return drawn;
}

function withBreaks(parent: Element, lines: string[]): void {
  // A backslash or two spaces at the end of a line are Markdown's own breaks; in a chat every line end is one.
  const text = lines.map((line) => line.trim().replace(/(^|[^\\])((?:\\\\)*)\\$/, "$1$2")).join("\n");
  inline(parent, text, 0);
}

function inline(parent: Element, text: string, depth: number): void {
  let words = "";
  const say = () => {
    if (words) {
      if (depth < DEEPEST) withAddresses(parent, words);
      else parent.append(words);
    }
    words = "";
  };
  const add = (node: Node, next: number) => {
    say();
    parent.append(node);
    return next;
  };
  const missing = new Set<string>();

  for (let at = 0; at < text.length; ) {
    const char = text[at] as string;
    if (char === "\\" && ESCAPABLE.test(text[at + 1] ?? "")) {
      words += text[at + 1];
      at += 2;
      continue;
    }
    if (char === "\n") {
      at = add(document.createElement("br"), at + 1);
      continue;
    }
    if (char === "`" && text.indexOf("`", at + 1) > at + 1) {
      const end = text.indexOf("`", at + 1);
      const code = document.createElement("code");
      code.textContent = text.slice(at + 1, end);
      at = add(code, end + 1);
      continue;
    }
    const link = depth < DEEPEST ? linkAt(text, at) : null;
    if (link) {
      at = add(link.node, link.end);
      continue;
    }
    if ((char === "*" || char === "_") && depth < DEEPEST) {
      const mark = /^(\*{1,3}|_{1,3})/.exec(text.slice(at, at + 3))![0];
      const end = missing.has(mark) ? -1 : closing(text, at, mark);
      if (end >= 0) {
        const loud = document.createElement(mark.length === 1 ? "em" : "strong");
        const inner = mark.length === 3 ? loud.appendChild(document.createElement("em")) : loud;
        inline(inner, text.slice(at + mark.length, end), depth + 1);
        at = add(loud, end + mark.length);
        continue;
      }
      // Only a mark that could have opened tells that nothing closes it further on.
      if (opens(text, at, mark)) missing.add(mark);
      words += mark;
      at += mark.length;
      continue;
    }
    words += char;
    at += 1;
  }
  say();
}

function opens(text: string, at: number, mark: string): boolean {
  const after = text[at + mark.length] ?? " ";
  return !/\s/.test(after) && !(mark[0] === "_" && /[\p{L}\p{N}]/u.test(text[at - 1] ?? " "));
}

function closing(text: string, at: number, mark: string): number {
  if (!opens(text, at, mark)) return -1;
  for (let end = at + mark.length; end < text.length; end += 1) {
    if (text[end] === "\\") {
      end += 1;
      continue;
    }
    if (text[end] === "`") {
      const past = text.indexOf("`", end + 1);
      if (past > 0) end = past;
      continue;
    }
    if (!text.startsWith(mark, end)) continue;
    if (mark.length === 1 && text[end + 1] === mark) {
      end += 1;
      continue;
    }
    const inWord = mark[0] === "_" && /[\p{L}\p{N}]/u.test(text[end + mark.length] ?? " ");
    if (end > at + mark.length && !/\s/.test(text[end - 1] as string) && !inWord) return end;
  }
  return -1;
}

function linkAt(text: string, at: number): { node: Node; end: number } | null {
  if (text[at] === "<") {
    const found = /^<(https?:\/\/[^\s<>]{1,2000}|mailto:[^\s<>]{1,300})>/i.exec(text.slice(at, at + 2010));
    const link = found && anchor(found[1] as string);
    if (!found || !link) return null;
    link.textContent = (found[1] as string).replace(/^mailto:/i, "");
    return { node: link, end: at + found[0].length };
  }
  if (text[at] !== "[") return null;
  // A link's own text is short; looking no further keeps a message of brackets cheap to draw.
  const found = /^\[((?:\\.|[^[\]\\]){1,500})\]\(\s*<?((?:\\.|[^\s<>()\\]|\([^\s()]*\)){1,2000})>?\s*\)/.exec(
    text.slice(at, at + 3000),
  );
  const link = found && anchor((found[2] as string).replace(/\\([!-/:-@[-`{-~])/g, "$1"));
  if (!found || !link) return null;
  inline(link, found[1] as string, DEEPEST);
  return { node: honest(link), end: at + found[0].length };
}

function withAddresses(parent: Node & ParentNode, text: string): void {
  let from = 0;
  for (const found of text.matchAll(/https?:\/\/[^\s<>"'`]{2,2000}/gi)) {
    const address = found[0].replace(/[.,;:!?)\]}*_]+$/, (end) => (end[0] === ")" && found[0].includes("(") ? ")" : ""));
    const link = anchor(address);
    if (!link) continue;
    link.textContent = address;
    parent.append(text.slice(from, found.index), link);
    from = found.index + address.length;
  }
  parent.append(text.slice(from));
}

// A link whose words are the address of another place says where it leads.
function honest(link: HTMLAnchorElement): Node {
  const words = (link.textContent ?? "").trim();
  const named = /^(?:https?:\/\/)?((?:[\w-]+\.)+[a-z]{2,})(?:[/:?#]|$)/i.exec(words)?.[1]?.toLowerCase();
  const host = link.hostname.replace(/^www\./, "");
  if (!named || !host || named.replace(/^www\./, "") === host) return link;
  const both = document.createElement("span");
  both.append(link, ` (${host})`);
  return both;
}

export function safeAddress(target: string): string | null {
  try {
    const url = new URL(target);
    return ["http:", "https:", "mailto:"].includes(url.protocol) && !url.username && !url.password ? url.href : null;
  } catch {
    return null;
  }
}

function anchor(target: string): HTMLAnchorElement | null {
  const href = safeAddress(target);
  if (!href) return null;
  const link = document.createElement("a");
  link.href = href;
  link.rel = "noopener noreferrer nofollow ugc";
  if (!href.startsWith("mailto:")) link.target = "_blank";
  return link;
}

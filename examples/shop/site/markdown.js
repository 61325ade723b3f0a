// Draw a message's Markdown as DOM nodes. A message can only ever become these elements, never markup of its own.
//
// Known: paragraphs, line breaks, lists, **bold**, *italics*, `code`, [links](https://…), <https://…>, backslash
// escapes. Anything else is the text that was written.

const ITEM = /^ {0,3}(?:([-*+])|(\d{1,9})[.)])[ \t]+(.*)$/;
const ESCAPABLE = /[!-/:-@[-`{-~]/;
const DEEPEST = 8;

export function draw(source) {
  const drawn = document.createDocumentFragment();
  for (const block of blocks(String(source).replace(/\r\n?/g, "\n").split("\n"))) {
    drawn.append(block.items ? list(block) : paragraph(block.lines));
  }
  return drawn;
}

// The same words without their marks, for a list of conversations.
export function plain(source) {
  const holder = document.createElement("div");
  holder.append(draw(source));
  for (const end of holder.querySelectorAll("p, li, br")) end.after(" ");
  return holder.textContent.replace(/\s+/g, " ").trim();
}

function* blocks(lines) {
  let open = null;
  for (const line of lines) {
    const item = ITEM.exec(line);
    if (!line.trim()) {
      if (open && !open.items) { yield open; open = null; }
    } else if (item) {
      const ordered = item[2] !== undefined;
      if (!open?.items || open.ordered !== ordered) {
        if (open) yield open;
        open = { items: [], ordered, start: ordered ? Number(item[2]) : 1 };
      }
      open.items.push([item[3]]);
    } else if (open?.items && /^ {2,}/.test(line)) {
      open.items.at(-1).push(line.trim());
    } else {
      if (open?.items) { yield open; open = null; }
      open ??= { lines: [] };
      open.lines.push(line);
    }
  }
  if (open) yield open;
}

function list({ items, ordered, start }) {
  const drawn = document.createElement(ordered ? "ol" : "ul");
  if (ordered && start !== 1) drawn.start = start;
  for (const lines of items) {
    const item = document.createElement("li");
    withBreaks(item, lines);
    drawn.append(item);
  }
  return drawn;
}

function paragraph(lines) {
  const drawn = document.createElement("p");
  withBreaks(drawn, lines);
  return drawn;
}

function withBreaks(parent, lines) {
  // A backslash or two spaces at the end of a line are Markdown's own breaks; in a chat every line end is one.
  const text = lines.map((line) => line.trim().replace(/(^|[^\\])((?:\\\\)*)\\$/, "$1$2")).join("\n");
  inline(parent, text, 0);
}

function inline(parent, text, depth) {
  let words = "";
  const say = () => { if (words) parent.append(words); words = ""; };
  const add = (node, next) => { say(); parent.append(node); return next; };
  const missing = new Set();

  for (let at = 0; at < text.length;) {
    const char = text[at];
    if (char === "\\" && ESCAPABLE.test(text[at + 1] ?? "")) {
      words += text[at + 1];
      at += 2;
    } else if (char === "\n") {
      at = add(document.createElement("br"), at + 1);
    } else if (char === "`" && text.indexOf("`", at + 1) > at + 1) {
      const end = text.indexOf("`", at + 1);
      const code = document.createElement("code");
      code.textContent = text.slice(at + 1, end);
      at = add(code, end + 1);
    } else if (char === "<") {
      const found = /^<(https?:\/\/[^\s<>]{1,2000}|mailto:[^\s<>]{1,300})>/i.exec(text.slice(at, at + 2010));
      const link = found && anchor(found[1]);
      if (link) {
        link.textContent = found[1].replace(/^mailto:/i, "");
        at = add(link, at + found[0].length);
      } else {
        words += char;
        at += 1;
      }
    } else if (char === "[" && depth < DEEPEST) {
      const found = linkAt(text, at);
      const link = found && anchor(found.target);
      if (link) {
        inline(link, found.label, DEEPEST);
        at = add(link, found.end);
      } else {
        words += char;
        at += 1;
      }
    } else if ((char === "*" || char === "_") && depth < DEEPEST) {
      const mark = /^(\*{1,3}|_{1,3})/.exec(text.slice(at, at + 3))[0];
      const end = missing.has(mark) ? -1 : closing(text, at, mark);
      if (end < 0) {
        // Only a mark that could have opened tells that nothing closes it further on.
        if (opens(text, at, mark)) missing.add(mark);
        words += mark;
        at += mark.length;
      } else {
        const loud = document.createElement(mark.length === 1 ? "em" : "strong");
        const inner = mark.length === 3 ? loud.appendChild(document.createElement("em")) : loud;
        inline(inner, text.slice(at + mark.length, end), depth + 1);
        at = add(loud, end + mark.length);
      }
    } else {
      words += char;
      at += 1;
    }
  }
  say();
}

function opens(text, at, mark) {
  const after = text[at + mark.length] ?? " ";
  return !/\s/.test(after) && !(mark[0] === "_" && /[\p{L}\p{N}]/u.test(text[at - 1] ?? " "));
}

function closing(text, at, mark) {
  if (!opens(text, at, mark)) return -1;
  for (let end = at + mark.length; end < text.length; end += 1) {
    if (text[end] === "\\") { end += 1; continue; }
    if (text[end] === "`") {
      const past = text.indexOf("`", end + 1);
      if (past > 0) end = past;
      continue;
    }
    if (!text.startsWith(mark, end)) continue;
    if (mark.length === 1 && text[end + 1] === mark) { end += 1; continue; }
    const inWord = mark[0] === "_" && /[\p{L}\p{N}]/u.test(text[end + mark.length] ?? " ");
    if (end > at + mark.length && !/\s/.test(text[end - 1]) && !inWord) return end;
  }
  return -1;
}

function linkAt(text, at) {
  // A link's own text is short; looking no further keeps a message of brackets cheap to draw.
  const near = text.slice(at, at + 3000);
  const found = /^\[((?:\\.|[^\[\]\\]){1,500})\]\(\s*<?((?:\\.|[^\s<>()\\]|\([^\s()]*\)){1,2000})>?\s*\)/.exec(near);
  return found && { label: found[1], target: found[2].replace(/\\([!-/:-@[-`{-~])/g, "$1"), end: at + found[0].length };
}

function anchor(target) {
  let url;
  try { url = new URL(target); } catch { return null; }
  if (!["http:", "https:", "mailto:"].includes(url.protocol)) return null;
  const link = document.createElement("a");
  link.href = url.href;
  link.rel = "noopener noreferrer nofollow";
  if (url.protocol !== "mailto:") link.target = "_blank";
  return link;
}

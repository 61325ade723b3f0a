/** Reading one element of a page. */

import { classStem, drawn, hash, remembered, squeezed, stableId } from "./shape";

/** Where the role is not the name of the tag, or of the field's type. */
const IMPLICIT: Record<string, string> = {
  a: "link",
  summary: "button",
  select: "combobox",
  textarea: "textbox",
  tr: "row",
  li: "listitem",
};
const INPUT_ROLES: Record<string, string> = {
  submit: "button",
  button: "button",
  reset: "button",
  image: "button",
  checkbox: "checkbox",
  radio: "radio",
  range: "slider",
};

const LANDMARK_OF: Record<string, string> = {
  header: "banner",
  nav: "navigation",
  main: "main",
  aside: "complementary",
  footer: "contentinfo",
  form: "form",
  dialog: "dialog",
};
const LANDMARK = [
  ...Object.keys(LANDMARK_OF),
  ...[...Object.values(LANDMARK_OF), "search", "toolbar"].map((role) => `[role=${role}]`),
].join();
const HEADING = "h1,h2,h3,h4,h5,h6,legend,caption,[role=heading]";
const WORD_ATTRIBUTES = new Set(["aria-label", "title", "alt", "placeholder"]);
const UNSTABLE_ATTRIBUTE =
  /^(?:class|style|id|href|src|srcset|sizes|tabindex|width|height|d|xmlns.*|disabled|checked|selected|open|hidden|data-(?:overture|state|ved|(?:bs-)?original-title|(?:v-|react|radix|headlessui|emotion|styled|hydrat|ssr|astro|svelte|s-|turbo|listener|.*(?:uid|uuid|hash|token|csrf|nonce|timestamp|version|build)).*)|_ng.*|ng-(?:reflect.*|version)|svelte-.*|wire:.*|[xv]-.*|[@:].*|js(?:action|controller|name|log)|aria-(?:expanded|selected|checked|pressed|current|hidden|busy|disabled|activedescendant|describedby|owns|labelledby|controls)|autocomplete|autofocus|spellcheck|maxlength|minlength|integrity|crossorigin|nonce|rel|target|role|type|value|for|on(?!click).*|focusable|draggable|lang|dir|loading|decoding|bis_.*|cursor)$/i;

const isUnstable = remembered((name) => UNSTABLE_ATTRIBUTE.test(name));

export function tagOf(element: Element): string {
  return element.localName.toLowerCase();
}

export function roleOf(element: Element): string {
  const given = element.getAttribute("role");
  if (given) return given.trim().split(/\s+/)[0]!.toLowerCase();
  const tag = tagOf(element);
  if (tag === "input") return INPUT_ROLES[element.getAttribute("type")?.toLowerCase() ?? "text"] ?? "textbox";
  return IMPLICIT[tag] ?? (/^h[1-4]$/.test(tag) ? "heading" : tag);
}

/** The parent, going out of a shadow root through its host. */
export function parentOf(element: Element): Element | null {
  const parent = element.assignedSlot ?? element.parentNode;
  if (!parent) return null;
  if (parent.nodeType === 1) return parent as Element;
  return parent.nodeType === 11 ? ((parent as ShadowRoot).host ?? null) : null;
}

function attribute(element: Element, ...names: string[]): string {
  return squeezed(names.map((name) => element.getAttribute(name)).find(Boolean));
}

/** The element's words: what a screen reader would say, near enough. */
export function nameOf(element: Element): string {
  const label = element.getAttribute("aria-label");
  if (label && label.trim()) return squeezed(label);
  const by = element.getAttribute("aria-labelledby");
  if (by) {
    const root = element.getRootNode() as Document | ShadowRoot;
    const words = squeezed(
      by
        .trim()
        .split(/\s+/)
        .map((id) => root.getElementById?.(id)?.textContent ?? "")
        .join(" "),
    );
    if (words) return words;
  }
  const tag = tagOf(element);
  if (tag === "input" || tag === "select" || tag === "textarea") {
    const type = (element.getAttribute("type") ?? "").toLowerCase();
    if (/^(?:submit|button|reset)$/.test(type)) {
      const value = squeezed(element.getAttribute("value"));
      if (value) return value;
    }
    const labels = (element as HTMLInputElement).labels;
    const first = labels && labels[0];
    if (first) {
      const words = squeezed(first.textContent);
      if (words && tag !== "select") return words;
      if (words) return squeezed(first.childNodes[0]?.textContent) || words;
    }
    return attribute(element, "alt", "title", "placeholder");
  }
  if (tag === "img") return attribute(element, "alt", "title");
  const text = squeezed(textOf(element));
  if (text) return text;
  const inner = element.querySelector("img[alt],[aria-label],svg > title,[title]");
  if (inner) {
    const words = attribute(inner, "alt", "aria-label", "title") || squeezed(inner.textContent);
    if (words) return words;
  }
  return attribute(element, "title", "alt");
}

/** An element's text, without that of scripts and styles; from its open shadow root where it has nothing else. */
export function textOf(element: Element): string {
  let text = "";
  const inside = element.firstElementChild && element.getElementsByTagName("*");
  // Of something large only the beginning is read; scripts and styles are found in passing.
  if (inside && (inside[30] || element.querySelector("style,script"))) text = textsIn(element, 800, "");
  else text = element.textContent ?? "";
  if (!text.trim() && element.shadowRoot) text = element.shadowRoot.textContent ?? "";
  return text;
}

/** The beginning of what is written in it, `without` what stands in one part of it. */
function textsIn(around: Element, most: number, between: string, without?: Element): string {
  const walker = around.ownerDocument.createTreeWalker(around, 4);
  let text = "";
  while (text.length < most && walker.nextNode()) {
    const node = walker.currentNode as Text;
    if ((between && !node.data.trim()) || without?.contains(node)) continue;
    if (!/^(?:style|script)$/.test(node.parentElement?.localName ?? "")) text += between + node.data;
  }
  return text;
}

/** Whether its markup alone says what it is: not a label elsewhere, and not a shadow root. */
export function speaksForItself(element: Element): boolean {
  return !element.shadowRoot && !element.matches("[aria-labelledby],input,select,textarea");
}

/** Where a link goes, without what changes from build to build. */
export function hrefOf(element: Element): string | undefined {
  const raw =
    element.getAttribute("href") ?? element.getAttribute("xlink:href") ?? element.getAttribute("formaction");
  if (raw === null || raw === undefined) return undefined;
  // Most are plain paths, in which nothing has to be taken apart.
  if (/^\/(?!\/)[\w/-]*$/.test(raw)) return raw.slice(0, 120);
  return lasting(raw.trim() + "\n" + element.ownerDocument.baseURI);
}

const lasting = remembered((written): string | undefined => {
  const [href = "", base] = written.split("\n");
  if (!href || href === "#" || href === "#!" || /^javascript:/i.test(href)) return undefined;
  if (href[0] === "#") return stableId(href.slice(1)) ? href : undefined;
  if (/^(?:mailto|tel|sms):/i.test(href)) return href.split("?")[0]!.toLowerCase();
  let url: URL;
  let host: string;
  try {
    url = new URL(href, base);
    host = url.host === new URL(base!).host ? "" : url.host;
  } catch {
    return href.slice(0, 120);
  }
  const query = [...url.searchParams].filter(([key, value]) => !volatileQuery(key, value));
  const end = query.length ? "?" + query.map(([key, value]) => `${key}=${value}`).join("&") : "";
  const hash = url.hash && (url.hash.startsWith("#/") || stableId(url.hash.slice(1))) ? url.hash : "";
  const path = url.pathname
    .split("/")
    .map(unhashed)
    .join("/");
  return (host + path + end + hash).slice(0, 120);
});

/** A file's name without the hash of its build. */
function unhashed(file: string): string {
  return file.replace(/[.-][0-9a-f]{8,}(?=\.)/i, "");
}

function volatileQuery(key: string, value: string): boolean {
  return (
    /^(?:utm_.*|v|ver|version|t|ts|time|timestamp|cb|cache|_|rev|r|rnd|rand|build|b|hash|h|sid|session.*|token|csrf.*|nonce|ref|_gl|gclid|fbclid|mc_.*)$/i.test(
      key,
    ) || value.split(/[-_.]/).some((piece) => piece.length > 5 && drawn(piece))
  );
}

/** Attributes that a person wrote and that hold no state. Their words are apart, since a translation changes them. */
export function attributesOf(element: Element): Record<string, string> {
  const found: Record<string, string> = {};
  let count = 0;
  // By name: asking for `attributes` would make an object of each.
  for (const written of element.getAttributeNames()) {
    const name = written.toLowerCase();
    if (isUnstable(name)) continue;
    const given = element.getAttribute(written) ?? "";
    const value = WORD_ATTRIBUTES.has(name) ? squeezed(given, 60) : stableValue(given);
    if (value === undefined) continue;
    found[name] = value;
    if (++count >= 8) break;
  }
  const tag = tagOf(element);
  const type = element.getAttribute("type");
  if (type && (tag === "input" || tag === "button")) found["type"] = type.toLowerCase();
  if (tag === "input" && /^(?:radio|checkbox)$/i.test(type ?? "")) {
    const value = element.getAttribute("value");
    if (value && value !== "on" && value.length < 40) found["value"] = value;
  }
  const controls = stableId(element.getAttribute("aria-controls"));
  if (controls) found["aria-controls"] = controls;
  const target = stableId(element.getAttribute("for"));
  if (target) found["for"] = target;
  return found;
}

const stableValue = remembered((written: string): string | undefined => {
  const value = written.trim();
  if (value.length > 100 || /\d{6,}/.test(value) || /^#?:r|^#?radix/.test(value)) return undefined;
  if (value[0] === "#" && !stableId(value.slice(1))) return undefined;
  if (!/\s/.test(value) && value.split(/[-_./#?=&:]+/).some((piece) => piece.length > 5 && drawn(piece)))
    return undefined;
  return value.replace(/\?.*$/, "").slice(0, 60);
});

export function isWords(attribute: string): boolean {
  return WORD_ATTRIBUTES.has(attribute);
}

export function classesOf(element: Element, most = 8): string[] {
  const list = element.classList;
  const found: string[] = [];
  for (let at = 0; at < list.length && found.length < most; at++) {
    const stem = classStem(list[at]!);
    if (stem && !found.includes(stem)) found.push(stem);
  }
  return found;
}

const ICON_CLASS =
  /^(?:fa|fas|far|fab|bi|icon|mdi|ti|nc|ni|glyphicon|lnr|la|ion|pe|feather|ri|bx|uil|octicon|tim)-[a-z][\w-]*$/i;
const ICON_SIZE = /^(?:fa|bi|icon|mdi)-(?:lg|sm|xs|fw|\dx|spin|solid|regular|brands|pulse)$/;

/** The picture on it, whatever it was drawn with. */
export function iconOf(element: Element): string | undefined {
  const own = iconClass(element);
  if (own) return own;
  if (!element.firstElementChild) return undefined;
  const drawn_ = element.querySelector("svg,img,i,span[class],em[class]");
  if (!drawn_) return undefined;
  const svg = drawn_.localName === "svg" ? drawn_ : element.querySelector("svg");
  if (svg) {
    const use = svg.querySelector("use");
    const target = use?.getAttribute("href") ?? use?.getAttribute("xlink:href");
    if (target) return target.replace(/^.*#/, "#").slice(0, 40);
    const shape = svg.querySelector("path,polygon,polyline,circle,rect,line");
    if (shape)
      return (
        "s" + hash((shape.getAttribute("d") ?? shape.getAttribute("points") ?? shape.localName).slice(0, 60))
      );
  }
  const image = element.querySelector("img");
  const src = image?.getAttribute("src");
  if (src && !src.startsWith("data:")) {
    return unhashed(src.replace(/[?#].*$/, "").replace(/^.*\//, "")).slice(0, 40);
  }
  for (const inner of Array.from(element.querySelectorAll("i,span[class],em[class]")).slice(0, 6)) {
    const name = iconClass(inner);
    if (name) return name;
  }
  return undefined;
}

function iconClass(element: Element): string | undefined {
  const list = element.classList;
  for (let at = 0; at < list.length; at++)
    if (ICON_CLASS.test(list[at]!) && !ICON_SIZE.test(list[at]!)) return list[at]!.slice(0, 40);
  return undefined;
}

/** How an ancestor is known: its tag, a stable id or landmark, some of its classes. */
export function token(element: Element): string {
  const written =
    element.localName +
    " " +
    (element.getAttribute("role") ?? "") +
    " " +
    element.id.replace(/ /g, "") +
    " " +
    (element.getAttribute("class") ?? "");
  return written.length < 400 ? tokenOf(written) : element.localName;
}

const tokenOf = remembered((written) => {
  const [tag, role, id, ...classes] = written.split(/[ \t\n]/);
  const stable = stableId(id);
  const stems = classes.filter(Boolean).map(classStem).filter(Boolean);
  return (
    tag!.toLowerCase() +
    (role ? "@" + role : "") +
    (stable ? "#" + stable : "") +
    [...new Set(stems)]
      .slice(0, 3)
      .map((name) => "." + name)
      .join("")
  );
});

export function landmarkOf(element: Element): string | undefined {
  for (let at: Element | null = parentOf(element); at; at = parentOf(at)) {
    if (at.matches(LANDMARK)) return at.getAttribute("role") ?? LANDMARK_OF[tagOf(at)];
  }
  return undefined;
}

/** The heading that stands before it and nearest around it. */
export function headingOf(element: Element): string | undefined {
  let inside: Element | null = element;
  for (let level = 0; level < 7 && inside && inside.localName !== "body"; level++) {
    let looked = 0;
    for (let one = inside.previousElementSibling; one && looked < 40; one = one.previousElementSibling, looked++) {
      const inner: Element[] = one.matches(HEADING) ? [one] : one.firstElementChild ? [...one.querySelectorAll(HEADING)] : [];
      for (const heading of inner.reverse()) {
        const words = squeezed(heading.textContent, 60);
        if (words) return words;
      }
    }
    inside = inside.parentElement;
  }
  return undefined;
}

/** The words around it in the nearest thing that repeats: its row, its card, its label. */
export function rowOf(element: Element): string | undefined {
  let inside: Element = element;
  for (let level = 0; level < 5; level++) {
    const around = parentOf(inside);
    if (!around || around.localName === "body") return undefined;
    const tag = around.localName;
    const repeats =
      tag === "tr" ||
      tag === "li" ||
      tag === "article" ||
      tag === "label" ||
      tag === "fieldset" ||
      tag === "dl" ||
      around.getAttribute("role") === "row" ||
      twinSibling(around);
    if (repeats) {
      if ((around.textContent ?? "").length > 3000) return undefined;
      const words = wordsAround(element, around);
      if (words.length > 1) return words.slice(0, 60);
    }
    inside = around;
  }
  return undefined;
}

/** What stands in `around` besides the element itself: words of two cells stay two words. */
export function wordsAround(element: Element, around: Element): string {
  return squeezed(textsIn(around, 200, " ", element), 200);
}

/** What stands right before and right after it, or after what holds it alone: its words, or its picture. */
export function besides(element: Element): [string, string] | undefined {
  let inside: Element = element;
  for (let level = 0; level < 4; level++) {
    const before = inside.previousElementSibling;
    const after = inside.nextElementSibling;
    if (before || after) {
      const said = (one: Element | null) =>
        one ? squeezed(textOf(one), 60) || (iconOf(one) ?? one.getAttribute("class") ?? "") : "";
      return [said(before), said(after)];
    }
    const around = parentOf(inside);
    if (!around || around.localName === "body") return undefined;
    inside = around;
  }
  return undefined;
}

/** Whether a sibling is made like it: the same tag, and a class in common where it has any. */
function twinSibling(element: Element): boolean {
  const parent = element.parentElement;
  if (!parent) return false;
  const classes = element.classList;
  let looked = 0;
  for (
    let other = parent.firstElementChild;
    other && looked < 12;
    other = other.nextElementSibling, looked++
  ) {
    if (other === element || other.localName !== element.localName) continue;
    if (!classes.length || Array.from(classes).some((name) => other!.classList.contains(name))) return true;
  }
  return false;
}

/** For each container and kind which of its children hold one, in order: twins ask it of the same containers. */
export type Holding = Record<string, Map<HTMLCollection, Element[]>>;

/** Its place among like elements, in the nearest container that has several, then in the next one out. */
export function placesOf(element: Element, most = 3, known: Holding = {}): Array<[number, number]> {
  const tag = element.localName;
  const places: Array<[number, number]> = [];
  const containers = (known[tag] ??= new Map());
  let inside: Element = element;
  for (let level = 0; level < 12 && places.length < most; level++) {
    const around = parentOf(inside);
    if (!around || around.localName === "html") break;
    const children: HTMLCollection =
      inside.parentNode && (inside.parentNode as ParentNode).children
        ? (inside.parentNode as ParentNode).children
        : around.children;
    if (children.length > 1 && children.length < 400) {
      const holds = (one: Element) => one.localName === tag || one.getElementsByTagName(tag)[0];
      let holding = containers.get(children);
      if (!holding) containers.set(children, (holding = Array.from(children).filter(holds)));
      // An element in a shadow root counts, though nobody else there sees it.
      if (!holding.includes(inside)) holding = Array.from(children).filter((one) => one === inside || holds(one));
      if (holding.length > 1) places.push([holding.indexOf(inside), holding.length]);
    }
    inside = around;
  }
  return places;
}

/** Whether a person could see it. Where there is no layout to ask, everything counts as seen. */
export function visible(element: Element): boolean {
  const check = (element as Element & { checkVisibility?: (o: object) => boolean }).checkVisibility;
  if (typeof check !== "function") return true;
  // A document that is only read, and shown nowhere.
  if (!element.ownerDocument.defaultView) return true;
  if (!check.call(element, { visibilityProperty: true })) return false;
  return element.getClientRects().length > 0;
}

/** Every element of the page that a selector fits, also in open shadow roots. */
export function everywhere(root: Document | ShadowRoot, selector: string): Element[] {
  const found: Element[] = Array.from(root.querySelectorAll(selector));
  for (const host of hosts(root)) found.push(...everywhere(host.shadowRoot!, selector));
  return found;
}

/** Elements with an open shadow root. */
function hosts(root: Document | ShadowRoot): Element[] {
  const found: Element[] = [];
  const all = root.nodeType === 9 ? (root as Document).getElementsByTagName("*") : root.querySelectorAll("*");
  for (let at = 0, many = all.length; at < many; at++) if (all[at]!.shadowRoot) found.push(all[at]!);
  return found;
}

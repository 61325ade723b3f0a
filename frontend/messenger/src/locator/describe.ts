/** Describing a picked element, so that it is found again when the page has changed. */

import { Ancestry, Look, overlap } from "./compare";
import type { Description, Feature } from "./model";
import * as read from "./read";
import { bare, hash, stableId } from "./shape";

const MOST_BYTES = 1900;
const MOST_OTHERS = 140;
const MOST_TWINS = 400;
/** Who stands further away in the page is not taken for it. */
const MOST_AROUND = 2000;

/** What a picked element is known by: plain JSON, under 2 KB. */
export function describe(element: Element, document: Document): Description {
  const look = new Look(element);
  const all = candidates(look.tag, look.role, document).map((one) => look.of(one));
  const rest = all.filter((one) => one.element !== element);
  const described: Description = { v: 1, tag: look.tag, role: look.role };
  const mark = element.getAttribute("data-overture");
  if (mark) described.overture = mark;
  if (look.name) described.name = look.name;
  if (look.href) described.href = look.href;
  const id = stableId(element.id);
  if (id) described.id = id;
  // Words that the name was taken from would count twice.
  const attrs = Object.entries(look.attrs).filter(
    ([name, value]) => !(read.isWords(name) && value === look.name.slice(0, 60)),
  );
  if (attrs.length) described.attrs = Object.fromEntries(attrs);
  if (look.classes.length) described.classes = look.classes;
  if (look.icon) described.icon = look.icon;
  const landmark = read.landmarkOf(element);
  if (landmark) described.landmark = landmark;
  const ancestry = new Ancestry();
  const heading = read.headingOf(element);
  if (heading) described.heading = heading;
  const row = read.rowOf(element);
  if (row) described.row = row;
  described.up = ancestry.up(element);
  const at = read.placesOf(element);
  if (at.length) described.at = at;
  if (
    look.name !== bare(look.name) &&
    rest.some((one) => one.name !== look.name && bare(one.name) === bare(look.name))
  )
    described.numbered = true;
  const only = onlyHere(look, rest);
  if (only.length) described.only = only;
  const named = rest.filter((one) => one.name === look.name);
  const same = named.filter((one) => one.hashes === look.hashes).length + 1;
  const alike = named.filter((one) => one.identity === look.identity);
  // Of so many nobody can say which are to be seen, and which has words in its row that no other has.
  const few = alike.length <= MOST_TWINS;
  const twins = few ? alike.filter((one) => read.visible(one.element)) : alike;
  if (same > twins.length + 1) described.same = same;
  if (twins.length) {
    const before = new Set(all.slice(0, all.indexOf(look)));
    described.twin = [twins.filter((one) => before.has(one)).length, twins.length + 1];
    const rows = row && few ? twins.map((one) => read.rowOf(one.element)) : [];
    if (row && few && !rows.includes(row)) {
      (described.only ??= []).push("row");
      if (rows.some((other) => other && bare(other) === bare(row))) described.row_numbered = true;
    }
    if (look.classes.length && twins.every((one) => overlap(one.classes, look.classes) < 1))
      (described.only ??= []).push("classes");
    const beside = read.besides(element);
    if (beside && !described.only?.includes("row")) described.beside = [hash(beside[0]), hash(beside[1])];
  }
  const lang = document.documentElement?.getAttribute("lang");
  if (lang) described.lang = lang.slice(0, 12);
  const others = lookAlikes(look, all);
  if (others) described.others = others;
  return withinSize(described);
}

/** Elements that it could be taken for: those of its kind. */
export function candidates(tag: string, role: string, document: Document): Element[] {
  const kinds = [tag];
  if (role !== tag) kinds.push(`[role="${role.replace(/["\\]/g, "")}"]`);
  if (role === "button") kinds.push("button", "input[type=submit]", "input[type=button]");
  return [...new Set(read.everywhere(document, kinds.join(",")))];
}

function onlyHere(look: Look, rest: Look[]): Feature[] {
  const found: Feature[] = [];
  const alone = (read_: (one: Look) => string | undefined) => {
    const own = read_(look);
    return own !== undefined && own !== "" && rest.every((one) => read_(one) !== own);
  };
  if (alone((one) => one.name)) found.push("name");
  if (alone((one) => one.href)) found.push("href");
  if (stableId(look.element.id)) found.push("id");
  if (look.icon && alone((one) => one.icon)) found.push("icon");
  const told = (one: Look) =>
    Object.entries(one.attrs)
      .filter(([name]) => !read.isWords(name) && name !== "type")
      .map((pair) => pair.join("="))
      .sort()
      .join("|");
  if (alone(told)) found.push("attrs");
  return found;
}

/** Hashes of what else is there, the nearest first: when one of them turns up again, it is not the one. */
function lookAlikes(look: Look, all: Look[]): string {
  const kept = new Set<string>([look.hashes]);
  // What an ancestor holds stands together in the page.
  const own = all.indexOf(look);
  let first = own;
  let last = own;
  for (let around: Element | null = look.element; kept.size <= MOST_OTHERS; ) {
    around = around && read.parentOf(around);
    const holds = (at: number) =>
      Math.abs(at - own) < MOST_AROUND && at >= 0 && at < all.length && (!around || around.contains(all[at]!.element));
    for (let before = holds(first - 1), after = holds(last + 1); before || after; ) {
      if (before) {
        kept.add(all[--first]!.hashes);
        before = holds(first - 1);
      }
      if (after) {
        kept.add(all[++last]!.hashes);
        after = holds(last + 1);
      }
      if (kept.size > MOST_OTHERS) break;
    }
    if (!around) break;
  }
  return [...kept].slice(1, MOST_OTHERS + 1).join("");
}

/** Look-alikes go first where there is too much, then far ancestors. */
function withinSize(described: Description): Description {
  const size = () => new TextEncoder().encode(JSON.stringify(described)).length;
  while (size() > MOST_BYTES && described.others) {
    const over = Math.ceil((size() - MOST_BYTES) / 6) * 6;
    const kept = described.others.slice(0, Math.max(0, described.others.length - over));
    if (kept) described.others = kept;
    else delete described.others;
  }
  while (size() > MOST_BYTES && described.up && described.up.length > 3) described.up.pop();
  return described;
}

/** Finding a described element again, or saying that it is not there. */

import {
  Ancestry,
  chainAlike,
  isSure,
  Look,
  Others,
  ownParts,
  placeParts,
  scored,
  told,
  type Likeness,
} from "./compare";
import { candidates } from "./describe";
import type { ByHand, Description, Locator } from "./model";
import * as read from "./read";
import { bare, hash } from "./shape";

export interface Limits {
  /** The least likeness where something that the element alone had is found again. */
  sure: number;
  /** The least likeness where only its looks and its place speak for it. */
  unsure: number;
  translated: number;
  /** The same without its words, where words are all that changed. */
  wordless: number;
  /** How much better than the next it must be. */
  margin: number;
}

export const limits: Limits = { sure: 0.45, unsure: 0.62, translated: 0.72, wordless: 0.9, margin: 0.03 };

export interface Ranked extends Likeness {
  element: Element;
  look: Look;
}

export interface Verdict {
  found: Ranked[];
  ranked: Ranked[];
  /** Why nothing was found, or how sure it is. */
  because:
    | "mark"
    | "css"
    | "sure"
    | "looks"
    | "nothing_like_it"
    | "too_little_alike"
    | "known_other"
    | "too_close"
    | "twins_changed";
  confidence: number;
  translated: boolean;
}

/** The element that was described: one, several of `any_of`, or none rather than a guess. */
export function resolve(json: Locator, document: Document, within: { path?: Element[] } = {}): Element[] {
  try {
    const simple = bySelector(json, document, within.path);
    if (simple) return simple;
    if (!isDescription(json)) return [];
    if (within.path) return onPath(json, document, within.path);
    return judge(json, document).found.map((one) => one.element);
  } catch {
    return [];
  }
}

function isDescription(json: Locator): json is Description {
  return !!json && typeof (json as Description).tag === "string";
}

/** `data-overture` and hand-written CSS, which need no judging. */
function bySelector(json: Locator, document: Document, path?: Element[]): Element[] | undefined {
  const given = json as { overture?: string; name?: string; tag?: string } | undefined;
  const mark = given?.overture ?? (given?.tag ? undefined : given?.name);
  const css = (json as ByHand | undefined)?.css;
  if (mark) {
    const marked = path
      ? path.filter((one) => one.getAttribute?.("data-overture") === mark).slice(0, 1)
      : read
          .everywhere(document, "[data-overture]")
          .filter((one) => one.getAttribute("data-overture") === mark);
    if (marked.length || !isDescription(json)) return marked;
    return undefined;
  }
  if (css)
    return path
      ? path.filter((one) => one.nodeType === 1 && one.matches(css)).slice(0, 1)
      : read.everywhere(document, css);
  return undefined;
}

/** Ranks the page, and decides. */
export function judge(wanted: Description, document: Document): Verdict {
  const ancestry = new Ancestry();
  const others = Others.of(wanted.others);
  const looks = candidates(wanted.tag, wanted.role, document).map((element) => new Look(element));
  const translated = isTranslated(
    wanted,
    others,
    looks.map((look) => look.name),
  );
  const first = glanced(wanted, looks, ancestry)
    .map((look) => {
      const parts = ownParts(wanted, look, translated);
      parts.up = chainAlike(wanted.up ?? [], ancestry.up(look.element));
      return { look, parts, score: scored(wanted, parts, translated) };
    })
    .sort((a, b) => b.score - a.score)
    .slice(0, MOST_RANKED);
  const ranked = first
    .map(({ look, parts }) => weighed(wanted, look, parts, others, ancestry, translated))
    .sort((a, b) => b.score - a.score);
  return decide(wanted, ranked, looks, translated);
}

const MOST_RANKED = 40;
const MOST_READ = 160;

/** Of very many elements those that a glance speaks for. */
function glanced(wanted: Description, looks: Look[], ancestry: Ancestry): Look[] {
  if (looks.length <= MOST_READ) return looks;
  const liked = looks.map((look) => {
    const { name, element } = look;
    const told =
      (name === (wanted.name ?? "") ? 3 : 0) +
      (wanted.href && look.href === wanted.href ? 3 : 0) +
      (wanted.id && element.id === wanted.id ? 3 : 0) +
      2 * chainAlike((wanted.up ?? []).slice(0, 4), ancestry.up(element, 5));
    return { look, told };
  });
  return liked
    .sort((a, b) => b.told - a.told)
    .slice(0, MOST_READ)
    .map((one) => one.look);
}

function weighed(
  wanted: Description,
  look: Look,
  own: Record<string, number>,
  others: Others,
  ancestry: Ancestry,
  translated: boolean,
): Ranked {
  const parts = { ...own, ...placeParts(wanted, look, ancestry) };
  const sure = isSure(wanted, parts);
  return {
    element: look.element,
    look,
    parts,
    sure,
    score: scored(wanted, parts, translated),
    other: isOther(wanted, look, others, parts),
    placed: (parts.at ?? 1) * 0.5 + (parts.up ?? 1) * 0.5,
  };
}

function decide(wanted: Description, ranked: Ranked[], looks: Look[], translated: boolean): Verdict {
  const verdict = (because: Verdict["because"], found: Ranked[] = [], confidence = 0): Verdict => ({
    found,
    ranked,
    because,
    confidence,
    translated,
  });
  if (!ranked.length) return verdict("nothing_like_it");
  const able = ranked.filter((one) => !one.other);
  if (!able.length) return verdict("known_other");
  let best = able[0]!;
  if (best.score < floor(best, translated) && scored(wanted, best.parts, true) < limits.wordless)
    return verdict("too_little_alike");
  const twins = visibleFirst(
    looks.filter((one) => one.name === best.look.name && one.identity === best.look.identity),
  );
  if (wanted.any_of) {
    const found = ranked.filter((one) => twins.includes(one.look));
    return verdict("sure", found, best.score);
  }
  if (twins.length > 1 || wanted.twin) {
    const chosen = amongTwins(wanted, able, twins, translated);
    if (!chosen) return verdict("twins_changed");
    best = chosen;
  }
  const next = able.find(
    (one) =>
      one !== best &&
      !(twins.includes(one.look) && twins.includes(best.look)) &&
      !nested(one, best) &&
      (best.sure ? one.sure : true),
  );
  if (next && best.score - next.score < limits.margin) return verdict("too_close");
  const ahead = next ? Math.min(1, (best.score - next.score) / 0.25) : 1;
  return verdict(best.sure ? "sure" : "looks", [best], Math.min(0.99, best.score * (0.7 + 0.3 * ahead)));
}

function floor(one: Ranked, translated: boolean): number {
  return one.sure ? limits.sure : translated ? limits.translated : limits.unsure;
}

function nested(one: Ranked, two: Ranked): boolean {
  return one.element.contains(two.element) || two.element.contains(one.element);
}

/** Nobody clicks what is hidden; a menu that is closed for now counts only where nothing else is there. */
function visibleFirst(looks: Look[]): Look[] {
  if (looks.length < 2) return looks;
  const seen = looks.filter((one) => read.visible(one.element));
  return seen.length ? seen : looks;
}

/** Which of identical elements: by what stands in its row, or by its place where their number is what it was. */
function amongTwins(
  wanted: Description,
  able: Ranked[],
  twins: Look[],
  translated: boolean,
): Ranked | undefined {
  const of = wanted.twin?.[1] ?? 1;
  const inRank = able.filter((one) => twins.includes(one.look));
  if (wanted.only?.includes("row") && !translated) {
    // The very row, or one that differs in a number where their count says that none came or went.
    const least = twins.length === of ? 0.9 : 1;
    const best = Math.max(0, ...inRank.map((one) => one.parts.row ?? 0));
    const rows = inRank.filter((one) => best >= least && one.parts.row === best);
    if (rows.length === 1) return rows[0];
    if (rows.length > 1) return undefined;
  }
  if (!wanted.twin && twins.length > 1) return original(wanted, inRank);
  if (twins.length !== of) return undefined;
  if (of === 1) return inRank[0];
  const ordered = [...twins].sort((a, b) => (a.element.compareDocumentPosition(b.element) & 4 ? -1 : 1));
  const chosen = inRank.find((one) => one.look === ordered[wanted.twin![0]]);
  if (!chosen) return undefined;
  // The same count and the same order, yet another place: something was moved, and which is which is a guess.
  return chosen.placed >= inRank[0]!.placed - 0.05 ? chosen : undefined;
}

/** It had no twin, and has one now: the original, where something besides its place tells it from the copy. */
function original(wanted: Description, able: Ranked[]): Ranked | undefined {
  const made = (one: Ranked) => scored(wanted, { ...one.parts, at: 0, row: 0 }, false);
  const [first, second] = [...able].sort((a, b) => made(b) - made(a));
  return first && second && made(first) - made(second) >= 0.03 && first.score >= second.score
    ? first
    : undefined;
}

/** A look-alike from the day of the pick, and not the element itself with other words. */
function isOther(wanted: Description, look: Look, others: Others, parts: Record<string, number>): boolean {
  const hashes = look.hashes;
  const sameName = (wanted.name ?? "") === look.name;
  const sameBare = hash(bareOf(wanted)) === hashes.slice(3);
  if (sameName && sameBare) return false;
  if (others.both.has(hashes)) return true;
  const own = (feature: "href" | "id" | "attrs") =>
    wanted.only?.includes(feature) && (parts[feature] ?? 0) >= 0.95;
  if (look.name && !sameName && others.names.has(hashes.slice(0, 3)))
    return !own("href") && !own("id") && !own("attrs");
  if (sameName && look.href && !sameBare && others.bares.has(hashes.slice(3))) return !own("id");
  if (!sameName && look.href && look.href !== wanted.href && others.bares.has(hashes.slice(3)))
    return !own("id");
  return false;
}

function bareOf(wanted: Description): string {
  return told(wanted.href, wanted.attrs ?? {}, wanted.name ? undefined : wanted.icon);
}

/** Whether none of the words from the day of the pick is left: then words say nothing. */
function isTranslated(wanted: Description, others: Others, names: string[]): boolean {
  const nothing = hash("");
  const known = [...others.names].filter((one) => one !== nothing);
  if (wanted.name && names.includes(wanted.name)) return false;
  if (known.length < 2) return false;
  const here = new Set(names.filter(Boolean).map(hash));
  const left = known.filter((one) => here.has(one)).length;
  return left / known.length < 0.1;
}

/** A page with more of a kind than this is not ranked for one click. */
const MOST_ON_PAGE = 3000;

/** Looks at what was clicked alone; at the page only where that leaves more than one answer. */
function onPath(wanted: Description, document: Document, path: Element[]): Element[] {
  const others = Others.of(wanted.others);
  let ancestry: Ancestry | undefined;
  let steps = 0;
  for (const element of path) {
    if (!element || element.nodeType !== 1) continue;
    if (++steps > 15) break;
    const tag = element.localName;
    if (tag === "html" || tag === "body") break;
    if (tag !== wanted.tag && read.roleOf(element) !== wanted.role) continue;
    const look = new Look(element);
    if (cannotBe(wanted, look, others)) continue;
    const own = ownParts(wanted, look, false);
    ancestry ??= new Ancestry();
    own.up = chainAlike(wanted.up ?? [], ancestry.up(element));
    if (
      !wanted.twin &&
      isSure(wanted, own) &&
      scored(wanted, own, false) >= 0.5 &&
      !isOther(wanted, look, others, own)
    )
      return [element];
    const one = weighed(wanted, look, own, others, ancestry, false);
    if (one.other) continue;
    if (wanted.any_of && identityHolds(wanted, look)) return [element];
    if (one.sure && !wanted.twin && one.score >= limits.sure) return [element];
    if (
      wanted.twin &&
      wanted.only?.includes("row") &&
      identityHolds(wanted, look) &&
      one.parts.row === 1 &&
      one.placed > 0.99
    )
      return [element];
    // Words may be all that is against it; whether they are is for the page to say.
    if (scored(wanted, one.parts, true) < Math.min(limits.unsure, limits.translated)) continue;
    if (document.getElementsByTagName(tag).length > MOST_ON_PAGE) continue;
    if (judge(wanted, document).found.some((found) => found.element === element)) return [element];
  }
  return [];
}

/** What a glance rules out: most clicks are on something else, and there may be many descriptions. */
function cannotBe(wanted: Description, look: Look, others: Others): boolean {
  const { name } = look;
  if (name === (wanted.name ?? "")) return false;
  const only = wanted.only ?? [];
  if (only.includes("id") && look.element.id === wanted.id) return false;
  if (only.includes("href") && look.href === wanted.href) return false;
  if (only.includes("attrs")) return false;
  if (wanted.numbered && wanted.name && bare(wanted.name) === bare(name)) return true;
  return !!name && others.names.has(hash(name));
}

function identityHolds(wanted: Description, look: Look): boolean {
  return (wanted.name ?? "") === look.name && bareOf(wanted) === look.bare;
}

/** The identical elements that are there now, in the order of the page, with the described one among them. */
export function twins(json: Locator, document: Document): Element[] {
  if (!isDescription(json)) return [];
  return candidates(json.tag, json.role, document)
    .filter((element) => identityHolds(json, new Look(element)))
    .filter(read.visible);
}

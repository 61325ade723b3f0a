/** Finding a described element again, or saying that it is not there. */

import {
  Ancestry,
  chainAlike,
  isSure,
  Look,
  nameAlike,
  Others,
  ownParts,
  placeParts,
  scored,
  told,
  weights,
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

/**
 * What a click on this path says of the described element: 0 that it was not it, otherwise how much of the description
 * still holds. Low figures say that the page has drifted away from it.
 */
export function likeness(json: Locator, document: Document, path: Element[]): number {
  const [element] = resolve(json, document, { path });
  if (!element || !isDescription(json)) return element ? 1 : 0;
  const parts = ownParts(json, new Look(element), false);
  // What was rebuilt from its words alone stands nowhere.
  if (element.isConnected) parts.up = chainAlike(json.up ?? [], new Ancestry().up(element));
  const translated = !!json.lang && !document.documentElement.lang.startsWith(json.lang);
  return Math.max(0.01, Math.round(scored(json, parts, translated) * 100) / 100);
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

/** Ranks the page, and decides. `about`: only whether it is this one, which spares a look at what cannot come near it. */
export function judge(
  wanted: Description,
  document: Document,
  about?: Look,
  looks: Look[] = looksOf(wanted, document, about),
): Verdict {
  const ancestry = new Ancestry();
  const others = Others.of(wanted.others);
  const translated = isTranslated(wanted, others, looks);
  const seen = new Map<Look, Record<string, number>>();
  const ownOf = (look: Look) => {
    let parts = seen.get(look);
    if (!parts) seen.set(look, (parts = ownParts(wanted, look, translated)));
    return parts;
  };
  const reaches = about && reaching(wanted, about, ancestry, translated);
  const rivals = about && reaches ? looks.filter(near(wanted, about, reaches, ownOf)) : looks;
  // Where the clicked one cannot be the reworded one of twins, what stays behind it for sure decides nothing.
  const behind = about && reaches && (!wanted.twin || about.name === wanted.name);
  let unlike = 0;
  const first = glanced(wanted, rivals, ancestry)
    .map((look) => {
      const parts = ownOf(look);
      parts.up = chainAlike(wanted.up ?? [], ancestry.up(look.element));
      return { look, parts, score: scored(wanted, parts, translated) };
    })
    .sort((a, b) => b.score - a.score)
    .filter(({ look }, rank) => (identityHolds(wanted, look) ? rank < MOST_TWINS : unlike++ < MOST_RANKED));
  const ranked = first
    .filter(({ look, parts }) => !behind || look.name === about.name || reaches(parts))
    .map(({ look, parts }) => weighed(wanted, look, parts, others, ancestry, translated))
    .sort((a, b) => b.score - a.score);
  return decide(wanted, ranked, looks, translated);
}

function looksOf(wanted: Description, document: Document, about?: Look): Look[] {
  return candidates(wanted.tag, wanted.role, document).map((one) => (about ? about.of(one) : new Look(one)));
}

const MOST_RANKED = 16;
const MOST_TWINS = 60;
const MOST_READ = 100;

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

/** Whether an element may come as near to the description as this one does, were all that is not read of it yet to fit. */
function reaching(
  wanted: Description,
  about: Look,
  ancestry: Ancestry,
  translated: boolean,
): (parts: Record<string, number>) => boolean {
  const own = { ...ownParts(wanted, about, translated), ...placeParts(wanted, about, ancestry) };
  const least = scored(wanted, own, translated) - limits.margin;
  const fits = Object.keys(weights).filter((part) => part === "kind" || part in wanted);
  const perfect = Object.fromEntries(fits.map((part) => [part, 1]));
  return (parts) => scored(wanted, { ...perfect, ...parts }, translated) >= least;
}

function near(
  wanted: Description,
  about: Look,
  reaches: (parts: Record<string, number>) => boolean,
  ownOf: (look: Look) => Record<string, number>,
): (look: Look) => boolean {
  // Many elements of a page have the same words.
  const names = new Map([[about.name, true]]);
  const named = (name: string) => {
    let fits = names.get(name);
    if (fits === undefined) names.set(name, (fits = reaches({ name: nameAlike(wanted, name) })));
    return fits;
  };
  return (look) => named(look.name) && (look.name === about.name || reaches(ownOf(look)));
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
  if (wanted.same && !wanted.any_of && !best.sure) {
    // Something that is hidden, or told apart by its id alone, may have stayed where the element itself has gone.
    const left = looks.filter((one) => one.name === best.look.name && one.hashes === best.look.hashes).length;
    if (left < wanted.same) return verdict("twins_changed");
  }
  if (twins.length > 1 || wanted.twin) {
    const chosen = amongTwins(wanted, able, twins, looks, translated);
    if (!chosen) return verdict("twins_changed");
    best = chosen;
  }
  const next = able.find(
    (one) =>
      one !== best &&
      !twins.includes(one.look) &&
      !(wanted.twin && identityHolds(wanted, one.look)) &&
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
  looks: Look[],
  translated: boolean,
): Ranked | undefined {
  const of = wanted.twin?.[1] ?? 1;
  const inRank = able.filter((one) => twins.includes(one.look));
  if (wanted.only?.includes("row") && !translated) {
    // The very row, or one that differs in a number where their count says that none came or went.
    const least = twins.length === of && !wanted.row_numbered ? 0.9 : 1;
    const best = Math.max(0, ...inRank.map((one) => one.parts.row ?? 0));
    const rows = inRank.filter((one) => best >= least && one.parts.row === best);
    if (rows.length === 1) return rows[0];
    if (rows.length > 1) return undefined;
  }
  if (!wanted.twin && twins.length > 1) return original(wanted, inRank);
  if (twins.length !== of) return translated ? undefined : reworded(wanted, able, looks);
  if (wanted.only?.includes("row") && !translated) {
    // Something was put into its row.
    const fits = inTheRow(wanted.row!, inRank);
    if (fits.length === 1) return fits[0];
    if (fits.length > 1 || wanted.row_numbered) return undefined;
  }
  if (of === 1) return inRank[0];
  if (wanted.only?.includes("classes")) {
    const dressed = inRank.filter((one) => one.parts.classes === 1);
    if (dressed.length === 1) return dressed[0];
  }
  const chosen = inRank.find((one) => one.look === twins[wanted.twin![0]]);
  return chosen && keptItsPlace(wanted, chosen, inRank, translated) ? chosen : undefined;
}

/** One of the twins is missing, and where it stood, between what stood beside it, is the same with other words on it. */
function reworded(wanted: Description, able: Ranked[], looks: Look[]): Ranked | undefined {
  const left = visibleFirst(looks.filter((one) => identityHolds(wanted, one))).length;
  if (!wanted.name || !wanted.twin || left !== wanted.twin[1] - 1) return undefined;
  const fits = able.filter(({ element, look, parts, placed }) => {
    if (look.name === wanted.name || placed < 0.95) return false;
    if (["kind", "href", "id", "attrs", "icon", "classes", "row", "heading"].some((part) => (parts[part] ?? 1) < 1)) return false;
    const here = read.besides(element) ?? ["", ""];
    return wanted.beside ? here.every((words, side) => hash(words) === wanted.beside![side]) : parts.row === 1;
  });
  return fits.length === 1 ? fits[0] : undefined;
}

/** The elements with every word of a row around them, in the smallest container where any has. */
function inTheRow(row: string, able: Ranked[]): Ranked[] {
  // The last word may have been cut off.
  const words = row.split(" ").slice(0, row.length < 60 ? undefined : -1);
  let around = able.map((one) => read.parentOf(one.element));
  for (let level = 0; level < 5; level++) {
    const fits = able.filter((one, at) => {
      if (!around[at]) return false;
      const there = new Set(read.wordsAround(one.element, around[at]).split(" "));
      return words.every((word) => there.has(word));
    });
    if (fits.length) return fits;
    around = around.map((one) => one && read.parentOf(one));
  }
  return [];
}

/** Of twins that only their place tells apart: whether this one could not be taken, whatever else is on the page. */
function cannotBeChosen(wanted: Description, one: Ranked): boolean {
  if (!wanted.twin || wanted.twin[1] === 1 || wanted.any_of) return false;
  if (wanted.only?.includes("row") || wanted.only?.includes("classes")) return false;
  const named = one.look.name === wanted.name;
  // With other words it may still be the one that was reworded, which is told by its place alone.
  if (!named && one.placed >= 0.95) return false;
  // Its own words on it say that the page is not translated.
  return movedAmongLike(wanted, one.element) || (named && !standsBeside(wanted, one.element));
}

function movedAmongLike(wanted: Description, element: Element): boolean {
  if (!wanted.at) return false;
  const places = read.placesOf(element);
  return wanted.at.some(([place, of], level) => places[level]?.[1] === of && places[level]![0] !== place);
}

function standsBeside(wanted: Description, element: Element): boolean {
  if (!wanted.beside) return true;
  const here = read.besides(element) ?? ["", ""];
  return here.some((words, side) => hash(words) === wanted.beside![side]);
}

/** The same count and the same order do not say that nothing was moved. Where anything does, which is which is a guess. */
function keptItsPlace(wanted: Description, chosen: Ranked, twins: Ranked[], translated: boolean): boolean {
  if (chosen.placed < Math.max(...twins.map((one) => one.placed)) - 0.05) return false;
  if (movedAmongLike(wanted, chosen.element)) return false;
  const looks = (one: Ranked) => scored(wanted, { ...one.parts, at: 1, up: 1, row: 1, heading: 1 }, translated);
  if (looks(chosen) < Math.max(...twins.map(looks)) - 0.02) return false;
  return translated || standsBeside(wanted, chosen.element);
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
function isTranslated(wanted: Description, others: Others, looks: Look[]): boolean {
  const nothing = hash("");
  const known = others.names.size - (others.names.has(nothing) ? 1 : 0);
  if (known < 2) return false;
  const left = new Set<string>();
  for (const { name } of looks) {
    if (!name) continue;
    if (name === wanted.name) return false;
    const said = hash(name);
    if (others.names.has(said) && left.add(said).size >= known * 0.1) return false;
  }
  return true;
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
    // Another of its series, told apart by the number in its row.
    if (
      wanted.row_numbered &&
      identityHolds(wanted, look) &&
      (one.parts.row ?? 1) < 1 &&
      bare(read.rowOf(element) ?? "") === bare(wanted.row ?? "")
    )
      continue;
    if (cannotBeChosen(wanted, one)) continue;
    let looks: Look[] | undefined;
    // What would not be enough if it were the best of the page need not be compared with the page.
    const wordless = scored(wanted, one.parts, true);
    if (wordless < limits.wordless && one.score < floor(one, false)) {
      if (wordless < floor(one, true)) continue;
      looks = looksOf(wanted, document, look);
      if (!isTranslated(wanted, others, looks)) continue;
    }
    if (document.getElementsByTagName(tag).length > MOST_ON_PAGE) continue;
    if (judge(wanted, document, look, looks).found.some((found) => found.element === element)) return [element];
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

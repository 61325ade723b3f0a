/** How like a description an element is, feature by feature. */

import type { Description, Feature } from "./model";
import * as read from "./read";
import { alike, bare, hash, remembered, stableId } from "./shape";

interface Shown {
  tag: string;
  role: string;
  name?: string;
  href?: string | null;
  attrs?: Record<string, string>;
  icon?: string | null;
  classes?: string[];
  identity?: string;
  bare?: string;
  hashes?: string;
}

/** What an element shows of itself, read once; of elements with the same markup once for all of them. */
export class Look {
  readonly #shown: Shown;
  #alone?: boolean;

  constructor(
    readonly element: Element,
    same?: Look,
  ) {
    this.#shown = same ? same.#shown : { tag: read.tagOf(element), role: read.roleOf(element) };
  }

  /** The look of another element, which may have the same markup. */
  of(other: Element): Look {
    if (other === this.element) return this;
    this.#alone ??= read.speaksForItself(this.element);
    return new Look(other, this.#alone && other.isEqualNode(this.element) ? this : undefined);
  }

  get tag(): string {
    return this.#shown.tag;
  }

  get role(): string {
    return this.#shown.role;
  }

  get name(): string {
    return (this.#shown.name ??= read.nameOf(this.element));
  }

  get href(): string | undefined {
    if (this.#shown.href === undefined) this.#shown.href = read.hrefOf(this.element) ?? null;
    return this.#shown.href ?? undefined;
  }

  get attrs(): Record<string, string> {
    return (this.#shown.attrs ??= read.attributesOf(this.element));
  }

  get icon(): string | undefined {
    if (this.#shown.icon === undefined) this.#shown.icon = read.iconOf(this.element) ?? null;
    return this.#shown.icon ?? undefined;
  }

  get classes(): string[] {
    return (this.#shown.classes ??= read.classesOf(this.element));
  }

  /** What of its address and attributes tells it from others, without words; its picture where it has nothing else. */
  get bare(): string {
    return (this.#shown.bare ??= told(this.href, this.attrs, this.name ? undefined : this.icon));
  }

  /** The same for elements that nobody could tell apart but by where they stand. */
  get identity(): string {
    return (this.#shown.identity ??= [
      this.tag,
      this.role,
      this.name,
      this.bare,
      this.icon ?? "",
      stableId(this.element.id) ?? "",
    ].join("¦"));
  }

  get hashes(): string {
    return (this.#shown.hashes ??= hash(this.name) + hash(this.bare));
  }
}

/** Address and attributes in one line, without words. */
export function told(
  href: string | undefined,
  attrs: Record<string, string>,
  icon: string | undefined,
): string {
  const said = Object.entries(attrs)
    .filter(([name]) => !read.isWords(name))
    .map(([name, value]) => name + "=" + value)
    .sort();
  return [href ?? "", ...said, icon ?? ""].join("|");
}

/** Ancestors are shared by many elements, so their names are kept while one question is answered. */
export class Ancestry {
  readonly holding: read.Holding = {};
  readonly #tokens = new Map<Element, string>();

  up(element: Element, most = 8): string[] {
    const found: string[] = [];
    for (let at = read.parentOf(element); at && found.length < most; at = read.parentOf(at)) {
      if (at.localName === "body") break;
      let token = this.#tokens.get(at);
      if (token === undefined) this.#tokens.set(at, (token = read.token(at)));
      found.push(token);
    }
    return found;
  }
}

export interface Likeness {
  score: number;
  /** Something it alone had on the page is found again. */
  sure: boolean;
  /** A look-alike that was there when the element was picked. */
  other: boolean;
  /** Where it stands is where it stood. */
  placed: number;
  parts: Record<string, number>;
}

const WEIGHTS = {
  name: 3,
  href: 3,
  id: 2.5,
  attrs: 2,
  icon: 1.2,
  classes: 1,
  row: 1.4,
  heading: 1,
  landmark: 0.6,
  up: 2,
  at: 1.6,
  kind: 0.6,
};
export type Weights = typeof WEIGHTS;
export const weights: Weights = WEIGHTS;

/** The parts that are words, and say nothing on a translated page. */
const WORDS = new Set(["name", "row", "heading"]);

/** Features that can be read from the element alone; cheap enough for each element of a page. */
export function ownParts(wanted: Description, look: Look, translated: boolean): Record<string, number> {
  const parts: Record<string, number> = {};
  parts.kind = (wanted.tag === look.tag ? 0.5 : 0) + (wanted.role === look.role ? 0.5 : 0);
  if (wanted.name || look.name) parts.name = nameAlike(wanted, look.name);
  if (wanted.href || look.href) parts.href = hrefAlike(wanted.href, look.href);
  if (wanted.id) parts.id = look.element.id === wanted.id ? 1 : 0;
  const attrs = attributesAlike(wanted.attrs ?? {}, look.attrs, translated);
  if (attrs !== undefined) parts.attrs = attrs;
  if (wanted.icon || look.icon) parts.icon = wanted.icon === look.icon ? 1 : 0;
  if (wanted.classes?.length || look.classes.length)
    parts.classes = overlap(wanted.classes ?? [], look.classes);
  return parts;
}

/** Where only a number told it from the rest of its series, another number is another element. */
export function nameAlike(wanted: Description, name: string): number {
  if (!wanted.name || !name) return 0;
  return wanted.numbered && wanted.name !== name && bare(wanted.name) === bare(name)
    ? 0.3
    : alike(wanted.name, name);
}

/** Features of where it stands. */
export function placeParts(wanted: Description, look: Look, ancestry: Ancestry): Record<string, number> {
  const parts: Record<string, number> = {};
  const { element } = look;
  parts.up = chainAlike(wanted.up ?? [], ancestry.up(element));
  if (wanted.landmark) parts.landmark = read.landmarkOf(element) === wanted.landmark ? 1 : 0;
  if (wanted.at?.length) parts.at = placesAlike(wanted.at, read.placesOf(element, 3, ancestry.holding));
  if (wanted.heading)
    parts.heading = alike(wanted.heading, read.headingOf(element) ?? "");
  if (wanted.row) parts.row = alike(wanted.row, read.rowOf(element) ?? "");
  return parts;
}

/** One number of many: the mean, where what told the element from all others weighs more. */
export function scored(wanted: Description, parts: Record<string, number>, translated: boolean): number {
  let sum = 0;
  let total = 0;
  for (const part in parts) {
    if (translated && WORDS.has(part)) continue;
    let weight = weights[part as keyof Weights];
    if (RARE.has(part) && !wanted.only?.includes(part as Feature)) weight *= 0.5;
    // What has neither words nor an address is called by its picture.
    if (part === "icon" && !wanted.name && !wanted.href) weight *= 2.5;
    sum += weight * parts[part]!;
    total += weight;
  }
  return total ? sum / total : 0;
}

const RARE = new Set(["name", "href", "id", "attrs", "icon", "row"]);

/** Whether one of the things that it alone had is there again. */
export function isSure(wanted: Description, parts: Record<string, number>): boolean {
  return (wanted.only ?? []).some((feature) => feature !== "row" && feature !== "classes" && (parts[feature] ?? 0) >= 0.9);
}

/** Which look-alikes there were. */
export class Others {
  readonly names = new Set<string>();
  readonly bares = new Set<string>();
  readonly both = new Set<string>();

  static readonly #read = new Map<string, Others>();

  /** Read once for each description. */
  static of(written = ""): Others {
    let found = Others.#read.get(written);
    if (!found) {
      if (Others.#read.size > 500) Others.#read.clear();
      Others.#read.set(written, (found = new Others(written)));
    }
    return found;
  }

  private constructor(written: string) {
    for (let at = 0; at + 6 <= written.length; at += 6) {
      this.names.add(written.slice(at, at + 3));
      this.bares.add(written.slice(at + 3, at + 6));
      this.both.add(written.slice(at, at + 6));
    }
  }
}

export function hrefAlike(one: string | undefined, two: string | undefined): number {
  if (!one || !two) return 0;
  if (one === two) return 1;
  const path = (href: string) => href.replace(/[?#].*$/, "");
  const end = (href: string) => href.slice(path(href).length);
  const a = path(one);
  const b = path(two);
  if (a === b) return !end(one) || !end(two) ? 0.9 : 0.5;
  const last = (href: string) => href.replace(/\/+$/, "").replace(/^.*\//, "");
  return a && b && last(a) === last(b) && last(a).length > 2 && end(one) === end(two) ? 0.6 : 0;
}

export function attributesAlike(
  wanted: Record<string, string>,
  found: Record<string, string>,
  translated: boolean,
): number | undefined {
  let total = 0;
  let shared = 0;
  for (const [name, value] of Object.entries(wanted)) {
    const words = read.isWords(name);
    if (words && translated) continue;
    const weight = words ? 0.5 : name === "type" ? 0.4 : value === "" ? 0.4 : 1;
    total += weight;
    const other = found[name];
    if (other === value) shared += weight;
    else if (other !== undefined) shared += weight * (words ? alike(value, other) : 0.1);
  }
  for (const name of Object.keys(found))
    if (!(name in wanted) && !read.isWords(name)) total += name === "type" ? 0.2 : 0.3;
  return total ? shared / total : undefined;
}

export function overlap(one: string[], two: string[]): number {
  const shared = one.filter((name) => two.includes(name)).length;
  const all = one.length + two.length - shared;
  return all ? shared / all : 0;
}

/** Ancestors in order, with room for a wrapper more or less; the nearest weigh most. */
export function chainAlike(wanted: string[], found: string[]): number {
  let sum = 0;
  let total = 0;
  let next = 0;
  wanted.forEach((token, level) => {
    const weight = 0.8 ** level;
    total += weight;
    let best = 0;
    let where = -1;
    for (let at = next; at < Math.min(found.length, next + 3); at++) {
      const likeness = tokenAlike(token, found[at]!) * (1 - 0.05 * (at - next));
      if (likeness > best + 0.05) [best, where] = [likeness, at];
    }
    if (where >= 0 && best >= 0.4) {
      sum += weight * best;
      next = where + 1;
    }
  });
  return total ? sum / total : found.length ? 0.5 : 1;
}

const pieces = remembered((token) => token.split(/(?=[#.@])/));

function tokenAlike(one: string, two: string): number {
  if (one === two) return 1;
  const [tag1, ...rest1] = pieces(one);
  const [tag2, ...rest2] = pieces(two);
  const tags = tag1 === tag2 ? 0.5 : 0;
  if (!rest1.length && !rest2.length) return tags * 2;
  return tags + 0.5 * overlap(rest1, rest2);
}

/** Places, from the start or from the end, nearest container first. */
export function placesAlike(wanted: Array<[number, number]>, found: Array<[number, number]>): number {
  let sum = 0;
  let total = 0;
  wanted.forEach(([place, of], level) => {
    const weight = [1, 0.6, 0.4][level] ?? 0.3;
    total += weight;
    const other = found[level];
    if (!other) return;
    const [place2, of2] = other;
    if (of === of2) sum += weight * (place === place2 ? 1 : 0);
    else if (place === place2 || of - place === of2 - place2) sum += weight * 0.6;
    else sum += weight * 0.2 * Math.max(0, 1 - Math.abs(place - place2) / Math.max(of, of2));
  });
  return total ? sum / total : 1;
}

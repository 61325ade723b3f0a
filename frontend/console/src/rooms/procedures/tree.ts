/** The procedure as the editor holds it: the words of its file as a tree. Every change makes a new tree. */

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type Tree = { [name: string]: Json };
export type Step = Tree;
export type Path = string;

const BLOCKS = ["then", "else", "on_error", "on_fail"] as const;
/** Every list of steps that a step may hold, in the order in which the document shows them. */
const INSIDE = /\.(?:then|elif\.\d+\.then|else|on_error|on_fail|ask_teammate\.on_timeout)$/;

function parts(path: Path): string[] {
  return path === "" ? [] : path.split(".");
}

export function get(tree: Json | undefined, path: Path): Json | undefined {
  let here: Json | undefined = tree;
  for (const name of parts(path)) {
    if (here === null || typeof here !== "object") return undefined;
    here = Array.isArray(here) ? here[Number(name)] : here[name];
  }
  return here;
}

/** The tree with another value there; undefined takes the field away. */
export function set<T extends Json>(tree: T, path: Path, value: Json | undefined): T {
  return put(tree, parts(path), value) as T;
}

function put(here: Json | undefined, names: string[], value: Json | undefined): Json {
  const [name, ...rest] = names;
  if (name === undefined) return value as Json;
  if (Array.isArray(here) || (here === undefined && /^\d+$/.test(name))) {
    const copy = [...((here as Json[]) ?? [])];
    const at = Number(name);
    if (rest.length === 0 && value === undefined) copy.splice(at, 1);
    else copy[at] = put(copy[at], rest, value);
    return copy;
  }
  const copy: Tree = here !== null && typeof here === "object" ? { ...(here as Tree) } : {};
  if (rest.length === 0 && value === undefined) delete copy[name];
  else copy[name] = put(copy[name], rest, value);
  return copy;
}

/** The steps of a list in the tree; a single step may stand there without its dash. */
export function stepsAt(tree: Json | undefined, path: Path): Step[] {
  const found = get(tree, path);
  if (Array.isArray(found)) return found.filter((one): one is Step => one !== null && typeof one === "object" && !Array.isArray(one));
  return found !== null && typeof found === "object" ? [found as Step] : [];
}

export function insert<T extends Json>(tree: T, list: Path, at: number, step: Step): T {
  const steps = [...stepsAt(tree, list)];
  steps.splice(at, 0, step);
  return set(tree, list, steps);
}

export function removeStep<T extends Json>(tree: T, list: Path, at: number): T {
  const steps = stepsAt(tree, list).filter((_, number) => number !== at);
  const keepsEmpty = /(^|\.)steps$/.test(list) || list.startsWith("sub_procedures.");
  return set(tree, list, steps.length || keepsEmpty ? steps : undefined);
}

export function move<T extends Json>(tree: T, list: Path, from: number, to: number): T {
  const steps = [...stepsAt(tree, list)];
  if (to < 0 || to >= steps.length) return tree;
  const [step] = steps.splice(from, 1);
  steps.splice(to, 0, step!);
  return set(tree, list, steps);
}

/** The lists of steps that stand open inside a step, as they are shown. */
export function blocksOf(tree: Json, step: Path): Path[] {
  const found: Path[] = [];
  if (get(tree, `${step}.if`) !== undefined) {
    found.push(`${step}.then`);
    const others = get(tree, `${step}.elif`);
    if (Array.isArray(others)) others.forEach((_, at) => found.push(`${step}.elif.${at}.then`));
  }
  for (const name of ["else", "on_error", "on_fail", "ask_teammate.on_timeout"]) if (get(tree, `${step}.${name}`) !== undefined) found.push(`${step}.${name}`);
  return found;
}

export type Direction = "up" | "down" | "in" | "out";

/**
 * The step one place further, through the ends of branches too; `in` is into the step above, `out` is behind the step
 * that it stands in. Null where there is no such place.
 */
export function shift<T extends Json>(tree: T, list: Path, at: number, direction: Direction): { tree: T; list: Path; at: number } | null {
  const steps = stepsAt(tree, list);
  const step = steps[at];
  if (!step) return null;
  const inner = INSIDE.exec(list);
  const holder = inner ? list.slice(0, inner.index) : null;
  const outer = holder === null ? null : holder.slice(0, holder.lastIndexOf("."));
  const place = holder === null ? 0 : Number(holder.slice(holder.lastIndexOf(".") + 1));
  // Taken out of its own list first: no other place's path goes through what stands behind it there.
  const to = (target: Path, where: number) => ({ tree: insert(without(tree, list, at), target, where, step), list: target, at: where });
  if (direction === "up" || direction === "down") {
    const next = direction === "up" ? at - 1 : at + 1;
    if (next >= 0 && next < steps.length) return { tree: move(tree, list, at, next), list, at: next };
    if (holder === null || outer === null) return null;
    const blocks = blocksOf(tree, holder);
    const beside = blocks[blocks.indexOf(list) + (direction === "up" ? -1 : 1)];
    if (beside) return to(beside, direction === "up" ? stepsAt(tree, beside).length : 0);
    return to(outer, direction === "up" ? place : place + 1);
  }
  if (direction === "out") {
    if (outer === null) return null;
    return to(outer, place + 1);
  }
  if (at === 0) return null;
  const block = blocksOf(tree, `${list}.${at - 1}`).filter((one) => !one.endsWith("on_error") || get(tree, `${list}.${at - 1}.if`) === undefined).at(-1);
  if (!block) return null;
  return to(block, stepsAt(tree, block).length);
}

/** The list without that step; a branch that has none left stays, empty, so that no place shifts. */
function without<T extends Json>(tree: T, list: Path, at: number): T {
  return set(tree, list, stepsAt(tree, list).filter((_, number) => number !== at));
}

export const KINDS = [
  "say", "ask", "if", "call", "set", "look_up", "instruct", "run", "switch", "tag", "note", "ask_teammate", "hand_off", "end",
] as const;
export type Kind = (typeof KINDS)[number];

export function kindOf(step: Step): Kind | null {
  return KINDS.find((kind) => kind in step) ?? null;
}

export interface Typed {
  type: string;
  of?: Json;
}

/** A name that texts and conditions may use, and where it comes from. */
export interface Name {
  path: string;
  from: string;
  type?: string;
}

const ALWAYS: Name[] = [
  { path: "contact.first_name", from: "The contact", type: "text" },
  { path: "contact.name", from: "The contact", type: "text" },
  { path: "contact.email", from: "The contact", type: "email" },
  { path: "contact.phone", from: "The contact", type: "phone" },
  { path: "contact.external_id", from: "The contact", type: "text" },
  { path: "contact.kind", from: "The contact", type: "text" },
  { path: "page.url", from: "The page they are on", type: "text" },
  { path: "procedure.name", from: "This procedure", type: "text" },
];

export interface Connector {
  key: string;
  inputs: Record<string, { type: string; required: boolean }>;
  result: string[] | null;
}

/** What can be named at a step: what always is, what triggers give along, and what the steps keep. */
export function namesIn(tree: Tree, connectors: Connector[], trigger?: Tree): Name[] {
  const found = new Map<string, Name>(ALWAYS.map((one) => [one.path, one]));
  const add = (path: string, from: string, type?: string) => {
    if (path && !found.has(path)) found.set(path, { path, from, type });
  };
  const attributes = tree.attributes;
  if (attributes && typeof attributes === "object" && !Array.isArray(attributes)) {
    for (const name of Object.keys(attributes)) add(`contact.attributes.${name.replace(/^contact\.attributes\./, "")}`, "The contact");
  }
  const triggers = trigger ? [trigger] : ((tree.triggers as Tree[] | undefined) ?? []);
  for (const one of triggers) {
    const data = one && typeof one === "object" ? (one as Tree).data : undefined;
    if (data && typeof data === "object" && !Array.isArray(data)) {
      for (const [name, field] of Object.entries(data)) {
        add(`data.${name}`, "Given along by the API call", typeof field === "string" ? field : String((field as Tree)?.type ?? "text"));
      }
    }
  }
  if (!trigger) {
    for (const step of allSteps(tree)) {
      const kind = kindOf(step);
      const save = step.save;
      if (kind === "call" && typeof save === "string") {
        add(save, `Connector ${String(step.call)}`);
        for (const field of connectors.find((one) => one.key === step.call)?.result ?? []) add(`${save}.${field}`, `Connector ${String(step.call)}`);
      } else if (typeof save === "string") {
        add(save, kind === "ask" ? "Asked before" : "Kept before", kind === "ask" ? String(step.type ?? "text") : "text");
      } else if (save && typeof save === "object" && !Array.isArray(save)) {
        for (const name of Object.keys(save)) add(name, "Kept by the language model");
      }
      if (kind === "set" && step.set && typeof step.set === "object") for (const name of Object.keys(step.set)) add(name, "Set before");
      const asked = kind === "ask_teammate" ? (step.ask_teammate as Tree | null) : null;
      if (asked?.collect && typeof asked.collect === "object") for (const name of Object.keys(asked.collect)) add(name, "Answered by a teammate");
    }
  }
  return [...found.values()];
}

export function* allSteps(tree: Tree): Generator<Step> {
  yield* within(stepsAt(tree, "steps"));
  const subs = tree.sub_procedures;
  if (subs && typeof subs === "object" && !Array.isArray(subs)) for (const name of Object.keys(subs)) yield* within(stepsAt(tree, `sub_procedures.${name}`));
}

function* within(steps: Step[]): Generator<Step> {
  for (const step of steps) {
    yield step;
    for (const block of BLOCKS) yield* within(stepsAt(step, block));
    for (const branch of Array.isArray(step.elif) ? (step.elif as Tree[]) : []) yield* within(stepsAt(branch, "then"));
    if (step.ask_teammate && typeof step.ask_teammate === "object") yield* within(stepsAt(step, "ask_teammate.on_timeout"));
  }
}

/** Whether a name starts with this one: `order` and `order.total`, not `orders`. */
function mentions(name: string): RegExp {
  return new RegExp(`(?<![\\w.])${name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![\\w])`, "g");
}

/** A kept value gets another name: every text and condition that uses it follows. */
export function rename(tree: Tree, before: string, after: string): Tree {
  if (!before || !after || before === after) return tree;
  const pattern = mentions(before);
  const inTemplate = (text: string) => text.replace(/\{\{[^}]*\}\}|\{%[^%]*%\}/g, (one) => one.replace(pattern, after));
  const walk = (value: Json, field: string): Json => {
    if (typeof value === "string") {
      if (field === "if" || field === "when" || field === "audience") return value.replace(pattern, after);
      return inTemplate(value);
    }
    if (Array.isArray(value)) return value.map((one) => walk(one, field));
    if (value !== null && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, walk(one, name)]));
    return value;
  };
  return walk(tree, "") as Tree;
}

/** The names that a text uses: what stands first in each `{{ … }}`. */
export function namesUsed(text: string): string[] {
  return [...text.matchAll(/\{\{\s*([A-Za-z_][\w.]*)/g)].map((one) => one[1]!);
}

// Conditions that need no code

export interface Test {
  name: string;
  op: "==" | "!=" | ">" | ">=" | "<" | "<=" | "has" | "!has";
  value: string;
  text: boolean;
}

export interface Simple {
  join: "&&" | "||";
  tests: Test[];
}

const TEST = /^\s*([A-Za-z_][\w.]*)\s*(==|!=|>=|<=|>|<)\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(-?\d+(?:\.\d+)?)|(true|false))\s*$/;
const HAS = /^\s*(!?)has\(\s*([A-Za-z_][\w.]*)\s*\)\s*$/;

/** A condition as rows to choose from; null where it says more than that. */
export function simple(condition: string): Simple | null {
  const join = condition.includes("||") ? "||" : "&&";
  if (join === "||" && condition.includes("&&")) return null;
  const tests: Test[] = [];
  for (const one of condition.split(join)) {
    const has = HAS.exec(one);
    if (has) {
      tests.push({ name: has[2]!, op: has[1] ? "!has" : "has", value: "", text: false });
      continue;
    }
    const found = TEST.exec(one);
    if (!found) return null;
    const quoted = found[3] ?? found[4];
    tests.push({ name: found[1]!, op: found[2] as Test["op"], value: quoted !== undefined ? quoted.replace(/\\(.)/g, "$1") : (found[5] ?? found[6])!, text: quoted !== undefined });
  }
  return { join, tests };
}

export function written(rows: Simple): string {
  return rows.tests
    .map((one) => {
      if (one.op === "has") return `has(${one.name})`;
      if (one.op === "!has") return `!has(${one.name})`;
      const bare = !one.text && /^(-?\d+(\.\d+)?|true|false)$/.test(one.value);
      return `${one.name} ${one.op} ${bare ? one.value : JSON.stringify(one.value)}`;
    })
    .join(` ${rows.join} `);
}

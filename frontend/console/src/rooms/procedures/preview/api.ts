/** A preview as the server tells of it, and what can be done in it. */
import { post, read, remove } from "../../../api";
import type { Json, Tree } from "../tree";

export interface Message {
  seq: number;
  author: "contact" | "agent" | "teammate";
  kind: string;
  html: string;
  text: string;
  first_message: boolean;
  receipt_id: string | null;
  at: string;
  choices: { id: string; label: string }[];
  sources: { title?: string; url?: string }[];
}

export interface Taken {
  path: string;
  visit: number;
  number: string | null;
  place: string | null;
  kind: string;
  says: string;
  told: string;
  changes: { name: string; before: Json; after: Json }[];
}

export interface Run {
  procedure: string;
  name: string;
  state: string;
  reason: string | null;
  at: { number: string | null; place: string | null; kind: string | null } | null;
  values: Tree;
  types: Record<string, string>;
  data: Tree;
  steps: Taken[];
}

export interface Shown {
  id: string;
  procedure: string;
  now: string;
  timezone: string;
  real: boolean;
  next_at: string | null;
  broken: string[];
  mails: { to: string; subject: string; text: string }[];
  conversation: { state: string; outcome: string | null; handed_off: string | null; team: string | null; tags: string[]; priority: string; due_at: string | null; due: string | null } | null;
  messages: Message[];
  events: { seq: number; kind: string; because: string | null; at: string }[];
  asked: { question: string; fields: Record<string, { type?: string; of?: { id: string; label: string }[] }>; until: string } | null;
  runs: Run[];
  receipts: { id: string; kind: string; decision: string }[];
  calls: { connector: string; inputs: Tree; result: Tree | null; failed: string | null; unknown: boolean }[];
}

/** How it begins: what the form holds. */
export interface Beginning {
  /** The key of a trigger; "" where the contact writes first. */
  by: string;
  text: string;
  page: string;
  given: Record<string, string>;
  name: string;
  email: string;
  visitor: boolean;
  attributes: Tree;
  begins: string;
  real: boolean;
}

export const begin = (id: string, body: unknown) => post<Shown>(`/procedures/${id}/previews`, body);
export const act = (id: string, what: "say" | "forward" | "teammate" | "restart", body: unknown = {}) => post<Shown>(`/previews/${id}/${what}`, body);
export const end = (id: string) => remove(`/previews/${id}`).catch(() => {});
export const why = (id: string, receipt: string) => read<{ words: string[] }>(`/previews/${id}/receipts/${receipt}`);
export const simulation = (id: string, name: string) => post<{ name: string; source: string }>(`/previews/${id}/simulation`, { name });

/** A simulation that is kept with its procedure. */
export interface Kept {
  id: string;
  name: string;
  source: string;
  cases: string[];
  problem: string | null;
  saved_by: string;
  saved_at: string;
}

export interface Report {
  passed: number;
  failed: number;
  skipped: number;
  cases: { file: string; name: string; result: "passed" | "failed" | "skipped"; skipped: string | null; failures: { line: number; message: string }[] }[];
  coverage: {
    procedure: string;
    steps: { of: number; reached: number };
    branches: { of: number; reached: number };
    missed: { path: string; step: string; branch?: string; number: string; place: string | null }[];
  }[];
}

export const keep = (procedure: string, name: string, source: string) => post<Kept>(`/procedures/${procedure}/simulations`, { name, source });

export const STATES: Record<string, string> = {
  offered: "Offered: it begins with their reply",
  active: "Going on",
  waiting: "Waiting",
  completed: "Done",
  handed_off: "People took over",
  set_aside: "Set aside",
  lapsed: "Ended by silence",
  failed: "Failed",
};

export const DUE: Record<string, string> = {
  reply: "the wait for their reply goes on to its next step",
  idle: "it ends if they stay silent",
  teammate: "the wait for the team ends",
  after: "it closes if it stays quiet",
  snooze: "it comes back",
};

/** A length of time as people say it. */
export function lengthOf(seconds: number): string {
  const units: [number, string][] = [
    [86_400, "day"],
    [3600, "hour"],
    [60, "minute"],
  ];
  for (const [size, name] of units) {
    if (seconds >= size) {
      const count = Math.round((seconds / size) * 10) / 10;
      return `${count} ${name}${count === 1 ? "" : "s"}`;
    }
  }
  return "a moment";
}

export function clock(at: string, timezone: string): string {
  return new Date(at).toLocaleString("en", { timeZone: timezone, weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}

export function valueOf(value: Json | undefined): string {
  if (value === null || value === undefined) return "nothing";
  if (typeof value !== "object") return String(value);
  const money = value as { amount?: string; currency?: string };
  return money.amount && money.currency ? `${money.amount} ${money.currency}` : JSON.stringify(value);
}

export function typeOf(value: Json | undefined): string {
  return Array.isArray(value) ? "list" : value !== null && typeof value === "object" ? "record" : typeof value === "string" ? "text" : typeof value;
}

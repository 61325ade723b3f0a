import { post } from "../../api";

export interface Person {
  id: string;
  name: string;
  email: string | null;
  kind: string;
}

export interface Row {
  id: string;
  contact: Person;
  channel: string;
  state: "open" | "snoozed" | "closed";
  handled_by: "agent" | "people";
  team_id: string | null;
  teammate_id: string | null;
  title: string | null;
  priority: string;
  tags: string[];
  outcome: string | null;
  waits_on: string | null;
  proactive: boolean;
  excerpt: string;
  excerpt_by: "bot" | "user" | "admin" | null;
  snoozed_until: string | null;
  updated_at: string;
  created_at: string;
}

export interface File {
  id: string;
  name: string;
  content_type: string;
  size: number;
  url: string;
}

export interface Part {
  id: string;
  seq: number;
  kind: "comment" | "note" | "close" | "open" | "assignment" | "withdrawn" | "snoozed";
  author_type: "bot" | "user" | "admin";
  author: string;
  html: string | null;
  text: string | null;
  first_message: boolean;
  meta: {
    because?: string;
    reason?: string;
    values?: Record<string, unknown>;
    team_id?: string;
    teammate_id?: string;
    sources?: { article_id: string; title: string }[];
    choices?: { id: string; label: string }[];
    until?: string;
    over?: boolean;
  };
  /** On a hand-off: in their words what they wanted and said last, and what the agent did. */
  summary: { wanted: string | null; did: string[]; last: string | null } | null;
  files: File[];
  receipt_id: string | null;
  client_id: string | null;
  created_at: string;
}

export interface Run {
  id: string;
  procedure: string;
  procedure_id: string;
  state: string;
  reason: string | null;
  values: Record<string, unknown>;
  created_at: string;
}

export interface Request {
  step_id: string;
  question: string;
  state: "open" | "answered" | "expired" | "withdrawn";
  team_id: string | null;
  attributes_to_collect: { identifier: string; type: string; options: { id: string; label: string }[] }[];
  answer: Record<string, unknown> | null;
  answered_by: string | null;
  until: number;
}

export interface Whole extends Row {
  handed_off: string | null;
  rating: number | null;
  rating_remark: string | null;
  paused_until: string | null;
  continues: string | null;
  parts: Part[];
  more: boolean;
  runs: Run[];
  requests: Request[];
  profile: { external_id?: string | null; phone?: string | null; verified?: boolean; attributes?: Record<string, unknown> };
  others: Row[];
  contact_writes: boolean;
}

export interface Macro {
  id: string;
  name: string;
  text: string;
}

export interface Overview {
  counts: Record<string, number>;
  teams: { id: string; name: string }[];
  teammates: { id: string; name: string; role: string }[];
  macros: Macro[];
}

export interface ListPage {
  conversations: Row[];
  next: string | null;
}

export const PEOPLE_VIEWS: { id: string; label: string }[] = [
  { id: "mine", label: "Mine" },
  { id: "mentions", label: "Mentions" },
  { id: "asked", label: "The agent asks" },
  { id: "unassigned", label: "Unassigned" },
  { id: "people", label: "Everything for people" },
  { id: "waiting", label: "Waiting on the contact" },
  { id: "snoozed", label: "Snoozed" },
];

export const AGENT_VIEWS: { id: string; label: string }[] = [
  { id: "agent", label: "Handled by the agent" },
  { id: "unanswered", label: "First messages without a reply" },
  { id: "closed", label: "Closed" },
  { id: "all", label: "All" },
];

/** Do something to the conversation that is shown, and show what came of it. */
export type Change = (what: string, body: unknown) => Promise<void>;

export const act = (id: string, what: string, body: unknown = {}) => post<Whole>(`/conversations/${id}/${what}`, body);

export const BECAUSE: Record<string, string> = {
  procedure: "A procedure hands it over",
  person_asked: "They asked for a person",
  workspace_rule: "A rule of the workspace",
  failure: "Something failed",
};

export const OUTCOMES: Record<string, string> = {
  pending: "Pending: no answer came, so it does not count",
  confirmed_resolution: "Resolved, they said so",
  assumed_resolution: "Resolved, nothing more was asked",
  procedure_handoff: "Handed over by a procedure",
  escalated: "Escalated",
  negative_feedback: "They said that it did not help",
};

/** A value that a run knows, as a person reads it: what a connector answered is fields and not JSON. */
export function shownValue(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "object") {
    const money = value as { amount?: string; currency?: string };
    if (money.amount && money.currency) return `${money.amount} ${money.currency}`;
    if (Array.isArray(value)) return value.map(shownValue).join(", ");
    return Object.entries(value)
      .map(([name, one]) => `${name}: ${isNested(one) ? `(${shownValue(one)})` : shownValue(one)}`)
      .join(" · ");
  }
  return typeof value === "boolean" ? (value ? "yes" : "no") : String(value);
}

function isNested(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

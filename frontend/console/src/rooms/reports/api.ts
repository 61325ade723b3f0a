/** What the server says of a period, and how it is asked. */
import { useMemo } from "react";
import { useSearchParams } from "wouter";
import { query } from "../../api";

export interface Resolution {
  involved: number;
  engaged: number;
  in_progress: number;
  resolved: number;
  confirmed_resolution: number;
  assumed_resolution: number;
  escalated: number;
  procedure_handoff: number;
  negative_feedback: number;
  pending: number;
  resolution_rate: number | null;
}

export interface Whole {
  resolution: Resolution;
  hand_offs: Record<string, number>;
  satisfaction: { marks: number[]; rated: number; average: number | null; good: number | null };
}

export interface Period {
  from: string;
  to: string;
  timezone: string;
}

export interface Overview {
  period: Period;
  before: Period;
  now: Whole;
  earlier: Whole;
  days: ({ day: string } & Resolution)[];
  remarks: { conversation_id: string; contact: string | null; rating: number; text: string; at: string }[];
}

export interface TriggerRow {
  procedure_id: string;
  procedure: string;
  key: string;
  name: string;
  kind: string;
  fired: number;
  before: { fired: number; delivered: number; seen: number; replied: number; held_back: number };
  last_fired_at: string | null;
  delivered: number;
  seen: number;
  replied: number;
  routed: Record<string, number>;
  held_back: Record<string, number>;
}

export interface ProcedureRow {
  procedure_id: string;
  procedure: string;
  offered: number;
  started: number;
  before: { offered: number; started: number };
  states: Record<string, number>;
  outcomes: Record<string, number>;
}

export interface Funnel {
  before: Period;
  name: string;
  version: number | null;
  started: number;
  started_before: number;
  steps: { path: string; kind: string; text: string; depth: number; done: number; done_before: number }[];
}

export interface Filters {
  from: string;
  to: string;
  channel: string;
  procedure: string;
  trigger: string;
  team: string;
  teammate: string;
}

export const NAMES = ["from", "to", "channel", "procedure", "trigger", "team", "teammate"] as const;

/** The filters stand in the address, so that a report can be sent to somebody; the figure that a list is behind stands beside them. */
export function useFilters(): [Filters, (change: Partial<Filters>) => void, string] {
  const [asked, setAsked] = useSearchParams();
  const text = asked.toString();
  const filters = useMemo(() => Object.fromEntries(NAMES.map((name) => [name, new URLSearchParams(text).get(name) ?? ""])) as unknown as Filters, [text]);
  return [filters, (change) => setAsked(query({ ...Object.fromEntries(asked), ...change }).slice(1), { replace: true }), query({ ...filters })];
}

/** What a list of conversations is asked for, beside the filters. */
export type Wanted = Record<string, string | number>;

/** The period before, as a list is asked for it. */
export const then = ({ from, to }: Period): Wanted => ({ from, to });

export const OUTCOME: Record<string, string> = {
  confirmed_resolution: "Resolved, and they said so",
  assumed_resolution: "Resolved, as far as we can tell",
  procedure_handoff: "Handed off by a procedure",
  escalated: "Escalated to people",
  negative_feedback: "They said it did not help",
  pending: "Pending",
  in_progress: "In progress",
};

export const BECAUSE: Record<string, string> = {
  procedure: "A procedure handed it off",
  person_asked: "They asked for a person",
  workspace_rule: "A rule of the workspace",
  failure: "Something failed",
};

export const ROUTED: Record<string, string> = {
  active: "the procedure began",
  set_aside: "something else was wanted",
  lapsed: "no reply in time",
  offered: "still waiting",
  failed: "could not go on",
};

export const STATE: Record<string, string> = {
  offered: "waiting for a first reply",
  active: "running",
  waiting: "waiting for an answer",
  set_aside: "set aside",
  lapsed: "no reply in time",
  completed: "completed",
  handed_off: "handed off",
  failed: "failed",
};

export const RULE: Record<string, string> = {
  kill_switch: "paused or switched off",
  audience: "not in the audience",
  opt_out: "asked never to be written to about this",
  snooze: "said “not now”",
  frequency: "reached already",
  first_message: "the first message could not be filled in",
  stale: "the trigger does not hold any more",
  address: "nothing is sent to that address",
};

const TOLD: Record<string, string | Record<string, string>> = {
  involved: "The agent took part",
  engaged: "The agent took part and the contact wrote",
  outcome: { ...OUTCOME, resolved: "Resolved", given_to_people: "Given to people" },
  handed_off: BECAUSE,
  rated: "A mark was given",
  good: "Marked 4 or 5",
  fired: "A trigger fired",
  delivered: "The first message was delivered, not withdrawn",
  seen: "The first message was seen",
  replied: "The contact answered the first message",
  routed: ROUTED,
  offered: "A procedure was offered or started",
  started: "A procedure started",
  state: STATE,
  came_out: OUTCOME,
};

/** Which of these count runs, of which a conversation may have several. */
const OF_RUNS = ["offered", "started", "state", "came_out", "version"];

/** The figure that an address names, in words; null where it names none. */
export function told(asked: URLSearchParams, step: string | null): { words: string; runs: boolean } | null {
  if (asked.has("rating")) return { words: `Marked ${asked.get("rating")} of 5`, runs: false };
  if (asked.has("version")) return { words: step ? `Came past “${step}” of version ${asked.get("version")}` : `Began with version ${asked.get("version")}`, runs: true };
  for (const [name, words] of Object.entries(TOLD)) {
    const value = asked.get(name);
    if (value) return { words: typeof words === "string" ? words : begun(words[value] ?? value), runs: OF_RUNS.includes(name) };
  }
  return null;
}

/** As a line of its own begins. */
export const begun = (words: string) => words.charAt(0).toUpperCase() + words.slice(1).replaceAll("_", " ");

/** The largest number first. */
export const byNumber = (numbers: Record<string, number>) => Object.entries(numbers).sort((one, other) => other[1] - one[1]);

export const percent = (share: number | null) => (share === null ? "–" : `${Math.round(share * 1000) / 10} %`);

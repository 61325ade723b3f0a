/** What the server says of settings, people and teams. */
import { patch } from "../../api";

export interface Colour {
  asked: string;
  shown: string;
  darkened: boolean;
  contrast: number;
}

export interface Settings {
  values: Record<string, string | number | boolean> & {
    agent_name: string;
    greeting: string;
    color: string;
    timezone: string;
    country: string;
    office_hours: string;
    keep_closed_days: number;
    enforce_identity: boolean;
    proactive_triggers: boolean;
    continue_by_email: boolean;
    first_steps_over: boolean;
  };
  texts: { name: string; usual: string }[];
  colour: Colour | null;
  office: { open: boolean; opens: string | null };
  model: { name: string; url: string | null; has_key: boolean; timeout: number; calls_a_day: number; tokens_a_day: number; redact: string[] } | null;
  base_url: string;
}

export interface Person {
  id: string;
  name: string;
  email: string;
  role: string;
  signs_in: boolean;
  two_step: boolean;
  invited_until: string | null;
  seen_at: string | null;
}

export interface Team {
  id: string;
  name: string;
}

export const ROLES = [
  { value: "owner", label: "Owner: everything" },
  { value: "publisher", label: "Publisher: writes procedures and puts them live" },
  { value: "builder", label: "Builder: writes procedures, articles and connectors" },
  { value: "agent", label: "Agent: answers conversations" },
];

export const change = (values: Record<string, string | number | boolean>) => patch<Settings>("/settings", values);

/** The kinds of steps, in the words of somebody who writes no code. */
import type { IconName } from "../../ui/icons";
import type { Kind, Step } from "./tree";

export interface KindInfo {
  kind: Kind;
  label: string;
  hint: string;
  icon: IconName;
  fresh: () => Step;
}

export const kinds: KindInfo[] = [
  { kind: "say", label: "Say", hint: "The agent says something and goes on", icon: "send", fresh: () => ({ say: "" }) },
  { kind: "ask", label: "Ask", hint: "Ask, wait, and keep the answer", icon: "info", fresh: () => ({ ask: "", save: "", type: "text" }) },
  { kind: "if", label: "Condition", hint: "Go one way or another", icon: "flow", fresh: () => ({ if: "", then: [] }) },
  { kind: "call", label: "Connector", hint: "Ask another system, or tell it something", icon: "connector", fresh: () => ({ call: "", with: {}, save: "" }) },
  { kind: "look_up", label: "Answer from help content", hint: "Find an answer in your articles", icon: "article", fresh: () => ({ look_up: "" }) },
  { kind: "ask_teammate", label: "Ask a teammate", hint: "Wait for a person of the team to decide", icon: "people", fresh: () => ({ ask_teammate: { team: "", question: "", collect: { approved: "boolean" } } }) },
  { kind: "hand_off", label: "Hand off", hint: "Give the conversation to people", icon: "person", fresh: () => ({ hand_off: { team: "" } }) },
  { kind: "end", label: "End", hint: "The procedure ends here", icon: "check", fresh: () => ({ end: { say: "" } }) },
  { kind: "set", label: "Keep a value", hint: "Remember something for later steps", icon: "edit", fresh: () => ({ set: {} }) },
  { kind: "tag", label: "Tag", hint: "Put a tag on the conversation", icon: "tag", fresh: () => ({ tag: "" }) },
  { kind: "note", label: "Note", hint: "Leave a note that only the team sees", icon: "note", fresh: () => ({ note: "" }) },
  { kind: "switch", label: "Another procedure", hint: "Go on with another procedure instead", icon: "procedure", fresh: () => ({ switch: "" }) },
  { kind: "run", label: "Sub-procedure", hint: "Run steps that several places share", icon: "play", fresh: () => ({ run: "" }) },
  { kind: "instruct", label: "Instruct a language model", hint: "Free text; needs a configured language model", icon: "star", fresh: () => ({ instruct: "" }) },
];

export function infoOf(kind: Kind | null): KindInfo | undefined {
  return kinds.find((one) => one.kind === kind);
}

export const types: { value: string; label: string }[] = [
  { value: "text", label: "Text" },
  { value: "choice", label: "One of several" },
  { value: "boolean", label: "Yes or no" },
  { value: "number", label: "Number" },
  { value: "date", label: "Date" },
  { value: "email", label: "Email address" },
  { value: "phone", label: "Phone number" },
  { value: "money", label: "Amount of money" },
];

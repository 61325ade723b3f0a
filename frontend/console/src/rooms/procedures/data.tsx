/** The data of an API call, filled in by hand to try a trigger. */
import { Select, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import type { Json, Tree } from "./tree";

export type Given = Record<string, string>;

export interface Field {
  name: string;
  type: string;
  required: boolean;
  fallback: Json | undefined;
  of: string[];
}

const EXAMPLES: Record<string, Json> = {
  text: "A-1042",
  number: 3,
  boolean: true,
  date: "2026-03-31",
  email: "ana@example.com",
  phone: "+351912345678",
  money: { amount: "12.50", currency: "EUR" },
};

export function fieldsOf(trigger: Tree): Field[] {
  const data = trigger.data;
  if (data === null || typeof data !== "object" || Array.isArray(data)) return [];
  return Object.entries(data).map(([name, given]) => {
    const one = (typeof given === "object" && given !== null && !Array.isArray(given) ? given : { type: given }) as Tree;
    return {
      name,
      type: String(one.type ?? "text"),
      required: one.required === true,
      fallback: one.default,
      of: Array.isArray(one.of) ? one.of.map((each) => String(each !== null && typeof each === "object" ? (Object.keys(each)[0] ?? "") : each)) : [],
    };
  });
}

/** A value that fits the field, for an example that can be pasted. */
export function example(field: Field): Json {
  if (field.fallback !== undefined) return field.fallback;
  return field.type === "choice" ? (field.of[0] ?? "") : (EXAMPLES[field.type] ?? "A-1042");
}

/** What was typed, as JSON of the field's type; what does not fit goes as it is, and the server says so. */
export function meant(field: Field, text: string): Json {
  if (field.type === "number" && text.trim() !== "" && Number.isFinite(Number(text))) return Number(text);
  if (field.type === "boolean") return text === "true" ? true : text === "false" ? false : text;
  const money = field.type === "money" ? /^\s*(-?[\d.]+)\s*([A-Za-z]{3})\s*$/.exec(text) : null;
  return money ? { amount: money[1]!, currency: money[2]!.toUpperCase() } : text;
}

const HINTS: Record<string, string> = { money: "12.50 EUR", date: "2026-03-31", number: "3", email: "ana@example.com", phone: "+351912345678" };

export function dataFields(trigger: Tree): { values: (given: Given) => Tree; inputs: (given: Given, change: (given: Given) => void) => ReactNode } {
  const fields = fieldsOf(trigger);
  return {
    values: (given) => {
      const told: Tree = {};
      for (const field of fields) {
        const text = given[field.name] ?? "";
        if (text !== "") told[field.name] = meant(field, text);
        else if (field.fallback !== undefined) told[field.name] = field.fallback;
      }
      return told;
    },
    inputs: (given, change) =>
      fields.length > 0 && (
        <div className="fields">
          {fields.map((field) => {
            const label = `${field.name}${field.required ? " (needed)" : ""}`;
            const value = given[field.name] ?? "";
            if (field.type === "choice" || field.type === "boolean") {
              return <Select key={field.name} size="sm" label={label} clearable data={field.type === "boolean" ? ["true", "false"] : field.of} value={value || null} onChange={(chosen) => change({ ...given, [field.name]: chosen ?? "" })} />;
            }
            return <TextInput key={field.name} size="sm" label={label} placeholder={field.fallback !== undefined ? String(field.fallback) : HINTS[field.type]} value={value} onChange={(event) => change({ ...given, [field.name]: event.currentTarget.value })} />;
          })}
        </div>
      ),
  };
}

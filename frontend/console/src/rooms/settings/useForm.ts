import { useState } from "react";
import type { Refused } from "../../api";
import { done } from "../../ui/undo";
import { change, type Settings } from "./api";

type Values = Record<string, string | number | boolean>;

/** Some settings as a form: what was typed, what the server refused, and whether there is anything to keep. */
export function useForm<Fields extends Values>(kept: Fields, changed: (settings: Settings) => void) {
  const [typed, setTyped] = useState<Partial<Fields>>({});
  const [problem, setProblem] = useState<Refused | null>(null);
  const fields: Fields = { ...kept, ...typed };
  const names = Object.keys(kept).filter((name) => fields[name] !== kept[name]);
  return {
    fields,
    dirty: names.length > 0,
    problem: problem && !(problem.field && problem.field in kept) ? problem : null,
    wrong: (name: keyof Fields & string) => (problem?.field === name ? problem.message : undefined),
    set: (values: Partial<Fields>) => setTyped((before) => ({ ...before, ...values })),
    send: async (event: React.FormEvent) => {
      event.preventDefault();
      try {
        changed(await change(Object.fromEntries(names.map((name) => [name, fields[name] as string]))));
        setTyped({});
        setProblem(null);
        done("Saved.");
      } catch (error) {
        setProblem(error as Refused);
      }
    },
  };
}

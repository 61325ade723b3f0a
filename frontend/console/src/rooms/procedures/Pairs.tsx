import { ActionIcon, Select, TextInput } from "@mantine/core";
import { Icon } from "../../ui/icons";
import { types } from "./kinds";
import { NewName } from "./NewName";
import type { Json, Name, Tree } from "./tree";
import { Words } from "./Words";

/** Names with a text each: what a connector is given, what is kept. */
export function Pairs({ label, value, onChange, names, fixed, readOnly }: { label: string; value: Tree; onChange: (value: Tree) => void; names: Name[]; fixed?: { name: string; hint: string }[]; readOnly?: boolean }) {
  const open = Object.keys(value).filter((name) => !fixed?.some((one) => one.name === name));
  const row = (name: string, hint: string | null) => (
    <div className="pair" key={name}>
      <span className="pair-name">
        <code>{name}</code>
        {hint && <span className="meta">{hint}</span>}
      </span>
      <div className="grow">
        <Words label={`${label}: ${name}`} names={names} readOnly={readOnly} value={shown(value[name])} placeholder="A word, or @ for a value" onChange={(text) => onChange(text === "" && hint !== null ? without(value, name) : { ...value, [name]: meant(text, value[name]) })} />
      </div>
      {hint === null && !readOnly && (
        <ActionIcon variant="subtle" aria-label={`Take ${name} out`} onClick={() => onChange(without(value, name))}>
          <Icon name="close" size={16} />
        </ActionIcon>
      )}
    </div>
  );
  return (
    <div className="pairs" role="group" aria-label={label}>
      {fixed?.map((one) => row(one.name, one.hint))}
      {open.map((name) => row(name, null))}
      {!fixed && !readOnly && (
        <NewName label={`${label}: a new name`} example="name, or conversation.priority" taken={open} add={(name) => onChange({ ...value, [name]: "" })} />
      )}
    </div>
  );
}

/** Names with a type each: what a teammate or a language model fills in. */
export function TypedNames({ label, value, onChange, readOnly }: { label: string; value: Tree; onChange: (value: Tree) => void; readOnly?: boolean }) {
  return (
    <div className="pairs" role="group" aria-label={label}>
      {Object.entries(value).map(([name, given]) => {
        const type = typeof given === "string" ? given : String((given as Tree | null)?.type ?? "text");
        const of = (given as Tree | null)?.of;
        return (
          <div className="pair" key={name}>
            <span className="pair-name">
              <code>{name}</code>
            </span>
            <Select size="xs" aria-label={`${name}: what it is`} data={types} value={type} allowDeselect={false} readOnly={readOnly} onChange={(chosen) => onChange({ ...value, [name]: chosen === "choice" ? { type: "choice", of: [] } : (chosen ?? "text") })} />
            {type === "choice" && (
              <TextInput size="xs" className="grow" aria-label={`${name}: the choices`} placeholder="wait, refund" readOnly={readOnly} defaultValue={Array.isArray(of) ? of.map(shown).join(", ") : ""} onBlur={(event) => onChange({ ...value, [name]: { type: "choice", of: event.currentTarget.value.split(",").map((one) => one.trim()).filter(Boolean) } })} />
            )}
            {!readOnly && (
              <ActionIcon variant="subtle" aria-label={`Take ${name} out`} onClick={() => onChange(without(value, name))}>
                <Icon name="close" size={16} />
              </ActionIcon>
            )}
          </div>
        );
      })}
      {!readOnly && (
        <NewName label={`${label}: a new name`} example="name" taken={Object.keys(value)} add={(name) => onChange({ ...value, [name]: "text" })} />
      )}
    </div>
  );
}

export function shown(value: Json | undefined): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** A number or a yes-or-no that was one stays one. */
function meant(text: string, before: Json | undefined): Json {
  if (typeof before === "number" && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (typeof before === "boolean" && (text === "true" || text === "false")) return text === "true";
  return text;
}

function without(value: Tree, name: string): Tree {
  return Object.fromEntries(Object.entries(value).filter(([one]) => one !== name));
}

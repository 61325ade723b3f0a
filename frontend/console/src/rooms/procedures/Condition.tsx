import { ActionIcon, Autocomplete, Button, SegmentedControl, Select, TextInput } from "@mantine/core";
import { useState } from "react";
import { Icon } from "../../ui/icons";
import { simple, written, type Name, type Simple, type Test } from "./tree";

const OPS: { value: Test["op"]; label: string }[] = [
  { value: "==", label: "is" },
  { value: "!=", label: "is not" },
  { value: ">", label: "is more than" },
  { value: ">=", label: "is at least" },
  { value: "<", label: "is less than" },
  { value: "<=", label: "is at most" },
  { value: "has", label: "is known" },
  { value: "!has", label: "is not known" },
];

/** What can be said of somebody who has not written yet. */
export function aboutContact(names: Name[]): Name[] {
  return names.filter((one) => one.path.startsWith("contact.") || one.path.startsWith("page."));
}

/** A condition: rows to choose from, or, for who wants to say more, an expression. */
export function Condition({ label, value, onChange, names, readOnly, error }: { label: string; value: string; onChange: (text: string) => void; names: Name[]; readOnly?: boolean; error?: boolean }) {
  // Half a test is no condition yet, but it is what stands in the rows.
  const [typed, setTyped] = useState<{ text: string; rows: Simple } | null>(null);
  const rows = typed?.text === value ? typed.rows : value.trim() === "" ? { join: "&&" as const, tests: [fresh()] } : simple(value);
  const [asText, setAsText] = useState(false);
  const mustBeText = rows === null;
  if (asText || mustBeText) {
    return (
      <div className="condition">
        <TextInput
          aria-label={label}
          className="grow"
          classNames={{ input: "mono" }}
          value={value}
          readOnly={readOnly}
          error={error}
          placeholder='order.total > 500 && order.status == "late"'
          onChange={(event) => onChange(event.currentTarget.value)}
        />
        {!mustBeText && (
          <Button size="compact-sm" variant="subtle" onClick={() => setAsText(false)}>
            Choose from lists
          </Button>
        )}
      </div>
    );
  }
  const change = (tests: Test[], join: Simple["join"] = rows.join) => {
    const next = { join, tests };
    const text = tests.every((one) => one.name === "" && one.value === "") ? "" : written(next);
    setTyped({ text, rows: next });
    onChange(text);
  };
  return (
    <div className="condition-rows">
      {rows.tests.map((test, at) => (
        <div className="condition" key={at}>
          {at > 0 && (
            <SegmentedControl
              size="xs"
              aria-label="How the tests join"
              readOnly={readOnly}
              value={rows.join}
              data={[
                { value: "&&", label: "and" },
                { value: "||", label: "or" },
              ]}
              onChange={(join) => change(rows.tests, join as Simple["join"])}
            />
          )}
          <Autocomplete
            aria-label={`${label}: what is compared`}
            className="grow"
            placeholder="What"
            readOnly={readOnly}
            error={error}
            data={names.map((one) => one.path)}
            value={test.name}
            onChange={(name) => change(rows.tests.map((one, number) => (number === at ? { ...one, name } : one)))}
          />
          <Select
            aria-label="How it is compared"
            w={140}
            readOnly={readOnly}
            data={OPS}
            value={test.op}
            allowDeselect={false}
            onChange={(op) => change(rows.tests.map((one, number) => (number === at ? { ...one, op: (op ?? "==") as Test["op"] } : one)))}
          />
          {test.op !== "has" && test.op !== "!has" && (
            <TextInput
              aria-label="What it is compared with"
              className="grow"
              placeholder="a word, or a number"
              readOnly={readOnly}
              value={test.value}
              onChange={(event) => {
                const text = event.currentTarget.value;
                change(rows.tests.map((one, number) => (number === at ? { ...one, value: text, text: !/^(-?\d+(\.\d+)?|true|false)$/.test(text) } : one)));
              }}
            />
          )}
          {!readOnly && rows.tests.length > 1 && (
            <ActionIcon variant="subtle" aria-label="Take this test out" onClick={() => change(rows.tests.filter((_, number) => number !== at))}>
              <Icon name="close" size={16} />
            </ActionIcon>
          )}
        </div>
      ))}
      {!readOnly && (
        <div className="row">
          <Button size="compact-sm" variant="subtle" onClick={() => change([...rows.tests, fresh()])}>
            Add a test
          </Button>
          <Button size="compact-sm" variant="subtle" onClick={() => setAsText(true)}>
            Write it as text
          </Button>
        </div>
      )}
    </div>
  );
}

function fresh(): Test {
  return { name: "", op: "==", value: "", text: true };
}

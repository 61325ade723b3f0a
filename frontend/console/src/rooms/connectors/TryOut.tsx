import { Button, Checkbox, TextInput } from "@mantine/core";
import { useState } from "react";
import { useSWRConfig } from "swr";
import { post } from "../../api";
import { Icon } from "../../ui/icons";
import { Section } from "../../ui/Page";
import { Problem } from "../../ui/states";
import { typed } from "./tree";

interface Tried {
  ok: boolean;
  mocked: boolean;
  status: number | null;
  attempts: number;
  result?: unknown;
  took_ms?: number;
  reason?: string;
}

/** Try a connector as it is kept: by its mocks, or for real, which it says first. */
export function TryOut({ name, method, url, inputs, hasMock, changed }: { name: string; method: string; url: string; inputs: Record<string, { type: string; required: boolean; default: unknown }>; hasMock: boolean; changed: boolean }) {
  const [values, setValues] = useState<Record<string, string>>({});
  const [user, setUser] = useState("");
  const [sure, setSure] = useState(false);
  const [tried, setTried] = useState<Tried | null>(null);
  const [problem, setProblem] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  const { mutate } = useSWRConfig();
  const changes = method !== "GET";

  async function attempt(mock: boolean) {
    setBusy(true);
    setProblem(null);
    const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== "").map(([key, value]) => [key, typed(value, inputs[key]?.type ?? "text")]));
    try {
      setTried(await post<Tried>(`/connectors/${name}/try`, { inputs: given, mock, user }));
      setSure(false);
      void mutate((key) => typeof key === "string" && key.startsWith("/connector-calls"));
    } catch (error) {
      setProblem(error as Error);
    }
    setBusy(false);
  }

  return (
    <Section title="Try it" lead={changed ? "As it was kept last; keep your change to try that." : "As a procedure would call it."}>
      <div className="fields">
        {Object.entries(inputs).map(([key, one]) => (
          <TextInput key={key} label={`${key} (${one.type})`} placeholder={one.default === null || one.default === undefined ? (one.required ? "required" : "may stay empty") : String(one.default)} value={values[key] ?? ""} onChange={(event) => { const typedIn = event.currentTarget.value; setValues((before) => ({ ...before, [key]: typedIn })); }} />
        ))}
        <TextInput label="For the contact (your id)" placeholder="nobody" value={user} onChange={(event) => setUser(event.currentTarget.value)} />
      </div>
      <p className="notice notice-mild">
        <Icon name="warning" size={16} />
        <span className="grow">
          The real call does what it says: <span className="mono">{method} {url}</span>
        </span>
      </p>
      {changes && <Checkbox label={`I know that this ${method} changes something`} checked={sure} onChange={(event) => setSure(event.currentTarget.checked)} />}
      <div className="row">
        <Button variant="default" disabled={!hasMock || busy} onClick={() => void attempt(true)}>
          Ask the mocks
        </Button>
        <Button disabled={busy || (changes && !sure)} onClick={() => void attempt(false)}>
          Make the real call
        </Button>
      </div>
      {!hasMock && <p className="meta">It has no mocks, so only the real call can be made.</p>}
      <Problem error={problem} />
      {tried && (
        <div className={tried.ok ? "outcome-good" : "outcome-bad"} role="status">
          <p className={tried.ok ? "moss" : "rust"}>
            {tried.ok ? (tried.mocked ? "From the mocks; nothing was called." : `${tried.status} in ${tried.took_ms} ms.`) : tried.reason}
          </p>
          {tried.ok && (
            <pre className="snippet" tabIndex={0} aria-label="The answer">
              {JSON.stringify(tried.result, null, 2)}
            </pre>
          )}
        </div>
      )}
    </Section>
  );
}

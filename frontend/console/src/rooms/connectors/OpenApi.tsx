import { Badge, Button, TextInput } from "@mantine/core";
import { useRef, useState, type ReactNode } from "react";
import { Link } from "wouter";
import { call, post, query } from "../../api";
import { Icon } from "../../ui/icons";
import { Page, Section } from "../../ui/Page";
import { Problem } from "../../ui/states";
import { done } from "../../ui/undo";

interface Found {
  connectors: { key: string; operation: string; source: string; left_out: string[]; exists: boolean }[];
  skipped: { operation: string; reason: string }[];
}

/** Connector files of the operations of an OpenAPI document, to look at before any is kept. */
export function OpenApi({ nav }: { nav: ReactNode }) {
  const file = useRef<HTMLInputElement>(null);
  const [server, setServer] = useState("");
  const [found, setFound] = useState<Found | null>(null);
  const [problem, setProblem] = useState<Error | null>(null);

  async function send(one: File | undefined) {
    if (!one) return;
    setProblem(null);
    try {
      setFound(await call<Found>("POST", `/connectors/openapi${query({ server: server.trim() })}`, new Blob([one])));
    } catch (error) {
      setProblem(error as Error);
    }
  }

  return (
    <Page title="From OpenAPI" lead="A connector of each operation that an OpenAPI 3 document describes. Nothing is kept or called until you say so.">
      {nav}
      <div className="filters">
        <TextInput className="grow" label="Where the system is" description="In place of what the document says. May stay empty." placeholder="https://orders.example/v1" value={server} onChange={(event) => setServer(event.currentTarget.value)} />
        <Button leftSection={<Icon name="upload" size={16} />} onClick={() => file.current?.click()}>
          Choose the document
        </Button>
        <input ref={file} type="file" hidden accept=".json,.yaml,.yml" data-what="openapi" onChange={(event) => { void send(event.currentTarget.files?.[0]); event.currentTarget.value = ""; }} />
      </div>
      <Problem error={problem} />
      {found?.connectors.map((one) => <OneFound key={one.key} found={one} />)}
      {found && found.skipped.length > 0 && (
        <Section title="Not taken">
          <ul className="plain">
            {found.skipped.map((one) => (
              <li key={one.operation}>
                <span className="mono">{one.operation}</span>: {one.reason}
              </li>
            ))}
          </ul>
        </Section>
      )}
    </Page>
  );
}

function OneFound({ found }: { found: Found["connectors"][number] }) {
  const [kept, setKept] = useState(found.exists);
  const [problem, setProblem] = useState<Error | null>(null);
  return (
    <Section
      title={found.key}
      lead={found.operation}
      actions={
        kept ? (
          <span className="row">
            <Badge variant="light" className="badge-good">
              there
            </Badge>
            <Link href={`/${found.key}`}>Open it</Link>
          </span>
        ) : (
          <Button
            aria-label={`Add ${found.key}`}
            onClick={() =>
              post("/connectors", { source: found.source }).then(() => {
                setKept(true);
                done(`${found.key} is a connector now.`);
              }, setProblem)
            }
          >
            Add it
          </Button>
        )
      }
    >
      {found.left_out.length > 0 && (
        <ul className="plain meta">
          {found.left_out.map((one) => (
            <li key={one}>Left out: {one}</li>
          ))}
        </ul>
      )}
      <Problem error={problem} />
      <details>
        <summary>The file</summary>
        <pre className="snippet" tabIndex={0}>
          {found.source}
        </pre>
      </details>
    </Section>
  );
}

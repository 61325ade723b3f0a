import { Badge, Button } from "@mantine/core";
import { useState } from "react";
import { post, read } from "../../../api";
import { CopyButton } from "../../../ui/Copy";
import { Section } from "../../../ui/Page";
import { Empty, Problem } from "../../../ui/states";
import { done, failed } from "../../../ui/undo";
import { useKeep, type DnsRecord, type EmailPart, type EmailState } from "./api";

interface Found extends DnsRecord {
  state: "found" | "missing" | "differs" | "unknown";
  said: string;
}

const STATES = {
  found: { label: "found", kind: "badge-good" },
  missing: { label: "missing", kind: "badge-bad" },
  differs: { label: "differs", kind: "badge-bad" },
  unknown: { label: "not known", kind: "badge-plain" },
} as const;

/** What to add where the domain is kept, and whether it is there. */
export function Records({ email, may, changed }: EmailPart) {
  const [found, setFound] = useState<Found[] | null>(null);
  const [problem, setProblem] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  const { keep } = useKeep(changed);

  async function look() {
    setBusy(true);
    try {
      setFound((await read<{ records: Found[] }>("/email/dns")).records);
      setProblem(null);
    } catch (error) {
      setProblem(error as Error);
    }
    setBusy(false);
  }

  async function makeKey() {
    try {
      changed(await post<EmailState>("/email/dkim"));
      done("Mails are signed from now on. Add the new record, so that the signature can be checked.");
    } catch (error) {
      failed(error);
    }
  }

  if (email.records.length === 0)
    return (
      <Section title="DNS records">
        <Empty icon="link" title="Say first who mails come from">
          Then the records that its domain needs stand here, each to copy: SPF, DKIM, DMARC and MX, as in <code>v=spf1 a:mail.acme.example ~all</code>.
        </Empty>
      </Section>
    );
  return (
    <Section
      title="DNS records"
      lead="Add these where the domain is kept, so that mails arrive and answers come back. A record that is there already need not be the same word by word."
      actions={
        <Button variant="default" loading={busy} onClick={() => void look()}>
          Look now
        </Button>
      }
    >
      <Problem error={problem} />
      <ul className="rows records" aria-label="DNS records">
        {email.records.map((one) => {
          const seen = found?.find((other) => other.name === one.name && other.type === one.type && other.why === one.why);
          return (
            <li key={one.type + one.name + one.why}>
              <div className="row">
                <Badge variant="light" className="badge-plain">
                  {one.type}
                </Badge>
                <span className="grow">{one.why}</span>
                {seen && (
                  <Badge variant="light" className={STATES[seen.state].kind}>
                    {STATES[seen.state].label}
                  </Badge>
                )}
              </div>
              <dl className="record">
                <dt>Name</dt>
                <dd>
                  <code>{one.name}</code> <CopyButton text={one.name} what={`the name of ${one.type} ${one.name}`} />
                </dd>
                <dt>Value</dt>
                <dd>
                  <code>{one.value}</code> <CopyButton text={one.value} what={`the value of ${one.type} ${one.name}`} />
                </dd>
                {seen && (
                  <>
                    <dt>Seen</dt>
                    <dd>{seen.state === "found" ? <code>{seen.said}</code> : seen.said}</dd>
                  </>
                )}
              </dl>
            </li>
          );
        })}
      </ul>
      <p className="meta" role="status">
        {busy ? "Asking the name servers." : found ? "Looked just now. A new record can take some hours until everybody sees it." : ""}
      </p>
      {may && !email.fixed.dkim && (
        <div className="row">
          {email.dkim ? (
            <>
              <span className="meta grow">Mails are signed here, with the selector {email.dkim.selector}.</span>
              <Button size="compact-sm" variant="subtle" color="red" onClick={() => void keep({ dkim: null }, "Mails are no longer signed here.")}>
                Stop signing
              </Button>
            </>
          ) : (
            <>
              <span className="meta grow">DKIM: does your provider sign mails? Then add the record that it gives you. If not, Overture signs them itself.</span>
              <Button size="compact-sm" variant="default" onClick={() => void makeKey()}>
                Make a DKIM key
              </Button>
            </>
          )}
        </div>
      )}
    </Section>
  );
}

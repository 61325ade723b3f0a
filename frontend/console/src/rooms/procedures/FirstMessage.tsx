import { SegmentedControl, Select, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useEffect, useState } from "react";
import useSWR from "swr";
import { post, query } from "../../api";
import { Icon } from "../../ui/icons";
import { dataFields, type Given } from "./data";
import { useBench } from "./Steps";
import type { Name, Tree } from "./tree";
import { Words } from "./Words";

interface Contact {
  id: string;
  external_id: string;
  name: string | null;
  email: string | null;
}

interface Mail {
  sender: string;
  to: string;
  subject: string;
  text: string;
  html: string;
  unsubscribe: boolean;
  problem: string | null;
}

interface Sample {
  html: string;
  subject: string;
  problem: string | null;
  mail: Mail | null;
}

const MADE_UP = "made up";

/** What the agent says first, and how one contact would see it. */
export function FirstMessage({ trigger, names, error, put }: { trigger: Tree; names: Name[]; error: boolean; put: (field: string, value: string | undefined) => void }) {
  const { readOnly } = useBench();
  const label = String(trigger.name || trigger.key);
  return (
    <>
      <span className="field-label">
        First message <span className="meta">(needed)</span>
      </span>
      <Words label={`First message of ${label}`} names={names} readOnly={readOnly} value={String(trigger.first_message ?? "")} placeholder="What the agent says. @ for a value" error={error} onChange={(value) => put("first_message", value)} />
      {trigger.kind === "api_call" && (
        <>
          <span className="field-label">Subject, by email</span>
          <Words label={`Subject of ${label}`} names={names} readOnly={readOnly} value={String(trigger.subject ?? "")} placeholder="About your order" onChange={(value) => put("subject", value || undefined)} />
        </>
      )}
      {!readOnly && <Preview trigger={trigger} />}
    </>
  );
}

function Preview({ trigger }: { trigger: Tree }) {
  const [open, setOpen] = useState(false);
  return (
    <details className="advanced" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>See it as a contact does</summary>
      {open && <Seen trigger={trigger} />}
    </details>
  );
}

function Seen({ trigger }: { trigger: Tree }) {
  const bench = useBench();
  const [who, setWho] = useState<string>(MADE_UP);
  const [typed, setTyped] = useState("");
  const [name, setName] = useState("Ana Silva");
  const [channel, setChannel] = useState("web");
  const [given, setGiven] = useState<Given>({});
  const [searched] = useDebouncedValue(typed, 250);
  const { data } = useSWR<{ contacts: Contact[] }>(`/triggers/contacts${query({ q: searched })}`);
  const [sample, setSample] = useState<Sample | Error | null>(null);
  const fields = dataFields(trigger);
  const asked = JSON.stringify({
    message: trigger.first_message ?? "",
    subject: trigger.subject ?? "",
    data: fields.values(given),
    channel,
    ...(who === MADE_UP ? { contact: { name: name.trim() || null, email: "ana@example.com" } } : { contact_id: who }),
  });
  const [settled] = useDebouncedValue(asked, 300);
  useEffect(() => {
    let stale = false;
    post<Sample>(`/procedures/${bench.id}/first-message`, JSON.parse(settled)).then(
      (answer) => stale || setSample(answer),
      (problem: Error) => stale || setSample(problem),
    );
    return () => {
      stale = true;
    };
  }, [settled, bench.id]);
  const contacts = data?.contacts ?? [];
  const options = [{ value: MADE_UP, label: "Somebody made up" }, ...contacts.map((one) => ({ value: one.id, label: [one.name, one.external_id].filter(Boolean).join(", ") }))];
  const problem = sample instanceof Error ? sample.message : sample?.problem;
  const mail = channel === "email" && sample && !(sample instanceof Error) ? sample.mail : null;
  return (
    <div className="stack">
      <div className="fields">
        <Select size="sm" label="Contact" searchable data={options} filter={({ options: all }) => all} value={who} allowDeselect={false} onSearchChange={(text) => setTyped(options.some((one) => one.label === text) ? "" : text)} onChange={(chosen) => setWho(chosen ?? MADE_UP)} />
        {who === MADE_UP && <TextInput size="sm" label="Their name" placeholder="Not known" value={name} onChange={(event) => setName(event.currentTarget.value)} />}
      </div>
      {fields.inputs(given, setGiven)}
      {trigger.kind === "api_call" && (
        <SegmentedControl
          size="xs"
          aria-label="Channel"
          value={channel}
          onChange={setChannel}
          data={[
            { value: "web", label: "On the website" },
            { value: "email", label: "By email" },
          ]}
        />
      )}
      <div className={channel === "email" ? "seen seen-mail" : "seen"} role="group" aria-label="First message as a contact sees it" aria-busy={sample === null}>
        {problem ? (
          <p className="step-problem step-warning">
            <Icon name="warning" size={16} /> {problem}
          </p>
        ) : (
          sample && !(sample instanceof Error) && (channel === "email" ? mail && <MailSeen mail={mail} /> : <div className="seen-bubble" dangerouslySetInnerHTML={{ __html: sample.html }} />)
        )}
      </div>
    </div>
  );
}

/** A mail as a mail program shows it. It is written by what writes our mails, and shown where nothing of it can run. */
function MailSeen({ mail }: { mail: Mail }) {
  return (
    <>
      {mail.problem && (
        <p className="step-problem step-warning">
          <Icon name="warning" size={16} /> It would not leave: {mail.problem}
        </p>
      )}
      <dl className="seen-head">
        <dt>From</dt>
        <dd>{mail.sender || "Not known yet"}</dd>
        <dt>To</dt>
        <dd>{mail.to || "Not known yet"}</dd>
        <dt>Subject</dt>
        <dd className="strong">{mail.subject}</dd>
      </dl>
      <iframe className="seen-page" title="The mail as a mail program shows it" sandbox="" srcDoc={mail.html} />
      <details className="advanced">
        <summary>The same mail as text</summary>
        <pre className="seen-text" tabIndex={0} role="region" aria-label="The mail as text">
          {mail.text}
        </pre>
      </details>
      {mail.unsubscribe && <p className="meta">Mail programs also offer “Unsubscribe” beside the sender.</p>}
    </>
  );
}

import { Button, TextInput } from "@mantine/core";
import { useState } from "react";
import { Section } from "../../../ui/Page";
import { Problem } from "../../../ui/states";
import { useKeep, type EmailPart } from "./api";
import { FixedBy, fieldsOf, ServerForm } from "./Server";

const WAYS = [
  { value: "smtp+starttls", label: "STARTTLS (587)" },
  { value: "smtps", label: "TLS (465)" },
  { value: "smtp", label: "None, on this machine" },
];
const SHOWN = ["sender", "sender.name", "sender.address", "relay", "relay.host", "relay.security", "relay.port", "relay.user", "relay.password"];

export function Sending({ email, may, changed }: EmailPart) {
  const [sender, setSender] = useState(email.sender ?? { name: "", address: "" });
  const [relay, setRelay] = useState(() => fieldsOf(email.relay, "smtp+starttls"));
  const { problem, busy, wrong, keep } = useKeep(changed);
  const { fixed } = email;
  const mayChange = may && !(fixed.sender && fixed.relay);

  async function send(event: React.FormEvent) {
    event.preventDefault();
    const values: Record<string, unknown> = {};
    if (!fixed.sender) values.sender = sender;
    if (!fixed.relay) values.relay = relay;
    if (await keep(values, "Saved. Send a test mail to see whether it arrives.")) setRelay((before) => ({ ...before, password: "" }));
  }

  return (
    <Section title="How mails leave" lead="Who they come from, and the mail server that takes them.">
      <form className="stack" onSubmit={send}>
        <FixedBy variable={fixed.sender} />
        <div className="fields">
          <TextInput label="Sender's name" placeholder="Acme" readOnly={!may || !!fixed.sender} value={sender.name} error={wrong("sender.name")} onChange={(event) => setSender({ ...sender, name: event.currentTarget.value })} />
          <TextInput
            label="Sender's address"
            placeholder="help@acme.example"
            inputMode="email"
            readOnly={!may || !!fixed.sender}
            value={sender.address}
            error={wrong("sender.address") ?? wrong("sender")}
            onChange={(event) => setSender({ ...sender, address: event.currentTarget.value })}
          />
        </div>
        <FixedBy variable={fixed.relay} />
        <ServerForm place="relay" ways={WAYS} kept={email.relay} fields={relay} set={(some) => setRelay({ ...relay, ...some })} wrong={wrong} readOnly={!may || !!fixed.relay} example="smtp.acme.example" />
        {problem && !(problem.field && SHOWN.includes(problem.field)) && <Problem error={problem} />}
        {mayChange && (
          <div>
            <Button type="submit" loading={busy}>
              Save
            </Button>
          </div>
        )}
      </form>
    </Section>
  );
}

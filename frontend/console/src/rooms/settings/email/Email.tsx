import { Button, Modal } from "@mantine/core";
import { useState } from "react";
import { Route, Switch } from "wouter";
import { call } from "../../../api";
import { useSession } from "../../../session/session";
import { Icon } from "../../../ui/icons";
import { Section } from "../../../ui/Page";
import { Subnav } from "../../../ui/Subnav";
import { done, failed } from "../../../ui/undo";
import { useRead } from "../../../ui/useRead";
import { Toggle } from "../Choices";
import type { Part } from "../Settings";
import { Answers } from "./Answers";
import type { EmailPart, EmailState } from "./api";
import { Records } from "./Records";
import { Sending } from "./Sending";
import { TestMail } from "./TestMail";
import { TryMail } from "./TryMail";
import { Unsent } from "./Unsent";
import "./email.css";

/** Everything about mail: how it leaves, how answers come in, and what did not leave. */
export function Email(settings: Part) {
  const { data, mutate, instead } = useRead<EmailState>("/email", "email");
  const session = useSession();
  if (!data) return instead;
  const part: EmailPart = { email: data, may: session.may("settings.write"), changed: (next) => void mutate(next, false) };
  const unsent = (data.counts.dead ?? 0) + (data.counts.unsure ?? 0);
  return (
    <>
      <p className={data.sends ? "notice notice-mild" : "notice"} role="status">
        <Icon name={data.sends ? "check" : "info"} size={16} className={data.sends ? "moss still" : "still"} />
        <span className="grow">
          {data.sends ? `Mails leave as ${data.sender?.address}. ${data.counts.sent ?? 0} sent to contacts.` : "Email is not set up. Triggers reach contacts in the messenger only."}
        </span>
      </p>
      {data.locked && <Locked part={part} />}
      <Subnav
        label="Email"
        pages={[
          { path: "/email", label: "Sending" },
          { path: "/email/answers", label: "Answers" },
          { path: "/email/unsent", label: unsent ? `Not sent (${unsent})` : "Not sent" },
        ]}
      />
      <Switch>
        <Route path="/email/answers">
          <Answers {...part} />
          {part.may && <TryMail />}
        </Route>
        <Route path="/email/unsent">
          <Unsent may={part.may} changed={() => void mutate()} />
        </Route>
        <Route>
          <Sending {...part} />
          {data.sends && part.may && <TestMail />}
          <Records {...part} />
          <Section title="Who left the messenger">
            <Toggle
              {...settings}
              name="continue_by_email"
              label="Go on by mail"
              description="On: a contact who left the messenger gets what was said since as a mail, where your system told us of their address; their answer comes back into the same conversation. Off: it waits for them in the messenger."
            />
          </Section>
          {data.kept && part.may && !data.locked && <Remove part={part} />}
        </Route>
      </Switch>
    </>
  );
}

/** What is kept was sealed with a key that is not here. */
function Locked({ part }: { part: EmailPart }) {
  return (
    <div className="notice banner-wrong" role="alert">
      <Icon name="warning" size={16} />
      <span className="grow">What is kept of email cannot be read here. {part.email.locked}</span>
      {part.may && <Remove part={part} label="Begin anew" />}
    </div>
  );
}

function Remove({ part, label = "Remove this set-up" }: { part: EmailPart; label?: string }) {
  const [asking, setAsking] = useState(false);
  async function remove() {
    try {
      part.changed(await call<EmailState>("DELETE", "/email"));
      done("Nothing about email is kept here any more.");
      setAsking(false);
    } catch (error) {
      failed(error);
    }
  }
  return (
    <>
      <div>
        <Button variant="subtle" color="red" onClick={() => setAsking(true)}>
          {label}
        </Button>
      </div>
      <Modal opened={asking} onClose={() => setAsking(false)} title="Remove how email is set up?">
        <div className="stack">
          <p>The server, the mailbox, their passwords, the inbound secret and the DKIM key go. Mails that wait stay, and leave once email is set up again. This cannot be taken back.</p>
          <Button color="red" onClick={() => void remove()}>
            Remove it all
          </Button>
        </div>
      </Modal>
    </>
  );
}

import { Badge, Button, Modal, TextInput } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { post, type Refused } from "../../../api";
import { ShownOnce, useOnce } from "../../developers/Once";
import { Snippet } from "../../../ui/Copy";
import { Section } from "../../../ui/Page";
import { Problem } from "../../../ui/states";
import { done, failed } from "../../../ui/undo";
import { When } from "../../../ui/When";
import { useKeep, type EmailPart, type EmailState } from "./api";
import { FixedBy, fieldsOf, ServerForm } from "./Server";

const WAYS = [
  { value: "imaps", label: "TLS (993)" },
  { value: "imap+starttls", label: "STARTTLS (143)" },
  { value: "imap", label: "None, on this machine" },
];
const BECAME: Record<string, string> = {
  message: "a message of a contact",
  participant: "words of somebody else in a conversation",
  event: "an event, not a reply",
  refused: "nothing: nobody can be believed to have written it",
};

/** Where answers go, and the ways in which they come here. */
export function Answers(part: EmailPart) {
  const { email } = part;
  const open = email.mailbox !== null || email.inbound_smtp !== null || email.inbound_secret;
  return (
    <>
      <Address {...part} />
      <p className={open ? "notice notice-mild" : "notice"}>
        {open ? (
          email.received ? (
            <span>
              The last mail came in <When at={email.received.at} />, and became {BECAME[email.received.came_to] ?? email.received.came_to}.
            </span>
          ) : (
            "No mail has come in yet. Answer a test of your own, and it shows here."
          )
        ) : (
          "Nothing takes answers in yet. Choose one of the three ways; a mailbox is the simplest."
        )}
      </p>
      <MailboxWay {...part} />
      <ListenerWay {...part} />
      <EndpointWay {...part} />
    </>
  );
}

function Address({ email, may, changed }: EmailPart) {
  const [domain, setDomain] = useState(email.reply_domain ?? "");
  const [server, setServer] = useState(email.authserv_id ?? "");
  const { problem, busy, wrong, keep } = useKeep(changed);
  const { fixed } = email;
  async function send(event: React.FormEvent) {
    event.preventDefault();
    const values: Record<string, unknown> = {};
    if (!fixed.reply_domain) values.reply_domain = domain;
    if (!fixed.authserv_id) values.authserv_id = server;
    await keep(values);
  }
  return (
    <Section
      title="Where answers go"
      lead={
        email.domain ? (
          <>
            To <code>reply+…@{email.domain}</code>: each conversation has a signed address of its own there. All mail to <code>reply+…</code> has to reach one place.
          </>
        ) : (
          "To an address of their own for each conversation, at the reply domain."
        )
      }
    >
      <form className="stack" onSubmit={send}>
        <FixedBy variable={fixed.reply_domain} />
        <TextInput
          label="Reply domain"
          description="Empty: the sender's own domain. One of its own, as reply.acme.example, leaves your other mail alone."
          placeholder={email.sender?.address.split("@")[1] ?? "reply.acme.example"}
          readOnly={!may || !!fixed.reply_domain}
          value={domain}
          error={wrong("reply_domain")}
          onChange={(event) => setDomain(event.currentTarget.value)}
        />
        <FixedBy variable={fixed.authserv_id} />
        <TextInput
          label="The mail server whose word on senders is believed"
          description="As it names itself in Authentication-Results. With it a forged sender never speaks for a contact, and a contact is known by their address also when they begin. Empty: nobody's."
          placeholder="mx.acme.example"
          readOnly={!may || !!fixed.authserv_id}
          value={server}
          error={wrong("authserv_id")}
          onChange={(event) => setServer(event.currentTarget.value)}
        />
        {!problem?.field && <Problem error={problem} />}
        {may && !(fixed.reply_domain && fixed.authserv_id) && (
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

function Way({ title, lead, on, children }: { title: string; lead: string; on: boolean; children: ReactNode }) {
  return (
    <Section
      title={title}
      lead={lead}
      actions={
        <Badge variant="light" className={on ? "badge-good" : "badge-plain"}>
          {on ? "on" : "off"}
        </Badge>
      }
    >
      {children}
    </Section>
  );
}

function MailboxWay({ email, may, changed }: EmailPart) {
  const [fields, setFields] = useState(() => ({ ...fieldsOf(email.mailbox, "imaps"), folder: email.mailbox?.folder ?? "" }));
  const [found, setFound] = useState<string | Error | null>(null);
  const [busy, setBusy] = useState(false);
  const { problem, busy: saving, wrong, keep } = useKeep(changed);
  const fixed = email.fixed.mailbox;
  async function send(event: React.FormEvent) {
    event.preventDefault();
    setFound(null);
    if (await keep({ mailbox: fields }, "Saved. The mailbox is looked into within half a minute.")) setFields((before) => ({ ...before, password: "" }));
  }
  async function look() {
    setBusy(true);
    setFound(null);
    try {
      const waiting = (await post<{ new: number }>("/email/mailbox/test")).new;
      setFound(waiting === 0 ? "It opens, and no new mail waits in it." : `It opens. ${waiting} new ${waiting === 1 ? "mail waits" : "mails wait"} in it.`);
    } catch (error) {
      setFound(error as Error);
    }
    setBusy(false);
  }
  return (
    <Way title="A mailbox that Overture reads" lead="By IMAP, at once where the server tells of new mail. A mail that is safe here is marked as seen there." on={email.mailbox !== null}>
      <form className="stack" onSubmit={send}>
        <FixedBy variable={fixed} />
        <ServerForm place="mailbox" ways={WAYS} kept={email.mailbox} fields={fields} set={(some) => setFields({ ...fields, ...some })} wrong={wrong} readOnly={!may || !!fixed} example="imap.acme.example" />
        <TextInput label="Folder" placeholder="INBOX" readOnly={!may || !!fixed} value={fields.folder} error={wrong("mailbox.folder")} onChange={(event) => setFields({ ...fields, folder: event.currentTarget.value })} />
        {problem && !problem.field?.startsWith("mailbox") && <Problem error={problem} />}
        {may && (
          <div className="row">
            {!fixed && (
              <Button type="submit" loading={saving}>
                Save the mailbox
              </Button>
            )}
            {email.mailbox && (
              <Button variant="default" loading={busy} onClick={() => void look()}>
                Look into it now
              </Button>
            )}
            {email.mailbox && !fixed && (
              <Button
                variant="subtle"
                color="red"
                onClick={() =>
                  void keep({ mailbox: null }, "The mailbox is no longer read.").then((went) => {
                    if (went) setFields({ ...fieldsOf(null, "imaps"), folder: "" });
                  })
                }
              >
                Stop reading it
              </Button>
            )}
          </div>
        )}
        <div role="status">{typeof found === "string" && <p className="moss">{found}</p>}</div>
        {found instanceof Error && <Problem error={found} />}
      </form>
    </Way>
  );
}

function ListenerWay({ email, may, changed }: EmailPart) {
  const [place, setPlace] = useState(email.inbound_smtp ?? "");
  const { problem, busy, wrong, keep } = useKeep(changed);
  const fixed = email.fixed.inbound_smtp;
  const domain = email.domain ?? "reply.acme.example";
  return (
    <Way title="Overture listens itself" lead="By SMTP and LMTP, behind your own mail server: this port has no TLS and asks for no password, so the world must not reach it." on={email.inbound_smtp !== null}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void keep({ inbound_smtp: place }, place.trim() ? "Saved. It listens within a quarter of a minute." : "It no longer listens.");
        }}
      >
        <FixedBy variable={fixed} />
        <TextInput label="Listen on" description="Address and port of this machine. Empty: it does not listen." placeholder="127.0.0.1:2525" readOnly={!may || !!fixed} value={place} error={wrong("inbound_smtp")} onChange={(event) => setPlace(event.currentTarget.value)} />
        {problem?.field !== "inbound_smtp" && <Problem error={problem} />}
        {may && !fixed && (
          <div>
            <Button type="submit" loading={busy} disabled={place.trim() === (email.inbound_smtp ?? "")}>
              Save the listener
            </Button>
          </div>
        )}
        {email.inbound_smtp && (
          <>
            <p className="meta">In Postfix, a line in the transport map hands the answers on; other servers have the like.</p>
            <Snippet what="the line for Postfix" text={`${domain}    lmtp:inet:${email.inbound_smtp}`} />
          </>
        )}
      </form>
    </Way>
  );
}

function EndpointWay({ email, may, changed }: EmailPart) {
  const [once, show, close] = useOnce();
  const [asking, setAsking] = useState(false);
  const { keep } = useKeep(changed);
  const fixed = email.fixed.inbound_secret;
  async function make() {
    setAsking(false);
    try {
      const made = await post<{ secret: string; email: EmailState }>("/email/inbound-secret");
      changed(made.email);
      show(made.secret);
    } catch (error) {
      failed(error as Refused);
    }
  }
  return (
    <Way title="A provider or a script hands mails in" lead="Each mail as it came, signed with a secret that both know." on={email.inbound_secret}>
      <FixedBy variable={fixed} />
      <p className="meta">This is what a script beside a mail server does with a mail on its standard input:</p>
      <Snippet
        what="a script that hands a mail in"
        text={[
          "mail=$(mktemp); cat > $mail",
          'signature=$(openssl dgst -sha256 -hmac "$OVERTURE_INBOUND_SECRET" -r $mail | cut -d " " -f 1)',
          `curl --fail -X POST ${email.inbound_url} \\`,
          '  -H "Content-Type: message/rfc822" \\',
          '  -H "X-Overture-Signature: sha256=$signature" \\',
          "  --data-binary @$mail",
        ].join("\n")}
      />
      {may && !fixed && (
        <div className="row">
          <Button variant="default" onClick={() => (email.inbound_secret ? setAsking(true) : void make())}>
            {email.inbound_secret ? "Replace the secret" : "Make the secret"}
          </Button>
          {email.inbound_secret && (
            <Button variant="subtle" color="red" onClick={() => void keep({ inbound_secret: null }, "Nobody can hand mails in any more.")}>
              Remove it
            </Button>
          )}
        </div>
      )}
      <Modal opened={asking} onClose={() => setAsking(false)} title="Replace the secret?">
        <div className="stack">
          <p>The one before ends at once: whoever signs with it is refused until they have the new one.</p>
          <Button color="red" onClick={() => void make()}>
            Replace it
          </Button>
        </div>
      </Modal>
      <ShownOnce
        title="The inbound secret"
        what="the inbound secret"
        secret={once}
        close={() => {
          close();
          done("Mails that are signed with it are taken from now on.");
        }}
      />
    </Way>
  );
}

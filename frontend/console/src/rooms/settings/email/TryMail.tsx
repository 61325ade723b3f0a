import { Button, Textarea } from "@mantine/core";
import { useRef, useState } from "react";
import { Link } from "wouter";
import { post, type Refused } from "../../../api";
import { Section } from "../../../ui/Page";
import { Problem } from "../../../ui/states";

interface Foreseen {
  kind: string;
  kind_reason: string | null;
  came_to: string;
  reason: string;
  conversation_id: string | null;
  begins_conversation: boolean;
  from: string;
  dmarc: string;
  attachments: number;
  text: string;
}

const BECOMES: Record<string, string> = {
  message: "A message of the contact: the agent answers it.",
  participant: "Words of somebody else: the team sees them, and they move nothing.",
  event: "An event in the conversation. It does not count as a reply.",
  refused: "Nothing. Nobody can be believed to have written it.",
  again: "Nothing new: it was taken before.",
};
const SAMPLE = "From: Ana <ana@home.example>\nTo: help@acme.example\nSubject: Re: Your order\n\nI'd rather have my money back.\n\nOn Mon, 2 Mar 2026 at 10:00, Acme wrote:\n> Do you want to wait?\n";

/** What would become of a mail, and why. Nothing is kept. */
export function TryMail() {
  const file = useRef<HTMLInputElement>(null);
  const [raw, setRaw] = useState("");
  const [found, setFound] = useState<Foreseen | null>(null);
  const [problem, setProblem] = useState<Refused | null>(null);
  const [busy, setBusy] = useState(false);

  async function look(mail: Blob) {
    setBusy(true);
    setFound(null);
    try {
      setFound(await post<Foreseen>("/email/receive-test", mail));
      setProblem(null);
    } catch (error) {
      setProblem(error as Refused);
    }
    setBusy(false);
  }

  return (
    <Section title="What would become of a mail?" lead="Paste one with its headers, as “Show original” gives it, or choose a saved .eml file. It is not taken, and nobody hears of it.">
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void look(new Blob([raw.replace(/\r?\n/g, "\r\n")]));
        }}
      >
        <Textarea label="The mail" autosize minRows={5} maxRows={16} classNames={{ input: "mono" }} placeholder={SAMPLE} value={raw} error={problem?.field === "mail" ? problem.message : undefined} onChange={(event) => setRaw(event.currentTarget.value)} />
        <div className="row">
          <Button type="submit" variant="default" loading={busy} disabled={!raw.trim()}>
            Say what becomes of it
          </Button>
          <Button variant="subtle" onClick={() => file.current?.click()}>
            Choose a file
          </Button>
          {!raw && (
            <Button variant="subtle" onClick={() => setRaw(SAMPLE)}>
              Use the sample
            </Button>
          )}
        </div>
        <input
          ref={file}
          type="file"
          accept=".eml,message/rfc822,text/plain"
          hidden
          onChange={(event) => {
            const one = event.currentTarget.files?.[0];
            event.currentTarget.value = "";
            if (one) void look(new Blob([one]));
          }}
        />
      </form>
      {problem?.field !== "mail" && <Problem error={problem} />}
      <div role="status">
        {found && (
          <div className="stack">
            <p className="strong">{BECOMES[found.came_to] ?? found.came_to}</p>
            <dl className="facts">
              <dt>Why</dt>
              <dd>
                {found.kind_reason ? `${found.kind_reason} ` : ""}
                {found.reason}
              </dd>
              <dt>From</dt>
              <dd>
                {found.from || "no address"}
                <span className="quiet"> (DMARC: {found.dmarc})</span>
              </dd>
              <dt>Conversation</dt>
              <dd>{found.begins_conversation ? "a new one" : found.conversation_id ? <Link href={`~/console/inbox/${found.conversation_id}`}>{found.conversation_id}</Link> : "none"}</dd>
              <dt>Files</dt>
              <dd className="numbers">{found.attachments}</dd>
            </dl>
            <p className="meta">The new words{found.text ? ":" : ": none."}</p>
            {found.text && (
              <pre className="snippet" tabIndex={0} aria-label="the new words">
                {found.text}
              </pre>
            )}
          </div>
        )}
      </div>
    </Section>
  );
}

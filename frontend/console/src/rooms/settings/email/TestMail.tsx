import { Button, TextInput } from "@mantine/core";
import { useState } from "react";
import { post, type Refused } from "../../../api";
import { useSession } from "../../../session/session";
import { Icon } from "../../../ui/icons";
import { Section } from "../../../ui/Page";
import { Problem } from "../../../ui/states";

interface Trial {
  taken: boolean;
  said: string;
  advice: string | null;
  steps: { name: string; state: "done" | "failed" | "not_reached"; said: string }[];
}

const MARKS = { done: "Done", failed: "Failed", not_reached: "Not tried" } as const;

/** A mail that says what the server says. */
export function TestMail() {
  const { me } = useSession();
  const [to, setTo] = useState(me.email);
  const [trial, setTrial] = useState<{ to: string; found: Trial } | null>(null);
  const [problem, setProblem] = useState<Refused | null>(null);
  const [busy, setBusy] = useState(false);

  async function send(event: React.FormEvent) {
    event.preventDefault();
    setBusy(true);
    setTrial(null);
    try {
      setTrial({ to, found: await post<Trial>("/email/test", { to }) });
      setProblem(null);
    } catch (error) {
      setProblem(error as Refused);
    }
    setBusy(false);
  }

  return (
    <Section title="Send a test mail" lead="A real mail by the server above, and what the server says of it.">
      <form className="filters" onSubmit={send}>
        <TextInput className="grow" label="Send it to" value={to} error={problem?.field === "to" ? problem.message : undefined} onChange={(event) => setTo(event.currentTarget.value)} />
        <Button type="submit" variant="default" loading={busy} disabled={!to.trim()}>
          Send the test mail
        </Button>
      </form>
      {problem?.field !== "to" && <Problem error={problem} />}
      <div role="status">
        {busy && <p className="meta">Talking to the server. That can take half a minute.</p>}
        {trial && (
          <div className="stack">
            <ol className="trial" aria-label="What was done">
              {trial.found.steps.map((step) => (
                <li key={step.name} className={`trial-${step.state}`}>
                  <span role="img" aria-label={MARKS[step.state]}>
                    {step.state === "not_reached" ? "–" : <Icon name={step.state === "done" ? "check" : "close"} size={16} />}
                  </span>
                  <div>
                    {step.name}
                    {step.said && <p className="mono">{step.said}</p>}
                  </div>
                </li>
              ))}
            </ol>
            <p className={trial.found.taken ? "moss" : "rust"}>
              {trial.found.taken ? `The server took it. Look into the mailbox of ${trial.to}, and whether it went to spam there.` : `It did not leave. ${trial.found.advice ?? ""}`}
            </p>
          </div>
        )}
      </div>
    </Section>
  );
}

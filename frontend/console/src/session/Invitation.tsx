import { Button, PasswordInput } from "@mantine/core";
import { useEffect, useState } from "react";
import { post, Refused } from "../api";
import { Loading, Problem } from "../ui/states";
import { Frame } from "./Frame";
import type { SessionAnswer } from "./session";

/** Somebody opened the link of an invitation; its code stands after the #, so that no log ever sees it. */
export function Invitation({ done }: { done: (answer: SessionAnswer) => void }) {
  const [code] = useState(() => location.hash.slice(1));
  const [who, setWho] = useState<{ name: string; email: string } | null>(null);
  const [password, setPassword] = useState("");
  const [problem, setProblem] = useState<Refused | null>(null);
  const [busy, setBusy] = useState(false);

  useEffect(() => {
    post<{ name: string; email: string }>("/invitation/look", { code }).then(setWho, setProblem);
  }, [code]);

  async function send(event: React.FormEvent) {
    event.preventDefault();
    setBusy(true);
    try {
      const answer = await post<SessionAnswer>("/invitation", { code, password });
      history.replaceState(null, "", "/console/home");
      done(answer);
    } catch (error) {
      setProblem(error as Refused);
      setBusy(false);
    }
  }

  if (!who && !problem) return <Loading what="your invitation" whole />;
  return (
    <Frame title={who ? `Welcome, ${who.name}` : "This link does not work"}>
      {who ? (
        <form onSubmit={send} className="stack">
          <p className="quiet">Choose a password for {who.email}.</p>
          <PasswordInput
            label="Password"
            description="At least 10 characters. A few unrelated words are good."
            autoComplete="new-password"
            required
            withAsterisk={false}
            autoFocus
            visibilityToggleButtonProps={{ "aria-label": "Show the password" }}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            error={problem?.field === "password" ? problem.message : undefined}
          />
          {problem?.field !== "password" && <Problem error={problem} />}
          <Button type="submit" loading={busy}>
            Go to the console
          </Button>
        </form>
      ) : (
        <Problem error={problem} />
      )}
    </Frame>
  );
}

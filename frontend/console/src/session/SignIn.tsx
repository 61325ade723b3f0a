import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useState } from "react";
import { post, Refused } from "../api";
import { Problem } from "../ui/states";
import { Frame } from "./Frame";
import type { SessionAnswer } from "./session";

export function SignIn({ workspace, done }: { workspace: string; done: (answer: SessionAnswer) => void }) {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [needsCode, setNeedsCode] = useState(false);
  const [problem, setProblem] = useState<Refused | null>(null);
  const [busy, setBusy] = useState(false);

  async function send(event: React.FormEvent) {
    event.preventDefault();
    setBusy(true);
    try {
      done(await post<SessionAnswer>("/session", { email, password, ...(needsCode ? { code } : {}) }));
    } catch (error) {
      const refused = error as Refused;
      if (refused.code === "code_needed") setNeedsCode(true);
      setProblem(refused.code === "code_needed" ? null : refused);
      setBusy(false);
    }
  }

  return (
    <Frame title={`Sign in to ${workspace}`}>
      <form onSubmit={send} className="stack">
        <TextInput
          label="Email"
          type="email"
          autoComplete="username"
          required
          withAsterisk={false}
          autoFocus
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <PasswordInput
          label="Password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          visibilityToggleButtonProps={{ "aria-label": "Show the password" }}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        {needsCode && (
          <TextInput
            label="Code"
            description="Six digits from your authenticator app, or a recovery code."
            autoComplete="one-time-code"
            required
            withAsterisk={false}
            autoFocus
            value={code}
            onChange={(event) => setCode(event.currentTarget.value)}
          />
        )}
        <Problem error={problem} />
        <Button type="submit" loading={busy}>
          Sign in
        </Button>
        <p className="meta">Forgot the password? An owner can send you a new link, from Settings → People.</p>
      </form>
    </Frame>
  );
}

import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useState } from "react";
import { post, type Refused } from "../api";
import { Problem } from "../ui/states";
import { Frame } from "./Frame";
import type { SessionAnswer } from "./session";

/** The very first page of a new installation. */
export function FirstOwner({ done }: { done: (answer: SessionAnswer) => void }) {
  const [fields, setFields] = useState({ name: "", email: "", password: "" });
  const [problem, setProblem] = useState<Refused | null>(null);
  const [busy, setBusy] = useState(false);
  const set = (name: keyof typeof fields) => (event: React.ChangeEvent<HTMLInputElement>) =>
    setFields((before) => ({ ...before, [name]: event.target.value }));
  const wrong = (name: string) => (problem?.field === name ? problem.message : undefined);

  async function send(event: React.FormEvent) {
    event.preventDefault();
    setBusy(true);
    try {
      done(await post<SessionAnswer>("/first-owner", fields));
    } catch (error) {
      setProblem(error as Refused);
      setBusy(false);
    }
  }

  return (
    <Frame title="Welcome. Who are you?">
      <p className="quiet">You will be the owner of this workspace. You can invite others afterwards.</p>
      <form onSubmit={send} className="stack">
        <TextInput label="Your name" autoComplete="name" required withAsterisk={false} autoFocus value={fields.name} onChange={set("name")} error={wrong("name")} />
        <TextInput label="Email" type="email" autoComplete="username" required withAsterisk={false} value={fields.email} onChange={set("email")} error={wrong("email")} />
        <PasswordInput label="Password" description="At least 10 characters. A few unrelated words are good." autoComplete="new-password" required withAsterisk={false} visibilityToggleButtonProps={{ "aria-label": "Show the password" }} value={fields.password} onChange={set("password")} error={wrong("password")} />
        {!problem?.field && <Problem error={problem} />}
        <Button type="submit" loading={busy}>
          Create the owner
        </Button>
      </form>
    </Frame>
  );
}

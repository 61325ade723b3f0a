import { Button, Modal, PasswordInput, TextInput } from "@mantine/core";
import { useState } from "react";
import { post, type Refused } from "../../api";
import { Snippet } from "../../ui/Copy";
import { focusFirst } from "../../ui/focusFirst";
import { Page, Section } from "../../ui/Page";
import { Problem } from "../../ui/states";
import { Table } from "../../ui/Table";
import { done, failed } from "../../ui/undo";
import { When } from "../../ui/When";
import { useRead } from "../../ui/useRead";

interface Mine {
  name: string;
  email: string;
  role: string;
  two_step: boolean;
  recovery_codes_left: number;
  sessions: { agent: string; since: string; used_at: string; this: boolean }[];
}

export default function Account() {
  const { data, mutate, instead } = useRead<Mine>("/account", "your account");
  if (!data) return instead;
  const again = () => void mutate();
  return (
    <Page title="Your account" lead={`${data.name}, ${data.email}. Your role is ${data.role}.`}>
      <Password />
      <TwoStep on={data.two_step} left={data.recovery_codes_left} changed={again} />
      <Section
        title="Where you are signed in"
        actions={
          data.sessions.length > 1 && (
            <Button
              variant="default"
              onClick={() =>
                post<{ ended: number }>("/account/sign-out-everywhere").then((answer) => {
                  done(`Signed out in ${answer.ended} other ${answer.ended === 1 ? "place" : "places"}.`);
                  again();
                }, failed)
              }
            >
              Sign out everywhere else
            </Button>
          )
        }
      >
        <Table
          label="Where you are signed in"
          rows={data.sessions}
          id={(row) => row.since + row.agent}
          columns={[
            { title: "Browser", cell: (row) => (row.this ? `${browser(row.agent)} (this one)` : browser(row.agent)) },
            { title: "Last used", cell: (row) => <When at={row.used_at} /> },
            { title: "Since", cell: (row) => <When at={row.since} />, wide: true },
          ]}
        />
      </Section>
    </Page>
  );
}

function Password() {
  const [fields, setFields] = useState({ current_password: "", password: "" });
  const [problem, setProblem] = useState<Refused | null>(null);
  const wrong = (name: string) => (problem?.field === name ? problem.message : undefined);
  async function send(event: React.FormEvent) {
    event.preventDefault();
    try {
      await post("/account/password", fields);
      setFields({ current_password: "", password: "" });
      setProblem(null);
      done("Your password is changed. Other browsers are signed out.");
    } catch (error) {
      setProblem(error as Refused);
    }
  }
  return (
    <Section title="Password">
      <form className="stack" onSubmit={send}>
        <PasswordInput label="Present password" autoComplete="current-password" visibilityToggleButtonProps={{ "aria-label": "Show the present password" }} value={fields.current_password} error={wrong("current_password")} onChange={(event) => setFields({ ...fields, current_password: event.currentTarget.value })} />
        <PasswordInput label="New password" description="At least 10 characters." autoComplete="new-password" visibilityToggleButtonProps={{ "aria-label": "Show the new password" }} value={fields.password} error={wrong("password")} onChange={(event) => setFields({ ...fields, password: event.currentTarget.value })} />
        {!problem?.field && <Problem error={problem} />}
        <div>
          <Button type="submit" disabled={!fields.current_password || !fields.password}>
            Change the password
          </Button>
        </div>
      </form>
    </Section>
  );
}

function TwoStep({ on, left, changed }: { on: boolean; left: number; changed: () => void }) {
  const [asking, setAsking] = useState<"on" | "off" | null>(null);
  const [offered, setOffered] = useState<{ secret: string; modules: number[][] } | null>(null);
  const [codes, setCodes] = useState<string[] | null>(null);
  const [typed, setTyped] = useState("");
  const [problem, setProblem] = useState<Refused | null>(null);

  function close() {
    setAsking(null);
    setOffered(null);
    setCodes(null);
    setTyped("");
    setProblem(null);
    changed();
  }

  async function send(event: React.FormEvent) {
    event.preventDefault();
    setProblem(null);
    try {
      if (asking === "off") {
        await post("/account/two-step/off", { current_password: typed });
        close();
        done("Two-step sign-in is off.");
      } else if (!offered) {
        setOffered(await post("/account/two-step", { current_password: typed }));
        setTyped("");
      } else {
        setCodes((await post<{ recovery_codes: string[] }>("/account/two-step/confirm", { code: typed })).recovery_codes);
      }
    } catch (error) {
      setProblem(error as Refused);
    }
  }

  return (
    <Section
      title="Two-step sign-in"
      lead={on ? `On. ${left} recovery codes are left.` : "Off. With it, signing in also asks for a code of your phone."}
      actions={
        <Button variant="default" onClick={() => setAsking(on ? "off" : "on")}>
          {on ? "Switch it off" : "Switch it on"}
        </Button>
      }
    >
      <Modal opened={asking !== null} onClose={close} title={asking === "off" ? "Switch two-step sign-in off" : "Switch two-step sign-in on"}>
        {codes ? (
          <div className="stack">
            <p>It is on. Keep these codes somewhere safe: each one signs you in once, if you lose your phone. They are shown this once.</p>
            <Snippet what="the recovery codes" text={codes.join("\n")} />
            <Button onClick={close}>I have kept them</Button>
          </div>
        ) : (
          <form className="stack" onSubmit={send}>
            {offered ? (
              <>
                <p>Read this with an authenticator app, then type the six digits that it shows.</p>
                <QrCode modules={offered.modules} />
                <p className="meta">
                  Or type the key yourself: <code>{offered.secret.replace(/(.{4})/g, "$1 ")}</code>
                </p>
                <TextInput {...focusFirst} label="Code" autoComplete="one-time-code" inputMode="numeric" value={typed} onChange={(event) => setTyped(event.currentTarget.value)} />
              </>
            ) : (
              <PasswordInput {...focusFirst} label="Your password" autoComplete="current-password" visibilityToggleButtonProps={{ "aria-label": "Show the password" }} value={typed} onChange={(event) => setTyped(event.currentTarget.value)} />
            )}
            <Problem error={problem} />
            <Button type="submit" disabled={!typed}>
              {offered ? "Switch it on" : asking === "off" ? "Switch it off" : "Go on"}
            </Button>
          </form>
        )}
      </Modal>
    </Section>
  );
}

function QrCode({ modules }: { modules: number[][] }) {
  const size = modules.length + 8;
  const path = modules.flatMap((row, y) => row.map((dot, x) => (dot ? `M${x + 4} ${y + 4}h1v1h-1z` : ""))).join("");
  return (
    <svg viewBox={`0 0 ${size} ${size}`} width={196} height={196} role="img" aria-label="QR code for your authenticator app" style={{ background: "#fff", borderRadius: 8, justifySelf: "center" }}>
      <path d={path} fill="#000" />
    </svg>
  );
}

/** The browser and the system, out of what a browser calls itself. */
export function browser(agent: string): string {
  const name = /Edg\//.test(agent) ? "Edge" : /Firefox\//.test(agent) ? "Firefox" : /Chrom(e|ium)\//.test(agent) ? "Chrome" : /Safari\//.test(agent) ? "Safari" : "A browser";
  const system = /iPhone|iPad/.test(agent) ? "iOS" : /Android/.test(agent) ? "Android" : /Mac OS/.test(agent) ? "macOS" : /Windows/.test(agent) ? "Windows" : /Linux/.test(agent) ? "Linux" : "";
  return system ? `${name} on ${system}` : name;
}

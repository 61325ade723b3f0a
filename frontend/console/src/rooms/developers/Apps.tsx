import { Badge, Button, Checkbox, Modal, TextInput } from "@mantine/core";
import { useState } from "react";
import { patch, post, remove, type Refused } from "../../api";
import { focusFirst } from "../../ui/focusFirst";
import { Section } from "../../ui/Page";
import { Problem } from "../../ui/states";
import { Table } from "../../ui/Table";
import { done, failed } from "../../ui/undo";
import { When } from "../../ui/When";
import type { Hub, Token } from "./Developers";
import { ShownOnce, useOnce } from "./Once";

export function Apps({ hub, changed }: { hub: Hub; changed: () => void }) {
  const [naming, setNaming] = useState<{ id: string | null; name: string } | null>(null);
  const [giving, setGiving] = useState<{ id: string; name: string } | null>(null);
  const [once, show, close] = useOnce();
  return (
    <>
      <div className="row">
        <Button onClick={() => setNaming({ id: null, name: "" })}>New app</Button>
        <span className="meta">An app is one program that calls the API; the rate limit counts by app.</span>
      </div>
      {hub.apps.map((app) => (
        <Section
          key={app.id}
          title={app.name}
          lead={<>App <span className="mono">{app.id}</span>, made <When at={app.created_at} /></>}
          actions={
            <span className="row">
              <Button variant="subtle" aria-label={`Rename ${app.name}`} onClick={() => setNaming({ id: app.id, name: app.name })}>
                Rename
              </Button>
              <Button variant="default" aria-label={`New token of ${app.name}`} onClick={() => setGiving(app)}>
                New token
              </Button>
            </span>
          }
        >
          {app.tokens.length === 0 ? (
            <p className="quiet">No token yet. A token lets a program start procedures, as a shop's order system does.</p>
          ) : (
            <Table
              label={`Tokens of ${app.name}`}
              rows={app.tokens}
              id={(row) => row.id}
              columns={[
                {
                  title: "Token",
                  cell: (row) => (
                    <>
                      <span className="strong">{row.name}</span>
                      <div className="meta mono">{row.hint ?? "made before its ends were kept"}</div>
                    </>
                  ),
                },
                { title: "Scopes", wide: true, cell: (row) => <span className="meta">{row.scopes.join(", ")}</span> },
                { title: "Last used", cell: (row) => <When at={row.last_used_at} none="not yet" /> },
                { title: "Actions", cell: (row) => <Revoke token={row} changed={changed} /> },
              ]}
            />
          )}
        </Section>
      ))}
      {naming && <NameApp start={naming} close={() => setNaming(null)} changed={changed} />}
      {giving && (
        <NewToken
          app={giving}
          scopes={hub.scopes}
          close={() => setGiving(null)}
          made={(secret) => {
            setGiving(null);
            show(secret);
            changed();
          }}
        />
      )}
      <ShownOnce title="Your access token" what="the access token" secret={once} close={close} />
    </>
  );
}

function Revoke({ token, changed }: { token: Token; changed: () => void }) {
  if (token.revoked_at) {
    return (
      <Badge variant="light" className="badge-bad">
        revoked
      </Badge>
    );
  }
  return (
    <Button
      size="compact-sm"
      variant="subtle"
      color="red"
      aria-label={`Revoke ${token.name}`}
      onClick={() =>
        remove(`/developers/tokens/${token.id}`).then(() => {
          changed();
          done(`“${token.name}” is refused from now on.`, () => {
            post(`/developers/tokens/${token.id}/restore`).then(changed, failed);
          });
        }, failed)
      }
    >
      Revoke
    </Button>
  );
}

function NameApp({ start, close, changed }: { start: { id: string | null; name: string }; close: () => void; changed: () => void }) {
  const [name, setName] = useState(start.name);
  const [problem, setProblem] = useState<Refused | null>(null);
  async function send(event: React.FormEvent) {
    event.preventDefault();
    try {
      await (start.id ? patch(`/developers/apps/${start.id}`, { name }) : post("/developers/apps", { name }));
      changed();
      close();
    } catch (error) {
      setProblem(error as Refused);
    }
  }
  return (
    <Modal opened onClose={close} title={start.id ? "Rename the app" : "New app"}>
      <form className="stack" onSubmit={send}>
        <TextInput {...focusFirst} label="What is it called?" placeholder="Order system" value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <Problem error={problem} />
        <Button type="submit" disabled={!name.trim()}>
          {start.id ? "Rename it" : "Make it"}
        </Button>
      </form>
    </Modal>
  );
}

function NewToken({ app, scopes, close, made }: { app: { id: string; name: string }; scopes: Hub["scopes"]; close: () => void; made: (secret: string) => void }) {
  const [name, setName] = useState("");
  const [chosen, setChosen] = useState(["write_conversations"]);
  const [problem, setProblem] = useState<Refused | null>(null);
  async function send(event: React.FormEvent) {
    event.preventDefault();
    try {
      made((await post<{ token: string }>(`/developers/apps/${app.id}/tokens`, { name, scopes: chosen })).token);
    } catch (error) {
      setProblem(error as Refused);
    }
  }
  return (
    <Modal opened onClose={close} title={`New token of ${app.name}`}>
      <form className="stack" onSubmit={send}>
        <TextInput {...focusFirst} label="Where will it be used?" placeholder="Production" value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <Checkbox.Group label="It may" value={chosen} onChange={setChosen}>
          <div className="stack">
            {scopes.map((scope) => (
              <Checkbox key={scope.name} value={scope.name} label={scope.may} description={scope.name} />
            ))}
          </div>
        </Checkbox.Group>
        <Problem error={problem} />
        <Button type="submit" disabled={!name.trim() || chosen.length === 0}>
          Make the token
        </Button>
      </form>
    </Modal>
  );
}

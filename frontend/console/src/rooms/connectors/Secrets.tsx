import { Badge, Button, Modal, PasswordInput, TextInput } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { put, remove, type Refused } from "../../api";
import { focusFirst } from "../../ui/focusFirst";
import { Page } from "../../ui/Page";
import { Empty, Problem } from "../../ui/states";
import { Table } from "../../ui/Table";
import { done, failed } from "../../ui/undo";
import { When } from "../../ui/When";
import { useRead } from "../../ui/useRead";

interface Row {
  name: string;
  from: "environment" | "store" | null;
  kept: boolean;
  updated_at: string | null;
  used_by: string[];
}

/** Secrets by name. They are set and replaced here, and never shown. */
export function Secrets({ nav }: { nav: ReactNode }) {
  const { data, mutate, instead } = useRead<{ secrets: Row[] }>("/secrets", "secrets");
  const [setting, setSetting] = useState<string | null>(null);
  if (!data) return instead;
  return (
    <Page title="Secrets" lead="What connectors sign in with. Kept encrypted, set by name, never shown again." actions={<Button onClick={() => setSetting("")}>Set a secret</Button>}>
      {nav}
      {data.secrets.length === 0 ? (
        <Empty icon="audit" title="No secret is set or asked for">
          A connector names its secret, as shop_api; the value is set here or in OVERTURE_SECRET_SHOP_API.
        </Empty>
      ) : (
        <div className="card">
          <Table
            label="Secrets"
            rows={data.secrets}
            id={(row) => row.name}
            columns={[
              { title: "Name", cell: (row) => <span className="mono">{row.name}</span> },
              { title: "Set", cell: (row) => <From from={row.from} /> },
              { title: "Since", wide: true, cell: (row) => <When at={row.updated_at} none="" /> },
              { title: "Used by", wide: true, cell: (row) => row.used_by.join(", ") || <span className="quiet">no connector</span> },
              {
                title: "Actions",
                cell: (row) => (
                  <span className="row">
                    <Button size="compact-sm" variant="default" onClick={() => setSetting(row.name)} aria-label={`${row.kept ? "Replace" : "Set"} ${row.name}`}>
                      {row.kept ? "Replace" : "Set"}
                    </Button>
                    {row.kept && (
                      <Button
                        size="compact-sm"
                        variant="subtle"
                        color="red"
                        aria-label={`Remove ${row.name}`}
                        onClick={() =>
                          remove(`/secrets/${row.name}`).then(() => {
                            done(`${row.name} is removed. Connectors that need it fail from now on.`);
                            void mutate();
                          }, failed)
                        }
                      >
                        Remove
                      </Button>
                    )}
                  </span>
                ),
              },
            ]}
          />
        </div>
      )}
      {setting !== null && <SetSecret name={setting} close={() => setSetting(null)} changed={() => void mutate()} />}
    </Page>
  );
}

export function From({ from }: { from: Row["from"] }) {
  if (from === "environment") return <Badge variant="light" className="badge-good">in the environment</Badge>;
  if (from === "store") return <Badge variant="light" className="badge-good">encrypted here</Badge>;
  return <Badge variant="light" className="badge-bad">not set</Badge>;
}

export function SetSecret({ name, close, changed }: { name: string; close: () => void; changed: () => void }) {
  const [called, setCalled] = useState(name);
  const [value, setValue] = useState("");
  const [problem, setProblem] = useState<Refused | null>(null);
  async function send(event: React.FormEvent) {
    event.preventDefault();
    try {
      await put(`/secrets/${encodeURIComponent(called)}`, { value });
      done(`The secret ${called} is set. It holds from the next call on.`);
      changed();
      close();
    } catch (error) {
      setProblem(error as Refused);
    }
  }
  return (
    <Modal opened onClose={close} title={name ? `Set ${name}` : "Set a secret"}>
      <form className="stack" onSubmit={send}>
        {!name && <TextInput {...focusFirst} label="Name" description="As connectors name it: small letters, digits and _." placeholder="shop_api" value={called} onChange={(event) => setCalled(event.currentTarget.value)} />}
        <PasswordInput {...(name ? focusFirst : {})} label="Value" description="Kept encrypted. Nobody sees it again, you neither." autoComplete="off" visibilityToggleButtonProps={{ "aria-label": "Show the value" }} value={value} onChange={(event) => setValue(event.currentTarget.value)} />
        <Problem error={problem} />
        <Button type="submit" disabled={!called.trim() || !value}>
          Set it
        </Button>
      </form>
    </Modal>
  );
}

import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { Route, Switch } from "wouter";
import { post, remove } from "../../api";
import { Page, Section } from "../../ui/Page";
import { Empty } from "../../ui/states";
import { Subnav } from "../../ui/Subnav";
import { Table } from "../../ui/Table";
import { done, failed } from "../../ui/undo";
import { When } from "../../ui/When";
import { useRead } from "../../ui/useRead";
import { Apps } from "./Apps";
import { ShownOnce, useOnce } from "./Once";
import { Requests } from "./Requests";
import { Webhooks } from "./Webhooks";

export interface Token {
  id: string;
  name: string;
  hint: string | null;
  scopes: string[];
  created_at: string;
  last_used_at: string | null;
  revoked_at: string | null;
}

export interface Hub {
  base_url: string;
  workspace: { app_id: string; enforce_identity: boolean };
  scopes: { name: string; may: string }[];
  apps: { id: string; name: string; created_at: string; tokens: Token[] }[];
  identity_secrets: { id: string; ends_with: string; created_at: string }[];
}

const PAGES = [
  { path: "/", label: "Apps and tokens" },
  { path: "/webhooks", label: "Webhooks" },
  { path: "/identity", label: "Identity" },
  { path: "/requests", label: "Requests" },
];

export default function Developers() {
  const { data, mutate, instead } = useRead<Hub>("/developers", "the Developer Hub");
  if (!data) return instead;
  const changed = () => void mutate();
  return (
    <Switch>
      <Route path="/">
        <Frame>
          <Apps hub={data} changed={changed} />
        </Frame>
      </Route>
      <Route path="/webhooks">
        <Frame>
          <Webhooks />
        </Frame>
      </Route>
      <Route path="/identity">
        <Frame>
          <Identity hub={data} changed={changed} />
        </Frame>
      </Route>
      <Route path="/requests">
        <Frame>
          <Requests apps={data.apps} />
        </Frame>
      </Route>
    </Switch>
  );
}

function Frame({ children }: { children: ReactNode }) {
  return (
    <Page
      title="Developer Hub"
      lead={
        <>
          For programs that call the API. <a href="/docs">The API's reference</a> and <a href="/openapi.json">openapi.json</a> are served here.
        </>
      }
    >
      <Subnav label="Developer Hub" pages={PAGES} />
      {children}
    </Page>
  );
}

/** What a site's server proves its users with. */
function Identity({ hub, changed }: { hub: Hub; changed: () => void }) {
  const [once, show, close] = useOnce();
  const make = (
    <Button
      onClick={() =>
        post<{ secret: string }>("/developers/identity-secrets").then((made) => {
          show(made.secret);
          changed();
        }, failed)
      }
    >
      Create a secret
    </Button>
  );
  return (
    <Section title="Identity secrets" lead={hub.workspace.enforce_identity ? "A user id from a page counts only with a proof that your server makes with one of these. Several hold at once, so that one can be replaced in peace." : "Identity is not enforced: a user id from a page is taken without proof."} actions={hub.identity_secrets.length > 0 && make}>
      {hub.identity_secrets.length === 0 ? (
        <Empty icon="audit" title="No identity secret yet" action={make}>
          With one, your server signs who is signed in, as user_hash or a signed token, and the messenger shows them their own conversations.
        </Empty>
      ) : (
        <Table
          label="Identity secrets"
          rows={hub.identity_secrets}
          id={(row) => row.id}
          columns={[
            { title: "Secret", cell: (row) => <span className="mono">…{row.ends_with}</span> },
            { title: "Made", cell: (row) => <When at={row.created_at} /> },
            {
              title: "Actions",
              cell: (row) => (
                <RemoveSecret
                  ends={row.ends_with}
                  act={() =>
                    remove(`/developers/identity-secrets/${row.id}`).then(() => {
                      done("The secret is removed. What is proven with it is refused from now on.");
                      changed();
                    }, failed)
                  }
                />
              ),
            },
          ]}
        />
      )}
      {hub.identity_secrets.length > 0 && <p className="meta">Removing one ends every session that it proved. Roll the new one out first.</p>}
      <ShownOnce title="Your identity secret" what="the identity secret" secret={once} close={close} />
    </Section>
  );
}

function RemoveSecret({ ends, act }: { ends: string; act: () => void }) {
  return (
    <Button size="compact-sm" variant="subtle" color="red" aria-label={`Remove the secret ending in ${ends}`} onClick={act}>
      Remove
    </Button>
  );
}

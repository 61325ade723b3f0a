import { Badge, Button } from "@mantine/core";
import { Link, Route, Switch } from "wouter";
import { Page } from "../../ui/Page";
import { Empty } from "../../ui/states";
import { Subnav } from "../../ui/Subnav";
import { Table } from "../../ui/Table";
import { When } from "../../ui/When";
import { useRead } from "../../ui/useRead";
import { Calls, type Logged } from "./Calls";
import "./connectors.css";
import { Editor, NewConnector } from "./Editor";
import { OpenApi } from "./OpenApi";
import { Secrets } from "./Secrets";

export interface Row {
  key: string;
  method: string;
  url: string;
  auth: string;
  requires_passcode: boolean;
  missing_secrets: string[];
  used_by: { id: string; key: string; name: string }[];
  last_call: Logged | null;
}

const PAGES = [
  { path: "/", label: "Connectors" },
  { path: "/-calls", label: "Calls" },
  { path: "/-secrets", label: "Secrets" },
  { path: "/-openapi", label: "From OpenAPI" },
];

const nav = <Subnav label="Connectors" pages={PAGES} />;

export default function Connectors() {
  return (
    <Switch>
      <Route path="/">
        <List />
      </Route>
      <Route path="/-new">
        <NewConnector />
      </Route>
      <Route path="/-calls">
        <Page title="Calls" lead="What was called in the last seven days, the newest first. Secrets are blacked out.">
          {nav}
          <Calls />
        </Page>
      </Route>
      <Route path="/-secrets">
        <Secrets nav={nav} />
      </Route>
      <Route path="/-openapi">
        <OpenApi nav={nav} />
      </Route>
      <Route path="/:key">{({ key }) => <Editor key={key} name={key} />}</Route>
    </Switch>
  );
}

function List() {
  const { data, instead } = useRead<{ connectors: Row[] }>("/connectors", "connectors");
  if (!data) return instead;
  const make = (
    <Button component={Link} href="/-new">
      New connector
    </Button>
  );
  return (
    <Page title="Connectors" lead="Calls to your own systems, which procedures make." actions={data.connectors.length > 0 && make}>
      {nav}
      {data.connectors.length === 0 ? (
        <Empty
          icon="connector"
          title="No connectors yet"
          action={
            <div className="row">
              {make}
              <Button component={Link} href="/-openapi" variant="default">
                Make them of an OpenAPI document
              </Button>
            </div>
          }
        >
          A connector is one call: GET https://orders.example/orders/&#123;&#123; id &#125;&#125; takes an order's number and gives its state, for a procedure to go on with.
        </Empty>
      ) : (
        <div className="card">
          <Table
            label="Connectors"
            rows={data.connectors}
            id={(row) => row.key}
            columns={[
              {
                title: "Connector",
                cell: (row) => (
                  <>
                    <Link href={`/${row.key}`} className="strong mono">
                      {row.key}
                    </Link>
                    <div className="meta clip">
                      {row.method} {row.url}
                    </div>
                    {row.missing_secrets.length > 0 && (
                      <div className="meta rust">
                        Secret {row.missing_secrets.join(", ")} is not set. <Link href="/-secrets">Set it</Link>
                      </div>
                    )}
                  </>
                ),
              },
              {
                title: "Called by",
                wide: true,
                cell: (row) =>
                  row.used_by.length === 0 ? (
                    <span className="quiet">nothing live</span>
                  ) : (
                    row.used_by.map((one) => (
                      <div key={one.id}>
                        <Link href={`~/console/procedures/${one.id}`}>{one.name}</Link>
                      </div>
                    ))
                  ),
              },
              {
                title: "Last call",
                cell: (row) =>
                  row.last_call ? (
                    <span className="row">
                      <Outcome call={row.last_call} /> <When at={row.last_call.created_at} />
                    </span>
                  ) : (
                    <span className="quiet">none this week</span>
                  ),
              },
            ]}
          />
        </div>
      )}
    </Page>
  );
}

export function Outcome({ call }: { call: Pick<Logged, "outcome" | "status"> }) {
  const good = call.outcome === "done";
  return (
    <Badge variant="light" className={good ? "badge-good" : "badge-bad"}>
      {good ? "Done" : call.outcome.replaceAll("_", " ")}
      {call.status ? ` · ${call.status}` : ""}
    </Badge>
  );
}

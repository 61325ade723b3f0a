import { Badge, Button } from "@mantine/core";
import { useState } from "react";
import { Link, Route, Switch } from "wouter";
import { useSession } from "../../session/session";
import { Icon } from "../../ui/icons";
import { Page } from "../../ui/Page";
import { Empty } from "../../ui/states";
import { Table } from "../../ui/Table";
import { When } from "../../ui/When";
import { useRead } from "../../ui/useRead";
import { Editor } from "./Editor";
import { NewProcedure } from "./NewProcedure";
import "./procedures.css";

export interface Row {
  id: string;
  key: string;
  name: string;
  state: "draft" | "live" | "paused";
  version: number | null;
  changed: boolean;
  saved_by: string;
  saved_at: string | null;
  when_to_use: string;
  triggers: { kind: string; name: string }[];
}

export default function Procedures() {
  return (
    <Switch>
      <Route path="/">
        <List />
      </Route>
      <Route path="/:id">{({ id }) => <Editor key={id} id={id} />}</Route>
    </Switch>
  );
}

function List() {
  const { data, instead } = useRead<{ procedures: Row[] }>("/procedures", "procedures");
  const session = useSession();
  const [making, setMaking] = useState(false);
  if (!data) return instead;
  const mayWrite = session.may("procedures.draft");
  const make = mayWrite && <Button onClick={() => setMaking(true)}>New procedure</Button>;
  return (
    <Page title="Procedures" lead="What the agent does, step by step, and what starts it." actions={data.procedures.length > 0 && make}>
      {data.procedures.length === 0 ? (
        <Empty icon="procedure" title="No procedures yet" action={make}>
          A procedure says when to use it, what the agent does, and which click or call makes it speak first.
        </Empty>
      ) : (
        <div className="card">
          <Table
            label="Procedures"
            rows={data.procedures}
            id={(row) => row.id}
            columns={[
              {
                title: "Procedure",
                cell: (row) => (
                  <>
                    <Link href={`/${row.id}`} className="strong">
                      {row.name}
                    </Link>
                    <div className="meta clip procedure-when">{row.when_to_use || "No words yet on when to use it"}</div>
                  </>
                ),
              },
              { title: "State", cell: (row) => <StateBadge state={row.state} changed={row.changed} version={row.version} /> },
              {
                title: "Makes the first move",
                wide: true,
                cell: (row) =>
                  row.triggers.length === 0 ? (
                    <span className="quiet">no</span>
                  ) : (
                    <ul className="plain">
                      {row.triggers.map((one) => (
                        <li key={one.kind + one.name} className="proactive">
                          <Icon name={one.kind === "element_click" ? "click" : "trigger"} size={16} /> {one.name || (one.kind === "element_click" ? "Click" : "API call")}
                        </li>
                      ))}
                    </ul>
                  ),
              },
              {
                title: "Saved",
                wide: true,
                cell: (row) => (
                  <span className="meta">
                    <When at={row.saved_at} /> {row.saved_by && `by ${row.saved_by}`}
                  </span>
                ),
              },
            ]}
          />
        </div>
      )}
      {making && <NewProcedure opened close={() => setMaking(false)} />}
    </Page>
  );
}

export function StateBadge({ state, changed, version }: { state: Row["state"]; changed: boolean; version: number | null }) {
  const words = state === "live" ? `Live, version ${version}` : state === "paused" ? "Paused" : "Draft";
  return (
    <span className="row">
      <Badge variant="light" className={`state state-${state}`}>
        {words}
      </Badge>
      {changed && state !== "draft" && <span className="meta">changed since</span>}
    </span>
  );
}

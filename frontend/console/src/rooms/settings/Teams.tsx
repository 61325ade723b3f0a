import { Button, Modal, TextInput } from "@mantine/core";
import { useState } from "react";
import { patch, post, type Refused } from "../../api";
import { useSession } from "../../session/session";
import { focusFirst } from "../../ui/focusFirst";
import { Section } from "../../ui/Page";
import { Problem } from "../../ui/states";
import { Table } from "../../ui/Table";
import { done } from "../../ui/undo";
import { useRead } from "../../ui/useRead";
import type { Team } from "./api";

/** `""` is a team that is not there yet. */
export function Teams() {
  const { data, mutate, instead } = useRead<{ teams: Team[] }>("/teams", "teams");
  const session = useSession();
  const [editing, setEditing] = useState<Team | null>(null);
  const [problem, setProblem] = useState<Refused | null>(null);
  if (!data) return instead;
  const may = session.may("people.write");

  function edit(team: Team | null) {
    setProblem(null);
    setEditing(team);
  }

  async function send(event: React.FormEvent) {
    event.preventDefault();
    const { id, name } = editing as Team;
    try {
      await (id ? patch(`/teams/${id}`, { name }) : post("/teams", { name }));
      edit(null);
      done(id ? "Renamed. Procedures that hand off to it by its old name need the new one." : `The team ${name} is there now.`);
      void mutate();
    } catch (refused) {
      setProblem(refused as Refused);
    }
  }

  return (
    <Section title="Teams" lead="Conversations are handed to a team. The first one gets those that name none." actions={may && <Button onClick={() => edit({ id: "", name: "" })}>New team</Button>}>
      <Table
        label="Teams"
        rows={data.teams}
        id={(row) => row.id}
        columns={[
          { title: "Team", cell: (row) => row.name },
          ...(may
            ? [
                {
                  title: "Manage",
                  number: true,
                  cell: (row: Team) => (
                    <Button size="compact-sm" variant="subtle" aria-label={`Rename ${row.name}`} onClick={() => edit(row)}>
                      Rename
                    </Button>
                  ),
                },
              ]
            : []),
        ]}
      />
      <Modal opened={editing !== null} onClose={() => edit(null)} title={editing?.id ? "Rename the team" : "New team"}>
        <form className="stack" onSubmit={send}>
          <TextInput {...focusFirst} label="Its name" value={editing?.name ?? ""} error={problem?.field === "name" ? problem.message : undefined} onChange={(event) => setEditing({ id: editing?.id ?? "", name: event.currentTarget.value })} />
          {problem?.field !== "name" && <Problem error={problem} />}
          <Button type="submit" disabled={!editing?.name.trim()}>
            {editing?.id ? "Rename" : "Make the team"}
          </Button>
        </form>
      </Modal>
    </Section>
  );
}

import { Button, Modal, NativeSelect, TextInput } from "@mantine/core";
import { useState } from "react";
import { patch, post, remove, type Refused } from "../../api";
import { useSession } from "../../session/session";
import { focusFirst } from "../../ui/focusFirst";
import { Snippet } from "../../ui/Copy";
import { Section } from "../../ui/Page";
import { Problem } from "../../ui/states";
import { Table } from "../../ui/Table";
import { done, failed } from "../../ui/undo";
import { When } from "../../ui/When";
import { useRead } from "../../ui/useRead";
import { ROLES, type Person } from "./api";

interface Link {
  name: string;
  invitation: string;
}

export function People() {
  const { data, mutate, instead } = useRead<{ people: Person[] }>("/people", "people");
  const session = useSession();
  const [asking, setAsking] = useState(false);
  const [link, setLink] = useState<Link | null>(null);
  const [going, setGoing] = useState<Person | null>(null);
  if (!data) return instead;
  const may = session.may("people.write");
  const again = () => void mutate();

  async function setRole(person: Person, role: string) {
    try {
      await patch(`/people/${person.id}`, { role });
      done(`${person.name} is ${role} now.`, () => void patch(`/people/${person.id}`, { role: person.role }).then(again, failed));
    } catch (refused) {
      failed(refused);
    }
    again();
  }

  async function inviteAgain(person: Person) {
    try {
      setLink(await post<Link>(`/people/${person.id}/invitation`));
      again();
    } catch (refused) {
      failed(refused);
    }
  }

  return (
    <Section title="People" lead="Everybody who can sign in here, and what they may do." actions={may && <Button onClick={() => setAsking(true)}>Invite somebody</Button>}>
      <Table
        label="People"
        rows={data.people}
        id={(row) => row.id}
        columns={[
          {
            title: "Who",
            cell: (row) => (
              <>
                {row.name}
                {row.id === session.me.id && <span className="quiet"> (you)</span>}
                <div className="meta">{row.email}</div>
              </>
            ),
          },
          {
            title: "Role",
            cell: (row) =>
              may ? <NativeSelect aria-label={`Role of ${row.name}`} size="sm" data={ROLES.map((one) => one.value)} value={row.role} onChange={(event) => void setRole(row, event.currentTarget.value)} /> : row.role,
          },
          {
            title: "Signs in",
            wide: true,
            cell: (row) =>
              row.signs_in ? (
                <span className="meta">
                  seen <When at={row.seen_at} none="a while ago" />
                  {row.two_step && ", in two steps"}
                </span>
              ) : (
                <span className="meta">{row.invited_until ? "invited, not here yet" : "has no link"}</span>
              ),
          },
          ...(may
            ? [
                {
                  title: "Manage",
                  cell: (row: Person) => (
                    <span className="row">
                      <Button size="compact-sm" variant="subtle" aria-label={`New link for ${row.name}`} onClick={() => void inviteAgain(row)}>
                        New link
                      </Button>
                      <Button size="compact-sm" variant="subtle" color="red" aria-label={`Remove ${row.name}`} onClick={() => setGoing(row)}>
                        Remove
                      </Button>
                    </span>
                  ),
                },
              ]
            : []),
        ]}
      />
      <Invite
        opened={asking}
        close={() => setAsking(false)}
        made={(given) => {
          setAsking(false);
          setLink(given);
          again();
        }}
      />
      <Modal opened={link !== null} onClose={() => setLink(null)} title={`A link for ${link?.name ?? ""}`}>
        <div className="stack">
          <p>Send them this. With it they choose a password, once, within 7 days. It is not shown again.</p>
          <Snippet what="the link" text={link?.invitation ?? ""} />
          <Button onClick={() => setLink(null)}>I have sent it</Button>
        </div>
      </Modal>
      <Modal opened={going !== null} onClose={() => setGoing(null)} title={`Remove ${going?.name ?? ""}?`}>
        <div className="stack">
          <p>They are signed out at once. What they wrote stays under their name, and their open conversations stay with the team.</p>
          <Button
            color="red"
            onClick={() => {
              const who = going as Person;
              setGoing(null);
              remove(`/people/${who.id}`).then(() => {
                done(`${who.name} is removed.`);
                again();
              }, failed);
            }}
          >
            Remove them
          </Button>
        </div>
      </Modal>
    </Section>
  );
}

function Invite({ opened, close, made }: { opened: boolean; close: () => void; made: (link: Link) => void }) {
  const [fields, setFields] = useState({ name: "", email: "", role: "agent" });
  const [problem, setProblem] = useState<Refused | null>(null);
  const wrong = (name: string) => (problem?.field === name ? problem.message : undefined);
  async function send(event: React.FormEvent) {
    event.preventDefault();
    try {
      const link = await post<Link>("/people", fields);
      setFields({ name: "", email: "", role: "agent" });
      setProblem(null);
      made(link);
    } catch (error) {
      setProblem(error as Refused);
    }
  }
  return (
    <Modal opened={opened} onClose={close} title="Invite somebody">
      <form className="stack" onSubmit={send}>
        <TextInput {...focusFirst} label="Their name" value={fields.name} error={wrong("name")} onChange={(event) => setFields({ ...fields, name: event.currentTarget.value })} />
        <TextInput label="Their email" type="email" value={fields.email} error={wrong("email")} onChange={(event) => setFields({ ...fields, email: event.currentTarget.value })} />
        <NativeSelect label="What they may do" data={ROLES} value={fields.role} onChange={(event) => setFields({ ...fields, role: event.currentTarget.value })} />
        {!problem?.field && <Problem error={problem} />}
        <Button type="submit" disabled={!fields.name.trim() || !fields.email.trim()}>
          Make a link
        </Button>
      </form>
    </Modal>
  );
}

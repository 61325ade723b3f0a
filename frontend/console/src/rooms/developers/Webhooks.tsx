import { Badge, Button, Checkbox, Modal, TextInput } from "@mantine/core";
import { useState } from "react";
import { Link } from "wouter";
import { post, remove, type Refused } from "../../api";
import { focusFirst } from "../../ui/focusFirst";
import { Section } from "../../ui/Page";
import { Empty, Problem } from "../../ui/states";
import { done, failed } from "../../ui/undo";
import { When } from "../../ui/When";
import { useRead } from "../../ui/useRead";
import { ShownOnce, useOnce } from "./Once";

interface Hook {
  id: string;
  url: string;
  topics: string[];
  created_at: string;
}

interface Delivery {
  id: string;
  topic: string;
  conversation_id: string | null;
  payload: unknown;
  state: "waiting" | "delivered" | "failed";
  attempts: number;
  next_at: string | null;
  status: number | null;
  error: string | null;
  created_at: string;
  delivered_at: string | null;
}

/** Other systems that are told what happened, and what each was told. */
export function Webhooks() {
  const { data, mutate, instead } = useRead<{ webhooks: Hook[]; topics: string[] }>("/developers/webhooks", "webhooks");
  const [adding, setAdding] = useState(false);
  const [once, show, close] = useOnce();
  if (!data) return instead;
  const add = <Button onClick={() => setAdding(true)}>New webhook</Button>;
  return (
    <>
      {data.webhooks.length === 0 ? (
        <Empty icon="out" title="No webhooks yet" action={add}>
          A webhook tells another system what happens: https://crm.example/hook hears of every reply, signed, until it has it.
        </Empty>
      ) : (
        <>
          <div>{add}</div>
          {data.webhooks.map((one) => (
            <OneHook key={one.id} hook={one} changed={() => void mutate()} />
          ))}
        </>
      )}
      {adding && (
        <AddHook
          topics={data.topics}
          close={() => setAdding(false)}
          made={(secret) => {
            setAdding(false);
            show(secret);
            void mutate();
          }}
        />
      )}
      <ShownOnce title="What the webhook signs with" what="the webhook's secret" secret={once} close={close} />
    </>
  );
}

function OneHook({ hook, changed }: { hook: Hook; changed: () => void }) {
  const [opened, setOpened] = useState(false);
  return (
    <Section
      title={hook.url}
      lead={
        <>
          {hook.topics.join(", ")}. Made <When at={hook.created_at} />.
        </>
      }
      actions={
        <Button
          variant="subtle"
          color="red"
          aria-label={`Remove the webhook to ${hook.url}`}
          onClick={() =>
            remove(`/developers/webhooks/${hook.id}`).then(() => {
              done(`${hook.url} is told nothing any more. What it was still to be told is dropped.`);
              changed();
            }, failed)
          }
        >
          Remove
        </Button>
      }
    >
      <details open={opened} onToggle={(event) => setOpened(event.currentTarget.open)}>
        <summary>What it was told</summary>
        {opened && <Deliveries hook={hook.id} />}
      </details>
    </Section>
  );
}

function Deliveries({ hook }: { hook: string }) {
  const { data, mutate, instead } = useRead<{ deliveries: Delivery[] }>(`/developers/webhooks/${hook}/deliveries`, "deliveries", { refreshInterval: 5000 });
  if (!data) return instead;
  if (data.deliveries.length === 0) return <p className="quiet">Nothing yet.</p>;
  return (
    <ul className="rows">
      {data.deliveries.map((one) => (
        <li key={one.id}>
          <div className="spread">
            <div>
              <div className="row">
                <Badge variant="light" className={one.state === "delivered" ? "badge-good" : one.state === "failed" ? "badge-bad" : "badge-plain"}>
                  {one.state}
                  {one.status ? ` · ${one.status}` : ""}
                </Badge>
                <span className="mono">{one.topic}</span>
              </div>
              <p className="meta">
                <When at={one.created_at} />, {one.attempts} {one.attempts === 1 ? "attempt" : "attempts"}
                {one.next_at && (
                  <>
                    , next <When at={one.next_at} />
                  </>
                )}
                {one.conversation_id && (
                  <>
                    , <Link href={`~/console/inbox/${one.conversation_id}`}>the conversation</Link>
                  </>
                )}
              </p>
              {one.error && <p className="meta rust">{one.error}</p>}
            </div>
            {(one.state !== "waiting" || one.error !== null) && (
              <Button
                size="compact-sm"
                variant="default"
                aria-label={`Send ${one.topic} again`}
                onClick={() =>
                  post(`/developers/deliveries/${one.id}/redeliver`).then(() => {
                    done("It is told once more, under the same id.");
                    void mutate();
                  }, failed)
                }
              >
                Send again
              </Button>
            )}
          </div>
          {one.payload !== null && (
            <details>
              <summary className="meta">What was sent</summary>
              <pre className="snippet" tabIndex={0}>
                {JSON.stringify(one.payload, null, 2)}
              </pre>
            </details>
          )}
        </li>
      ))}
    </ul>
  );
}

function AddHook({ topics, close, made }: { topics: string[]; close: () => void; made: (secret: string) => void }) {
  const [url, setUrl] = useState("");
  const [chosen, setChosen] = useState<string[]>([]);
  const [problem, setProblem] = useState<Refused | null>(null);
  async function send(event: React.FormEvent) {
    event.preventDefault();
    try {
      made((await post<{ secret: string }>("/developers/webhooks", { url, topics: chosen })).secret);
    } catch (error) {
      setProblem(error as Refused);
    }
  }
  return (
    <Modal opened onClose={close} title="New webhook">
      <form className="stack" onSubmit={send}>
        <TextInput {...focusFirst} label="Address" placeholder="https://crm.example/hook" value={url} error={problem?.field === "url" ? problem.message : undefined} onChange={(event) => setUrl(event.currentTarget.value)} />
        <Checkbox.Group label="Tell it when" value={chosen} onChange={setChosen}>
          <div className="stack">
            {topics.map((topic) => (
              <Checkbox key={topic} value={topic} label={topic} classNames={{ label: "mono" }} />
            ))}
          </div>
        </Checkbox.Group>
        {problem?.field !== "url" && <Problem error={problem} />}
        <Button type="submit" disabled={!url.trim() || chosen.length === 0}>
          Add it
        </Button>
      </form>
    </Modal>
  );
}

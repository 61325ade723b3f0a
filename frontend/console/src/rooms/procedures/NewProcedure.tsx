import { Button, Modal, SegmentedControl, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import useSWR from "swr";
import { useLocation } from "wouter";
import { post } from "../../api";
import { focusFirst } from "../../ui/focusFirst";
import { Icon } from "../../ui/icons";
import { Loading, Problem } from "../../ui/states";
import { create } from "./useDraft";
import { keepUnplaced, type Unplaced } from "./unplaced";

interface Drafted {
  name: string;
  source: string;
  steps: number;
  unplaced: Unplaced[];
}

const SAMPLE = `# Refund
1. Ask the customer for their order number.
2. If the order is older than 30 days, tell them that it is too late for a refund.
3. Ask whether they want the money back or a voucher.
4. Hand off to support.`;

/** A name and an empty page, or the steps of a process that is written down already. */
export function NewProcedure({ opened, close }: { opened: boolean; close: () => void }) {
  const [from, setFrom] = useState("nothing");
  const [name, setName] = useState("");
  const [text, setText] = useState("");
  const [made, setMade] = useState<Drafted | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Error | null>(null);
  const [, go] = useLocation();

  async function doing(act: () => Promise<void>) {
    setBusy(true);
    setProblem(null);
    try {
      await act();
    } catch (error) {
      setProblem(error as Error);
    } finally {
      setBusy(false);
    }
  }

  async function open(body: { name: string } | { source: string }, unplaced: Unplaced[] = []) {
    const kept = await create(body);
    keepUnplaced(kept.id, unplaced);
    close();
    go(`/${kept.id}`);
  }

  return (
    <Modal opened={opened} onClose={close} title="New procedure" size="lg">
      <div className="stack">
        <SegmentedControl
          aria-label="Begin with"
          value={from}
          onChange={setFrom}
          data={[
            { value: "nothing", label: "Empty" },
            { value: "ready", label: "Ready-made" },
            { value: "text", label: "From a text" },
          ]}
        />
        {from === "ready" && <Ready opened={(id) => (close(), go(`/${id}`))} />}
        {from === "nothing" && (
          <form
            className="stack"
            onSubmit={(event) => {
              event.preventDefault();
              void doing(() => open({ name }));
            }}
          >
            <TextInput {...focusFirst} label="What is it called?" placeholder="Late order" value={name} onChange={(event) => setName(event.currentTarget.value)} />
            <Problem error={problem} />
            <Button type="submit" loading={busy} disabled={!name.trim()}>
              Write it
            </Button>
          </form>
        )}
        {from === "text" && (
          <form
            className="stack"
            onSubmit={(event) => {
              event.preventDefault();
              void doing(async () => setMade(await post<Drafted>("/procedures/drafted", { text })));
            }}
          >
            <Textarea
              label="The process, as your team has it written down"
              description="Numbered steps work best. Nothing leaves this server unless a language model is set."
              placeholder={SAMPLE}
              autosize
              minRows={6}
              maxRows={14}
              value={text}
              onChange={(event) => {
                setText(event.currentTarget.value);
                setMade(null);
              }}
            />
            <Problem error={problem} />
            {made && (
              <div role="status" className="stack">
                <p className="strong">
                  “{made.name}” has {made.steps} {made.steps === 1 ? "step" : "steps"} now.
                </p>
                <UnplacedList unplaced={made.unplaced} />
              </div>
            )}
            <div className="row">
              {made ? (
                <Button loading={busy} onClick={() => void doing(() => open({ source: made.source }, made.unplaced))}>
                  Open the draft
                </Button>
              ) : (
                <Button type="submit" loading={busy} disabled={!text.trim()}>
                  Make steps of it
                </Button>
              )}
              {!text && (
                <Button variant="subtle" onClick={() => setText(SAMPLE)}>
                  Try a sample
                </Button>
              )}
            </div>
          </form>
        )}
      </div>
    </Modal>
  );
}

interface Template {
  template: string;
  name: string;
  when_to_use: string;
}

/** Procedures that came with this installation, each with its connectors, mocked until yours are set. */
function Ready({ opened }: { opened: (id: string) => void }) {
  const { data, error } = useSWR<{ templates: Template[] }>("/procedures/templates");
  const [problem, setProblem] = useState<Error | null>(null);
  if (error) return <Problem error={error as Error} />;
  if (!data) return <Loading what="ready procedures" />;
  return (
    <div className="stack">
      <Problem error={problem} />
      <ul className="plain ready">
        {data.templates.map((one) => (
          <li key={one.template} className="spread">
            <span>
              <span className="strong">{one.name}</span>
              <span className="meta block">{one.when_to_use}</span>
            </span>
            <Button size="compact-sm" variant="default" aria-label={`Take “${one.name}”`} onClick={() => post<{ id: string }>(`/procedures/templates/${one.template}`).then((made) => opened(made.id), setProblem)}>
              Take it
            </Button>
          </li>
        ))}
      </ul>
    </div>
  );
}

export function UnplacedList({ unplaced }: { unplaced: Unplaced[] }) {
  if (unplaced.length === 0) return <p className="fine">Every line found its place.</p>;
  return (
    <div className="unplaced">
      <p>
        <Icon name="warning" size={16} /> To look at, by the lines of your text:
      </p>
      <ul>
        {unplaced.map((one) => (
          <li key={`${one.line} ${one.text} ${one.why}`}>
            <span className="meta">Line {one.line}:</span> “{one.text}”. <span className="meta">{one.why}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

import { Button, Drawer, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { post, remove, type Refused } from "../../../api";
import { Snippet } from "../../../ui/Copy";
import { Icon } from "../../../ui/icons";
import { Empty, Problem } from "../../../ui/states";
import { done, failed } from "../../../ui/undo";
import { useRead } from "../../../ui/useRead";
import { When } from "../../../ui/When";
import { Problems } from "../Editor";
import { infoOf } from "../kinds";
import type { Kind } from "../tree";
import type { Editing, Problem as Wrong } from "../useDraft";
import { keep, type Kept, type Report } from "./api";
import "./preview.css";

/** The talks that are kept with a procedure, and how its draft does in them. */
export default function Simulations({ editing, readOnly, close }: { editing: Editing; readOnly: boolean; close: () => void }) {
  const path = `/procedures/${editing.id}/simulations`;
  const { data, mutate, instead } = useRead<{ simulations: Kept[] }>(path, "simulations");
  const [report, setReport] = useState<Report | null>(null);
  const [problem, setProblem] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  const wrong = (problem as Refused | null)?.details?.problems as Wrong[] | undefined;

  async function play() {
    setBusy(true);
    setProblem(null);
    try {
      setReport(await post<Report>(`${path}/run`, editing.tree ? { document: editing.tree } : {}));
    } catch (refused) {
      setReport(null);
      setProblem(refused as Error);
    } finally {
      setBusy(false);
    }
  }

  async function drop(one: Kept) {
    try {
      await remove(`${path}/${one.id}`);
      await mutate();
      done(`“${one.name}” is removed.`, () => void keep(editing.id, one.name, one.source).then(() => mutate(), failed));
    } catch (refused) {
      failed(refused);
    }
  }

  const found = data?.simulations ?? [];
  return (
    <Drawer opened onClose={close} position="right" size="lg" title="Simulations">
      {!data && instead}
      {data && (
        <div className="stack">
          {found.length === 0 ? (
            <Empty icon="play" title="No simulations yet">
              A simulation is a talk that must come out the same after every change. Try the draft in “Preview”, then choose “Save as a simulation” there.
            </Empty>
          ) : (
            <>
              {!readOnly && (
                <div className="row">
                  <Button loading={busy} leftSection={<Icon name="play" size={16} />} onClick={() => void play()}>
                    Play all on the draft
                  </Button>
                </div>
              )}
              {wrong?.length ? <Problems problems={wrong} heading="To mend before it can run" /> : <Problem error={problem} />}
              {report && <Summary report={report} close={close} />}
              <ul className="plain simulations">
                {found.map((one) => (
                  <li key={one.id}>
                    <div className="spread">
                      <strong>{one.name}</strong>
                      <span className="meta">
                        {one.saved_by && `${one.saved_by}, `}
                        <When at={one.saved_at} />
                      </span>
                    </div>
                    {one.problem && <p className="rust">{one.problem}</p>}
                    <ul className="plain">
                      {one.cases.map((name) => (
                        <Case key={name} name={name} found={report?.cases.find((each) => each.file === one.name && each.name === name)} />
                      ))}
                    </ul>
                    <div className="spread">
                      <details className="advanced">
                        <summary>The file</summary>
                        <Snippet text={one.source} what={`the file of ${one.name}`} />
                      </details>
                      {!readOnly && (
                        <Button size="compact-sm" variant="subtle" aria-label={`Remove ${one.name}`} onClick={() => void drop(one)}>
                          Remove
                        </Button>
                      )}
                    </div>
                  </li>
                ))}
              </ul>
            </>
          )}
          {!readOnly && <Paste add={(name, source) => keep(editing.id, name, source).then(() => void mutate())} />}
        </div>
      )}
    </Drawer>
  );
}

function Case({ name, found }: { name: string; found: Report["cases"][number] | undefined }) {
  if (!found) return <li className="meta">{name}</li>;
  const passed = found.result === "passed";
  return (
    <li>
      <p className={passed ? "fine" : "simulation-failed"}>
        <Icon name={passed ? "check" : found.result === "skipped" ? "info" : "warning"} size={16} /> {name}: {passed ? "as expected" : found.result === "skipped" ? found.skipped : "not as expected"}
      </p>
      {found.failures.map((one) => (
        <p key={one.message} className="meta simulation-why">
          {one.message}
        </p>
      ))}
    </li>
  );
}

function Summary({ report, close }: { report: Report; close: () => void }) {
  const show = (place: string) => {
    close();
    requestAnimationFrame(() => {
      const step = document.querySelector<HTMLElement>(`[data-step="${CSS.escape(place)}"]`);
      step?.scrollIntoView({ block: "center" });
      step?.focus();
    });
  };
  return (
    <section className="card simulation-summary" aria-label="What came of it">
      <p role="status">
        <strong>{report.passed} as expected</strong>, {report.failed} not{report.skipped > 0 && `, ${report.skipped} skipped`}.
      </p>
      {report.coverage.map((one) => (
        <div key={one.procedure}>
          <p className="meta">
            Reached {one.steps.reached} of {one.steps.of} steps and {one.branches.reached} of {one.branches.of} ways on from them.
          </p>
          {one.missed.length > 0 && (
            <details className="advanced">
              <summary>What no case reached</summary>
              <ul className="plain">
                {one.missed.map((each) => (
                  <li key={each.path + (each.branch ?? "")}>
                    {each.place ? (
                      <button type="button" className="link-button" onClick={() => show(each.place!)}>
                        Step {each.number}
                      </button>
                    ) : (
                      <>Step {each.number}</>
                    )}{" "}
                    <span className="meta">
                      {labelled(each.step)}
                      {each.branch && `, the way “${each.branch}”`}
                    </span>
                  </li>
                ))}
              </ul>
            </details>
          )}
        </div>
      ))}
    </section>
  );
}

/** “hand_off billing” in the words of the document. */
function labelled(step: string): string {
  const [kind = "", ...rest] = step.split(" ");
  return [infoOf(kind as Kind)?.label ?? kind, rest.join(" ")].filter(Boolean).join(": ");
}

function Paste({ add }: { add: (name: string, source: string) => Promise<void> }) {
  const [name, setName] = useState("");
  const [source, setSource] = useState("");
  const [problem, setProblem] = useState<Error | null>(null);
  return (
    <details className="advanced">
      <summary>Add a simulation file</summary>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          add(name, source).then(
            () => {
              setName("");
              setSource("");
              setProblem(null);
            },
            (refused: Error) => setProblem(refused),
          );
        }}
      >
        <TextInput size="sm" label="What is it called?" placeholder="refunds" value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <Textarea label="The file" classNames={{ input: "mono" }} autosize minRows={6} maxRows={30} spellCheck={false} placeholder="simulation: …" value={source} onChange={(event) => setSource(event.currentTarget.value)} />
        <Problem error={problem} />
        <div>
          <Button type="submit" size="compact-sm" disabled={!name.trim() || !source.trim()}>
            Keep it
          </Button>
        </div>
      </form>
    </details>
  );
}

import { useEffect, useRef } from "react";
import useSWR from "swr";
import { Icon } from "../../../ui/icons";
import { Failure, Loading } from "../../../ui/states";
import { OUTCOMES } from "../../inbox/api";
import { infoOf } from "../kinds";
import type { Kind } from "../tree";
import { STATES, typeOf, valueOf, why, type Run, type Shown } from "./api";

/** What the runs did, step by step. */
export function StepsTaken({ shown, show }: { shown: Shown; show: (place: string) => void }) {
  if (shown.runs.length === 0) return <p className="meta">No procedure runs yet.</p>;
  return (
    <>
      {shown.runs.map((run, at) => (
        <section key={at} aria-label={`Run of ${run.name}`} className="preview-run">
          <h3>{run.name}</h3>
          <p className="meta">
            {STATES[run.state] ?? run.state}
            {run.reason && `. ${run.reason}`}
          </p>
          <ol className="plain preview-steps">
            {run.steps.map((one, row) => (
              <li key={row}>
                <p>
                  <StepNumber number={one.number} place={run.procedure === shown.procedure ? one.place : null} show={show} /> <strong>{infoOf(one.kind as Kind)?.label ?? one.kind}</strong>
                  {one.visit > 1 && <span className="meta"> (again)</span>}
                </p>
                {one.told && <p className="preview-told">{one.told}</p>}
                {one.changes.map((change) => (
                  <p key={change.name} className="meta preview-change">
                    <code>{change.name}</code> {change.before !== null && <>was {valueOf(change.before)}, </>}is now <strong>{valueOf(change.after)}</strong>
                  </p>
                ))}
              </li>
            ))}
            {run.at && (
              <li className="preview-now">
                <p>
                  <StepNumber number={run.at.number} place={run.procedure === shown.procedure ? run.at.place : null} show={show} /> <strong>{infoOf(run.at.kind as Kind)?.label ?? run.at.kind}</strong>: it is here now
                </p>
              </li>
            )}
          </ol>
        </section>
      ))}
    </>
  );
}

function StepNumber({ number, place, show }: { number: string | null; place: string | null; show: (place: string) => void }) {
  if (!number) return null;
  if (!place) return <span className="numbers meta">{number}</span>;
  return (
    <button type="button" className="link-button numbers" aria-label={`Show step ${number} in the document`} onClick={() => show(place)}>
      {number}
    </button>
  );
}

/** What is kept now. */
export function Values({ shown }: { shown: Shown }) {
  const run = shown.runs.at(-1);
  const rows = run ? valuesOf(run) : [];
  const { conversation } = shown;
  return (
    <>
      {rows.length === 0 ? (
        <p className="meta">Nothing is kept yet.</p>
      ) : (
        <table className="preview-values" aria-label="Values">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Is</th>
              <th scope="col">Value</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((one) => (
              <tr key={one.name}>
                <th scope="row">
                  <code>{one.name}</code>
                </th>
                <td className="meta">{one.type}</td>
                <td>{one.value}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {conversation && (
        <dl className="preview-facts">
          <dt>Outcome</dt>
          <dd>{conversation.outcome ? (OUTCOMES[conversation.outcome] ?? conversation.outcome) : "In progress"}</dd>
          {conversation.tags.length > 0 && (
            <>
              <dt>Tags</dt>
              <dd>{conversation.tags.join(", ")}</dd>
            </>
          )}
          {conversation.team && (
            <>
              <dt>Team</dt>
              <dd>{conversation.team}</dd>
            </>
          )}
        </dl>
      )}
    </>
  );
}

function valuesOf(run: Run): { name: string; type: string; value: string }[] {
  const kept = Object.entries(run.values).map(([name, value]) => ({ name, type: run.types[name] ?? typeOf(value), value: valueOf(value) }));
  const given = Object.entries(run.data).map(([name, value]) => ({ name: `data.${name}`, type: typeOf(value), value: valueOf(value) }));
  return [...given, ...kept];
}

/** Why the agent did what it did. */
export function Receipts({ shown, chosen, choose }: { shown: Shown; chosen: string | null; choose: (id: string | null) => void }) {
  if (shown.receipts.length === 0) return <p className="meta">Nothing has been decided yet. Each message of the contact is, and the reasons stand here.</p>;
  return (
    <ol className="plain preview-receipts">
      {shown.receipts.map((one, at) => (
        <li key={one.id}>
          <button type="button" className="preview-receipt" aria-expanded={one.id === chosen} onClick={() => choose(one.id === chosen ? null : one.id)}>
            <Icon name={one.id === chosen ? "down" : "right"} size={16} /> {at + 1}. {DECISIONS[one.decision] ?? one.decision}
          </button>
          {one.id === chosen && <Receipt preview={shown.id} id={one.id} />}
        </li>
      ))}
    </ol>
  );
}

const DECISIONS: Record<string, string> = {
  hand_off: "People take over",
  procedure: "A procedure runs",
  answer: "An article answers",
  follow: "The run goes on",
  correct: "An earlier answer is changed",
  unsure: "Not sure",
  feedback: "A word about the help",
};

function Receipt({ preview, id }: { preview: string; id: string }) {
  const { data, error } = useSWR(`/previews/${preview}/receipts/${id}`, () => why(preview, id));
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    list.current?.scrollIntoView?.({ block: "nearest" }); // gives a promise in some browsers, which is no way to clean up
  }, [data]);
  if (error) return <Failure error={error} />;
  if (!data) return <Loading what="the receipt" rows={3} />;
  return (
    <ul ref={list} className="plain preview-why">
      {data.words.map((line, at) => (
        <li key={at} className={line.startsWith("  ") ? "preview-why-inside" : undefined}>
          {line.trim()}
        </li>
      ))}
    </ul>
  );
}

/** Calls and mails: what would have left, or did where the calls are real. */
export function LeftSandbox({ shown }: { shown: Shown }) {
  if (shown.calls.length + shown.mails.length === 0) return <p className="meta">No call and no mail yet. Webhooks are not sent by a preview.</p>;
  return (
    <div className="stack">
      {shown.calls.map((one, at) => (
        <section key={at} className="preview-call" aria-label={`Call of ${one.connector}`}>
          <p>
            <Icon name="connector" size={16} /> <strong>{one.connector}</strong> <span className="meta">{shown.real ? "really called" : "mocked"}</span>
          </p>
          <p className="meta">Asked with {valueOf(one.inputs)}</p>
          {one.failed ? (
            <p className="rust">
              {one.failed}
              {one.unknown && " Give the connector a mock, so that it answers here."}
            </p>
          ) : (
            <p className="meta">It answered {valueOf(one.result)}</p>
          )}
        </section>
      ))}
      {shown.mails.map((one, at) => (
        <section key={at} className="preview-call" aria-label={`Mail to ${one.to}`}>
          <p>
            <Icon name="send" size={16} /> <strong>{one.subject}</strong> <span className="meta">not sent; it would have gone to {one.to}</span>
          </p>
          <pre className="snippet">{one.text}</pre>
        </section>
      ))}
    </div>
  );
}

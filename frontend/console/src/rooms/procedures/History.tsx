import { Button, Drawer, Select } from "@mantine/core";
import { useState } from "react";
import useSWR from "swr";
import { post, query } from "../../api";
import { Empty, Failure, Loading } from "../../ui/states";
import { done, failed } from "../../ui/undo";
import { useRead } from "../../ui/useRead";
import { When } from "../../ui/When";
import type { Editing } from "./useDraft";

interface Version {
  number: number;
  published_at: string;
  published_by: string;
  note: string | null;
  live: boolean;
  same_as_draft: boolean;
}

interface Earlier {
  revision: number;
  saved_by: string;
  saved_at: string;
  source: string;
}

interface Diff {
  same: boolean;
  readable: boolean;
  changes: { what: string; place: string; words: string; before: string | null; after: string | null }[];
  text: string;
}

/** What went live when, what changed between two of them, and the way back. */
export function History({ editing, readOnly, close }: { editing: Editing; readOnly: boolean; close: () => void }) {
  const { data, instead } = useRead<{ versions: Version[]; earlier: Earlier[] }>(`/procedures/${editing.id}/history`, "the history");
  const [before, setBefore] = useState("live");
  const [after, setAfter] = useState("draft");

  async function restore(version: Version) {
    if (!editing.shown || !(await editing.flush())) return;
    const mine = editing.shown.draft.source;
    try {
      await post(`/procedures/${editing.id}/restore`, { number: version.number, based_on: editing.shown.draft.revision });
      await editing.reload();
      close();
      done(`The draft is version ${version.number} now. Publish to put it live.`, () => void editing.saveText(mine));
    } catch (problem) {
      failed(problem);
    }
  }

  async function takeUp(one: Earlier) {
    if (!editing.shown || !(await editing.flush())) return;
    const mine = editing.shown.draft.source;
    if (!(await editing.saveText(one.source))) return;
    close();
    done(`The draft is what ${one.saved_by || "somebody"} had written.`, () => void editing.saveText(mine));
  }

  const versions = data?.versions ?? [];
  const earlier = data?.earlier ?? [];
  const texts = [{ value: "draft", label: "The draft" }, ...(versions.length ? [{ value: "live", label: "What is live" }] : []), ...versions.map((one) => ({ value: String(one.number), label: `Version ${one.number}` }))];
  return (
    <Drawer opened onClose={close} position="right" size="lg" title="History">
      {!data && instead}
      {data && versions.length === 0 && earlier.length === 0 && (
        <Empty icon="history" title="Not live yet">
          Each time you publish, what went live is kept here.
        </Empty>
      )}
      {versions.length > 0 && (
        <div className="stack">
          <ul className="versions">
            {versions.map((one) => (
              <li key={one.number}>
                <div className="grow">
                  <span className="strong">Version {one.number}</span> {one.live && <span className="moss">live</span>} {one.same_as_draft && <span className="meta">the same as the draft</span>}
                  <div className="meta">
                    <When at={one.published_at} /> by {one.published_by || "Overture"}
                    {one.note && `: ${one.note}`}
                  </div>
                </div>
                <Button size="compact-sm" variant="subtle" onClick={() => (setBefore(String(one.number)), setAfter("draft"))}>
                  Compare
                </Button>
                {!readOnly && !one.same_as_draft && (
                  <Button size="compact-sm" variant="subtle" onClick={() => void restore(one)}>
                    Restore
                  </Button>
                )}
              </li>
            ))}
          </ul>
          <div className="fields">
            <Select label="From" size="sm" data={texts} value={before} allowDeselect={false} onChange={(value) => setBefore(value ?? "live")} />
            <Select label="To" size="sm" data={texts} value={after} allowDeselect={false} onChange={(value) => setAfter(value ?? "draft")} />
          </div>
          <Changes id={editing.id} before={before} after={after} />
        </div>
      )}
      {earlier.length > 0 && (
        <section className="stack" aria-label="Earlier drafts">
          <h3>Earlier drafts</h3>
          <p className="meta">Texts that another person's took the place of, or that a restore or a file did.</p>
          <ul className="versions">
            {earlier.map((one) => (
              <li key={one.revision} className="block">
                <div className="spread">
                  <span>
                    <When at={one.saved_at} /> by {one.saved_by || "Overture"}
                  </span>
                  {!readOnly && (
                    <Button size="compact-sm" variant="subtle" onClick={() => void takeUp(one)}>
                      Make this the draft
                    </Button>
                  )}
                </div>
                <details>
                  <summary className="meta">What it says</summary>
                  <pre className="snippet" tabIndex={0}>
                    {one.source}
                  </pre>
                </details>
              </li>
            ))}
          </ul>
        </section>
      )}
    </Drawer>
  );
}

export function Changes({ id, before, after }: { id: string; before: string; after: string }) {
  const { data, error } = useSWR<Diff>(`/procedures/${id}/diff${query({ before, after })}`, { revalidateOnFocus: false });
  if (error) return <Failure error={error} />;
  if (!data) return <Loading what="the changes" rows={3} />;
  if (data.same) return <p className="quiet">Nothing is different.</p>;
  return (
    <div className="stack">
      <ul className="changes">
        {data.changes.map((one) => (
          <li key={one.place + one.words} className={`change-${one.what}`}>
            {one.words}
          </li>
        ))}
      </ul>
      <details>
        <summary>Line by line</summary>
        <pre className="snippet" tabIndex={0}>
          {data.text.split("\n").map((line, at) => (
            <span key={at} className={line.startsWith("+") ? "line-added" : line.startsWith("-") ? "line-removed" : undefined}>
              {line}
              {"\n"}
            </span>
          ))}
        </pre>
      </details>
    </div>
  );
}

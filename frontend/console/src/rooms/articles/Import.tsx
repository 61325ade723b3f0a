import { Badge, Button, Checkbox, TextInput } from "@mantine/core";
import { useRef, useState, type ReactNode } from "react";
import { call, post, query } from "../../api";
import { useSession } from "../../session/session";
import { Icon } from "../../ui/icons";
import { Page, Section } from "../../ui/Page";
import { Empty, Problem } from "../../ui/states";
import { useRead } from "../../ui/useRead";
import { When } from "../../ui/When";

interface Row {
  id: string;
  place: string;
  by: string;
  state: "reading" | "storing" | "done" | "failed" | "stopped";
  done: number;
  total: number;
  report: { added: number; changed: number; unchanged: number; removed: number; skipped: { source: string; why: string }[]; skipped_count: number } | null;
  error: string | null;
  created_at: string;
}

const TEXTS = /\.(md|markdown|html?)$/i;

/** Help content from elsewhere: a file, a folder, or the sitemap of one's own site. */
export function ImportPage({ nav }: { nav: ReactNode }) {
  const mayWrite = useSession().may("articles.write");
  const { data, mutate, instead } = useRead<{ imports: Row[] }>("/articles/imports", "imports", {
    refreshInterval: (latest) => (latest?.imports.some((one) => one.state === "reading" || one.state === "storing") ? 1000 : 0),
  });
  return (
    <Page title="Import" lead="Bring in what is written already. The same place again changes only what changed.">
      {nav}
      {mayWrite && <Bring begun={() => void mutate()} />}
      {!data ? (
        instead
      ) : data.imports.length > 0 ? (
        <ul className="rows card" aria-label="Imports">
          {data.imports.map((one) => (
            <OneImport key={one.id} row={one} />
          ))}
        </ul>
      ) : (
        <Empty icon="upload" title="Nothing was imported yet">
          A zip of Markdown or HTML files, the JSON or CSV export of another help centre, or https://shop.example/sitemap.xml.
        </Empty>
      )}
    </Page>
  );
}

function Bring({ begun }: { begun: () => void }) {
  const file = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const [sitemap, setSitemap] = useState("");
  const [prune, setPrune] = useState(false);
  const [problem, setProblem] = useState<Error | null>(null);
  const [sending, setSending] = useState(false);

  async function attempt(act: () => Promise<unknown>) {
    setSending(true);
    setProblem(null);
    try {
      await act();
      begun();
    } catch (error) {
      setProblem(error as Error);
    }
    setSending(false);
  }

  function sendFile(list: FileList | null) {
    const one = list?.[0];
    if (one) void attempt(() => call("POST", `/articles/import${query({ name: one.name, prune: prune ? 1 : undefined })}`, new Blob([one])));
  }

  async function sendFolder(list: FileList | null) {
    const files = [...(list ?? [])];
    if (files.length === 0) return;
    const name = files[0]?.webkitRelativePath.split("/")[0] || "folder";
    await attempt(async () => {
      const texts: Record<string, string> = {};
      for (const one of files) texts[one.webkitRelativePath || one.name] = TEXTS.test(one.name) ? await one.text() : "";
      await call("POST", `/articles/import${query({ name, folder: 1, prune: prune ? 1 : undefined })}`, new Blob([JSON.stringify(texts)]));
    });
  }

  return (
    <Section title="From a file, a folder or your site">
      <div className="row">
        <Button variant="default" leftSection={<Icon name="upload" size={16} />} loading={sending} onClick={() => file.current?.click()}>
          Choose a file
        </Button>
        <Button variant="default" leftSection={<Icon name="upload" size={16} />} loading={sending} onClick={() => folder.current?.click()}>
          Choose a folder
        </Button>
        <span className="meta">zip, JSON, CSV, Markdown or HTML, at most 50 MB</span>
        <input ref={file} type="file" hidden accept=".zip,.json,.csv,.md,.markdown,.html,.htm" data-what="file" onChange={(event) => { sendFile(event.currentTarget.files); event.currentTarget.value = ""; }} />
        <input ref={(one) => { folder.current = one; one?.setAttribute("webkitdirectory", ""); }} type="file" hidden multiple data-what="folder" onChange={(event) => { void sendFolder(event.currentTarget.files); event.currentTarget.value = ""; }} />
      </div>
      <form
        className="filters"
        onSubmit={(event) => {
          event.preventDefault();
          void attempt(() => post("/articles/import-site", { sitemap, prune }).then(() => setSitemap("")));
        }}
      >
        <TextInput className="grow" label="Sitemap of your own site" placeholder="https://shop.example/sitemap.xml" value={sitemap} onChange={(event) => setSitemap(event.currentTarget.value)} />
        <Button type="submit" loading={sending} disabled={!sitemap.trim()}>
          Read the site
        </Button>
      </form>
      <Checkbox label="Remove articles of the same import that are no longer there" checked={prune} onChange={(event) => setPrune(event.currentTarget.checked)} />
      <Problem error={problem} />
    </Section>
  );
}

function OneImport({ row }: { row: Row }) {
  const going = row.state === "reading" || row.state === "storing";
  return (
    <li>
      <div className="spread">
        <div>
          <div className="row">
            <span className="strong">{row.place}</span>
            <Badge variant="light" className={row.state === "done" ? "badge-good" : going ? "badge-plain" : "badge-bad"}>
              {WORDS[row.state]}
            </Badge>
          </div>
          <p className="meta">
            <When at={row.created_at} /> by {row.by}
          </p>
        </div>
      </div>
      {going && (
        <div role="progressbar" aria-label={`Import of ${row.place}`} aria-valuemin={0} aria-valuemax={row.total || 1} aria-valuenow={row.done}>
          <div className="import-bar">
            <span style={{ width: `${row.total ? (100 * row.done) / row.total : 0}%` }} />
          </div>
          <span className="meta">
            {row.state === "reading" ? "Reading pages" : "Storing articles"}: {row.done} of {row.total || "?"}
          </span>
        </div>
      )}
      {row.error && <Problem error={new Error(row.error)} />}
      {row.state === "stopped" && <p className="meta">The server stopped meanwhile. What was stored stays; start it again, and it goes on.</p>}
      {row.report && (
        <>
          <p className="meta">
            {row.report.added} added, {row.report.changed} changed, {row.report.unchanged} unchanged, {row.report.removed} removed, {row.report.skipped_count} passed over.
          </p>
          {row.report.skipped.length > 0 && (
            <details>
              <summary className="meta">What was passed over, and why</summary>
              <ul className="plain">
                {row.report.skipped.map((one) => (
                  <li key={one.source} className="meta">
                    <span className="mono">{one.source}</span>: {one.why}
                  </li>
                ))}
                {row.report.skipped_count > row.report.skipped.length && <li className="meta">and {row.report.skipped_count - row.report.skipped.length} more</li>}
              </ul>
            </details>
          )}
        </>
      )}
    </li>
  );
}

const WORDS = { reading: "Reading", storing: "Storing", done: "Done", failed: "Failed", stopped: "Stopped" };

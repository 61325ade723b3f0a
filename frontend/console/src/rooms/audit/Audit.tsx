import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useState } from "react";
import useSWR from "swr";
import { Link, useSearchParams } from "wouter";
import { query } from "../../api";
import { Page } from "../../ui/Page";
import { More, usePages, type Page as Paged } from "../../ui/pages";
import { Empty } from "../../ui/states";
import { Table } from "../../ui/Table";
import { When } from "../../ui/When";
import "./audit.css";

interface Entry {
  id: string;
  at: string;
  who: string;
  via: string;
  act: string;
  subject: string;
  procedure_id: string | null;
  summary: string;
}

/** One thing that was one way and is another, as summaries say it. */
const CHANGE = /^(?:(.+?): )?was (.+?), is (.+?)\.?$/s;

const plain = (value = "") => value.replace(/^“(.*)”$/s, "$1") || "nothing";

/** What was done; a change shows the old and the new under each other. */
function Said({ summary }: { summary: string }) {
  const lead = /^Email: /.exec(summary)?.[0] ?? "";
  const pieces = lead ? summary.slice(lead.length).split("; ") : [summary];
  if (!pieces.some((one) => CHANGE.test(one))) return <span className="audit-said">{summary}</span>;
  return (
    <span className="audit-said">
      {lead}
      {pieces.map((piece) => {
        const found = CHANGE.exec(piece);
        if (!found) return <span key={piece}>{piece} </span>;
        const [, what, was, is] = found;
        return (
          <span key={piece} className="audit-change">
            {what && <span>{what}</span>}
            <del>
              <span className="visually-hidden">was </span>
              {plain(was)}
            </del>
            <ins>
              <span className="visually-hidden">is </span>
              {plain(is)}
            </ins>
          </span>
        );
      })}
    </span>
  );
}

const SETTINGS: Record<string, string> = {
  agent_name: "messenger",
  greeting: "messenger",
  color: "messenger",
  timezone: "teams",
  office_hours: "teams",
  country: "teams",
  proactive_triggers: "triggers",
  enforce_identity: "identity",
  keep_closed_days: "data",
  continue_by_email: "email",
};

/** Where the thing stands that was changed; null where there is no page of it. */
function placeOf(entry: Entry): string | null {
  const [kind = "", name = ""] = entry.subject.split(/:(.*)/s);
  if (entry.procedure_id) return `~/console/procedures/${entry.procedure_id}`;
  if (kind === "trigger" && /^\d+/.test(name)) return `~/console/procedures/${/^\d+/.exec(name)?.[0]}`;
  if (kind === "conversation") return `~/console/inbox/${name}`;
  if (kind === "connector" && entry.act !== "connector.remove") return `~/console/connectors/${name}`;
  if (kind === "secret") return "~/console/connectors/-secrets";
  if (kind === "article" && entry.act !== "article.remove") return `~/console/articles/${name}`;
  if (kind === "app" || kind === "token") return "~/console/developers";
  if (kind === "webhook") return "~/console/developers/webhooks";
  if (kind === "identity_secret") return "~/console/developers/identity";
  if (kind === "origin") return "~/console/settings/messenger";
  if (kind === "teammate") return "~/console/settings/people";
  if (kind === "team") return "~/console/settings/teams";
  if (kind === "email") return "~/console/settings/email";
  if (kind === "address") return "~/console/settings/email/unsent";
  if (kind === "setting") return `~/console/settings/${name.startsWith("texts.") ? "texts" : (SETTINGS[name] ?? "")}`;
  return null;
}

function About({ entry }: { entry: Entry }) {
  const place = placeOf(entry);
  return place ? <Link href={place}>{entry.subject}</Link> : entry.subject;
}

interface Answer extends Paged {
  entries: Entry[];
}

const FROM: Record<string, string> = { console: "console", cli: "command line", api: "API", system: "by itself" };

/** Who changed what, when, and from where. The filters stand in the address. */
export default function Audit() {
  const [asked, setAsked] = useSearchParams();
  const filters = { who: asked.get("who") ?? "", act: asked.get("act") ?? "", subject: asked.get("subject") ?? "" };
  const [subject, setSubject] = useState(filters.subject);
  const { data: choices } = useSWR<{ who: string[]; acts: string[] }>("/audit/choices");
  const list = usePages<Answer>((after) => `/audit${query({ ...filters, after })}`, "the audit log");
  const narrowed = Boolean(filters.who || filters.act || filters.subject);

  function narrow(change: Partial<typeof filters>) {
    setAsked(query({ ...filters, ...change }).slice(1), { replace: true });
  }

  const entries = list.pages?.flatMap((page) => page.entries) ?? [];
  return (
    <Page title="Audit log" lead="Who changed what, when, and from where.">
      <form
        className="audit-filters"
        onSubmit={(event) => {
          event.preventDefault();
          narrow({ subject: subject.trim() });
        }}
      >
        <NativeSelect label="Who" data={[{ value: "", label: "Everybody" }, ...(choices?.who ?? []).map((one) => ({ value: one, label: one }))]} value={filters.who} onChange={(event) => narrow({ who: event.currentTarget.value })} />
        <NativeSelect label="What" data={[{ value: "", label: "Everything" }, ...(choices?.acts ?? []).map((one) => ({ value: one, label: one.replaceAll("_", " ") }))]} value={filters.act} onChange={(event) => narrow({ act: event.currentTarget.value })} />
        <TextInput label="About" placeholder="procedure:late-order" value={subject} onChange={(event) => setSubject(event.currentTarget.value)} />
        <Button type="submit" variant="default">
          Narrow it
        </Button>
      </form>
      {!list.pages ? (
        list.instead
      ) : entries.length === 0 ? (
        <Empty
          icon="audit"
          title={narrowed ? "Nothing was done that fits" : "Nothing was changed yet"}
          action={
            narrowed && (
              <Button
                variant="default"
                onClick={() => {
                  setSubject("");
                  narrow({ who: "", act: "", subject: "" });
                }}
              >
                Show everything
              </Button>
            )
          }
        >
          Sign-ins, and changes of settings, people, tokens and procedures are written down here.
        </Empty>
      ) : (
        <div className="card">
          <Table
            label="What was done"
            rows={entries}
            id={(row) => row.id}
            columns={[
              { title: "When", cell: (row) => <When at={row.at} /> },
              {
                title: "Who",
                cell: (row) => (
                  <>
                    {row.who}
                    <div className="meta">{FROM[row.via] ?? row.via}</div>
                  </>
                ),
              },
              {
                title: "What",
                cell: (row) => (
                  <>
                    <Said summary={row.summary} />
                    <div className="meta">
                      {row.act.replaceAll("_", " ")} · <About entry={row} />
                    </div>
                  </>
                ),
              },
            ]}
          />
          {list.more && (
            <div className="audit-more">
              <More list={list} />
            </div>
          )}
        </div>
      )}
    </Page>
  );
}

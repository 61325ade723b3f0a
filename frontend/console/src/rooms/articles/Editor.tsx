import { Autocomplete, Button, SegmentedControl, Textarea, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useEffect, useMemo, useState } from "react";
import useSWR, { useSWRConfig } from "swr";
import { Link, useLocation, useSearch } from "wouter";
import { post, put, remove, type Refused } from "../../api";
import { useSession } from "../../session/session";
import { Icon } from "../../ui/icons";
import { Page } from "../../ui/Page";
import { Problem } from "../../ui/states";
import { Theirs } from "../../ui/Theirs";
import { done, failed } from "../../ui/undo";
import { When } from "../../ui/When";
import { useRead } from "../../ui/useRead";
import { Condition } from "../procedures/Condition";
import type { Name } from "../procedures/tree";
import { cameFrom, type Listed } from "./Articles";

export interface Article {
  id: string;
  title: string;
  body: string;
  state: "published" | "draft";
  audience: string | null;
  collection: string | null;
  origin: string;
  own: boolean;
  source: string;
  url: string | null;
  updated_at: string;
  mark: string;
}

type Fields = Pick<Article, "title" | "body" | "state"> & { audience: string; collection: string };

const EMPTY: Fields = { title: "", body: "", state: "draft", audience: "", collection: "" };
const SAMPLE = "A gift card is valid for **three years** from the day it was bought.\n\n## Can I get the rest paid out?\n\nNo. What is left stays on the card.";

/** What an audience may look at. */
const CONTACT: Name[] = ["kind", "email", "name", "external_id", "attributes.plan"].map((one) => ({ path: `contact.${one}`, from: "The contact" }));

/** What was typed and not kept yet: in this browser, so that a closed or left page loses nothing. */
const place = (id: string | undefined) => `overture:unsaved-article:${id ?? "new"}`;

function unsavedOf(id: string | undefined, start: Fields): Fields | null {
  try {
    const kept = JSON.parse(localStorage.getItem(place(id)) ?? "null") as Fields | null;
    return kept && JSON.stringify(kept) !== JSON.stringify(start) ? kept : null;
  } catch {
    return null;
  }
}

export function NewArticle() {
  const search = useSearch();
  const title = useMemo(() => new URLSearchParams(search).get("title") ?? "", [search]);
  return <Form article={null} start={{ ...EMPTY, title }} />;
}

export function Editor({ id }: { id: string }) {
  const { data, mutate, instead } = useRead<Article>(`/articles/${id}`, "the article", { revalidateOnFocus: false });
  if (!data) return instead;
  return <Form key={data.mark + data.own} article={data} start={fieldsOf(data)} changed={(next) => void mutate(next, { revalidate: false })} />;
}

function fieldsOf(article: Article): Fields {
  return { title: article.title, body: article.body, state: article.state, audience: article.audience ?? "", collection: article.collection ?? "" };
}

function Form({ article, start, changed }: { article: Article | null; start: Fields; changed?: (next: Article) => void }) {
  const session = useSession();
  const [fields, setFields] = useState(start);
  const [problem, setProblem] = useState<Refused | null>(null);
  const [theirs, setTheirs] = useState<Article | null>(null);
  const [saving, setSaving] = useState(false);
  const [, go] = useLocation();
  const { mutate } = useSWRConfig();
  const { data: listed } = useSWR<Listed>("/articles");
  const mayWrite = session.may("articles.write");
  const own = article === null || article.own;
  const locked = !mayWrite || !own;
  const dirty = JSON.stringify(fields) !== JSON.stringify(start);
  const [unsaved, setUnsaved] = useState(() => unsavedOf(article?.id, start));
  const set = (part: Partial<Fields>) => setFields((before) => ({ ...before, ...part }));
  const wrong = (name: string) => (problem?.field === name ? problem.message : undefined);

  useEffect(() => {
    if (!dirty) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [dirty]);

  useEffect(() => {
    if (dirty) localStorage.setItem(place(article?.id), JSON.stringify(fields));
  }, [dirty, fields, article?.id]);

  function forget() {
    localStorage.removeItem(place(article?.id));
    setUnsaved(null);
  }

  function listsAreOld() {
    void mutate((key) => typeof key === "string" && (key.startsWith("/articles?") || key === "/articles" || key.startsWith("$inf$/articles")));
  }

  async function save(state: Fields["state"], basedOn = article?.mark) {
    setSaving(true);
    setProblem(null);
    try {
      const body = { ...fields, state };
      localStorage.removeItem(place(article?.id));
      if (!own) {
        changed?.(await post<Article>(`/articles/${article?.id}/collection`, { collection: fields.collection }));
        done("Kept.");
      } else if (article === null) {
        const made = await post<Article>("/articles", body);
        done(state === "published" ? "Published. The agent answers from it now." : "The draft is kept.");
        go(`/${made.id}`, { replace: true });
      } else {
        changed?.(await put<Article>(`/articles/${article.id}`, { ...body, based_on: basedOn }));
        done(state === "published" ? "Published. The agent answers from it now." : "The draft is kept. It is no answer.");
      }
      setTheirs(null);
      listsAreOld();
    } catch (error) {
      const refused = error as Refused;
      localStorage.setItem(place(article?.id), JSON.stringify(fields));
      if (refused.code === "conflict" && refused.details?.theirs) setTheirs(refused.details.theirs as Article);
      else setProblem(refused);
    }
    setSaving(false);
  }

  async function takeOut() {
    if (!article) return;
    try {
      const gone = await remove<Article>(`/articles/${article.id}`);
      listsAreOld();
      go("/");
      done(`“${gone.title}” is removed.`, () => {
        post<Article>("/articles", { ...fieldsOf(gone), title: gone.title }).then((back) => {
          listsAreOld();
          go(`/${back.id}`);
        }, failed);
      });
    } catch (error) {
      failed(error);
    }
  }

  const published = fields.state === "published";
  return (
    <Page
      wide
      title={article ? article.title : "New article"}
      lead={
        <span className="row">
          <Link href="/" className="back-link">
            <Icon name="left" size={16} /> Help content
          </Link>
          {article && (
            <>
              · changed <When at={article.updated_at} />
            </>
          )}
        </span>
      }
      actions={
        mayWrite && (
          <>
            {article && (
              <Button variant="subtle" color="red" onClick={() => void takeOut()}>
                Remove
              </Button>
            )}
            <Button loading={saving} disabled={article !== null && !dirty} onClick={() => void save(fields.state)}>
              {!own ? "Keep the collection" : published ? (article?.state === "published" ? "Publish the change" : "Publish") : "Keep the draft"}
            </Button>
          </>
        )
      }
    >
      {article && !article.own && (
        <p className="notice">
          <Icon name="download" size={16} />
          <span className="grow">
            Came with the import {cameFrom(article.origin)}, as {article.source}. The next import writes over it, so only its collection can be set here.
          </span>
          {mayWrite && (
            <Button
              size="compact-sm"
              variant="default"
              onClick={() =>
                post<Article>(`/articles/${article.id}/take-over`).then((mine) => {
                  done("It is yours now. An import that still holds it adds its own copy again.");
                  changed?.(mine);
                }, failed)
              }
            >
              Make it yours
            </Button>
          )}
        </p>
      )}
      {unsaved && !dirty && !theirs && mayWrite && own && (
        <p className="notice" role="alert">
          <Icon name="clock" size={16} />
          <span className="grow">What you typed here last was not kept. It is still in this browser.</span>
          <Button size="compact-sm" variant="default" onClick={() => (setFields(unsaved), setUnsaved(null))}>
            Put it back
          </Button>
          <Button size="compact-sm" variant="subtle" onClick={forget}>
            Throw it away
          </Button>
        </p>
      )}
      {theirs && <Theirs thing="article" text={`${theirs.title}\n\n${theirs.body}`} keepMine={() => void save(fields.state, theirs.mark)} takeTheirs={() => changed?.(theirs)} />}
      {!problem?.field && <Problem error={problem} />}
      <div className="two">
        <div className="stack">
          <TextInput label="Title" placeholder="How long is a gift card valid?" description="What a person would ask is the best title." readOnly={locked} value={fields.title} error={wrong("title")} onChange={(event) => set({ title: event.currentTarget.value })} />
          {!locked && <Marks set={set} />}
          <Textarea
            label="Text"
            description="Markdown: ## headings, **bold**, - lists, [links](https://…). Each part under a heading can be an answer by itself."
            placeholder={SAMPLE}
            data-article
            autosize
            minRows={14}
            maxRows={40}
            readOnly={locked}
            value={fields.body}
            error={wrong("body")}
            onChange={(event) => set({ body: event.currentTarget.value })}
            classNames={{ input: "mono" }}
          />
        </div>
        <div className="stack">
          <section className="section card" aria-label="Who gets it">
            <h2>Who gets it</h2>
            <div>
              <SegmentedControl aria-label="State" disabled={locked} value={fields.state} onChange={(state) => set({ state: state as Fields["state"] })} data={[{ value: "draft", label: "Draft" }, { value: "published", label: "Published" }]} />
              <p className="meta">{published ? "The agent answers from it as soon as it is kept." : "A draft is never an answer."}</p>
            </div>
            <div role="group" aria-label="Audience">
              <span className="strong">For whom</span>
              <p className="meta">Empty: everybody. Else only contacts that this fits get it as an answer.</p>
              <Condition label="Audience" names={CONTACT} readOnly={locked} error={Boolean(wrong("audience"))} value={fields.audience} onChange={(audience) => set({ audience })} />
              {wrong("audience") && <p className="problem">{wrong("audience")}</p>}
            </div>
            <Autocomplete label="Collection" description="Groups articles here." readOnly={!mayWrite} data={listed?.collections.map((one) => one.name) ?? []} value={fields.collection} error={wrong("collection")} onChange={(collection) => set({ collection })} />
          </section>
          <Preview title={fields.title} body={fields.body} />
        </div>
      </div>
    </Page>
  );
}

const MARKS: { label: string; shown: string; before: string; after: string; line?: boolean }[] = [
  { label: "Bold", shown: "B", before: "**", after: "**" },
  { label: "Heading", shown: "H", before: "## ", after: "", line: true },
  { label: "List", shown: "•", before: "- ", after: "", line: true },
  { label: "Link", shown: "Link", before: "[", after: "](https://)" },
];

/** Marks for who does not know Markdown by heart: around what is chosen in the text, or where one writes. */
function Marks({ set }: { set: (part: Partial<Fields>) => void }) {
  function mark({ before, after, line }: (typeof MARKS)[number]) {
    const field = document.querySelector<HTMLTextAreaElement>("textarea[data-article]");
    if (!field) return;
    const { value, selectionStart: from, selectionEnd: to } = field;
    const start = line ? value.lastIndexOf("\n", from - 1) + 1 : from;
    const inside = value.slice(start, to);
    const marked = line ? inside.split("\n").map((one) => before + one).join("\n") : before + inside + after;
    set({ body: value.slice(0, start) + marked + value.slice(to) });
    requestAnimationFrame(() => {
      field.focus();
      const end = start + marked.length - (line ? 0 : after.length);
      field.setSelectionRange(line ? end : start + before.length, end);
    });
  }
  return (
    <div className="row" role="group" aria-label="Marks in the text">
      {MARKS.map((one) => (
        <Button key={one.label} size="compact-sm" variant="default" aria-label={one.label} title={one.label} onClick={() => mark(one)}>
          {one.shown}
        </Button>
      ))}
    </div>
  );
}

/** As contacts will see it, made by the server's own cleaner. */
function Preview({ title, body }: { title: string; body: string }) {
  const [asked] = useDebouncedValue(JSON.stringify({ title, body }), 300);
  const { data } = useSWR<{ html: string; passages: { heading: string; characters: number }[] }>(["preview", asked], () => post("/articles/preview", JSON.parse(asked)), { keepPreviousData: true });
  return (
    <section className="section card" aria-label="Preview">
      <header className="section-head">
        <div>
          <h2>Preview</h2>
          <p className="meta">
            {!data ? "…" : data.passages.length === 0 ? "No text to answer from yet." : data.passages.length === 1 ? "Found as one piece." : `Found as ${data.passages.length} pieces: ${data.passages.map((one) => one.heading || "the beginning").join(", ")}.`}
          </p>
        </div>
      </header>
      <div className="article-preview">
        {title && <h3>{title}</h3>}
        <div dangerouslySetInnerHTML={{ __html: data?.html ?? "" }} />
      </div>
    </section>
  );
}


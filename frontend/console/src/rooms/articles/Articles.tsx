import { Badge, Button, NativeSelect, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import useSWRInfinite from "swr/infinite";
import { Link, Route, Switch } from "wouter";
import { query } from "../../api";
import { useSession } from "../../session/session";
import { Icon } from "../../ui/icons";
import { Page } from "../../ui/Page";
import { Empty, Failure, Loading } from "../../ui/states";
import { Subnav } from "../../ui/Subnav";
import { Table } from "../../ui/Table";
import { When } from "../../ui/When";
import "./articles.css";
import { Collections } from "./Collections";
import { Editor, NewArticle } from "./Editor";
import { ImportPage } from "./Import";
import { Questions } from "./Questions";
import { TryPage } from "./Try";

export interface Row {
  id: string;
  title: string;
  state: "published" | "draft";
  audience: string | null;
  collection: string | null;
  origin: string;
  updated_at: string;
}

export interface Listed {
  articles: Row[];
  after: string | null;
  counts: { published?: number; draft?: number };
  collections: { name: string; articles: number }[];
}

const PAGES = [
  { path: "/", label: "Articles" },
  { path: "/questions", label: "Questions" },
  { path: "/try", label: "Try a question" },
  { path: "/import", label: "Import" },
];

export default function Articles() {
  return (
    <Switch>
      <Route path="/">
        <List />
      </Route>
      <Route path="/new">
        <NewArticle />
      </Route>
      <Route path="/questions">
        <Questions nav={<Nav />} />
      </Route>
      <Route path="/try">
        <TryPage nav={<Nav />} />
      </Route>
      <Route path="/import">
        <ImportPage nav={<Nav />} />
      </Route>
      <Route path="/:id">{({ id }) => <Editor key={id} id={id} />}</Route>
    </Switch>
  );
}

function Nav() {
  return <Subnav label="Help content" pages={PAGES} />;
}

const NONE = "\u0000none";

function List() {
  const session = useSession();
  const [words, setWords] = useState("");
  const [asked] = useDebouncedValue(words, 200);
  const [state, setState] = useState("");
  const [collection, setCollection] = useState("");
  const [grouping, setGrouping] = useState(false);
  const filters = query({ words: asked, state }) + (collection ? `${asked || state ? "&" : "?"}collection=${encodeURIComponent(collection === NONE ? "" : collection)}` : "");
  const { data, error, mutate, size, setSize } = useSWRInfinite<Listed>((_: number, before: Listed | null) => {
    if (before && !before.after) return null;
    const after = before?.after ? `${filters ? "&" : "?"}after=${before.after}` : "";
    return `/articles${filters}${after}`;
  }, { keepPreviousData: true });
  if (error) return <Failure error={error} again={() => void mutate()} />;
  const first = data?.[0];
  const last = data?.at(-1);
  if (!data || !first) return <Loading what="articles" />;
  const rows = data.flatMap((page) => page.articles);
  const total = (first.counts.published ?? 0) + (first.counts.draft ?? 0);
  const mayWrite = session.may("articles.write");
  const make = mayWrite && (
    <Button component={Link} href="/new">
      New article
    </Button>
  );
  return (
    <Page
      title="Help content"
      lead={total > 0 ? `${first.counts.published ?? 0} published, ${first.counts.draft ?? 0} drafts. The agent answers from what is published, in the author's own words.` : "What the agent answers from, in the author's own words."}
      actions={total > 0 && make}
    >
      <Nav />
      {total === 0 ? (
        <Empty
          icon="article"
          title="No articles yet"
          action={
            <div className="row">
              {make}
              {mayWrite && (
                <Button component={Link} href="/import" variant="default">
                  Import what you have
                </Button>
              )}
            </div>
          }
        >
          An article is a page of help. “How long is a gift card valid?” is answered from it, with the article named as the source.
        </Empty>
      ) : (
        <>
          <div className="filters">
            <TextInput className="grow" label="Search" placeholder="Words of the title or the text" leftSection={<Icon name="search" size={16} />} value={words} onChange={(event) => setWords(event.currentTarget.value)} />
            <NativeSelect label="State" value={state} onChange={(event) => setState(event.currentTarget.value)} data={[{ value: "", label: "Any" }, { value: "published", label: "Published" }, { value: "draft", label: "Draft" }]} />
            <NativeSelect
              label="Collection"
              value={collection}
              onChange={(event) => setCollection(event.currentTarget.value)}
              data={[{ value: "", label: "Any" }, ...first.collections.map((one) => ({ value: one.name, label: `${one.name} (${one.articles})` })), { value: NONE, label: "In none" }]}
            />
            {mayWrite && first.collections.length > 0 && (
              <Button variant="default" onClick={() => setGrouping(true)}>
                Collections
              </Button>
            )}
          </div>
          {rows.length === 0 ? (
            <Empty icon="search" title="Nothing fits">
              No article has these words, this state and this collection.
            </Empty>
          ) : (
            <div className="card">
              <Table
                label="Articles"
                rows={rows}
                id={(row) => row.id}
                columns={[
                  {
                    title: "Article",
                    cell: (row) => (
                      <>
                        <Link href={`/${row.id}`} className="strong">
                          {row.title}
                        </Link>
                        {row.audience && <div className="meta clip">for {row.audience}</div>}
                      </>
                    ),
                  },
                  { title: "State", cell: (row) => <StateBadge state={row.state} /> },
                  { title: "Collection", wide: true, cell: (row) => row.collection ?? <span className="quiet">none</span> },
                  { title: "From", wide: true, cell: (row) => <span className="meta clip">{cameFrom(row.origin)}</span> },
                  { title: "Changed", wide: true, cell: (row) => <When at={row.updated_at} /> },
                ]}
              />
            </div>
          )}
          {last?.after && (
            <div>
              <Button variant="default" onClick={() => void setSize(size + 1)}>
                Show more
              </Button>
            </div>
          )}
        </>
      )}
      <Collections opened={grouping} close={() => setGrouping(false)} collections={first.collections} changed={() => void mutate()} />
    </Page>
  );
}

export function StateBadge({ state }: { state: Row["state"] }) {
  return (
    <Badge variant="light" className={state === "published" ? "badge-good" : "badge-plain"}>
      {state === "published" ? "Published" : "Draft"}
    </Badge>
  );
}

/** Where an article came from, in words. */
export function cameFrom(origin: string): string {
  if (origin === "console") return "written here";
  if (!origin) return "an import without a name";
  return origin.replace(/^console:/, "");
}

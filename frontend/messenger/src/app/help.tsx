// Help articles: looked for here, by their collection or by words, and read here.

import { useEffect, useState } from "preact/hooks";
import type { Article, ArticleRow, ArticlesFound } from "../../../protocol/messenger";
import type { Refused } from "../loader/session";
import { Icon } from "./icons";
import { Body } from "./message";
import type { Store } from "./store";
import { ago, count, exact, iso, t } from "./words";

/** What the articles hold on this, asked for when the words have stood for a moment. */
export function useArticles(store: Store, query: string): { found: ArticlesFound | null; problem: string } {
  const [found, setFound] = useState<ArticlesFound | null>(null);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    const stop = new AbortController();
    const later = setTimeout(
      () => {
        const path = `articles?query=${encodeURIComponent(query.trim().slice(0, 300))}`;
        store.kit.line.call<ArticlesFound>(path, () => ({}), { signal: stop.signal, bare: true }).then(
          (answer) => {
            setFound(answer);
            setProblem("");
          },
          (refused: Refused) => stop.signal.aborted || setProblem(refused.message || t("unavailable")),
        );
      },
      found ? 250 : 0,
    );
    return () => {
      clearTimeout(later);
      stop.abort();
    };
  }, [query]);
  return { found, problem };
}

export function Articles({ store, rows }: { store: Store; rows: ArticleRow[] }) {
  return (
    <ul class="rows" aria-label={t("articles")}>
      {rows.map((row) => (
        <Row key={row.id} title={row.title} text={row.excerpt} open={() => store.go({ name: "article", id: row.id })} />
      ))}
    </ul>
  );
}

function Row({ title, text, open }: { title: string; text: string; open: () => void }) {
  return (
    <li>
      <button type="button" class="row" onClick={open}>
        <span class="top">
          <b dir="auto">{title}</b>
          <Icon name="right" size={16} />
        </span>
        <span class="last">
          <span class="what" dir="auto">
            {text}
          </span>
        </span>
      </button>
    </li>
  );
}

export function Help({ store }: { store: Store }) {
  const [query, setQuery] = useState(store.searched);
  store.searched = query;
  const { found, problem } = useArticles(store, query);
  const rows = found?.articles;
  const groups = found?.collections.length;
  return (
    <div class="scroll">
      <form class="search" role="search" onSubmit={(event) => event.preventDefault()}>
        <Icon name="search" />
        <input
          type="search"
          aria-label={t("search_help")}
          placeholder={t("search_help")}
          value={query}
          onInput={(event) => setQuery(event.currentTarget.value)}
        />
      </form>
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <p class="unseen" role="status">
        {!rows && t("searching")}
        {rows && (rows.length ? (groups ? `${t("collections")}: ${groups}` : `${t("articles")}: ${rows.length}`) : t("no_articles", { query }))}
      </p>
      {rows?.length === 0 && (
        <div class="empty">
          <h3>{query.trim() ? t("no_articles", { query: query.trim() }) : t("no_articles_at_all")}</h3>
          {query.trim() && <p>{t("no_articles_hint")}</p>}
          <button type="button" class="main" onClick={() => store.begin()}>
            {t("send_us")}
          </button>
        </div>
      )}
      {found && groups ? (
        <ul class="rows" aria-label={t("collections")}>
          {found.collections.map(({ name, articles }) => (
            <Row
              key={name}
              title={name || t("loose_articles")}
              text={count("articles", articles)}
              open={() => store.go({ name: "collection", collection: name })}
            />
          ))}
        </ul>
      ) : (
        rows && rows.length > 0 && <Articles store={store} rows={rows} />
      )}
      {!found && !problem && <Ghosts />}
    </div>
  );
}

/** The articles of one collection, page after page; of those in none, where it has no name. */
export function Collection({ store, name }: { store: Store; name: string }) {
  const [rows, setRows] = useState<ArticleRow[] | null>(null);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    const stop = new AbortController();
    const read = async (before: ArticleRow[], after: string): Promise<void> => {
      const path = `articles?collection=${encodeURIComponent(name)}&after=${after}`;
      const found = await store.kit.line.call<ArticlesFound>(path, () => ({}), { signal: stop.signal, bare: true });
      const all = [...before, ...found.articles];
      setRows(all);
      if (found.after) await read(all, found.after);
    };
    read([], "").catch((refused: Refused) => stop.signal.aborted || setProblem(refused.message || t("unavailable")));
    return () => stop.abort();
  }, [name]);
  return (
    <div class="scroll">
      {(problem || rows?.length === 0) && (
        <p class="problem" role="alert">
          {problem || t("collection_gone")}
        </p>
      )}
      {rows && rows.length > 0 && <Articles store={store} rows={rows} />}
      {!rows && !problem && <Ghosts />}
    </div>
  );
}

function Ghosts() {
  return (
    <div class="ghosts" aria-hidden="true">
      <i />
      <i />
      <i />
    </div>
  );
}

export function Reader({ store, id }: { store: Store; id: string }) {
  const [article, setArticle] = useState<Article | null>(null);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    store.kit.line.call<Article>(`articles/${encodeURIComponent(id)}`, () => ({}), { bare: true }).then(setArticle, (refused: Refused) =>
      setProblem(refused.status === 404 ? t("article_gone") : refused.message || t("unavailable")),
    );
  }, [id]);
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={t("articles")}>
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      {article && (
        <article class="article">
          <h3 dir="auto">{article.title}</h3>
          <p class="quiet">
            <time dateTime={iso(article.updated_at)} title={exact(article.updated_at)}>
              {t("updated", { when: ago(article.updated_at) })}
            </time>
          </p>
          <Body text={withoutTitle(article)} format="markdown" />
        </article>
      )}
    </div>
  );
}

/** A title that is also the first heading is read once. */
function withoutTitle({ title, body }: Article): string {
  return body.replace(/^\s*#+ +(.*?)[ #]*(\n|$)/, (line, words: string) => (words.trim() === title ? "" : line));
}

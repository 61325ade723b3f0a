// Help articles: looked for here, and read here.

import { useEffect, useState } from "preact/hooks";
import type { Article, ArticleRow } from "../../../protocol/messenger";
import type { Refused } from "../loader/session";
import { Icon } from "./icons";
import { Body } from "./message";
import type { Store } from "./store";
import { ago, exact, iso, t } from "./words";

/** What the articles hold on this, asked for when the words have stood for a moment. */
export function useArticles(store: Store, query: string): { found: ArticleRow[] | null; problem: string } {
  const [found, setFound] = useState<ArticleRow[] | null>(null);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    const stop = new AbortController();
    const later = setTimeout(
      () => {
        const path = `articles?query=${encodeURIComponent(query.trim().slice(0, 300))}`;
        store.kit.line.call<{ articles: ArticleRow[] }>(path, () => ({}), { signal: stop.signal, bare: true }).then(
          ({ articles }) => {
            setFound(articles);
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
        <li key={row.id}>
          <button type="button" class="row" onClick={() => store.go({ name: "article", id: row.id })}>
            <span class="top">
              <b dir="auto">{row.title}</b>
              <Icon name="right" size={16} />
            </span>
            <span class="last">
              <span class="what" dir="auto">
                {row.excerpt}
              </span>
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}

export function Help({ store }: { store: Store }) {
  const [query, setQuery] = useState(store.searched);
  store.searched = query;
  const { found, problem } = useArticles(store, query);
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
        {found ? (found.length ? `${t("articles")}: ${found.length}` : t("no_articles", { query })) : t("searching")}
      </p>
      {found?.length === 0 && (
        <div class="empty">
          <h3>{query.trim() ? t("no_articles", { query: query.trim() }) : t("no_articles_at_all")}</h3>
          {query.trim() && <p>{t("no_articles_hint")}</p>}
          <button type="button" class="main" onClick={() => store.begin()}>
            {t("send_us")}
          </button>
        </div>
      )}
      {found && found.length > 0 && <Articles store={store} rows={found} />}
      {!found && !problem && (
        <div class="ghosts" aria-hidden="true">
          <i />
          <i />
          <i />
        </div>
      )}
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

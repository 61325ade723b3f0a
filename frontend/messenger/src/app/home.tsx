// The first thing one sees, and the list of conversations.

import { useState } from "preact/hooks";
import type { Conversation, Part } from "../../../protocol/messenger";
import { Articles, useArticles } from "./help";
import { Icon } from "./icons";
import { plain } from "./markdown";
import type { Store } from "./store";
import { ago, count, exact, iso, t } from "./words";

export function Home({ store }: { store: Store }) {
  const recent = sorted(store).slice(0, 2);
  const [query, setQuery] = useState("");
  const found = useArticles(store, "").found?.articles;
  return (
    <div class="scroll home">
      <p class="greeting">{store.kit.baked.look?.greeting || t("greeting")}</p>
      <p class="quiet">{t("greeting_hint")}</p>
      <button type="button" class="main wide" onClick={() => store.begin()}>
        {t("send_us")} <Icon name="send" />
      </button>
      {recent.length > 0 && (
        <section class="card">
          <h3>{t("recent")}</h3>
          <Rows store={store} talks={recent} />
        </section>
      )}
      <form
        class="search"
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          store.searched = query;
          store.go({ name: "help" });
        }}
      >
        <Icon name="search" />
        <input
          type="search"
          aria-label={t("search_help")}
          placeholder={t("search_help")}
          value={query}
          onInput={(event) => setQuery(event.currentTarget.value)}
        />
      </form>
      {found && found.length > 0 && (
        <section class="card">
          <Articles store={store} rows={found.slice(0, recent.length ? 2 : 4)} />
        </section>
      )}
    </div>
  );
}

export function List({ store }: { store: Store }) {
  const talks = sorted(store);
  return (
    <>
      <div class="scroll">
        {talks.length ? (
          <Rows store={store} talks={talks} />
        ) : (
          <div class="empty">
            <h3>{t("no_conversations")}</h3>
            <p>{t("no_conversations_hint")}</p>
          </div>
        )}
      </div>
      <div class="foot">
        <button type="button" class="main wide" onClick={() => store.begin()}>
          {t("send_us")} <Icon name="send" />
        </button>
      </div>
    </>
  );
}

function sorted(store: Store): Conversation[] {
  return [...store.talks.values()].sort((a, b) => b.updated_at - a.updated_at);
}

function Rows({ store, talks }: { store: Store; talks: Conversation[] }) {
  return (
    <ul class="rows">
      {talks.map((talk) => {
        const last = talk.last_part;
        const at = last?.created_at ?? talk.updated_at;
        return (
          <li key={talk.id}>
            <button type="button" class="row" onClick={() => store.go({ name: "thread", thread: talk.id })}>
              <span class="top">
                <b dir="auto">{talk.title || last?.author.name || t("conversation")}</b>
                <time dateTime={iso(at)} title={exact(at)}>
                  {ago(at)}
                </time>
              </span>
              <span class="last">
                {talk.proactive && <Icon name="curtain" size={14} />}
                <span class="what" dir="auto">
                  {lastWords(last)}
                </span>
                {talk.unread > 0 && (
                  <span class="badge">
                    <span aria-hidden="true">{talk.unread}</span>
                    <span class="unseen">{count("unread", talk.unread)}</span>
                  </span>
                )}
              </span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}

function lastWords(part: Part | null): string {
  if (!part) return "";
  if (part.event === "closed") return t("closed");
  if (part.event === "assigned") return part.team ? t("handed_over", { team: part.team }) : t("handed_over_team");
  const words = part.body ? plain(part.body) : (part.attachments[0]?.name ?? "");
  return part.author.type === "user" ? `${t("you")}: ${words}` : words;
}

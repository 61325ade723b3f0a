// The panel: a dialog beside the page, or over it where the screen is small.

import { useEffect, useReducer, useRef } from "preact/hooks";
import { Collection, Help, Reader } from "./help";
import { Home, List } from "./home";
import { Icon } from "./icons";
import { plain } from "./markdown";
import { covers, isNew, isWithin, type Store } from "./store";
import { Thread } from "./thread";
import { count, direction, t } from "./words";

const TABS = [
  ["home", "home"],
  ["messages", "chat"],
  ["help", "help"],
] as const;

export function Panel({ store }: { store: Store }) {
  const [, redraw] = useReducer((turn: number) => turn + 1, 0);
  const panel = useRef<HTMLElement>(null);
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    store.watch(() => redraw(0));
    redraw(0);
  }, []);

  const { view, open } = store;
  const over = covers();
  const place = view.name === "thread" ? view.thread : view.name === "article" ? view.id : view.name === "collection" ? view.collection : view.name;

  // One who asked for the panel goes on in it; one who did not keeps their place, unless it covers the page.
  useEffect(() => {
    if (!open) return;
    if (store.asked && view.name !== "thread") title.current?.focus({ preventScroll: true });
    else if (over && !store.asked) title.current?.focus({ preventScroll: true });
  }, [open, view.name, place]);

  const theme = store.kit.settings().theme_mode;
  const look = theme === "dark" || theme === "light" ? theme : "system";
  return (
    <div class={`all ${look}`} dir={direction()}>
      <p class="unseen" role="status" aria-live="polite">
        {store.aloud && plain(store.aloud)}
      </p>
      {!open && store.teaser && <Teaser store={store} />}
      {open && (
        <section
          class="panel"
          ref={panel}
          role="dialog"
          aria-modal={over ? "true" : undefined}
          aria-labelledby="title"
          onKeyDown={(event) => onKey(event, store, panel.current, over)}
        >
          <header class="head">
            {store.trail.length > 0 && (
              <button type="button" class="tool" aria-label={t("back")} title={t("back")} onClick={() => store.back()}>
                <Icon name="back" />
              </button>
            )}
            <div class="name">
              <h2 id="title" ref={title} tabIndex={-1} dir="auto">
                {heading(store)}
              </h2>
              {view.name === "thread" && <p>{withPerson(store, view.thread) ? t("with_person") : t("with_agent")}</p>}
            </div>
            <button type="button" class="tool" aria-label={t("close")} title={t("close")} onClick={() => leave(store)}>
              <Icon name="close" />
            </button>
          </header>
          <p class="notice" role="status" hidden={store.online}>
            {store.online ? "" : store.problem || t(navigator.onLine ? (store.known ? "reconnecting" : "unavailable") : "offline")}
          </p>
          {view.name === "home" && <Home store={store} />}
          {view.name === "messages" && <List store={store} />}
          {view.name === "help" && <Help store={store} />}
          {view.name === "collection" && <Collection key={view.collection} store={store} name={view.collection} />}
          {view.name === "article" && <Reader key={view.id} store={store} id={view.id} />}
          {view.name === "thread" && <Thread key={store.begunAs.get(view.thread) ?? view.thread} store={store} thread={view.thread} text={view.text} />}
          {!isWithin(view) && (
            <nav class="tabs" aria-label={store.kit.baked.name || "Overture"}>
              {TABS.map(([name, icon]) => (
                <button
                  key={name}
                  type="button"
                  aria-current={view.name === name ? "page" : undefined}
                  onClick={() => store.go({ name })}
                >
                  <Icon name={icon} size={22} />
                  {t(name)}
                  {name === "messages" && store.unread() > 0 && (
                    <>
                      <i class="dot" />
                      <span class="unseen">, {count("unread", store.unread())}</span>
                    </>
                  )}
                </button>
              ))}
            </nav>
          )}
        </section>
      )}
    </div>
  );
}

function heading(store: Store): string {
  const { view, kit } = store;
  if (view.name === "messages") return t("messages");
  if (view.name === "help" || view.name === "article") return t("help");
  if (view.name === "collection") return view.collection || t("loose_articles");
  if (view.name === "thread" && isNew(view.thread)) return t("new_conversation");
  if (view.name === "thread") return store.talks.get(view.thread)?.title || kit.baked.name || t("conversation");
  return kit.baked.name || t("home");
}

function withPerson(store: Store, thread: string): boolean {
  const by = store.talks.get(thread)?.handled_by;
  return Boolean(by) && by !== "agent";
}

export function leave(store: Store): void {
  store.hide();
  store.kit.launcher.button.focus();
}

// Escape closes. Where the panel covers the page, Tab stays in it.
function onKey(event: KeyboardEvent, store: Store, panel: HTMLElement | null, over: boolean): void {
  if (event.key === "Escape" && !event.isComposing) {
    event.stopPropagation();
    leave(store);
  } else if (event.key === "Tab" && over && panel) {
    const all = [...panel.querySelectorAll<HTMLElement>("button,a[href],input,textarea,[tabindex='0']")].filter(
      (one) => !one.hidden && !(one as HTMLButtonElement).disabled && one.getClientRects().length,
    );
    const [first, last] = [all[0], all.at(-1)];
    const now = (panel.getRootNode() as ShadowRoot).activeElement;
    const ends = event.shiftKey ? now === first || now?.id === "title" : now === last;
    if (ends) {
      event.preventDefault();
      (event.shiftKey ? last : first)?.focus();
    }
  }
}

// One message, shown beside the launcher while the panel is closed.
function Teaser({ store }: { store: Store }) {
  const part = store.teaser;
  if (!part) return null;
  return (
    <div class={`teaser ${part.is_first_message ? "brass" : ""}`}>
      <button
        type="button"
        class="words"
        onClick={() => store.show({ name: "thread", thread: part.conversation_id }, true)}
      >
        <span class="who">{part.author.name}</span>
        <span class="what" dir="auto">
          {part.body ? plain(part.body) : (part.attachments[0]?.name ?? "")}
        </span>
      </button>
      <button
        type="button"
        class="tool"
        aria-label={t("dismiss")}
        onClick={() => {
          store.teaser = null;
          store.changed();
          store.kit.launcher.button.focus();
        }}
      >
        <Icon name="close" size={16} />
      </button>
    </div>
  );
}

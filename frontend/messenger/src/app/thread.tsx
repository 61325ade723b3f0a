// A conversation as it goes.

import { Fragment } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Conversation, Part } from "../../../protocol/messenger";
import { Composer } from "./composer";
import { Icon } from "./icons";
import { Body, File, Message } from "./message";
import { isNew, type Outgoing, type Store } from "./store";
import { clock, dayName, dayOf, exact, iso, t } from "./words";

const GROUP_WITHIN = 300;

export function Thread({ store, thread, text }: { store: Store; thread: string; text?: string }) {
  const talk = store.talks.get(thread);
  const held = store.threads.get(thread);
  const parts = held?.parts ?? [];
  const out = store.out.filter((one) => one.thread === thread);
  const log = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const lastSeq = parts.at(-1)?.seq ?? 0;
  const oldest = parts[0]?.seq ?? 0;
  const tall = useRef({ height: 0, oldest: 0 });

  // New words keep the end in sight, unless an older place is being read; earlier ones do not move that place.
  useLayoutEffect(() => {
    const place = log.current;
    if (!place) return;
    if (atEnd.current) place.scrollTop = place.scrollHeight;
    else if (oldest < tall.current.oldest) place.scrollTop += place.scrollHeight - tall.current.height;
    tall.current = { height: place.scrollHeight, oldest };
  }, [lastSeq, oldest, out.length, talk?.typing?.name, talk?.rating.ask, store.open]);

  const lastComment = parts.filter((part) => part.kind === "comment").at(-1);
  const choices = lastComment && lastComment.author.type !== "user" && !out.length ? lastComment.choices : [];

  return (
    <>
      {store.elsewhere && (
        <div class="notice brass">
          <p>
            <Icon name="curtain" size={16} /> {t("elsewhere")}
          </p>
          <button type="button" class="link" onClick={() => store.go({ name: "thread", thread: store.elsewhere as string })}>
            {t("show")}
          </button>
        </div>
      )}
      <div
        class="log"
        ref={log}
        role="log"
        aria-live="polite"
        aria-relevant="additions"
        aria-label={t("conversation")}
        tabIndex={0}
        onScroll={({ currentTarget: place }) => {
          atEnd.current = place.scrollHeight - place.scrollTop - place.clientHeight < 40;
        }}
      >
        {held?.more && (
          <button type="button" class="chip mid" onClick={() => store.earlier(thread)}>
            {t("earlier")}
          </button>
        )}
        {!parts.length && !out.length && (isNew(thread) || held?.loaded) && <Empty store={store} />}
        {!parts.length && !isNew(thread) && !held?.loaded && <Ghost />}
        <ol class="parts">
          {parts.map((part, at) => (
            <Fragment key={part.id}>
              {dayOf(part.created_at) !== dayOf(parts[at - 1]?.created_at ?? 0) && <li class="day">{dayName(part.created_at)}</li>}
              {part.kind === "event" ? (
                <Event part={part} />
              ) : (
                <Message store={store} part={part} last={!together(part, parts[at + 1])} />
              )}
            </Fragment>
          ))}
          {out.map((message) => (
            <Waiting key={message.client_id} store={store} message={message} />
          ))}
          {talk?.typing && (
            <li class="m theirs">
              <div class="bubble typing">
                {talk.typing.type === "bot" && <span class="unseen">{t("typing", { name: talk.typing.name })}</span>}
                <i />
                <i />
                <i />
              </div>
              {talk.typing.type === "admin" && <p class="meta">{t("typing", { name: talk.typing.name })}</p>}
            </li>
          )}
        </ol>
        {choices.length > 0 && (
          <div class="choices" role="group" aria-label={t("quick_replies")}>
            {choices.map((choice) => (
              <button
                key={choice.id}
                type="button"
                class="choice"
                onClick={() => store.send(thread, choice.label, [], { part_id: (lastComment as Part).id, id: choice.id })}
              >
                {choice.label}
              </button>
            ))}
          </div>
        )}
        {talk && <Reach store={store} talk={talk} />}
        {talk && (talk.rating.ask || talk.rating.value) && <Rating store={store} talk={talk} />}
      </div>
      <Composer key={store.begunAs.get(thread) ?? thread} store={store} thread={thread} text={text} />
    </>
  );
}

function together(part: Part, next: Part | undefined): boolean {
  return (
    next?.kind === "comment" &&
    next.author.type === part.author.type &&
    next.author.name === part.author.name &&
    next.created_at - part.created_at < GROUP_WITHIN
  );
}

function Event({ part }: { part: Part }) {
  const words =
    part.event === "assigned"
      ? part.team
        ? t("handed_over", { team: part.team })
        : t("handed_over_team")
      : part.event === "closed"
        ? `${t("closed")}. ${t("closed_hint")}`
        : part.event === "opened"
          ? t("reopened")
          : "";
  if (!words) return null;
  return (
    <li class="event" title={exact(part.created_at)}>
      {words}
    </li>
  );
}

function Waiting({ store, message }: { store: Store; message: Outgoing }) {
  return (
    <li class={`m mine out ${message.state}`}>
      {message.body && (
        <div class="bubble">
          <Body text={message.body} format="plain" />
        </div>
      )}
      {message.attachments.map((file) => (
        <File key={file.id} file={file} base={store.kit.line.base} />
      ))}
      <p class="meta" role={message.state === "failed" ? "alert" : undefined}>
        {message.state === "sending" && (
          <time dateTime={iso(message.at)}>
            {t("sending")} · {clock(message.at)}
          </time>
        )}
        {message.state === "waiting" && t("waiting")}
        {message.state === "failed" && (
          <>
            {t("failed")} {message.reason}{" "}
            <button type="button" class="link" onClick={() => store.retry(message)}>
              {t("again")}
            </button>{" "}
            <button type="button" class="link" onClick={() => store.takeBack(message)}>
              {t("edit")}
            </button>
          </>
        )}
      </p>
    </li>
  );
}

function Empty({ store }: { store: Store }) {
  return (
    <div class="empty">
      <h3>{store.kit.baked.look?.greeting || t("greeting")}</h3>
      <p>{t("greeting_hint")}</p>
    </div>
  );
}

function Ghost() {
  return (
    <div class="ghosts" aria-hidden="true">
      <i />
      <i />
      <i />
    </div>
  );
}

function Rating({ store, talk }: { store: Store; talk: Conversation }) {
  const [value, setValue] = useState(0);
  const [remark, setRemark] = useState("");
  const [problem, setProblem] = useState("");
  const given = talk.rating.value;
  const end = useRef<HTMLElement>(null);
  useEffect(() => end.current?.scrollIntoView({ block: "nearest" }), [value]);
  if (given && !talk.rating.ask)
    return (
      <p class="rated" role="status">
        {t("rated", { rating: t(`rate_${given}` as "rate_1") })}
      </p>
    );
  return (
    <section class="rating" ref={end}>
      <fieldset>
        <legend>{t("rate")}</legend>
        <div class="marks">
          {[1, 2, 3, 4, 5].map((mark) => (
            <label key={mark} class={mark <= value ? "on" : ""}>
              <input type="radio" name="rating" value={mark} checked={mark === value} onChange={() => setValue(mark)} />
              <Icon name="star" size={26} />
              <span class="unseen">{t(`rate_${mark}` as "rate_1")}</span>
            </label>
          ))}
        </div>
      </fieldset>
      {value > 0 && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            store.rate(talk.id, value, remark.trim()).catch((refused: Error) => setProblem(refused.message || t("unavailable")));
          }}
        >
          <p class="chosen-mark">{t(`rate_${value}` as "rate_1")}</p>
          <textarea
            rows={2}
            maxLength={2000}
            aria-label={t("remark")}
            placeholder={t("remark")}
            value={remark}
            onInput={(event) => setRemark(event.currentTarget.value)}
          />
          {problem && (
            <p class="problem" role="alert">
              {problem}
            </p>
          )}
          <button type="submit" class="main">
            {t("send_rating")}
          </button>
        </form>
      )}
    </section>
  );
}

// A visitor who waits for a person may leave an address, and go.
function Reach({ store, talk }: { store: Store; talk: Conversation }) {
  const [email, setEmail] = useState("");
  const [said, setSaid] = useState("");
  const [problem, setProblem] = useState("");
  const contact = store.kit.line.session?.contact;
  if (said) return <p class="reach" role="status">{said}</p>;
  if (!contact || contact.email || contact.kind === "user" || talk.handled_by === "agent" || talk.state === "closed") return null;
  return (
    <form
      class="reach"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const input = event.currentTarget.querySelector("input");
        if (!email.trim() || !input?.checkValidity()) return setProblem(t("email_wrong"));
        store.reach(email.trim()).then(
          () => setSaid(t("email_saved")),
          (refused: Error) => setProblem(refused.message || t("unavailable")),
        );
      }}
    >
      <label>
        {t("leave_email")}
        <input
          type="email"
          autocomplete="email"
          placeholder={t("email")}
          value={email}
          aria-invalid={problem ? "true" : undefined}
          onInput={(event) => setEmail(event.currentTarget.value)}
        />
      </label>
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <button type="submit" class="link">
        {t("save")}
      </button>
    </form>
  );
}

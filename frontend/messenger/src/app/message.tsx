// One message: what was said, its files, and where it comes from.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Attachment, Part } from "../../../protocol/messenger";
import { Icon } from "./icons";
import { draw, drawPlain } from "./markdown";
import type { Store } from "./store";
import { bytes, clock, exact, iso, t } from "./words";

export function Body({ text, format }: { text: string; format: "markdown" | "plain" }) {
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    place.current?.replaceChildren(format === "markdown" ? draw(text) : drawPlain(text));
  }, [text, format]);
  return <div class="body" dir="auto" ref={place} />;
}

export function Message({ store, part, last }: { store: Store; part: Part; last: boolean }) {
  const mine = part.author.type === "user";
  const base = store.kit.line.base;
  return (
    <li class={`m ${mine ? "mine" : "theirs"}`}>
      {part.is_first_message && (
        <p class="first">
          <Icon name="curtain" size={14} /> {t("proactive")}
        </p>
      )}
      <span class="unseen">{mine ? t("you") : part.author.name}: </span>
      {part.body && (
        <div class="bubble">
          <Body text={part.body} format={part.format} />
        </div>
      )}
      {part.attachments?.map((file) => <File key={file.id} file={file} base={base} />)}
      {part.sources?.length > 0 && (
        <ul class="sources" aria-label={t("sources")}>
          {part.sources.map((source) => (
            <li key={source.article_id}>
              <button type="button" class="chip" onClick={() => store.go({ name: "article", id: source.article_id })}>
                <Icon name="file" size={16} /> {source.title}
              </button>
            </li>
          ))}
        </ul>
      )}
      {last && (
        <p class="meta">
          {!mine && `${part.author.name} · `}
          <time dateTime={iso(part.created_at)} title={exact(part.created_at)}>
            {clock(part.created_at)}
          </time>
        </p>
      )}
      {part.is_first_message && <Wishes store={store} part={part} />}
    </li>
  );
}

// Why did this come, and what does the contact want of its like from now on?
function Wishes({ store, part }: { store: Store; part: Part }) {
  const id = part.conversation_id;
  const proactive = store.talks.get(id)?.proactive;
  const [why, setWhy] = useState(false);
  const [problem, setProblem] = useState("");
  const status = useRef<HTMLParagraphElement>(null);
  if (!proactive) return null;
  const wish = (choice: "not_now" | "never" | null) => {
    setProblem("");
    store.wish(id, choice).then(
      () => status.current?.focus(),
      (refused: Error) => setProblem(refused.message || t("unavailable")),
    );
  };
  return (
    <div class="wishes">
      {proactive.choice ? (
        <p class="said" role="status" tabIndex={-1} ref={status}>
          {store.stated[id] ?? t(proactive.choice)}{" "}
          <button type="button" class="link" onClick={() => wish(null)}>
            {t("take_back")}
          </button>
        </p>
      ) : (
        <p class="wish">
          <button type="button" class="link" aria-expanded={why} onClick={() => setWhy(!why)}>
            {t("why")}
          </button>
          <button type="button" class="link" onClick={() => wish("not_now")}>
            {t("not_now")}
          </button>
          <button type="button" class="link" onClick={() => wish("never")}>
            {t("never")}
          </button>
        </p>
      )}
      <p class="said" role="status">
        {(why && !proactive.choice && proactive.why) || problem}
      </p>
    </div>
  );
}

export function File({ file, base }: { file: Attachment; base: string }) {
  const href = /^https?:/.test(file.url) ? file.url : base + file.url;
  return (
    <a class={file.content_type.startsWith("image/") ? "picture" : "file"} href={href} target="_blank" rel="noopener noreferrer">
      {file.content_type.startsWith("image/") ? (
        <Picture href={href} name={file.name} />
      ) : (
        <>
          <Icon name="file" />
          <span class="name">{file.name}</span>
          <span class="quiet">{bytes(file.size)}</span>
        </>
      )}
    </a>
  );
}

// The page's policy may not let us show an image from elsewhere. What was fetched can be drawn under any policy.
export function Picture({ href, source, name }: { href?: string; source?: Blob; name: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let gone = false;
    (async () => {
      const blob = source ?? (await (await fetch(href as string, { credentials: "omit" })).blob());
      const image = await createImageBitmap(blob);
      const place = canvas.current;
      if (gone || !place) return;
      const scale = Math.min(1, 560 / image.width, 560 / image.height);
      place.width = Math.max(1, Math.round(image.width * scale));
      place.height = Math.max(1, Math.round(image.height * scale));
      place.getContext("2d")?.drawImage(image, 0, 0, place.width, place.height);
      image.close();
    })().catch(() => !gone && setFailed(true));
    return () => {
      gone = true;
    };
  }, [href, source]);
  if (failed) return <span class="file">{t("image_failed")} ({name})</span>;
  return <canvas ref={canvas} role="img" aria-label={t("image", { name })} width={240} height={160} />;
}

// Where the contact writes: words, files, or one of the answers offered.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Attachment } from "../../../protocol/messenger";
import { Icon } from "./icons";
import { Picture } from "./message";
import type { Store } from "./store";
import { bytes, t } from "./words";

const KINDS = ["image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf"];
const LARGEST = 10_000_000;
const MOST = 5;
const LONGEST = 10_000;

interface Chosen {
  file: File;
  sent: Attachment | null;
}

// What was being written stays there while another part of the messenger is looked at.
const drafts = new Map<string, string>();

export function Composer({ store, thread, text }: { store: Store; thread: string; text?: string }) {
  const field = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const [words, setWords] = useState(text ?? drafts.get(thread) ?? "");
  const [files, setFiles] = useState<Chosen[]>([]);
  const [problem, setProblem] = useState("");
  const uploading = files.find((one) => !one.sent);
  const ready = !uploading && (words.trim() || files.length);

  useLayoutEffect(() => {
    drafts.set(thread, words);
    const place = field.current;
    if (!place) return;
    place.style.height = "auto";
    place.style.height = `${Math.min(place.scrollHeight, 144)}px`;
  }, [words, thread]);

  // Before the next key can come.
  useLayoutEffect(() => {
    if (store.asked) field.current?.focus({ preventScroll: true });
  }, []);

  useEffect(() => {
    const back = store.returned;
    if (back?.thread !== thread) return;
    store.returned = null;
    setWords((now) => [back.body, now].filter(Boolean).join("\n"));
    field.current?.focus();
  });

  function submit(): void {
    if (!ready) return;
    store.send(
      thread,
      words.trim(),
      files.map((one) => one.sent as Attachment),
    );
    setWords("");
    setFiles([]);
    setProblem("");
    field.current?.focus();
  }

  async function add(list: Iterable<File>): Promise<void> {
    setProblem("");
    let room = MOST - files.length;
    for (const file of list) {
      if (room <= 0) return setProblem(t("file_many"));
      if (!KINDS.includes(file.type)) setProblem(t("file_kind", { name: file.name }));
      else if (file.size > LARGEST) setProblem(t("file_large", { name: file.name, size: bytes(LARGEST) }));
      else {
        room -= 1;
        const chosen: Chosen = { file, sent: null };
        setFiles((now) => [...now, chosen]);
        store.upload(file).then(
          (sent) => setFiles((now) => now.map((one) => (one === chosen ? { file, sent } : one))),
          (refused: Error) => {
            setFiles((now) => now.filter((one) => one !== chosen));
            setProblem(refused.message || t("file_failed", { name: file.name }));
          },
        );
      }
    }
  }

  return (
    <form
      class="write"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      {files.length > 0 && (
        <ul class="chosen">
          {files.map((one) => (
            <li key={one.file}>
              {one.file.type.startsWith("image/") ? <Picture source={one.file} name={one.file.name} /> : <Icon name="file" />}
              <span class="name">{one.sent ? one.file.name : t("uploading", { name: one.file.name })}</span>
              <button
                type="button"
                class="tool"
                aria-label={t("remove_file", { name: one.file.name })}
                onClick={() => setFiles((now) => now.filter((other) => other !== one))}
              >
                <Icon name="close" size={16} />
              </button>
            </li>
          ))}
        </ul>
      )}
      <div class="line">
        <button type="button" class="tool" aria-label={t("attach")} title={t("attach")} onClick={() => picker.current?.click()}>
          <Icon name="clip" />
        </button>
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          accept={KINDS.join()}
          onChange={(event) => {
            const input = event.currentTarget;
            void add([...(input.files ?? [])]);
            input.value = "";
          }}
        />
        <textarea
          ref={field}
          rows={1}
          dir="auto"
          maxLength={LONGEST}
          enterkeyhint="send"
          aria-label={t("your_message")}
          placeholder={t("write")}
          value={words}
          onInput={(event) => {
            setWords(event.currentTarget.value);
            store.typing(thread);
          }}
          onKeyDown={(event) => {
            // Some browsers end a composition with the Enter that chose its word (229).
            if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) {
              event.preventDefault();
              submit();
            }
          }}
          onPaste={(event) => {
            const pasted = [...(event.clipboardData?.files ?? [])];
            if (pasted.length) {
              event.preventDefault();
              void add(pasted);
            }
          }}
        />
        <button type="submit" class="send" aria-label={t("send")} title={t("send")} disabled={!ready}>
          <Icon name="send" />
        </button>
      </div>
    </form>
  );
}

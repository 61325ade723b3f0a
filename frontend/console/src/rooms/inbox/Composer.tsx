import { ActionIcon, Button, Menu, SegmentedControl, Textarea, Tooltip } from "@mantine/core";
import { useEffect, useRef, useState, type RefObject } from "react";
import { useSWRConfig } from "swr";
import { call, post, remove, Refused } from "../../api";
import { Icon } from "../../ui/icons";
import { done, failed } from "../../ui/undo";
import { type Change, type Overview } from "./api";

interface Props {
  id: string;
  field: RefObject<HTMLTextAreaElement | null>;
  mode: "reply" | "note";
  /** Go on to write one or the other. */
  write: (mode: "reply" | "note") => void;
  overview: Overview | undefined;
  agentAnswers: boolean;
  change: Change;
}

const KEPT = "overture-unsent-";

/** Write to the contact, or a note to the team. What is typed stays in this browser until it is sent. */
export function Composer({ id, field, mode, write, overview, agentAnswers, change }: Props) {
  const note = mode === "note";
  const key = `${KEPT}${id}${note ? "-note" : ""}`;
  const [text, setText] = useState(() => sessionStorage.getItem(key) ?? "");
  const [files, setFiles] = useState<{ id: string; name: string }[]>([]);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Refused | null>(null);
  const chooser = useRef<HTMLInputElement>(null);
  const told = useRef(0);
  const clientId = useRef(fresh());
  const [chose, setChose] = useState(false);
  const { mutate } = useSWRConfig();

  useEffect(() => {
    setText(sessionStorage.getItem(key) ?? "");
  }, [key]);

  function type(value: string) {
    setText(value);
    sessionStorage.setItem(key, value);
    // While one writes to the contact, the agent holds back and the contact sees that somebody writes.
    if (!note && value && Date.now() - told.current > 3000) {
      told.current = Date.now();
      post(`/conversations/${id}/look`, { writing: true }).catch(() => {});
    }
  }

  async function send() {
    if ((!text.trim() && files.length === 0) || busy) return;
    setBusy(true);
    setProblem(null);
    try {
      await change("reply", { body: text, client_id: clientId.current, note, files: files.map((one) => one.id) });
      clientId.current = fresh();
      // What was typed while it went out is the beginning of the next one.
      const kept = sessionStorage.getItem(key) ?? "";
      const rest = kept.startsWith(text) ? kept.slice(text.length) : kept;
      sessionStorage.setItem(key, rest);
      setText((shown) => (shown === kept ? rest : shown));
      setFiles([]);
    } catch (error) {
      setProblem(error as Refused);
    } finally {
      setBusy(false);
    }
  }

  /** From the menu on to the text; left by Escape, it leads back to its button. */
  function writeOn() {
    setChose(true);
    field.current?.focus();
  }

  async function attach(list: FileList | null) {
    for (const one of list ?? []) {
      try {
        const kept = await call<{ id: string; name: string }>("POST", `/conversations/${id}/files?name=${encodeURIComponent(one.name)}`, one);
        setFiles((before) => [...before, kept]);
      } catch (error) {
        failed(error);
      }
    }
  }

  async function keepAsMacro() {
    const name = text.trim().split("\n")[0]!.slice(0, 60);
    try {
      const made = await post<{ id: string }>("/macros", { name, text });
      void mutate("/inbox/overview");
      done(`Kept as “${name}”.`, () => void remove(`/macros/${made.id}`).then(() => mutate("/inbox/overview"), failed));
    } catch (error) {
      failed(error);
    }
  }

  const mention = note ? /(?:^|\s)@([^@\n]{0,30})$/.exec(text)?.[1] : undefined;
  const found = mention === undefined ? [] : (overview?.teammates ?? []).filter((mate) => mate.name.toLowerCase().startsWith(mention.toLowerCase()) && mention !== `${mate.name} `).slice(0, 5);

  return (
    <div className={note ? "composer composer-note" : "composer"}>
      <div className="spread">
        <SegmentedControl
          size="xs"
          aria-label="What you write"
          value={note ? "note" : "reply"}
          onChange={(value) => write(value as "reply" | "note")}
          data={[
            { value: "reply", label: "Reply" },
            { value: "note", label: "Note" },
          ]}
        />
        {agentAnswers && !note && <span className="meta">{text ? "The agent waits while you write. Your reply takes over." : "Your reply takes over from the agent."}</span>}
      </div>
      <Textarea
        ref={field}
        aria-label={note ? "Note to the team" : "Reply"}
        placeholder={note ? "Only the team sees this. @Name tells somebody" : "Write to the contact"}
        autosize
        minRows={2}
        maxRows={10}
        value={text}
        onChange={(event) => type(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void send();
          else if (event.key === "Escape") event.currentTarget.blur();
        }}
      />
      {found.length > 0 && (
        <p className="row" role="group" aria-label="Whom to tell">
          {found.map((mate) => (
            <Button key={mate.id} size="compact-sm" variant="default" onClick={() => (type(text.replace(/@[^@\n]*$/, `@${mate.name} `)), field.current?.focus())}>
              @{mate.name}
            </Button>
          ))}
        </p>
      )}
      {files.length > 0 && (
        <p className="row">
          {files.map((one) => (
            <span key={one.id} className="tag">
              {one.name}
              <ActionIcon size={20} variant="transparent" aria-label={`Leave ${one.name} out`} onClick={() => setFiles(files.filter((other) => other.id !== one.id))}>
                <Icon name="close" size={12} />
              </ActionIcon>
            </span>
          ))}
        </p>
      )}
      {problem && (
        <p className="problem" role="alert">
          <Icon name="warning" size={16} /> Not sent: {problem.message}
        </p>
      )}
      <div className="spread">
        <div className="row">
          {!note && (
            <>
              <input ref={chooser} type="file" hidden multiple accept="image/*,application/pdf" onChange={(event) => void attach(event.currentTarget.files)} />
              <Tooltip label="Attach a picture or PDF">
                <ActionIcon variant="subtle" aria-label="Attach a picture or PDF" onClick={() => chooser.current?.click()}>
                  <Icon name="attach" size={16} />
                </ActionIcon>
              </Tooltip>
            </>
          )}
          <Menu position="top-start" returnFocus={!chose} onOpen={() => setChose(false)}>
            <Menu.Target>
              <Button size="compact-sm" variant="subtle">
                Ready answers
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              {(overview?.macros ?? []).map((one) => (
                <Menu.Item key={one.id} onClick={() => (type(text ? `${text}\n${one.text}` : one.text), writeOn())}>
                  {one.name}
                </Menu.Item>
              ))}
              {overview?.macros.length === 0 && <Menu.Label>None yet. Write one, then keep it here.</Menu.Label>}
              <Menu.Divider />
              <Menu.Item disabled={!text.trim()} onClick={() => (void keepAsMacro(), writeOn())}>
                Keep this text as one
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </div>
        <Button size="compact-sm" loading={busy} disabled={!text.trim() && files.length === 0} onClick={() => void send()}>
          {note ? "Leave the note" : problem ? "Send again" : "Send"}
        </Button>
      </div>
    </div>
  );
}

function fresh(): string {
  return crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random()}`;
}

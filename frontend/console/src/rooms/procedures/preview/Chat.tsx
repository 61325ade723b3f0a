import { ActionIcon, Button, Select, TextInput } from "@mantine/core";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { Icon } from "../../../ui/icons";
import { clock, DUE, lengthOf, type Message, type Shown } from "./api";

const TIMES = [
  { wait: "10m", label: "10 min" },
  { wait: "1h", label: "1 hour" },
  { wait: "1d", label: "1 day" },
  { wait: "7d", label: "7 days" },
];

export type Does = (what: "say" | "forward" | "teammate", body: unknown) => Promise<boolean>;

/** The previews that the field was given the focus for: once each, not whenever the page gets another width. */
const begun = new Set<string>();

/** The talk, the clock, and the field to write in as the contact. */
export function Chat({ shown, busy, does, explain }: { shown: Shown; busy: boolean; does: Does; explain: (receipt: string) => void }) {
  const [text, setText] = useState("");
  const end = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const last = shown.messages.at(-1);

  useLayoutEffect(() => {
    const log = end.current?.parentElement;
    if (log) log.scrollTop = log.scrollHeight;
  }, [shown]);
  useEffect(() => {
    if (!begun.has(shown.id)) field.current?.focus();
    begun.add(shown.id);
  }, [shown.id]);

  async function say(words: string) {
    if (!words.trim() || busy) return;
    setText("");
    if (!(await does("say", { text: words }))) setText((typed) => typed || words);
    field.current?.focus();
  }

  const events = shown.events.filter((one) => EVENTS[one.kind]);
  const lines = [...shown.messages.map((one) => ({ seq: one.seq, message: one, event: null })), ...events.map((one) => ({ seq: one.seq, message: null, event: one }))].sort((a, b) => a.seq - b.seq);
  return (
    <section className="preview-chat" aria-label="Chat">
      <div className="preview-log" role="log" aria-label="Messages" aria-busy={busy} tabIndex={0}>
        {lines.map(({ message, event }) =>
          message ? (
            <Bubble key={message.seq} message={message} shown={shown} explain={explain}>
              {message === last && message.choices.length > 0 && (
                <div className="row preview-choices">
                  {message.choices.map((one) => (
                    <Button key={one.id} size="compact-sm" variant="default" disabled={busy} onClick={() => void say(one.label)}>
                      {one.label}
                    </Button>
                  ))}
                </div>
              )}
            </Bubble>
          ) : (
            <p key={event!.seq} className="meta preview-event">
              {EVENTS[event!.kind]} · {clock(event!.at, shown.timezone)}
            </p>
          ),
        )}
        <Standing shown={shown} />
        {shown.broken.map((one) => (
          <p key={one} className="problem">
            <Icon name="warning" size={16} /> The turn failed: {one}
          </p>
        ))}
        {shown.asked && <Asked key={shown.asked.question} asked={shown.asked} busy={busy} does={does} />}
        <div ref={end} />
      </div>
      <div className="preview-time" role="group" aria-label="Time">
        <p className="meta">
          <Icon name="clock" size={16} /> <span className="numbers">{clock(shown.now, shown.timezone)}</span>
        </p>
        {shown.next_at && <p className="meta">{`In ${lengthOf((Date.parse(shown.next_at) - Date.parse(shown.now)) / 1000)} ${DUE[shown.conversation?.due ?? ""] ?? "something falls due"}.`}</p>}
        <div className="row">
          {TIMES.map((one) => (
            <Button key={one.wait} size="compact-xs" variant="default" disabled={busy} aria-label={`${one.label} later`} onClick={() => void does("forward", { wait: one.wait })}>
              + {one.label}
            </Button>
          ))}
          <Button size="compact-xs" variant="default" disabled={busy || !shown.next_at} onClick={() => void does("forward", { wait: "next" })}>
            To what happens next
          </Button>
        </div>
      </div>
      <form
        className="row preview-composer"
        onSubmit={(event) => {
          event.preventDefault();
          void say(text);
        }}
      >
        <TextInput ref={field} className="grow" aria-label="Write as the contact" placeholder="Write as the contact" value={text} onChange={(event) => setText(event.currentTarget.value)} />
        <ActionIcon type="submit" size={36} aria-label="Send" disabled={busy || !text.trim()}>
          <Icon name="send" size={16} />
        </ActionIcon>
      </form>
    </section>
  );
}

const EVENTS: Record<string, string> = {
  open: "Opened again",
  assignment: "Given to people",
  withdrawn: "The first message was taken back",
};

function Bubble({ message, shown, explain, children }: { message: Message; shown: Shown; explain: (receipt: string) => void; children: React.ReactNode }) {
  const who = { contact: "You, as the contact", agent: "Agent", teammate: "Teammate" }[message.author];
  const side = message.kind === "note" ? "note" : message.author;
  return (
    <article className={`preview-part preview-${side}${message.first_message ? " preview-first" : ""}`}>
      <header className="meta">
        {message.first_message && <Icon name="trigger" size={16} className="brass" />}
        {who}
        {message.first_message && " · first message"}
        {message.kind === "note" && " · note, only for the team"} · <time dateTime={message.at}>{clock(message.at, shown.timezone)}</time>
        {message.receipt_id && message.author !== "contact" && (
          <button type="button" className="link-button" onClick={() => explain(message.receipt_id!)}>
            Why?
          </button>
        )}
      </header>
      <div className="preview-body" dangerouslySetInnerHTML={{ __html: message.html }} />
      {message.sources.length > 0 && <p className="meta">From {message.sources.map((one) => one.title ?? one.url).join(", ")}</p>}
      {children}
    </article>
  );
}

/** What holds now and is not said in a message. */
function Standing({ shown }: { shown: Shown }) {
  const { conversation } = shown;
  if (!conversation) return null;
  if (conversation.handed_off) {
    return <p className="meta preview-event">{conversation.team ? `People of ${conversation.team} take over.` : "People take over."} The agent is silent here from now on.</p>;
  }
  if (conversation.state === "closed") {
    return <p className="meta preview-event">{conversation.outcome === "pending" ? "Closed as pending; it does not count in the resolution rate." : "It is closed."} A message opens it again.</p>;
  }
  return null;
}

/** What the run asks the team: here you answer as the teammate too. */
function Asked({ asked, busy, does }: { asked: NonNullable<Shown["asked"]>; busy: boolean; does: Does }) {
  const [given, setGiven] = useState<Record<string, string>>({});
  const names = Object.keys(asked.fields);
  const meant = () =>
    Object.fromEntries(
      names.map((name) => {
        const type = asked.fields[name]!.type;
        const text = given[name] ?? "";
        return [name, type === "boolean" ? text === "yes" : type === "number" && text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text];
      }),
    );
  return (
    <form
      className="card preview-asked stack"
      aria-label="The agent asks a teammate"
      onSubmit={(event) => {
        event.preventDefault();
        void does("teammate", { values: meant() });
      }}
    >
      <p>
        <Icon name="people" size={16} /> The team is asked: <strong>{asked.question}</strong>
      </p>
      {names.map((name) => {
        const { type, of } = asked.fields[name]!;
        const options = type === "boolean" ? ["yes", "no"] : type === "choice" ? (of ?? []).map((one) => ({ value: one.id, label: one.label })) : null;
        return options ? (
          <Select key={name} size="sm" label={name} data={options} value={given[name] ?? null} onChange={(chosen) => setGiven({ ...given, [name]: chosen ?? "" })} />
        ) : (
          <TextInput key={name} size="sm" label={name} value={given[name] ?? ""} onChange={(event) => setGiven({ ...given, [name]: event.currentTarget.value })} />
        );
      })}
      <div>
        <Button type="submit" size="compact-sm" disabled={busy || names.some((name) => !given[name])}>
          Answer as a teammate
        </Button>
      </div>
    </form>
  );
}

import { ActionIcon, Button, Drawer, Menu, Modal, Select, Switch, TextInput } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { Link } from "wouter";
import { post, read } from "../../api";
import { useLive } from "../../live";
import { useSession } from "../../session/session";
import { useCommands } from "../../shell/Palette";
import { focusFirst } from "../../ui/focusFirst";
import { Icon } from "../../ui/icons";
import { Problem } from "../../ui/states";
import { done, failed } from "../../ui/undo";
import { When } from "../../ui/When";
import { useRead } from "../../ui/useRead";
import { act, BECAUSE, OUTCOMES, shownValue, type Change, type Overview, type Part, type Request, type Whole } from "./api";
import { Composer } from "./Composer";
import { Why } from "./Why";

export function Conversation({ id, overview, changed }: { id: string; overview: Overview | undefined; changed: () => void }) {
  const { data, mutate, instead } = useRead<Whole>(`/conversations/${id}`, "the conversation");
  const session = useSession();
  const may = session.may("inbox.write");
  const [why, setWhy] = useState<string | null>(null);
  const seen = useRef(new Map<number, Part>());
  const [older, setOlder] = useState<{ more: boolean } | null>(null);
  const [writing, setWriting] = useState<"reply" | "note">("reply");
  const [assigning, setAssigning] = useState(false);
  const [aside, setAside] = useState(false);
  const hasRoom = useMediaQuery("(min-width: 1201px)");
  const [others, setOthers] = useState<{ id: string; name: string }[]>([]);
  const end = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const last = data?.parts.at(-1)?.id;

  useLive((change) => {
    if (change.first || change.conversations.includes(id)) void mutate();
  });

  useLayoutEffect(() => {
    end.current?.scrollIntoView({ block: "end" });
  }, [last]);

  // Say that one is looking, and hear who else is.
  useEffect(() => {
    if (!may) return;
    const tell = () => {
      if (document.visibilityState === "visible") post<{ others: { id: string; name: string }[] }>(`/conversations/${id}/look`).then((answer) => setOthers(answer.others), () => {});
    };
    tell();
    const timer = setInterval(tell, 10_000);
    return () => clearInterval(timer);
  }, [id, may]);

  // Of two answers that cross the one asked for first is dropped; a look afterwards sees what both did.
  const change = useCallback<Change>(
    async (what, body) => {
      const answer = act(id, what, body);
      mutate(answer).catch(() => {}); // the reason is for the caller, below
      await answer;
      changed();
    },
    [id, mutate, changed],
  );

  const perform = useCallback(
    async (what: string, body: unknown, words: string, undo?: () => void) => {
      try {
        await change(what, body);
        done(words, undo);
      } catch (problem) {
        failed(problem);
      }
    },
    [change],
  );

  const close = useCallback(() => perform("close", {}, "Closed.", () => void perform("reopen", {}, "Open again.")), [perform]);

  // At once: React would put off what no key of its own asked for, and the next letter would miss the field.
  const write = useCallback((what: "reply" | "note") => {
    flushSync(() => setWriting(what));
    field.current?.focus();
  }, []);

  useEffect(() => {
    if (!may) return;
    const keys = (event: Event) => {
      const key = (event as CustomEvent<string>).detail;
      if (key === "r") write("reply");
      else if (key === "n") write("note");
      else if (key === "a") flushSync(() => setAssigning(true));
      else if (key === "e") void close();
    };
    document.addEventListener("overture-inbox-key", keys);
    return () => document.removeEventListener("overture-inbox-key", keys);
  }, [may, write, close]);

  const snooze = useCallback((one: Snooze) => perform("snooze", { until: one.until.toISOString() }, `Back ${one.label}.`, () => void perform("reopen", {}, "Open again.")), [perform]);

  useCommands(
    useCallback(
      () =>
        may
          ? [
              { label: "Reply to the contact", icon: "send" as const, hint: "r", run: () => write("reply") },
              { label: "Write a note to the team", icon: "note" as const, hint: "n", run: () => write("note") },
              { label: "Assign this conversation", icon: "people" as const, hint: "a", run: () => setAssigning(true) },
              { label: "Close this conversation", icon: "check" as const, hint: "e", run: () => void close() },
              ...snoozes().map((one) => ({ label: `Snooze: back ${one.label}`, icon: "clock" as const, hint: "This conversation", run: () => void snooze(one) })),
            ]
          : [],
      [may, write, close, snooze],
    ),
  );

  if (!data) return instead;

  // The newest ones move on while one reads: what was seen stays, also between them and the older ones.
  for (const part of data.parts) seen.current.set(part.seq, part);
  const parts = [...seen.current.values()].sort((a, b) => a.seq - b.seq);
  async function loadOlder() {
    try {
      const page = await read<Whole>(`/conversations/${id}?before=${parts[0]?.seq ?? 0}`);
      for (const part of page.parts) seen.current.set(part.seq, part);
      setOlder({ more: page.more });
    } catch (problem) {
      failed(problem);
    }
  }

  return (
    <div className="conversation">
      <header className="conversation-head">
        <div className="grow">
          <h2>{data.contact.name}</h2>
          <p className="meta">
            {data.proactive && (
              <span className="proactive">
                <Icon name="trigger" size={16} /> The agent made the first move ·
              </span>
            )}
            {data.state === "closed" ? "Closed" : data.state === "snoozed" ? <>Snoozed, back <When at={data.snoozed_until} /></> : data.handled_by === "agent" ? "The agent answers" : "People answer"}
            {data.outcome && ` · ${OUTCOMES[data.outcome] ?? data.outcome}`}
          </p>
          {holdsBack(data) && <p className="meta looking">The agent waits while somebody writes here</p>}
          {others.length > 0 && <p className="meta looking">{others.map((one) => one.name).join(", ")} {others.length === 1 ? "is" : "are"} looking too</p>}
        </div>
        {!hasRoom && (
          <Button size="compact-sm" variant="default" leftSection={<Icon name="person" size={16} />} onClick={() => setAside(true)}>
            About
          </Button>
        )}
        {may && (
          <div className="row">
            <Button size="compact-sm" variant="default" onClick={() => setAssigning(true)}>
              {data.teammate_id === session.me.id ? "Yours" : (overview?.teammates.find((one) => one.id === data.teammate_id)?.name ?? overview?.teams.find((one) => one.id === data.team_id)?.name ?? "Assign")}
            </Button>
            <Menu position="bottom-end">
              <Menu.Target>
                <Button size="compact-sm" variant="default">
                  Snooze
                </Button>
              </Menu.Target>
              <Menu.Dropdown>
                {snoozes().map((one) => (
                  <Menu.Item key={one.label} onClick={() => void snooze(one)}>
                    {one.label}
                  </Menu.Item>
                ))}
              </Menu.Dropdown>
            </Menu>
            {data.state === "open" ? (
              <Button size="compact-sm" onClick={() => void close()}>
                Close
              </Button>
            ) : (
              <Button size="compact-sm" variant="default" onClick={() => void perform("reopen", {}, "Open again.")}>
                Open again
              </Button>
            )}
          </div>
        )}
      </header>
      <div className="conversation-columns">
        <div className="thread">
          <div className="parts" role="log" aria-label="Messages" tabIndex={0}>
            {(older ?? data).more && (
              <button type="button" className="more" onClick={() => void loadOlder()}>
                Earlier messages
              </button>
            )}
            {parts.map((part) => (
              <PartView key={part.id} part={part} overview={overview} why={() => setWhy(part.receipt_id)} />
            ))}
            {data.requests
              .filter((one) => one.state === "open")
              .map((one) => (
                <RequestCard key={one.step_id} request={one} may={may} change={change} />
              ))}
            {data.contact_writes && <p className="meta">{data.contact.name} is writing…</p>}
            <div ref={end} />
          </div>
          {may ? (
            <Composer id={id} field={field} mode={writing} write={write} overview={overview} agentAnswers={data.handled_by === "agent" && data.state === "open"} change={change} />
          ) : (
            <p className="meta only-read">Your role may read conversations, not answer them.</p>
          )}
        </div>
        {hasRoom && (
          <aside className="side" aria-label="About the contact">
            <h3>{data.contact.name}</h3>
            <Side data={data} may={may} perform={perform} />
          </aside>
        )}
      </div>
      <Drawer opened={aside && !hasRoom} onClose={() => setAside(false)} position="right" size="sm" title={data.contact.name}>
        <div className="side-in">
          <Side data={data} may={may} perform={perform} />
        </div>
      </Drawer>
      {why && <Why id={why} close={() => setWhy(null)} may={may} />}
      {assigning && overview && (
        <Assign
          data={data}
          overview={overview}
          close={() => setAssigning(false)}
          choose={(body, words) => {
            setAssigning(false);
            void perform("assign", body, words);
          }}
        />
      )}
    </div>
  );
}

/** Whether a teammate writes just now, so that the agent says nothing. */
function holdsBack(data: Whole): boolean {
  return data.handled_by === "agent" && data.paused_until !== null && new Date(data.paused_until).getTime() > Date.now();
}

function PartView({ part, overview, why }: { part: Part; overview: Overview | undefined; why: () => void }) {
  if (part.kind === "assignment") return <Handover part={part} overview={overview} />;
  if (part.kind !== "comment" && part.kind !== "note") {
    const words = { close: "closed it", open: "opened it again", withdrawn: "took a first message back", snoozed: part.meta.over ? "brought it back" : "put it aside" }[part.kind];
    return (
      <p className="event meta">
        {part.author} {words} · <When at={part.created_at} />
      </p>
    );
  }
  const side = part.kind === "note" ? "note" : part.author_type;
  return (
    <article className={`part part-${side}${part.first_message ? " part-first" : ""}`}>
      <header className="meta">
        {part.first_message && <Icon name="trigger" size={16} className="brass" />} {part.author}
        {part.kind === "note" && " · note, only for the team"}
        {part.first_message && " · first message"} · <When at={part.created_at} />
        {part.receipt_id && (
          <button type="button" className="link-button" onClick={why}>
            Why?
          </button>
        )}
      </header>
      {/* The server made this HTML from Markdown and lets nothing through that could run; our policy would stop it too. */}
      {part.html && <div className="part-body" dangerouslySetInnerHTML={{ __html: part.html }} />}
      {part.meta.choices && (
        <p className="choices">
          {part.meta.choices.map((one) => (
            <span key={one.id} className="choice">
              {one.label}
            </span>
          ))}
        </p>
      )}
      {part.meta.sources?.map((one) => (
        <p key={one.article_id} className="meta">
          From “{one.title}”
        </p>
      ))}
      {part.files.map((file) => (
        <a key={file.id} href={file.url} target="_blank" rel="noreferrer" className="file-link">
          {file.content_type.startsWith("image/") ? <img src={file.url} alt={file.name} loading="lazy" /> : <><Icon name="attach" size={16} /> {file.name}</>}
        </a>
      ))}
    </article>
  );
}

/** The card that a person reads first: why it came to people, and what is known already. */
function Handover({ part, overview }: { part: Part; overview: Overview | undefined }) {
  const team = overview?.teams.find((one) => one.id === part.meta.team_id)?.name;
  const mate = overview?.teammates.find((one) => one.id === part.meta.teammate_id)?.name;
  const values = Object.entries(part.meta.values ?? {});
  if (!part.meta.because) {
    return (
      <p className="event meta">
        {part.author} gave it to {mate ?? team ?? "nobody"} · <When at={part.created_at} />
      </p>
    );
  }
  return (
    <section className="handover card" aria-label="Handed over to people">
      <h3>
        <Icon name="people" size={16} /> {BECAUSE[part.meta.because] ?? part.meta.because}
        {team && `, to ${team}`}
      </h3>
      {part.meta.reason && <p>{part.meta.reason}</p>}
      {part.summary && <Summary {...part.summary} />}
      {values.length > 0 && (
        <dl className="known">
          {values.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{shownValue(value)}</dd>
            </div>
          ))}
        </dl>
      )}
      <p className="meta">
        <When at={part.created_at} />
      </p>
    </section>
  );
}

function Summary({ wanted, did, last }: NonNullable<Part["summary"]>) {
  return (
    <dl className="summary">
      {wanted && (
        <div>
          <dt>They wanted</dt>
          <dd>“{wanted}”</dd>
        </div>
      )}
      {did.length > 0 && (
        <div>
          <dt>The agent</dt>
          <dd>
            <ul className="plain">
              {did.map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
          </dd>
        </div>
      )}
      {last && (
        <div>
          <dt>They said last</dt>
          <dd>“{last}”</dd>
        </div>
      )}
    </dl>
  );
}

/** A run waits for the team: what it asks, and the form to answer. */
function RequestCard({ request, may, change }: { request: Request; may: boolean; change: Change }) {
  const [values, setValues] = useState<Record<string, unknown>>(() => Object.fromEntries(request.attributes_to_collect.filter((one) => one.type === "boolean").map((one) => [one.identifier, false])));
  const [problem, setProblem] = useState<Error | null>(null);
  async function send(event: React.FormEvent) {
    event.preventDefault();
    try {
      await change(`requests/${request.step_id}`, { values });
    } catch (error) {
      setProblem(error as Error);
    }
  }
  const put = (name: string, value: unknown) => setValues((before) => ({ ...before, [name]: value }));
  return (
    <form className="request card" onSubmit={send} aria-label="The agent asks the team">
      <h3>
        <Icon name="people" size={16} /> The agent asks: {request.question}
      </h3>
      <p className="meta">
        The contact waits. Answer <When at={request.until} /> at the latest.
      </p>
      {request.attributes_to_collect.map((one) =>
        one.type === "boolean" ? (
          <Switch key={one.identifier} label={one.identifier} disabled={!may} checked={values[one.identifier] === true} onChange={(event) => put(one.identifier, event.currentTarget.checked)} />
        ) : one.type === "choice" ? (
          <Select key={one.identifier} label={one.identifier} disabled={!may} data={one.options.map((option) => ({ value: option.id, label: option.label }))} onChange={(value) => put(one.identifier, value)} />
        ) : (
          <TextInput
            key={one.identifier}
            label={one.identifier}
            description={one.type === "text" ? undefined : one.type}
            disabled={!may}
            onChange={(event) => put(one.identifier, one.type === "number" && event.currentTarget.value !== "" ? Number(event.currentTarget.value) : event.currentTarget.value)}
          />
        ),
      )}
      <Problem error={problem} />
      {may && (
        <div>
          <Button type="submit" size="compact-sm">
            Answer
          </Button>
        </div>
      )}
    </form>
  );
}

function Side({ data, may, perform }: { data: Whole; may: boolean; perform: (what: string, body: unknown, words: string, undo?: () => void) => Promise<void> }) {
  const [tag, setTag] = useState("");
  const attributes = Object.entries(data.profile.attributes ?? {});
  return (
    <>
      <dl className="known">
        {data.contact.email && <Fact name="Email" value={data.contact.email} />}
        {data.profile.phone && <Fact name="Phone" value={data.profile.phone} />}
        {data.profile.external_id && <Fact name="Your id" value={data.profile.external_id} />}
        <Fact name="Who" value={data.contact.kind + (data.profile.verified ? ", proven" : ", not proven")} />
        {attributes.map(([name, value]) => (
          <Fact key={name} name={name} value={shownValue(value)} />
        ))}
        {data.rating !== null && <Fact name="Rating" value={`${data.rating} of 5${data.rating_remark ? `: ${data.rating_remark}` : ""}`} />}
      </dl>
      <h3>Tags</h3>
      <p className="row">
        {data.tags.map((one) => (
          <span key={one} className="tag">
            {one}
            {may && (
              <ActionIcon size={20} variant="transparent" aria-label={`Take the tag ${one} off`} onClick={() => void perform("tags", { remove: one }, "Tag taken off.", () => void perform("tags", { add: one }, "Tag put back."))}>
                <Icon name="close" size={12} />
              </ActionIcon>
            )}
          </span>
        ))}
        {data.tags.length === 0 && <span className="meta">None</span>}
      </p>
      {may && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (tag.trim()) void perform("tags", { add: tag.trim() }, "Tagged.");
            setTag("");
          }}
        >
          <TextInput size="xs" aria-label="Add a tag" placeholder="Add a tag" value={tag} onChange={(event) => setTag(event.currentTarget.value)} />
        </form>
      )}
      {data.runs.length > 0 && (
        <>
          <h3>Procedures</h3>
          <ul className="plain">
            {data.runs.map((run) => (
              <li key={run.id} className="run">
                <Link href={`~/console/procedures/${run.procedure_id}`}>{run.procedure}</Link> <span className="meta">{run.state.replace("_", " ")}</span>
                {run.reason && <div className="meta">{run.reason}</div>}
                <dl className="known">
                  {Object.entries(run.values).map(([name, value]) => (
                    <Fact key={name} name={name} value={shownValue(value)} />
                  ))}
                </dl>
              </li>
            ))}
          </ul>
        </>
      )}
      {data.others.length > 0 && (
        <>
          <h3>Their other conversations</h3>
          <ul className="plain">
            {data.others.map((one) => (
              <li key={one.id}>
                <Link href={`/${one.id}${location.search}`} className="other">
                  {one.excerpt || "No message yet"}
                </Link>{" "}
                <span className="meta">
                  <When at={one.updated_at} />
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Assign({ data, overview, close, choose }: { data: Whole; overview: Overview; close: () => void; choose: (body: unknown, words: string) => void }) {
  const session = useSession();
  const [typed, setTyped] = useState("");
  const all = [
    { key: "me", label: `Me (${session.me.name})`, body: { teammate_id: session.me.id }, words: "It is yours." },
    ...overview.teams.map((team) => ({ key: `t${team.id}`, label: `Team ${team.name}`, body: { team_id: team.id }, words: `Given to ${team.name}.` })),
    ...overview.teammates.filter((one) => one.id !== session.me.id).map((mate) => ({ key: mate.id, label: mate.name, body: { teammate_id: mate.id }, words: `Given to ${mate.name}.` })),
    ...(data.teammate_id ? [{ key: "none", label: "Nobody", body: { teammate_id: null }, words: "Given to nobody." }] : []),
  ].filter((one) => one.label.toLowerCase().includes(typed.toLowerCase()));
  return (
    <Modal opened onClose={close} title="Give it to">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (all[0]) choose(all[0].body, all[0].words);
        }}
      >
        <TextInput {...focusFirst} aria-label="Whom?" placeholder="Whom? Type a name, then press Enter" value={typed} onChange={(event) => setTyped(event.currentTarget.value)} />
      </form>
      <ul className="plain assign">
        {all.map((one) => (
          <li key={one.key}>
            <button type="button" onClick={() => choose(one.body, one.words)}>
              {one.label}
            </button>
          </li>
        ))}
      </ul>
    </Modal>
  );
}

interface Snooze {
  label: string;
  until: Date;
}

function snoozes(): Snooze[] {
  const now = new Date();
  const at = (days: number, hour: number) => {
    const day = new Date(now);
    day.setDate(day.getDate() + days);
    day.setHours(hour, 0, 0, 0);
    return day;
  };
  const toMonday = ((8 - now.getDay()) % 7) || 7;
  return [
    { label: "in 3 hours", until: new Date(now.getTime() + 3 * 3_600_000) },
    { label: "tomorrow at 9", until: at(1, 9) },
    { label: "on Monday at 9", until: at(toMonday, 9) },
    { label: "in a week", until: at(7, 9) },
  ];
}


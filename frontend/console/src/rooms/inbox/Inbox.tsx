import { ActionIcon, TextInput } from "@mantine/core";
import { useDebouncedValue, useMediaQuery } from "@mantine/hooks";
import { memo, useCallback, useEffect, useMemo, useRef, useState } from "react";
import useSWR from "swr";
import useSWRInfinite from "swr/infinite";
import { Link, useLocation, useSearchParams } from "wouter";
import { query } from "../../api";
import { useLive } from "../../live";
import { useSession } from "../../session/session";
import { useCommands } from "../../shell/Palette";
import { Icon } from "../../ui/icons";
import { Keys } from "../../ui/Keys";
import { Empty, Failure, Loading } from "../../ui/states";
import { When } from "../../ui/When";
import { AGENT_VIEWS, PEOPLE_VIEWS, type ListPage, type Overview, type Row } from "./api";
import { Conversation } from "./Conversation";
import "./inbox.css";

/** So many rows before the last one, the next page is asked for. */
const AHEAD = 20;

/** Three panes: which ones, the list, and the conversation. Everything is in the address. */
export default function Inbox() {
  const [here, go] = useLocation();
  const [asked, setAsked] = useSearchParams();
  const session = useSession();
  const narrow = useMediaQuery("(max-width: 900px)");
  const view = asked.get("view") ?? "unassigned";
  const words = asked.get("q") ?? "";
  const open = here.replace(/^\//, "") || null;
  const [typed, setTyped] = useState(words);
  const [settled] = useDebouncedValue(typed, 250);
  const [help, setHelp] = useState(false);
  const search = useRef<HTMLInputElement>(null);

  const overview = useSWR<Overview>("/inbox/overview");
  const pages = useSWRInfinite<ListPage>(
    (at: number, before: ListPage | null) => (at > 0 && !before?.next ? null : `/inbox${query({ ...(words ? { q: words } : { view }), before: at > 0 ? before?.next : undefined })}`),
    { revalidateFirstPage: true, revalidateAll: false },
  );
  const rows = useMemo(() => unique((pages.data ?? []).flatMap((page) => page.conversations)), [pages.data]);
  const more = pages.data?.at(-1)?.next ?? null;

  useEffect(() => {
    document.title = "Inbox · Overture";
  }, []);

  useEffect(() => {
    if (settled === words) return;
    setAsked((before) => {
      const next = new URLSearchParams(before);
      if (settled) next.set("q", settled);
      else next.delete("q");
      return next;
    });
  }, [settled, words, setAsked]);

  // The open one stays in sight while j and k go through the list.
  useEffect(() => {
    document.querySelector(".row-link[aria-current=true]")?.scrollIntoView({ block: "nearest" });
  }, [open]);

  useLive((change) => {
    if (change.conversations.length === 0 && !change.first) return;
    void overview.mutate();
    void pages.mutate();
  });

  const show = useCallback((id: string | null) => go(`/${id ?? ""}${location.search}`), [go]);
  const { isValidating, size, setSize } = pages;
  const older = useCallback(() => {
    if (more && !isValidating) void setSize(size + 1);
  }, [more, isValidating, size, setSize]);
  const step = useCallback(
    (by: number) => {
      const at = rows.findIndex((row) => row.id === open);
      const next = rows[at < 0 ? 0 : at + by];
      if (next) show(next.id);
      if (at + by > rows.length - AHEAD) older();
    },
    [rows, open, show, older],
  );
  const end = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!end.current) return;
    // The next page is asked for before the last row is in sight.
    const watch = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && older(), { rootMargin: "600px" });
    watch.observe(end.current);
    return () => watch.disconnect();
  }, [older]);

  useEffect(() => {
    const keys = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.ctrlKey || event.metaKey || event.altKey || target.closest("input, textarea, [contenteditable=true], [role=dialog], [role=menu]")) return;
      if (event.key === "j") step(1);
      else if (event.key === "k") step(-1);
      else if (event.key === "/") search.current?.focus();
      else if (event.key === "?") setHelp(true);
      else if ("rena".includes(event.key) && open) document.dispatchEvent(new CustomEvent("overture-inbox-key", { detail: event.key }));
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", keys);
    return () => removeEventListener("keydown", keys);
  }, [step, open]);

  useCommands(
    useCallback(
      () => [...PEOPLE_VIEWS, ...AGENT_VIEWS].map((one) => ({ label: `Inbox: ${one.label}`, icon: "inbox" as const, hint: "View", run: () => go(`/?view=${one.id}`) })),
      [go],
    ),
  );

  const list = (
    <section className="inbox-list" aria-label="Conversations">
      <div className="inbox-search">
        <TextInput ref={search} aria-label="Search conversations" placeholder="Search by name or words" leftSection={<Icon name="search" size={16} />} value={typed} onChange={(event) => setTyped(event.currentTarget.value)} onKeyDown={(event) => event.key === "Escape" && (setTyped(""), event.currentTarget.blur())} />
      </div>
      {pages.error && <Failure error={pages.error} again={() => void pages.mutate()} />}
      {!pages.data && !pages.error && <Loading what="conversations" />}
      {pages.data && rows.length === 0 && (
        <Empty icon="inbox" title={words ? "Nothing found" : "Nobody is waiting"}>
          {words ? "No conversation holds all these words." : "Conversations that need a person appear here."}
        </Empty>
      )}
      <ul className="inbox-rows">
        {rows.map((row) => (
          <li key={row.id}>
            <Link href={`/${row.id}${location.search}`} className={row.id === open ? "row-link row-open" : "row-link"} aria-current={row.id === open ? "true" : undefined}>
              <RowText row={row} who={whoHas(row, overview.data)} />
            </Link>
          </li>
        ))}
      </ul>
      {more && (
        <button ref={end} type="button" className="more" disabled={isValidating} onClick={older}>
          {isValidating ? "Loading…" : "Older ones"}
        </button>
      )}
    </section>
  );

  return (
    <div className="inbox">
      <h1 className="visually-hidden">Inbox</h1>
      {!(narrow && open) && <Views view={words ? "" : view} overview={overview.data} may={session.may("inbox.write")} />}
      {!(narrow && open) && list}
      <section className="inbox-conversation" aria-label="Conversation">
        {open ? (
          <>
            {narrow && (
              <ActionIcon variant="subtle" size={44} aria-label="Back to the list" onClick={() => show(null)}>
                <Icon name="left" />
              </ActionIcon>
            )}
            <Conversation key={open} id={open} overview={overview.data} changed={() => (void overview.mutate(), void pages.mutate())} />
          </>
        ) : (
          !narrow && (
            <Empty icon="inbox" title="No conversation is open">
              Choose one from the list. <kbd>j</kbd> and <kbd>k</kbd> go through them, <kbd>?</kbd> shows all keys.
            </Empty>
          )
        )}
      </section>
      <Keys title="Keys in the inbox" keys={KEYS} opened={help} close={() => setHelp(false)} />
    </div>
  );
}

const KEYS = [
  ["j", "the next conversation"],
  ["k", "the one before"],
  ["r", "reply"],
  ["n", "write a note"],
  ["a", "assign"],
  ["e", "close"],
  ["/", "search"],
  ["Ctrl ⏎", "send"],
  ["Ctrl K", "go anywhere"],
  ["?", "these keys"],
];

function Views({ view, overview, may }: { view: string; overview: Overview | undefined; may: boolean }) {
  const counts = overview?.counts ?? {};
  const link = (id: string, label: string) => (
    <li key={id}>
      <Link href={`/?view=${encodeURIComponent(id)}`} className={id === view ? "view view-open" : "view"} aria-current={id === view ? "page" : undefined}>
        <span className="grow">{label}</span>
        {counts[id] ? <span className="meta numbers">{counts[id] >= 999 ? "999+" : counts[id]}</span> : null}
      </Link>
    </li>
  );
  return (
    <nav className="inbox-views" aria-label="Views">
      <ul>{PEOPLE_VIEWS.filter((one) => may || one.id !== "mine").map((one) => link(one.id, one.label))}</ul>
      {overview && overview.teams.length > 0 && (
        <>
          <h2 className="views-title">Teams</h2>
          <ul>{overview.teams.map((team) => link(`team:${team.id}`, team.name))}</ul>
        </>
      )}
      <h2 className="views-title">The agent</h2>
      <ul>{AGENT_VIEWS.map((one) => link(one.id, one.label))}</ul>
    </nav>
  );
}

const whoHas = (row: Row, overview: Overview | undefined) => (row.teammate_id ? overview?.teammates.find((one) => one.id === row.teammate_id)?.name : row.team_id ? overview?.teams.find((one) => one.id === row.team_id)?.name : undefined);

/** A page that comes again brings equal rows: what a row shows decides whether it is drawn anew. */
const RowText = memo(RowTextOf, (one, other) => one.who === other.who && JSON.stringify(one.row) === JSON.stringify(other.row));

function RowTextOf({ row, who }: { row: Row; who: string | undefined }) {
  return (
    <>
      <span className="row-top">
        {row.proactive && (
          <span className="brass" title="The agent made the first move">
            <Icon name="trigger" size={16} />
            <span className="visually-hidden">The agent made the first move. </span>
          </span>
        )}
        <span className="row-name">{row.contact.name}</span>
        <span className="meta">
          <When at={row.updated_at} />
        </span>
      </span>
      <span className="row-excerpt">
        {row.excerpt_by === "user" ? "" : row.excerpt_by === "bot" ? "Agent: " : row.excerpt_by === "admin" ? "Team: " : ""}
        {row.excerpt || "No message yet"}
      </span>
      <span className="row-foot meta">
        {row.state === "closed" ? "Closed" : row.state === "snoozed" ? "Snoozed" : row.handled_by === "agent" ? "Agent" : (who ?? "Unassigned")}
        {row.channel !== "web" && ` · ${row.channel}`}
        {row.tags.map((tag) => (
          <span key={tag} className="tag">
            {tag}
          </span>
        ))}
      </span>
    </>
  );
}

function unique(rows: Row[]): Row[] {
  const seen = new Set<string>();
  return rows.filter((row) => !seen.has(row.id) && seen.add(row.id));
}

// What the panel shows, and the few things that change it. Nothing here knows how it is drawn.

import type {
  Attachment,
  ClickAnswer,
  Conversation,
  Part,
  Session,
  Updates,
} from "../../../protocol/messenger";
import type { Kit } from "../kit";
import { newId } from "../loader/clicks";
import { keep, kept } from "../loader/kept";
import { wrong, type Refused } from "../loader/session";
import { Stream } from "./stream";
import { SMALL } from "./style";
import { count, t } from "./words";

export type View =
  | { name: "home" }
  | { name: "messages" }
  | { name: "help" }
  | { name: "thread"; thread: string; text?: string }
  | { name: "collection"; collection: string }
  | { name: "article"; id: string };

/** A message on its way. It is kept in the browser until the server has it. */
export interface Outgoing {
  client_id: string;
  /** A conversation's id, or a name of our own for one that has not begun. */
  thread: string;
  body: string;
  choice?: { part_id: string; id: string };
  attachments: Attachment[];
  at: number;
  state: "sending" | "waiting" | "failed";
  reason: string;
}

/** As it stands in the browser: with whose it is, and whether that is a user whom the site named. */
type Kept = Outgoing & { contact: string; user: boolean };

interface Thread {
  parts: Part[];
  loaded: boolean;
  more: boolean;
}

interface Sent {
  conversation: Conversation;
  part: Part;
}

/** Whether one goes back from it: the others are the tabs below. */
export const isWithin = (view: View) => view.name === "thread" || view.name === "article" || view.name === "collection";

const NEW = "new-";
const TYPING_EVERY = 3000;
const SHOWN = "overture:open";

export class Store {
  kit: Kit;
  view: View = { name: "home" };
  trail: View[] = [];
  open = false;
  /** Whether a person opened the panel, who then goes on in it; the agent's own move leaves the focus alone. */
  asked = false;
  online = true;
  problem = "";
  talks = new Map<string, Conversation>();
  threads = new Map<string, Thread>();
  out: Outgoing[] = [];
  /** A first message that came while another conversation was being read. */
  elsewhere: string | null = null;
  /** What is said to screen readers only. */
  aloud = "";
  teaser: Part | null = null;
  stated: Record<string, string> = {};
  /** The name that a conversation had before it began: its composer stays the same one. */
  begunAs = new Map<string, string>();
  known = false;
  /** What was last looked for in the help articles. */
  searched = "";

  returned: Outgoing | null = null;

  #draw: () => void = () => {};
  #stream: Stream | null = null;
  #contact = "";
  #user = false;
  #flushing = false;
  #typed = 0;
  /** The messages that this page has had in its hands, whether they were sent since or not. */
  #mine = new Set<string>();
  #reading = new Map<string, number>();
  #opening: Promise<void> | null = null;

  constructor(kit: Kit) {
    this.kit = kit;
    this.#takeUp();
    kit.signal.addEventListener("abort", () => {
      this.#stream?.close();
      this.#store(null);
      this.#remember();
    });
    addEventListener("online", () => void this.flush(), { signal: kit.signal });
    document.addEventListener("visibilitychange", () => this.read(), { signal: kit.signal });
  }

  watch(draw: () => void): void {
    this.#draw = draw;
  }

  changed(): void {
    this.#draw();
    const unread = this.unread();
    this.kit.unread(unread, unread ? `${t("open")}, ${count("unread", unread)}` : t("open"));
  }

  // Somebody who waits for an answer hears of it on whatever page they are.
  #keepAlive(): void {
    const { line } = this.kit;
    const live = [...this.talks.values()].some((talk) => talk.state !== "closed");
    if (this.known && line.session && Boolean(line.session.live) !== live) line.keep({ ...line.session, live });
  }

  unread(): number {
    if (!this.known) return this.kit.line.session?.unread ?? 0;
    return [...this.talks.values()].reduce((sum, talk) => sum + talk.unread, 0);
  }

  // ------------------------------------------------------------ getting to know how things stand

  /** Have a session and listen. The first reason to connect calls this; later ones find it done. */
  connect(): Promise<void> {
    return (this.#opening ??= this.#connect().catch((problem: Refused) => {
      this.#opening = null;
      this.online = false;
      this.problem = sayable(problem);
      this.changed();
    }));
  }

  async #connect(): Promise<void> {
    const session = await this.kit.line.sign();
    if (this.kit.signal.aborted) return;
    if (this.#contact !== session.contact.id) this.#become(session);
    const stream = (this.#stream = new Stream(this.kit, session, {
      news: (updates) => this.news(updates),
      online: (online, refused) => {
        const problem = refused ? sayable(refused) : "";
        if (this.online === online && this.problem === problem) return;
        this.online = online;
        this.problem = problem;
        if (online) void this.flush();
        this.changed();
      },
    }));
    await stream.open();
    void this.flush();
  }

  /** The visitor turned out to be somebody else: forget what was another's. */
  async renew(): Promise<void> {
    const session = this.kit.line.session;
    if (!this.#contact || (session && session.contact.id === this.#contact && this.kit.line.settled())) return;
    this.#stream?.close();
    this.#opening = null;
    await this.connect();
  }

  #become(session: Session): void {
    const merged = this.#contact !== "";
    // A visitor who signs in is the same person; one user after another is not.
    if (merged && this.#user) this.out = [];
    this.#contact = session.contact.id;
    this.#user = session.contact.kind === "user";
    this.talks.clear();
    this.threads.clear();
    this.known = false;
    if (merged && this.view.name === "thread" && !this.view.thread.startsWith(NEW)) void this.#load(this.view.thread);
    this.#takeUp();
  }

  // What waits to be sent, from another page or another visit.
  #takeUp(): void {
    for (const { contact, user, ...one } of this.#kept()) {
      // What somebody wrote before they were known is theirs, whoever they turn out to be.
      if ((user && contact !== this.#contact) || this.#mine.has(one.client_id)) continue;
      this.#mine.add(one.client_id);
      this.out.push(one);
    }
  }

  #kept(): Kept[] {
    const found: unknown = kept("localStorage", this.#place);
    return Array.isArray(found) ? found : [];
  }

  get #place(): string {
    return `overture:${this.kit.baked.app_id}:out`;
  }

  // Other tabs keep what waits there in the same place.
  #store(out: Outgoing[] | null): void {
    const others = out ? this.#kept().filter((one) => !this.#mine.has(one.client_id)) : [];
    const ours = (out ?? []).map((one): Kept => ({ ...one, contact: this.#contact, user: this.#user }));
    keep("localStorage", this.#place, ours.length || others.length ? [...others, ...ours] : null);
  }

  // ------------------------------------------------------------ what is heard

  news(updates: Updates): void {
    const begun = !this.known;
    for (const talk of updates.conversations) this.#learn(talk);
    const fresh = updates.parts.filter((part) => this.#hear(part));
    this.known = true;
    // On the first look, the parts came before us: what is unread is news all the same.
    const latest = begun ? updates.conversations.map((talk) => talk.last_part).filter((part) => part !== null) : fresh;
    const spoken = latest
      .filter((part) => part.kind === "comment" && part.author.type !== "user" && part.seq > this.#readOf(part.conversation_id))
      .sort((a, b) => a.seq - b.seq);
    const last = spoken.at(-1);
    const first = spoken.filter((part) => part.is_first_message && this.talks.get(part.conversation_id)?.state === "open").at(-1);
    if (first && !this.kit.settings().hide_notifications) this.#approach(first);
    else if (last) this.#notice(last);
    this.read();
    this.changed();
    this.#keepAlive();
  }

  #learn(talk: Conversation): void {
    const read = this.#reading.get(talk.id) ?? 0;
    // Our own mark may be on its way.
    this.talks.set(talk.id, read > talk.read_seq ? { ...talk, read_seq: read, unread: 0 } : talk);
  }

  #hear(part: Part): boolean {
    const thread = this.#thread(part.conversation_id);
    if (part.client_id) this.#drop(part.client_id);
    if (thread.parts.some((known) => known.id === part.id)) return false;
    thread.parts.push(part);
    thread.parts.sort((a, b) => a.seq - b.seq);
    return true;
  }

  #thread(id: string): Thread {
    let thread = this.threads.get(id);
    if (!thread) this.threads.set(id, (thread = { parts: [], loaded: false, more: false }));
    return thread;
  }

  #readOf(id: string): number {
    return Math.max(this.talks.get(id)?.read_seq ?? 0, this.#reading.get(id) ?? 0);
  }

  // The agent's first move opens the panel. Somebody in the middle of another thread is told, and not torn away.
  #approach(first: Part): void {
    const id = first.conversation_id;
    if (this.view.name === "thread" && this.view.thread === id && this.open) return;
    if (this.open) {
      this.elsewhere = id;
      this.say(first);
    } else if (covers()) this.#notice(first);
    else this.show({ name: "thread", thread: id }, false, first);
  }

  #notice(part: Part): void {
    if (this.open) {
      if (!(this.view.name === "thread" && this.view.thread === part.conversation_id)) this.say(part);
    } else if (!this.kit.settings().hide_notifications) {
      this.teaser = part;
      this.say(part);
    }
  }

  /** Tell screen readers, who are not where the words appear. */
  say(part: Part): void {
    this.aloud = `${part.author.name}: ${part.body ?? ""}`;
  }

  /** A click made or found a conversation. */
  fired(answer: ClickAnswer): void {
    const talk = answer.conversation as Conversation;
    this.#contact ||= this.kit.line.session?.contact.id ?? "";
    this.#learn(talk);
    for (const part of answer.parts) this.#hear(part);
    const thread = this.#thread(talk.id);
    if (answer.result === "fired") thread.loaded = true;
    const last = answer.parts.at(-1);
    this.show({ name: "thread", thread: talk.id }, false, last);
    void this.connect();
  }

  // ------------------------------------------------------------ opening, closing, going about

  show(view: View | null, asked: boolean, aloud?: Part): void {
    this.asked = asked;
    this.teaser = null;
    if (view) {
      this.trail = isWithin(view) ? [{ name: view.name === "thread" ? "messages" : "help" }] : [];
      this.view = view;
    }
    this.open = true;
    if (aloud) this.say(aloud);
    this.#enter();
    this.changed();
    this.kit.opened(true, covers());
    this.#remember();
    if (asked) void this.connect();
  }

  hide(): void {
    if (!this.open) return;
    this.open = false;
    this.changed();
    this.kit.opened(false, false);
    this.#remember();
  }

  go(view: View): void {
    if (!isWithin(view)) this.trail = [];
    else if (this.view.name !== view.name || view.name === "article") this.trail.push(this.view);
    this.view = view;
    this.asked = true;
    this.#enter();
    this.changed();
    this.#remember();
  }

  back(): void {
    this.view = this.trail.pop() ?? { name: "home" };
    this.asked = true;
    this.#enter();
    this.changed();
    this.#remember();
  }

  begin(text = ""): void {
    this.go({ name: "thread", thread: NEW + newId(), text });
  }

  newThread(text?: string): View {
    return { name: "thread", thread: NEW + newId(), ...(text && { text }) };
  }

  #enter(): void {
    const { view } = this;
    if (view.name !== "thread") return;
    if (this.elsewhere === view.thread) this.elsewhere = null;
    if (!view.thread.startsWith(NEW) && !this.#thread(view.thread).loaded) void this.#load(view.thread);
    this.read();
  }

  // An open panel stays open when the visitor goes to another page of the site.
  #remember(): void {
    keep("sessionStorage", SHOWN, this.open && !this.kit.signal.aborted && !covers() ? this.view : null);
  }

  recall(): void {
    const view: View | null = kept("sessionStorage", SHOWN);
    if (view?.name && !covers()) this.show(view, false);
  }

  async #load(id: string, before?: number): Promise<void> {
    await this.connect();
    try {
      const query = before ? `?before=${before}` : "";
      const found = await this.get<{ conversation: Conversation; parts: Part[]; more: boolean }>(
        `conversations/${encodeURIComponent(id)}${query}`,
      );
      this.#learn(found.conversation);
      for (const part of found.parts) this.#hear(part);
      const thread = this.#thread(id);
      thread.loaded = true;
      thread.more = found.more;
      this.read();
    } catch (problem) {
      if ((problem as Refused).status === 404 && this.view.name === "thread" && this.view.thread === id) this.view = { name: "messages" };
    }
    this.changed();
  }

  earlier(id: string): void {
    void this.#load(id, this.threads.get(id)?.parts[0]?.seq);
  }

  get<T>(path: string): Promise<T> {
    const { line, signal } = this.kit;
    return line.call(path, () => ({ headers: { Authorization: `Bearer ${line.session?.token}` } }), { signal });
  }

  /** Mark what is on the screen as read. */
  read(): void {
    const { view } = this;
    if (!this.open || document.hidden || view.name !== "thread") return;
    const talk = this.talks.get(view.thread);
    const last = this.threads.get(view.thread)?.parts.at(-1)?.seq ?? 0;
    if (!talk || last <= this.#readOf(talk.id)) return;
    this.#reading.set(talk.id, last);
    this.talks.set(talk.id, { ...talk, read_seq: last, unread: 0 });
    // Seen is seen, also by one who goes to another page at once.
    void this.kit.line
      .post(`conversations/${talk.id}/read`, { seq: last }, { keepalive: true })
      .catch(() => this.#reading.delete(talk.id));
  }

  // ------------------------------------------------------------ saying something

  send(thread: string, body: string, attachments: Attachment[] = [], choice?: Outgoing["choice"]): void {
    const client_id = newId();
    this.#mine.add(client_id);
    this.out.push({ client_id, thread, body, choice, attachments, at: Date.now() / 1000, state: "sending", reason: "" });
    this.#store(this.out);
    this.changed();
    void this.flush();
  }

  retry(message: Outgoing): void {
    message.state = "sending";
    message.reason = "";
    this.changed();
    void this.flush();
  }

  #drop(clientId: string): void {
    const at = this.out.findIndex((one) => one.client_id === clientId);
    if (at < 0) return;
    this.out.splice(at, 1);
    this.#store(this.out);
  }

  /** Give a message that was not taken back to its writer. */
  takeBack(message: Outgoing): void {
    this.#drop(message.client_id);
    this.returned = message;
    this.changed();
  }

  /** Send what waits, in order. */
  async flush(): Promise<void> {
    if (this.#flushing) return;
    this.#flushing = true;
    try {
      for (;;) {
        const message = this.out.find((one) => one.state !== "failed");
        if (!message || !(await this.#deliver(message))) return;
      }
    } finally {
      this.#flushing = false;
    }
  }

  async #deliver(message: Outgoing): Promise<boolean> {
    message.state = "sending";
    const { client_id, thread, body, choice, attachments } = message;
    const words = {
      client_id,
      ...(choice ? { choice } : body && { body }),
      ...(attachments.length && { attachment_ids: attachments.map((file) => file.id) }),
    };
    try {
      const begins = thread.startsWith(NEW);
      const sent = begins
        ? await this.kit.line.post<Sent>("conversations", { ...words, page: { url: location.href, title: document.title } })
        : await this.kit.line.post<Sent>(`conversations/${encodeURIComponent(thread)}/replies`, words);
      this.#drop(client_id);
      this.#contact ||= this.kit.line.session?.contact.id ?? "";
      this.#learn(sent.conversation);
      this.#hear(sent.part);
      // Past its window, a closed conversation goes on in a new one.
      if (sent.conversation.id !== thread) this.#begun(thread, sent.conversation.id);
      void this.connect();
      this.read();
      this.changed();
      return true;
    } catch (problem) {
      const refused = problem as Refused;
      if (this.kit.signal.aborted) return false;
      const final = refused.status >= 400 && refused.status < 500 && refused.status !== 429;
      message.state = final ? "failed" : "waiting";
      message.reason = final ? refused.message : "";
      this.#store(this.out);
      this.changed();
      // Not reached: tried again when we are online, or in a while.
      if (!final) setTimeout(() => void this.flush(), Math.max(5000, refused.retryAfter * 1000));
      return final;
    }
  }

  // What was written meanwhile into the thread that had not begun belongs to it too.
  #begun(draft: string, id: string): void {
    for (const other of this.out) if (other.thread === draft) other.thread = id;
    this.#thread(id).loaded = true;
    this.begunAs.set(id, draft);
    if (this.view.name === "thread" && this.view.thread === draft) this.view = { name: "thread", thread: id };
    this.#remember();
  }

  typing(thread: string): void {
    if (thread.startsWith(NEW) || Date.now() - this.#typed < TYPING_EVERY) return;
    this.#typed = Date.now();
    void this.kit.line.post(`conversations/${thread}/typing`).catch(() => {});
  }

  async upload(file: File): Promise<Attachment> {
    const { line, signal } = this.kit;
    await line.sign();
    return line.call<Attachment>(
      `attachments?name=${encodeURIComponent(file.name.slice(-120))}`,
      () => ({
        method: "POST",
        headers: { "Content-Type": "application/octet-stream", Authorization: `Bearer ${line.session?.token}` },
        body: file,
      }),
      { signal },
    );
  }

  /** The contact says where they can be reached. */
  async reach(email: string): Promise<void> {
    const { line } = this.kit;
    const session = await line.post<Session>("profile", { email });
    line.keep(session);
    this.kit.emailSupplied(email);
  }

  async rate(id: string, rating: number, remark: string): Promise<void> {
    const { conversation } = await this.kit.line.post<{ conversation: Conversation }>(`conversations/${id}/rating`, {
      rating,
      ...(remark && { remark }),
    });
    this.#learn(conversation);
    this.changed();
  }

  /** What the contact wants of messages like this one. */
  async wish(id: string, choice: "not_now" | "never" | null): Promise<void> {
    const answer = await this.kit.line.post<{ conversation: Conversation; message: string }>(`conversations/${id}/proactive`, { choice });
    this.#learn(answer.conversation);
    this.stated[id] = answer.message;
    this.changed();
    void this.#stream?.catchUp();
  }
}

export function isNew(thread: string): boolean {
  return thread.startsWith(NEW);
}

/** Whether the panel takes the whole screen. */
export function covers(): boolean {
  return matchMedia(SMALL).matches;
}

/** What may be shown to the visitor of a problem: not what the site's developer has to mend. */
export function sayable(problem: Refused): string {
  if (wrong(problem)) return t("unavailable");
  return !problem.status || problem.status >= 500 ? "" : problem.message;
}

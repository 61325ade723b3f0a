// The chat box of the sample shop: one panel, a list of conversations, and one thread at a time.

import { draw, plain } from "./markdown.js";
import { Stream } from "./stream.js";

const SHOP = "Fern & Fold";
const TYPING_FOR = 20_000;
const GROUP_WITHIN = 300;
const phone = matchMedia("(max-width: 560px)");

const page = document.getElementById("page");
const said = new Map(); // part id → part
const talks = new Map(); // conversation id → { id, state, title }
const outbox = []; // what is on its way: { clientId, talk, body, at, state, reason, partId }
const typing = new Map(); // conversation id → the moment we stop believing that an answer is being written
const seen = new Map(); // conversation id → the last seq that was on screen

let contact = null;
let current = null; // the thread shown; null is one that has not begun
let view = "thread";
let open = false;
let online = true;
let loaded = false;
let elsewhere = null; // a first message that came while another thread was being read
let openedBy = null;

// ---------------------------------------------------------------- the pieces of the panel

function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null) made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

function icon(path, size = 20) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const line = document.createElementNS(space, "path");
  for (const [key, value] of Object.entries({ viewBox: "0 0 20 20", width: size, height: size, "aria-hidden": "true", class: "icon" })) {
    svg.setAttribute(key, value);
  }
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

const ICONS = {
  chat: "M3 9.5C3 5.9 6.1 3.5 10 3.5s7 2.4 7 6-3.1 6-7 6c-.9 0-1.8-.1-2.6-.4L3.5 16.5l1-3C3.6 12.4 3 11 3 9.5z",
  close: "M5 5l10 10M15 5L5 15",
  back: "M12 4l-6 6 6 6",
  send: "M10 16V4M5 9l5-5 5 5",
  curtain: "M2.5 16C2.5 9 6 4.5 10 4.5M17.5 16c0-7-3.5-11.5-7.5-11.5",
};

const dot = el("span", { class: "chat-dot", hidden: true });
const launcher = el("button", { type: "button", class: "chat-launcher", "aria-haspopup": "dialog", onclick: () => show(launcher) }, icon(ICONS.chat, 24), dot);
const backButton = el("button", { type: "button", class: "chat-tool", "aria-label": "All conversations", title: "All conversations", onclick: () => goTo("list") }, icon(ICONS.back));
const title = el("h2", { id: "chat-title", tabindex: "-1" }, SHOP);
const subtitle = el("p", {});
const closeButton = el("button", { type: "button", class: "chat-tool", "aria-label": "Close chat", title: "Close (Esc)", onclick: () => hide() }, icon(ICONS.close));
const connection = el("p", { class: "chat-notice", role: "status", hidden: true });
const newcomer = el("div", { class: "chat-notice chat-first", hidden: true },
  el("p", {}, icon(ICONS.curtain, 16), ` ${SHOP} wrote to you about something else.`),
  el("button", { type: "button", onclick: () => goTo("thread", elsewhere) }, "Show"));
const log = el("div", { class: "chat-log", role: "log", "aria-live": "polite", "aria-relevant": "additions", "aria-label": "Conversation", tabindex: "0" });
const list = el("div", { class: "chat-list", hidden: true });
const ended = el("div", { class: "chat-ended", hidden: true });
const field = el("textarea", { id: "chat-field", rows: "1", enterkeyhint: "send", oninput: grow, onkeydown: onFieldKey });
const sendButton = el("button", { type: "submit", class: "chat-send", "aria-label": "Send", title: "Send (Enter)" }, icon(ICONS.send));
const form = el("form", { class: "chat-form", onsubmit: onSubmit },
  el("label", { for: "chat-field", class: "unseen" }, "Your message"), field, sendButton);
const panel = el("section", { class: "chat-panel", role: "dialog", "aria-labelledby": "chat-title", hidden: true },
  el("header", { class: "chat-head" }, backButton, el("div", { class: "chat-name" }, title, subtitle), closeButton),
  connection, newcomer, log, list, ended, form);

document.getElementById("chat").append(launcher, panel);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && open && !event.isComposing) hide();
});
for (const button of document.querySelectorAll("[data-ask]")) {
  button.addEventListener("click", () => {
    if (current && talks.get(current)?.state === "closed") current = null;
    view = "thread";
    field.value = button.dataset.ask;
    show(button);
    grow();
  });
}
phone.addEventListener("change", () => settle());
document.addEventListener("visibilitychange", () => { if (!document.hidden) render(); });

// ---------------------------------------------------------------- opening and closing

function show(from = null) {
  openedBy = from;
  if (!open) {
    open = true;
    remember();
  }
  settle();
  render();
  toEnd();
  // One who asked for the panel goes on in it. One who did not keeps their place, unless it covers the page.
  if (from && !phone.matches) field.focus();
  else if (from || phone.matches) title.focus();
}

function hide() {
  open = false;
  settle();
  render();
  remember();
  (openedBy?.isConnected && openedBy !== launcher ? openedBy : launcher).focus();
}

function settle() {
  const covers = open && phone.matches;
  panel.hidden = !open;
  launcher.hidden = open;
  page.inert = covers;
  document.documentElement.classList.toggle("chat-covers", covers);
  if (covers) panel.setAttribute("aria-modal", "true");
  else panel.removeAttribute("aria-modal");
}

function goTo(where, talk = null) {
  view = where;
  if (where === "thread") {
    current = talk;
    if (elsewhere === talk) elsewhere = null;
  }
  render();
  toEnd();
  if (where === "list") (list.querySelector("button") ?? closeButton).focus();
  else if (phone.matches) title.focus();
  else field.focus();
}

// ---------------------------------------------------------------- what is heard

function hear({ contact: who, news, online: now, signedOut }) {
  if (who) {
    if (contact && contact.id !== who.id) location.reload();
    contact = who;
    try { sessionStorage.removeItem("signed-in-again"); } catch { /* it was not kept either */ }
    recall();
  }
  if (now !== undefined) online = now;
  if (signedOut) comeBackSignedIn();
  if (news) take(news);
  render();
}

function take(news) {
  for (const talk of news.conversations ?? []) talks.set(talk.id, { ...talks.get(talk.id), ...talk });
  const fresh = [];
  for (const part of news.parts ?? []) {
    if (said.has(part.id)) continue;
    said.set(part.id, part);
    fresh.push(part);
    if (!talks.has(part.conversation_id)) talks.set(part.conversation_id, { id: part.conversation_id, state: "open" });
    if (part.author?.type !== "user") typing.delete(part.conversation_id);
    forget((sent) => sent.clientId === part.client_id || sent.partId === part.id);
  }
  const first = fresh.filter((part) => isFirstMessage(part) && isUnanswered(part)).at(-1);
  if (!loaded) {
    loaded = true;
    current = newest();
    if (open && !first) settle();
  }
  if (first) welcome(first.conversation_id);
}

// The agent's first move opens the panel; somebody in the middle of another thread is told, and not torn away.
function welcome(talk) {
  const busy = open && view === "thread" && current && current !== talk
    && (field.value.trim() || talks.get(current)?.state !== "closed");
  if (busy) {
    elsewhere = talk;
    return;
  }
  view = "thread";
  current = talk;
  if (!open) show();
}

function isFirstMessage(part) {
  return part.is_first_message ?? (part.kind === "comment" && part.author?.type === "bot" && comments(part.conversation_id)[0] === part);
}

function isUnanswered(part) {
  const talk = part.conversation_id;
  return part.seq > (seen.get(talk) ?? -1) && talks.get(talk)?.state !== "closed"
    && !comments(talk).some((other) => other.author?.type === "user");
}

function partsOf(talk) {
  return [...said.values()].filter((part) => part.conversation_id === talk).sort((a, b) => a.seq - b.seq);
}

function comments(talk) {
  return partsOf(talk).filter((part) => part.kind === "comment" && part.body);
}

function newest() {
  const all = [...talks.values()].map((talk) => ({ talk, last: partsOf(talk.id).at(-1)?.seq ?? 0 }));
  all.sort((a, b) => (a.talk.state === "closed") - (b.talk.state === "closed") || b.last - a.last);
  return all[0]?.talk.id ?? null;
}

function unread(talk) {
  return comments(talk).filter((part) => part.author?.type !== "user" && part.seq > (seen.get(talk) ?? -1)).length;
}

function withPerson(talk) {
  let person = false;
  for (const part of partsOf(talk)) {
    if (part.event === "assigned" || part.author?.type === "admin") person = true;
    if (part.event === "opened" || part.event === "closed") person = false;
  }
  return person;
}

// ---------------------------------------------------------------- what is said

function onSubmit(event) {
  event.preventDefault();
  const body = field.value.trim();
  if (!body) return;
  field.value = "";
  grow();
  say(body);
  field.focus();
}

function onFieldKey(event) {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    form.requestSubmit();
  }
}

function say(body) {
  const message = { clientId: newId(), talk: current, body, at: Date.now() / 1000, state: "sending" };
  outbox.push(message);
  deliver(message);
  toEnd();
}

async function deliver(message) {
  message.state = "sending";
  message.reason = "";
  render();
  try {
    if (message.talk) {
      message.partId = (await stream.reply(message.talk, message.body, message.clientId)).part_id;
    } else {
      const talk = (await stream.start(message.body, message.clientId)).conversation_id;
      message.talk = talk;
      if (!talks.has(talk)) talks.set(talk, { id: talk, state: "open" });
      // What was written meanwhile into the thread that had not begun belongs to it too.
      for (const other of outbox) {
        if (!other.talk && other !== message) other.talk = talk;
      }
      if (current === null) current = talk;
    }
    message.state = "sent";
    const known = [...said.values()].some((part) => part.client_id === message.clientId || part.id === message.partId);
    if (known) forget((other) => other === message);
    const answered = partsOf(message.talk).at(-1)?.author?.type === "bot" && known;
    if (!answered && !withPerson(message.talk)) {
      typing.set(message.talk, Date.now() + TYPING_FOR);
      setTimeout(render, TYPING_FOR + 50);
    }
    setTimeout(() => { if (outbox.includes(message)) stream.catchUp(); }, 4_000);
  } catch (problem) {
    message.state = "failed";
    message.reason = problem.message;
    message.refused = problem.status >= 400 && problem.status < 500;
  }
  render();
}

function takeBack(message) {
  forget((other) => other === message);
  field.value = [message.body, field.value].filter(Boolean).join("\n");
  grow();
  render();
  field.focus();
}

function forget(which) {
  for (let at = outbox.length - 1; at >= 0; at -= 1) {
    if (which(outbox[at])) outbox.splice(at, 1);
  }
}

function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  // Pages that are neither local nor https have no randomUUID.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function grow() {
  field.style.height = "auto";
  field.style.height = `${Math.min(field.scrollHeight, 144)}px`;
  sendButton.disabled = !field.value.trim();
}

// ---------------------------------------------------------------- drawing

let shown = null;

function render() {
  if (!open) {
    drawLauncher();
    return;
  }
  const talk = current ? talks.get(current) : null;
  const others = [...talks.keys()].filter((id) => id !== current);
  backButton.hidden = view === "list" || (!others.length && !current);
  log.hidden = view !== "thread";
  form.hidden = view !== "thread";
  list.hidden = view !== "list";
  newcomer.hidden = view !== "thread" || !elsewhere;
  subtitle.textContent = view === "list" ? "Your conversations"
    : current && withPerson(current) ? "With a person from our team" : "Our agent answers, our team steps in";
  connection.hidden = online;
  connection.textContent = online ? "" : navigator.onLine ? "Connection lost. Trying again." : "You are offline.";
  field.placeholder = current ? "Write a message" : "Write your question";
  drawEnded(talk);
  if (view === "list") drawList();
  else drawThread();
  if (view === "thread" && current && !document.hidden) {
    const last = partsOf(current).at(-1)?.seq;
    if (last !== undefined && last !== seen.get(current)) {
      seen.set(current, last);
      remember();
    }
  }
  drawLauncher();
}

function drawLauncher() {
  const count = [...talks.keys()].reduce((sum, talk) => sum + unread(talk), 0);
  dot.hidden = !count;
  launcher.setAttribute("aria-label", count ? `Open chat, ${count} new ${count === 1 ? "message" : "messages"}` : "Open chat");
  document.title = document.title.replace(/^\(\d+\) /, "");
  if (count && document.hidden) document.title = `(${count}) ${document.title}`;
}

function drawEnded(talk) {
  const closed = view === "thread" && talk?.state === "closed";
  if (ended.hidden !== closed && ended.dataset.talk === talk?.id) return;
  ended.hidden = !closed;
  ended.dataset.talk = talk?.id ?? "";
  ended.replaceChildren();
  if (closed) {
    ended.append(
      el("p", {}, "This conversation is closed. Write to go on with it."),
      el("button", { type: "button", onclick: () => goTo("thread") }, "Start a new one"));
  }
}

function drawList() {
  const focused = list.contains(document.activeElement) ? document.activeElement.dataset.talk : null;
  const rows = [...talks.values()]
    .map((talk) => ({ talk, last: comments(talk.id).at(-1), first: comments(talk.id)[0] }))
    .sort((a, b) => (b.last?.seq ?? 0) - (a.last?.seq ?? 0));
  list.replaceChildren(
    el("button", { type: "button", class: "chat-begin", "data-talk": "", onclick: () => goTo("thread") }, "Start a conversation"),
    el("ul", {}, ...rows.map(({ talk, last, first }) => {
      const count = unread(talk.id);
      const proactive = first?.author?.type === "bot";
      return el("li", {}, el("button", { type: "button", "data-talk": talk.id, onclick: () => goTo("thread", talk.id) },
        el("span", { class: "chat-row-top" },
          el("span", { class: "chat-row-title" }, talk.title || (first ? wordsOf(first) : "Conversation")),
          last ? el("time", { datetime: iso(last.created_at), title: exact(last.created_at) }, short(last.created_at)) : ""),
        el("span", { class: "chat-row-last" }, last ? `${last.author?.type === "user" ? "You: " : ""}${wordsOf(last)}` : ""),
        el("span", { class: "chat-row-state" },
          proactive ? el("span", { class: "chat-started" }, icon(ICONS.curtain, 14), `Started by ${SHOP}`) : "",
          el("span", {}, talk.state === "closed" ? "Closed" : withPerson(talk.id) ? "With our team" : "Open"),
          count ? el("b", {}, `${count} new`) : "")));
    })));
  if (focused !== null) list.querySelector(`[data-talk="${CSS.escape(focused)}"]`)?.focus();
}

function wordsOf(part) {
  return part.format === "plain" ? part.body : plain(part.body);
}

function drawThread() {
  const near = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  const items = thread();
  if (shown !== current) {
    // Another thread is not news: it is read when one gets there, and not aloud all at once.
    const stays = shown === null && outbox.some((message) => message.talk === current);
    shown = current;
    if (!stays) {
      log.setAttribute("aria-live", "off");
      log.replaceChildren();
      setTimeout(() => log.setAttribute("aria-live", "polite"), 200);
    }
  }
  const before = new Map([...log.children].map((child) => [child.dataset.key, child]));
  let place = log.firstElementChild;
  for (const item of items) {
    let node = before.get(item.key);
    if (node && node.dataset.as !== item.as) {
      const renewed = item.make();
      if (place === node) place = node.nextElementSibling;
      node.remove();
      node = renewed;
    }
    node ??= item.make();
    node.dataset.key = item.key;
    node.dataset.as = item.as;
    item.tune?.(node);
    before.delete(item.key);
    if (node === place) place = place.nextElementSibling;
    else log.insertBefore(node, place);
  }
  for (const gone of before.values()) gone.remove();
  if (near) toEnd();
}

// The thread as a list of things to draw: `key` says which one it is, `as` what it looks like.
function thread() {
  const parts = current ? partsOf(current) : [];
  const waiting = outbox.filter((message) => message.talk === current);
  if (!parts.length && !waiting.length) return [{ key: "empty", as: "empty", make: emptyThread }];

  const items = [];
  const lines = [...parts.map(lineOf), ...waiting.map(lineOfWaiting)].filter(Boolean);
  const last = lines.findLast((line) => !line.event);
  let day = "";
  let before = null;
  lines.forEach((line, number) => {
    if (dayOf(line.at) !== day) {
      day = dayOf(line.at);
      const name = dayName(line.at);
      items.push({ key: `day ${day}`, as: name, make: () => el("p", { class: "chat-day" }, name) });
      before = null;
    }
    const next = lines[number + 1];
    const begins = !before || !sameVoice(before, line);
    const ends = !next || !sameVoice(line, next) || dayOf(next.at) !== day;
    items.push({
      key: line.key,
      as: line.event ? line.event : `${line.voice} ${begins} ${line.first}`,
      make: () => (line.event ? eventLine(line) : message(line, begins)),
      tune: line.event ? null : (node) => tuneMessage(node, line, ends),
    });
    before = line;
  });
  if ((typing.get(current) ?? 0) > Date.now()) items.push({ key: "typing", as: "typing", make: typingLine });
  if (last?.choices?.length && !waiting.length) {
    items.push({ key: `choices ${last.key}`, as: "choices", make: () => choiceLine(last.choices) });
  }
  return items;
}

function lineOf(part) {
  const at = part.created_at;
  if (part.kind === "event") {
    const words = eventWords(part);
    return words && { key: part.id, at, event: words };
  }
  if (!part.body) return null;
  const voice = part.author?.type ?? "bot";
  return {
    key: part.client_id || part.id, at, voice, name: part.author?.name, choices: part.choices,
    first: isFirstMessage(part),
    ...(part.format === "plain" ? { text: part.body } : { body: part.body }),
  };
}

function lineOfWaiting(message) {
  return { key: message.clientId, at: message.at, voice: "user", text: message.body, waiting: message, first: false };
}

function eventWords(part) {
  switch (part.event) {
    case "closed": return "Conversation closed";
    case "assigned": return "Passed to a person from our team";
    case "opened": return partsOf(part.conversation_id)[0] === part ? null : "Conversation reopened";
    default: return null;
  }
}

function sameVoice(one, other) {
  return !one.event && !other.event && one.voice === other.voice && one.name === other.name
    && !other.first && Math.abs(other.at - one.at) < GROUP_WITHIN;
}

function message(line, begins) {
  const bubble = el("div", { class: "chat-bubble" });
  if (line.text === undefined) bubble.append(draw(line.body));
  else bubble.append(el("p", {}, line.text));
  const node = el("article", { class: `chat-message by-${line.voice}${line.first ? " is-first" : ""}` });
  if (line.first) node.append(el("p", { class: "chat-started" }, icon(ICONS.curtain, 16), `Started by ${SHOP}`));
  if (line.voice === "user") {
    node.append(el("p", { class: "unseen" }, "You"));
  } else if (begins) {
    // An agent that was given no name of its own speaks in the shop's.
    const name = line.voice === "bot" ? line.name?.replace(/^(AI )?agent$/i, "") || SHOP : line.name || "Our team";
    node.append(el("p", { class: "chat-who" }, name, el("span", {}, line.voice === "bot" ? "AI agent" : `${SHOP} team`)));
  }
  node.append(bubble, el("p", { class: "chat-meta" }));
  return node;
}

// Changes that are no news: where a group ends, and how a message on its way is doing.
function tuneMessage(node, line, ends) {
  const meta = node.lastElementChild;
  const state = line.waiting ? `${line.waiting.state} ${line.waiting.reason}` : `at ${line.at} ${ends}`;
  if (meta.dataset.state === state) return;
  meta.dataset.state = state;
  node.classList.toggle("is-failed", line.waiting?.state === "failed");
  meta.replaceChildren();
  if (line.waiting?.state === "failed") {
    meta.setAttribute("role", "alert");
    meta.append(el("span", {}, `Not sent. ${line.waiting.reason}`.trim()),
      line.waiting.refused ? el("button", { type: "button", onclick: () => takeBack(line.waiting) }, "Edit") : "",
      el("button", { type: "button", onclick: () => deliver(line.waiting) }, "Try again"));
  } else if (line.waiting) {
    meta.removeAttribute("role");
    meta.append(line.waiting.state === "sending" ? "Sending…" : "Sent");
  } else {
    meta.removeAttribute("role");
    meta.append(el("time", { datetime: iso(line.at), title: exact(line.at), class: ends ? "" : "unseen" }, clock(line.at)));
  }
}

function eventLine(line) {
  return el("p", { class: "chat-event" }, `${line.event} · `, el("time", { datetime: iso(line.at), title: exact(line.at) }, clock(line.at)));
}

function typingLine() {
  return el("p", { class: "chat-typing" }, el("span", { class: "unseen" }, `${SHOP} is writing`),
    ...[1, 2, 3].map(() => el("i", { "aria-hidden": "true" })));
}

function choiceLine(choices) {
  return el("div", { class: "chat-choices", role: "group", "aria-label": "Quick replies" },
    ...choices.map((choice) => el("button", { type: "button", onclick: () => { say(choice.label); field.focus(); } }, choice.label)));
}

function emptyThread() {
  return el("div", { class: "chat-empty" },
    el("h3", {}, "Start a conversation"),
    el("p", {}, "Ask about an order, a return or our paper. A person from our team steps in when you ask for one."),
    el("div", { class: "chat-choices" }, ...["Where is my order?", "How much is shipping?", "Can I talk to a person?"].map(
      (words) => el("button", { type: "button", onclick: () => { say(words); field.focus(); } }, words))));
}

function toEnd() {
  log.scrollTop = log.scrollHeight;
}

// ---------------------------------------------------------------- times as people say them

const clockFormat = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const dayFormat = new Intl.DateTimeFormat("en", { weekday: "long", day: "numeric", month: "long" });
const shortFormat = new Intl.DateTimeFormat("en", { day: "numeric", month: "short" });
const exactFormat = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });

const moment = (seconds) => new Date(seconds * 1000);
const iso = (seconds) => moment(seconds).toISOString();
const clock = (seconds) => clockFormat.format(moment(seconds));
const exact = (seconds) => exactFormat.format(moment(seconds));
const dayOf = (seconds) => moment(seconds).toDateString();
const short = (seconds) => (dayName(seconds) === "Today" ? clock(seconds) : shortFormat.format(moment(seconds)));

function dayName(seconds) {
  const now = new Date();
  const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
  if (dayOf(seconds) === now.toDateString()) return "Today";
  return dayOf(seconds) === yesterday.toDateString() ? "Yesterday" : dayFormat.format(moment(seconds));
}

// ---------------------------------------------------------------- what this browser remembers

function remember() {
  if (!contact) return;
  try {
    localStorage.setItem("chat", JSON.stringify({ contact: contact.id, seen: [...seen], open }));
  } catch { /* private windows may keep nothing, and lose nothing by it */ }
}

function recall() {
  try {
    const kept = JSON.parse(localStorage.getItem("chat") ?? "{}");
    if (kept.contact !== contact.id) return;
    for (const [talk, seq] of kept.seen ?? []) seen.set(talk, seq);
    open = Boolean(kept.open) && !phone.matches;
    settle();
  } catch { /* nothing kept */ }
}

// The cookie comes with the page. One that no longer counts (a new demo) is renewed by loading it again, once.
function comeBackSignedIn() {
  try {
    if (sessionStorage.getItem("signed-in-again")) return;
    sessionStorage.setItem("signed-in-again", "yes");
    location.reload();
  } catch { /* without storage there is no telling whether it was tried */ }
}

const stream = new Stream(hear);
grow();
render();
stream.run();

// What every page view loads: `Overture(method, …)`, the launcher, and one listener for clicks. All else comes later.

import type { Baked, ClickAnswer, Session } from "../../../protocol/messenger";
import type { App, Kit } from "../kit";
import { assetUrl } from "./assets";
import { makeClicks, type Clicks } from "./clicks";
import { languageOf, makeLauncher, type Launcher } from "./launcher";
import { keep, raw } from "./kept";
import { makeLine, type Line } from "./session";
import { identityIn, type Settings } from "./settings";

declare const __OVERTURE_BAKED__: Baked;

type Told = (...args: unknown[]) => void;
type Face = { (method: string, ...args: unknown[]): unknown; booted: boolean; q?: ArrayLike<unknown>[] };
interface Page {
  Overture?: Face;
  Intercom?: Face;
  overtureSettings?: Settings;
  intercomSettings?: Settings;
}

const OPENS = /^(hide|show(Messages|NewMessage|Space|Article|Conversation)?|startConversation)$/;
const NOT_BUILT = /^(start(Tour|Survey|Checklist)|show(News|Ticket))$/;
const HEARD = /^on(Show|Hide|UnreadCountChange|UserEmailSupplied|ActivatorClick)$|^ready$/;

/** Everything that one `boot` made, and `shutdown` ends. */
interface Running {
  stop: AbortController;
  line: Line;
  launcher: Launcher;
  clicks: Clicks;
  app: Promise<App> | null;
  appReady: App | null;
  open: boolean;
  covers: boolean;
  unread: number;
  name?: string;
  events: object[];
}

function start(): void {
  const baked = __OVERTURE_BAKED__;
  const script = document.currentScript as HTMLScriptElement | null;
  const from = (script?.src ?? "").replace(/\/(messenger\.js|widget\/[^/]*)([?#].*)?$/, "");
  const page = window as unknown as Omit<Window, keyof Page> & Page;

  if (page.Overture && !page.Overture.q && "booted" in page.Overture) {
    page.Overture("reattach_activator");
    return;
  }

  let settings: Settings = {};
  let running: Running | null = null;
  let picking = false;
  let held: [string, unknown[]][] = [];
  let passed: string | undefined;
  const told: Record<string, Told[]> = {};
  const warned = new Set<string>();

  const face = ((method: string, ...args: unknown[]) => {
    try {
      return run(method, args);
    } catch (problem) {
      fault(problem);
    }
  }) as Face;
  face.booted = false;

  function base(): string {
    const asked = settings.api_base ?? given().api_base;
    // A page that came from Intercom may still name Intercom's own address.
    return asked && !/intercom(cdn)?\.(io|com)/.test(asked) ? String(asked).replace(/\/$/, "") : from;
  }

  function given(): Settings {
    return { ...page.intercomSettings, ...page.overtureSettings };
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  const methods: Record<string, (first: any, second: unknown) => unknown> = {
    boot,
    update,
    shutdown,
    getVisitorId: () => running?.line.session?.contact.id ?? "",
    whoami() {
      const contact = running?.line.session?.contact;
      return contact && { ...contact };
    },
    setAuthTokens(tokens) {
      settings.auth_tokens = tokens;
      flush();
    },
    hideNotifications: (hidden) => change({ hide_notifications: hidden !== false }),
    reattach_activator: () => (running ? attach() : auto()),
    trackEvent: track,
  };

  function run(method: string, args: unknown[]): unknown {
    const first = args[0];
    if (HEARD.test(method)) {
      if (typeof first !== "function") return warn(`${method} takes a function.`);
      if (method === "ready" && running) (first as Told)();
      else (told[method] ??= []).push(first as Told);
      if (method === "onUnreadCountChange" && running) {
        tell([first as Told], running.unread);
        listen();
      }
      return undefined;
    }
    if (NOT_BUILT.test(method)) return warn(`${method} is not part of Overture.`);
    if (Object.hasOwn(methods, method)) return methods[method]!(first, args[1]);
    if (!OPENS.test(method)) return warn(`There is no method ${JSON.stringify(method)}.`);
    if (!running) held.push([method, args]);
    else withApp(method === "hide" ? running.app : load(), (app) => app.call(method, args));
    return undefined;
  }

  function warn(text: string): void {
    if (!warned.has(text)) console.warn(`Overture: ${text}`);
    warned.add(text);
  }

  function tell(whom: Told[] | undefined, ...args: unknown[]): void {
    for (const one of whom ?? []) {
      try {
        one(...args);
      } catch (problem) {
        console.error(problem); // a fault of the page's own function
      }
    }
  }

  // ------------------------------------------------------------ beginning and ending

  function boot(asked: Settings = {}): void {
    if (running) return update(asked);
    settings = { ...given(), ...asked };
    if (settings.app_id && baked.app_id && settings.app_id !== baked.app_id) {
      return console.error(`Overture: this is ${baked.app_id}, not ${settings.app_id}.`);
    }
    const stop = new AbortController();
    const said = () => ({
      identity: identityIn(settings),
      language: languageOf(settings),
      duration: Number(settings.session_duration) || undefined,
    });
    const line = makeLine(base(), baked, said, heard);
    const launcher = makeLauncher();
    const clicks = makeClicks(baked, line, () => identityIn(settings), opened);
    running = { stop, line, launcher, clicks, app: null, appReady: null, open: false, covers: false, unread: 0, events: [] };
    running.unread = line.session?.unread ?? 0;
    page.addEventListener("click", onClick, { capture: true, signal: stop.signal });
    draw();
    face.booted = true;
    for (const [method, args] of held.splice(0)) face(method, ...args);
    tell(told.ready?.splice(0));
    tell(told.onUnreadCountChange, running.unread);
    clicks.prepare();
    clicks.finish();
    if (told.onUnreadCountChange?.length) listen();
    else whenIdle(look);
  }

  function auto(): void {
    if (!running && (page.overtureSettings ?? page.intercomSettings)) boot();
  }

  function attach(): void {
    const host = running?.launcher.host;
    if (!host || host.isConnected) return;
    if (document.body) document.body.append(host);
    else document.addEventListener("DOMContentLoaded", attach, { once: true });
  }

  function update(asked: Settings = {}): void {
    if (!running) return boot(asked);
    const before = JSON.stringify(identityIn(settings));
    change({ ...given(), ...asked });
    const again = JSON.stringify(identityIn(settings)) !== before;
    if (again || running.line.session) whenIdle(look);
  }

  function change(more: Settings): void {
    settings = { ...settings, ...more };
    draw();
    running?.appReady?.changed();
  }

  function shutdown(): void {
    if (!running) return;
    running.stop.abort();
    running.line.forget();
    running.launcher.host.remove();
    running = null;
    settings = {};
    held = [];
    face.booted = false;
    for (const key of ["click", "open"]) keep("sessionStorage", `overture:${key}`, null);
  }

  // ------------------------------------------------------------ asking whether there is anything

  async function look(): Promise<void> {
    const now = running;
    if (!now || !someone()) return;
    if (now.line.waiting()) return listen();
    try {
      if (!now.line.settled()) await now.line.sign();
      else if (!now.line.session?.live) {
        const { unread } = await now.line.post<{ unread: number }>("unread");
        if (now === running) count(unread);
      }
      flush();
      if (now === running && (now.unread || now.line.session?.live)) listen();
    } catch {
      /* said in the console where it matters; a chat that cannot be reached is no fault of the page */
    }
  }

  // Nobody we know, and nothing to send: no connection.
  function someone(): unknown {
    return running && (running.line.session || running.line.waiting() || identityIn(settings));
  }

  function heard(session: Session | null, before: Session | null): void {
    if (!running || !session) return;
    if (session.contact.id !== before?.contact.id) running.appReady?.changed();
    if (!running.appReady) count(session.unread);
    flush();
  }

  function listen(): void {
    const now = running;
    whenIdle(() => {
      if (now === running && someone()) withApp(load(), (app) => app.listen());
    });
  }

  function count(unread: number, name?: string): void {
    if (!running) return;
    const before = running.unread;
    Object.assign(running, { unread, name });
    draw();
    if (before !== unread) tell(told.onUnreadCountChange, unread);
  }

  function track(name: unknown, metadata?: unknown): void {
    if (!running || !name) return;
    running.events.push({ name: String(name), metadata, at: Date.now() / 1000 });
    flush();
  }

  function flush(): void {
    if (!running?.line.session) return;
    // The site's own tokens for its own systems: given once for each contact, and kept by the server for a short time.
    const { auth_tokens } = settings;
    const mine = auth_tokens && running.line.session.contact.id + JSON.stringify(auth_tokens);
    if (mine && mine !== passed) running.line.post("tokens", { auth_tokens }).catch((problem) => warn(problem.message));
    passed = mine;
    if (!running.events.length) return;
    const events = running.events.splice(0, 20);
    running.line.post("events", { events, page: { url: location.href, title: document.title } }, { keepalive: true }).catch(() => {});
  }

  // ------------------------------------------------------------ opening

  function load(): Promise<App> | null {
    const now = running;
    if (!now) return null;
    now.app ??= import(assetUrl(now.line.base, baked, "app.js"))
      .then((module: { start(kit: Kit): Promise<App> }) =>
        module.start({
          baked,
          settings: () => settings,
          line: now.line,
          launcher: now.launcher,
          signal: now.stop.signal,
          unread: (unread, name) => now === running && count(unread, name),
          opened: (open, covers) => {
            if (now !== running || open === now.open) return;
            now.open = open;
            now.covers = covers;
            draw();
            tell(open ? told.onShow : told.onHide);
          },
          emailSupplied: (email) => tell(told.onUserEmailSupplied, email),
        }),
      )
      .then((app) => {
        if (now !== running) return new Promise<App>(() => {});
        return (now.appReady = app);
      })
      .catch((problem) => {
        now.app = null;
        fault(problem);
        return new Promise<App>(() => {});
      });
    return now.app;
  }

  function withApp(app: Promise<App> | null, act: (app: App) => void): void {
    app?.then(act).catch(fault);
  }

  function draw(): void {
    if (!running) return;
    attach();
    const { launcher, unread, open, covers, name } = running;
    launcher.draw({ settings: { action_color: baked.look?.color, ...settings }, unread, open, covers, name });
  }

  function opened(coming: Promise<ClickAnswer | null>): void {
    const app = load();
    void coming.then((answer) => {
      if (answer?.conversation) withApp(app, (ready) => ready.fired(answer));
    });
  }

  function onClick(event: MouseEvent): void {
    try {
      // A script's click counts only where a person has just done something.
      if (!running || (!event.isTrusted && navigator.userActivation?.isActive === false)) return;
      const path = event.composedPath().filter((one): one is Element => (one as Node).nodeType === 1);
      const { host, button } = running.launcher;
      attach();
      const custom = settings.custom_launcher_selector;
      if (path.includes(button) || (custom && path.some((one) => one.matches(custom)))) {
        tell(told.onActivatorClick);
        face(running.open ? "hide" : "show");
      }
      if (!picking && !path.includes(host)) running.clicks.seen(path);
    } catch {
      /* never in the page's way */
    }
  }

  // Choosing an element: a one-time token on the address starts it, and the tab remembers it over a login page.
  function pickIfAsked(): void {
    const [given, token] = /[#&]overture-pick=([^&]+)/.exec(location.hash) ?? [];
    if (given) history.replaceState(history.state, "", location.href.replace(given, ""));
    if (token || raw("sessionStorage", "overture:pick")) {
      picking = true;
      void import(assetUrl(base(), baked, "picker.js")).then((picker) => picker.begin(base(), token));
    }
  }

  // ------------------------------------------------------------ taking our place in the page

  function drain(queue: ArrayLike<unknown>[] | undefined): void {
    for (const words of Array.from(queue ?? [])) face(...(Array.from(words) as [string, ...unknown[]]));
  }

  const queues = [page.Overture?.q];
  page.Overture = face;
  const wanted = given();
  if (baked.intercom || wanted.intercom) {
    queues.push(page.Intercom?.q);
    page.Intercom = face;
  }
  auto();
  for (const queue of queues) drain(queue);
  pickIfAsked();
}

function whenIdle(act: () => void): void {
  const soon = () => ("requestIdleCallback" in window ? requestIdleCallback(act, { timeout: 2000 }) : setTimeout(act, 200));
  if (document.readyState === "complete") soon();
  else addEventListener("load", soon, { once: true });
}

// A fault of ours is ours: it ends in the console, and not in the page.
function fault(problem: unknown): void {
  console.warn("Overture:", problem);
}

try {
  start();
} catch (problem) {
  fault(problem);
}

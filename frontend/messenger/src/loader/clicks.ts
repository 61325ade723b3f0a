// Clicks on the page: seen first, never delayed, never prevented. One that leaves the page is finished on the next.

import type { Baked, ClickAnswer, Identity, Trigger } from "../../../protocol/messenger";
import type { Locator, resolve as Resolve } from "../locator";
import { assetUrl } from "./assets";
import type { Refused, Line } from "./session";

const PLACE = "overture:click";
const AGAIN_AFTER = 1000;
const TOO_LATE = 120_000;

interface Click {
  click_id: string;
  trigger: string;
  page: { url: string; title: string };
  at: number;
}

export interface Clicks {
  seen(path: Element[]): void;
  /** Finish what a click on the page before began. */
  finish(): void;
  /** Have ready what this page's triggers need. */
  prepare(): void;
}

export function makeClicks(
  baked: Baked,
  line: Line,
  identity: () => Identity | null,
  fired: (answer: Promise<ClickAnswer | null>) => void,
): Clicks {
  const last = new Map<string, number>();
  const pages = new Map<Trigger, RegExp | null>();
  let address = "";
  let watching: Trigger[] = [];
  let resolve: typeof Resolve | null = null;
  let coming: Promise<unknown> | null = null;

  return {
    prepare,
    seen(path) {
      const page = { url: location.href, title: document.title };
      prepare();
      if (coming && !resolve) void coming.then(() => decide(path, page));
      else decide(path, page);
    },
    finish() {
      const click = kept();
      if (click && Date.now() - click.at < TOO_LATE) fired(send(click));
      else keep(null);
    },
  };

  // Hand-written selectors and marks need no judging; the locator comes only to a page that needs it.
  function prepare(): void {
    if (coming || here().every((trigger) => simple(trigger.element))) return;
    coming = import(assetUrl(line.base, baked, "locate.js")).then(
      (module) => (resolve = module.resolve),
      () => (coming = null),
    );
  }

  function decide(path: Element[], page: Click["page"]): void {
    for (const trigger of here()) {
      const selector = simple(trigger.element);
      const met = selector
        ? path.some((one) => one.matches(selector))
        : resolve?.(trigger.element as Locator, document, { path }).length;
      if (!met) continue;
      const now = Date.now();
      if (now - (last.get(trigger.id) ?? 0) < AGAIN_AFTER) return;
      last.set(trigger.id, now);
      const click = { click_id: newId(), trigger: trigger.id, page, at: now };
      keep(click);
      fired(send(click));
      return;
    }
  }

  function here(): Trigger[] {
    const now = location.host + location.pathname + location.search + location.hash;
    if (now !== address) {
      address = now;
      watching = (baked.triggers ?? []).filter((trigger) => {
        if (!pages.has(trigger)) pages.set(trigger, pattern(trigger.page));
        return pages.get(trigger)?.test(now);
      });
    }
    return watching;
  }

  async function send({ at: _, ...click }: Click, first = true): Promise<ClickAnswer | null> {
    try {
      if (line.session && !line.settled()) await line.sign();
      const who = line.session ? { token: line.session.token } : { identity: identity() ?? undefined };
      const answer = await line.post<ClickAnswer>(
        "clicks",
        { ...click, ...who, app_id: baked.app_id },
        { bare: true, keepalive: true },
      );
      if (kept()?.click_id === click.click_id) keep(null);
      if (answer.session) line.keep(answer.session);
      if (!answer.conversation && answer.reason) console.info(`Overture: ${click.trigger} did not fire. ${answer.reason}`);
      return answer;
    } catch (problem) {
      const { status, code } = problem as Refused;
      if (code === "session_over" && first) {
        line.session = null;
        return send({ ...click, at: 0 }, false);
      }
      if (status) keep(null);
      return null;
    }
  }
}

export function newId(): string {
  // Pages that are neither local nor https have no randomUUID.
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function simple(element: unknown): string | null {
  const { css, tag, overture, name } = element as Record<string, string | undefined>;
  const mark = overture ?? name;
  return tag ? null : (css ?? (mark ? `[data-overture=${JSON.stringify(mark)}]` : null));
}

function pattern(source: string): RegExp | null {
  try {
    return new RegExp(source);
  } catch {
    return null;
  }
}

function kept(): Click | null {
  try {
    return JSON.parse(sessionStorage.getItem(PLACE) as string);
  } catch {
    return null;
  }
}

function keep(click: Click | null): void {
  try {
    if (click) sessionStorage.setItem(PLACE, JSON.stringify(click));
    else sessionStorage.removeItem(PLACE);
  } catch {
    /* then it is finished here or not at all */
  }
}

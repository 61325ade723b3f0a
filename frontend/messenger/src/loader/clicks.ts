// Clicks on the page: seen first, never delayed, never prevented. One that leaves the page is finished on the next.

import type { Baked, ClickAnswer, Identity, Trigger } from "../../../protocol/messenger";
import type { likeness, Locator, rebuilt } from "../locator";
import { assetUrl } from "./assets";
import { keep, kept } from "./kept";
import type { Refused, Line } from "./session";

const PLACE = ["sessionStorage", "overture:click"] as const;
const AGAIN_AFTER = 1000;
const TOO_LATE = 120_000;

interface Click {
  click_id: string;
  trigger: string;
  page: { url: string; title: string };
  at: number;
  /** How much of the element's description held; a mark or a selector holds wholly. */
  score?: number;
  /** What was clicked, where the page may be gone before anybody can say what it was. */
  control?: string;
}

export interface Clicks {
  seen(path: Element[]): void;
  /** Finish what a click on the page before began. */
  finish(): void;
  /** Have ready what this page's triggers need. */
  prepare(): unknown;
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
  let locate: { likeness: typeof likeness; rebuilt: typeof rebuilt } | null = null;
  let coming: Promise<unknown> | null = null;

  return {
    prepare,
    seen(path) {
      const page = { url: location.href, title: document.title };
      if (!prepare() || locate) return decide(path, page);
      const control = path.find((one) => one.matches("a,button,[role]"))?.outerHTML;
      if (control) keep(...PLACE, { page, at: Date.now(), control } as Click);
      later(() => path, page);
    },
    finish() {
      const click: Click | null = kept(...PLACE);
      if (!click || Date.now() - click.at > TOO_LATE) return keep(...PLACE, null);
      const { control, page } = click;
      if (!control) return fired(send(click));
      fetched();
      later(() => locate!.rebuilt(control), page);
    },
  };

  function later(path: () => Element[], page: Click["page"]): void {
    void coming?.then(() => {
      if (!locate) return;
      keep(...PLACE, null);
      decide(path(), page);
    });
  }

  // Hand-written selectors and marks need no judging; the locator comes only to a page that needs it.
  function prepare(): boolean {
    const needed = here().some((trigger) => !simple(trigger.element));
    if (needed) fetched();
    return needed;
  }

  function fetched(): void {
    coming ??= import(assetUrl(line.base, baked, "locate.js")).then(
      (module) => (locate = module),
      () => (coming = null),
    );
  }

  function decide(path: Element[], page: Click["page"]): void {
    for (const trigger of here(new URL(page.url))) {
      const selector = simple(trigger.element);
      const met = selector
        ? path.some((one) => one.matches(selector))
        : locate?.likeness(trigger.element as Locator, document, path);
      if (!met) continue;
      const now = Date.now();
      if (now - (last.get(trigger.id) ?? 0) < AGAIN_AFTER) return;
      last.set(trigger.id, now);
      const click = { click_id: newId(), trigger: trigger.id, page, at: now, score: Number(met) };
      keep(...PLACE, click);
      fired(send(click));
      return;
    }
  }

  function here(at: URL | Location = location): Trigger[] {
    const now = at.host + at.pathname + at.search + at.hash;
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
      if (kept(...PLACE)?.click_id === click.click_id) keep(...PLACE, null);
      if (answer.session) line.keep(answer.session, true);
      if (!answer.conversation && answer.reason) console.info(`Overture: ${click.trigger} did not fire. ${answer.reason}`);
      return answer;
    } catch (problem) {
      const { status, code } = problem as Refused;
      if (code === "session_over" && first) {
        line.session = null;
        return send({ ...click, at: 0 }, false);
      }
      if (status) keep(...PLACE, null);
      return null;
    }
  }
}

export function newId(): string {
  // Pages that are neither local nor https have no randomUUID.
  return crypto.getRandomValues(new Uint32Array(4)).join("-");
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

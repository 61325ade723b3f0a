// Who we are to the server, and how we speak to it. The one thing kept in the browser is the session's token.

import type { Baked, Identity, Session } from "../../../protocol/messenger";
import { keep, kept, raw } from "./kept";

/** A call that did not come to an answer; without a status the server was not reached. */
export interface Refused extends Error {
  status: number;
  code?: string;
  retryAfter: number;
}

export interface Line {
  base: string;
  session: Session | null;
  /** The session for what the page says now; made where there is none. */
  sign(): Promise<Session>;
  /** Whether something that was written still has to be sent. */
  waiting(): unknown;
  /** Whether `session` is for what the page says now. */
  settled(): boolean;
  /** `settled`: it is the session for what the page says now. */
  keep(session: Session, settled?: boolean): void;
  forget(): void;
  post<T>(path: string, body?: object, options?: Ask): Promise<T>;
  /** Any other call; `init` is asked again where the session had to be renewed. */
  call<T>(path: string, init: () => RequestInit, options?: Ask): Promise<T>;
}

interface Ask {
  keepalive?: boolean;
  signal?: AbortSignal;
  /** Send no token: for calls that come before a session, or need none. */
  bare?: boolean;
}

interface Kept {
  session: Session;
  who: string;
  at: number;
}

/** Whether asking again would be answered in the same way: a wrong identity, site or workspace. */
export function wrong({ status }: Refused): boolean {
  return [401, 403, 404].includes(status);
}

/** `said` gives what the page says of its visitor; `heard` is told of each new session. */
export function makeLine(
  base: string,
  baked: Baked,
  said: () => { identity: Identity | null; language: string; duration?: number },
  heard: (session: Session | null, before: Session | null) => void,
): Line {
  const place = `overture:${baked.app_id}`;
  let who = "";
  let asking: Promise<Session> | null = null;
  let refusal: Refused | null = null;

  const line: Line = {
    base,
    session: null,
    waiting: () => raw("localStorage", place + ":out"),
    settled: () => Boolean(line.session) && (who === words() || !said().identity),
    async sign() {
      if (line.settled()) return line.session as Session;
      if (refusal && who === words()) throw refusal;
      asking ??= ask().finally(() => (asking = null));
      return asking;
    },
    keep(session, settled) {
      const before = line.session;
      line.session = session;
      if (settled) who = words();
      keep("localStorage", place, { session, who, at: Date.now() } satisfies Kept);
      heard(session, before);
    },
    forget() {
      const before = line.session;
      line.session = null;
      who = "";
      refusal = null;
      keep("localStorage", place, null);
      heard(null, before);
    },
    async post(path, body = {}, options = {}) {
      const token = options.bare ? undefined : (await line.sign()).token;
      return call(path, () => ({
        method: "POST",
        // A plain-text body with the token inside needs no preflight.
        headers: { "Content-Type": "text/plain" },
        body: JSON.stringify({ token: token && line.session?.token, ...body }),
      }), options);
    },
    call,
  };

  async function ask(): Promise<Session> {
    const asked = words();
    const { identity, language } = said();
    const body = {
      app_id: baked.app_id,
      token: line.session?.token,
      identity: identity ?? undefined,
      page: { url: location.href, title: document.title, referrer: document.referrer },
      language,
    };
    try {
      const session = await line.post<Session>("session", body, { bare: true });
      who = asked;
      line.keep(session);
      return session;
    } catch (problem) {
      // Wrong for good: say so once, where the site's developer looks, and do not knock again.
      if (wrong(problem as Refused)) {
        refusal = problem as Refused;
        who = asked;
        console.error("Overture:", refusal.message);
      }
      throw problem;
    }
  }

  async function call<T>(path: string, init: () => RequestInit, options: Ask = {}, first = true): Promise<T> {
    let response: Response;
    try {
      response = await fetch(`${base}/messenger/api/${path}`, {
        ...init(),
        credentials: "omit",
        cache: "no-store",
        keepalive: options.keepalive,
        signal: options.signal,
      });
    } catch (problem) {
      throw options.signal?.aborted ? problem : refused(0);
    }
    if (response.ok) return response.json();
    const said = await response.json().then((told) => told.errors[0], () => 0);
    if (said.code === "session_over" && first && !options.bare) {
      line.session = null;
      await line.sign();
      return call(path, init, options, false);
    }
    throw refused(response.status, said, response.headers.get("Retry-After"));
  }

  function refused(status: number, said: { code?: string; message?: string } = {}, after: string | null = null): Refused {
    return Object.assign(Error(said.message ?? ""), { status, code: said.code, retryAfter: Number(after) || 0 });
  }

  // A fingerprint of the identity, so that none of it is kept.
  function words(): string {
    const { identity } = said();
    let sum = 5381;
    for (const char of identity ? JSON.stringify(identity) : "") sum = (sum * 33 + char.charCodeAt(0)) | 0;
    return String(sum);
  }

  const before: Kept | null = kept("localStorage", place);
  const duration = said().duration;
  if (before && before.session.expires_at * 1000 > Date.now() && !(duration && Date.now() - before.at > duration)) {
    line.session = before.session;
    who = before.who;
  }
  return line;
}

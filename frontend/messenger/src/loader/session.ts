// Who we are to the server, and how we speak to it. The one thing kept in the browser is the session's token.

import type { Baked, Identity, Session } from "../../../protocol/messenger";

export class Refused extends Error {
  status = 0;
  code = "";
  retryAfter = 0;
}

export interface Line {
  base: string;
  session: Session | null;
  /** The session for what the page says now; made where there is none. */
  sign(): Promise<Session>;
  /** Whether `session` is for what the page says now. */
  settled(): boolean;
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
    settled: () => Boolean(line.session) && (who === words() || !said().identity),
    async sign() {
      if (line.settled()) return line.session as Session;
      if (refusal && refusal.message && who === words()) throw refusal;
      asking ??= ask().finally(() => (asking = null));
      return asking;
    },
    keep(session, settled = true) {
      const before = line.session;
      line.session = session;
      if (settled) who = words();
      remember({ session, who, at: Date.now() });
      heard(session, before);
    },
    forget() {
      const before = line.session;
      line.session = null;
      who = "";
      refusal = null;
      try {
        localStorage.removeItem(place);
      } catch {
        /* nothing was kept */
      }
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
      line.keep(session);
      who = asked;
      return session;
    } catch (problem) {
      // Wrong for good: say so once, where the site's developer looks, and do not knock again.
      if (problem instanceof Refused && [401, 403, 404].includes(problem.status)) {
        refusal = problem;
        who = asked;
        console.error(`Overture: ${problem.message}`);
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
      throw options.signal?.aborted ? problem : new Refused("");
    }
    if (response.ok) return response.json();
    const refused = new Refused("");
    refused.status = response.status;
    refused.retryAfter = Number(response.headers.get("Retry-After")) || 0;
    try {
      const error = (await response.json()).errors[0];
      refused.code = error.code;
      refused.message = error.message;
    } catch {
      /* it said nothing we can show */
    }
    if (refused.code === "session_over" && first && !options.bare) {
      line.session = null;
      await line.sign();
      return call(path, init, options, false);
    }
    throw refused;
  }

  // A fingerprint of the identity, so that none of it is kept.
  function words(): string {
    const { identity } = said();
    let sum = 5381;
    for (const char of identity ? JSON.stringify(identity) : "") sum = (sum * 33 + char.charCodeAt(0)) | 0;
    return String(sum);
  }

  function remember(kept: Kept): void {
    try {
      localStorage.setItem(place, JSON.stringify(kept));
    } catch {
      /* private windows may keep nothing */
    }
  }

  try {
    const kept = JSON.parse(localStorage.getItem(place) as string) as Kept | null;
    const duration = said().duration;
    if (kept && kept.session.expires_at * 1000 > Date.now() && !(duration && Date.now() - kept.at > duration)) {
      line.session = kept.session;
      who = kept.who;
    }
  } catch {
    /* nothing readable was kept */
  }
  return line;
}

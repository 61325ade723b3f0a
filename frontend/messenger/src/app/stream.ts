// News from the server: one connection for all tabs, one cursor for both ways of listening.
//
// The tab that holds the lock listens and tells the others. A tab that nobody has looked at for a while lets go.

import type { Session, Updates } from "../../../protocol/messenger";
import type { Kit } from "../kit";
import { wrong, type Refused } from "../loader/session";

const WAIT = 25;
const FULL = 200;
const PATIENCE = 5 * 60_000;

export interface Told {
  news(updates: Updates): void;
  online(online: boolean, problem?: Refused): void;
}

export class Stream {
  #kit: Kit;
  #told: Told;
  #cursor: number;
  #stamp = "";
  #stop = new AbortController();
  #rest: AbortController | null = null;
  #channel: BroadcastChannel | null = null;
  #name: string;
  #failures = 0;
  #socketAgain = 0;
  #wake: (() => void) | null = null;
  #asleep = 0;

  constructor(kit: Kit, session: Session, told: Told) {
    this.#kit = kit;
    this.#told = told;
    this.#cursor = session.cursor;
    this.#name = `overture:${kit.baked.app_id}:${session.contact.id}`;
  }

  /** How things stand, asked for once; then listen until `close`. */
  async open(): Promise<void> {
    const signal = this.#stop.signal;
    if ("BroadcastChannel" in window) {
      this.#channel = new BroadcastChannel(this.#name);
      this.#channel.onmessage = ({ data }) => this.#take(data, false);
    }
    addEventListener("online", () => this.#wake?.(), { signal });
    addEventListener("offline", () => this.#told.online(false), { signal });
    document.addEventListener("visibilitychange", () => this.#seen(), { signal });
    try {
      await this.#poll(0, signal);
    } catch (problem) {
      this.#failed(problem as Refused);
    }
    if (!signal.aborted) this.#listen();
  }

  close(): void {
    this.#stop.abort();
    this.#rest?.abort();
    this.#channel?.close();
    clearTimeout(this.#asleep);
  }

  /** Ask at once, as after something was sent. */
  async catchUp(): Promise<void> {
    await this.#poll(0, this.#stop.signal).catch(() => {});
  }

  #seen(): void {
    clearTimeout(this.#asleep);
    if (document.hidden) {
      this.#asleep = window.setTimeout(() => {
        this.#rest?.abort();
        this.#rest = null;
      }, PATIENCE);
    } else if (!this.#rest) this.#listen();
    else this.#wake?.();
  }

  #listen(): void {
    const rest = (this.#rest = new AbortController());
    const turn = () => this.#loop(rest.signal);
    if (navigator.locks) navigator.locks.request(this.#name, { signal: rest.signal }, turn).catch(() => {});
    else void turn();
  }

  async #loop(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (this.#kit.settings().websocket && Date.now() >= this.#socketAgain) await this.#socket(signal);
        if (signal.aborted) return;
        await this.#poll(WAIT, signal);
      } catch (problem) {
        if (signal.aborted) return;
        const refused = problem as Refused;
        this.#failed(refused);
        // What is wrong for good is not asked again.
        if (wrong(refused)) return;
        await this.#pause(refused.retryAfter, signal);
      }
    }
  }

  #failed(problem: Refused): void {
    this.#failures += 1;
    this.#told.online(false, problem);
  }

  async #poll(wait: number, signal: AbortSignal): Promise<void> {
    const stop = AbortSignal.any([signal, AbortSignal.timeout((wait + 15) * 1000)]);
    const stamp = this.#stamp || undefined;
    const news = await this.#kit.line.post<Updates>("updates", { cursor: this.#cursor, wait, stamp }, { signal: stop });
    this.#failures = 0;
    this.#take(news, true);
    this.#told.online(true);
    if (news.parts.length >= FULL) await this.#poll(0, signal);
  }

  #take(news: Updates, first: boolean): void {
    const changed = news.stamp !== this.#stamp || news.parts.length > 0;
    this.#cursor = Math.max(this.#cursor, news.cursor);
    this.#stamp = news.stamp;
    if (!changed) return;
    if (first) this.#channel?.postMessage(news);
    this.#told.news(news);
  }

  // Resolves when the socket has ended: at once when it never opened, and then polling goes on for a while.
  #socket(signal: AbortSignal): Promise<void> {
    return new Promise((done) => {
      let opened = 0;
      let socket: WebSocket;
      const end = () => {
        clearTimeout(late);
        signal.removeEventListener("abort", shut);
        this.#socketAgain = Date.now() + (opened && Date.now() - opened > 10_000 ? 1_000 : 30_000) * (0.75 + Math.random() / 2);
        done();
      };
      // One that the page's policy keeps out never says that it closed.
      const shut = () => {
        socket.close();
        end();
      };
      const late = setTimeout(shut, 5_000);
      try {
        socket = new WebSocket(this.#kit.line.base.replace(/^http/, "ws") + "/messenger/api/socket");
      } catch {
        return end();
      }
      signal.addEventListener("abort", shut);
      socket.onopen = async () => {
        clearTimeout(late);
        try {
          const { token } = await this.#kit.line.sign();
          socket.send(JSON.stringify({ token, cursor: this.#cursor }));
          opened = Date.now();
          this.#failures = 0;
          this.#told.online(true);
        } catch {
          socket.close();
        }
      };
      socket.onmessage = ({ data }) => {
        try {
          this.#take(JSON.parse(data), true);
        } catch {
          socket.close();
        }
      };
      socket.onclose = socket.onerror = end;
    });
  }

  async #pause(asked: number, signal: AbortSignal): Promise<void> {
    const longest = Math.min(30_000, 1_000 * 2 ** Math.min(this.#failures, 6));
    const wait = asked ? asked * 1000 : longest * (0.5 + Math.random() / 2);
    await new Promise<void>((go) => {
      const timer = setTimeout(go, wait);
      this.#wake = () => {
        clearTimeout(timer);
        go();
      };
      signal.addEventListener("abort", this.#wake, { once: true });
    });
    this.#wake = null;
  }
}

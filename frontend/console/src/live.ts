/** What changed on the server, as it happens: one WebSocket for the page, ids only. */
import { useEffect, useRef } from "react";

export interface Change {
  conversations: string[];
  /** Grows when live procedures or articles change. */
  revision: number;
  /** The first word of a connection: what changed before it stood, nobody was told. Read again whatever is shown. */
  first: boolean;
}

type Listener = (change: Change) => void;

const listeners = new Set<Listener>();
let socket: WebSocket | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;
let wait = 1000;
const SIGNED_OUT = 4401;

function connect(): void {
  timer = undefined;
  if (socket || listeners.size === 0) return;
  const opened = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/console/api/stream`);
  socket = opened;
  let first = true;
  opened.onmessage = (event) => {
    wait = 1000;
    const change: Change = { ...(JSON.parse(event.data as string) as Omit<Change, "first">), first };
    first = false;
    for (const listener of listeners) listener(change);
  };
  opened.onclose = (event) => {
    socket = null;
    if (event.code === SIGNED_OUT || listeners.size === 0) return;
    timer ??= setTimeout(connect, wait * (0.7 + Math.random() * 0.6));
    wait = Math.min(30_000, wait * 2);
  };
}

/** Call this with every change while the component is shown. */
export function useLive(listener: Listener): void {
  const latest = useRef(listener);
  latest.current = listener;
  useEffect(() => {
    const mine: Listener = (change) => latest.current(change);
    listeners.add(mine);
    connect();
    return () => {
      listeners.delete(mine);
      if (listeners.size === 0) {
        clearTimeout(timer);
        timer = undefined;
        socket?.close();
      }
    };
  }, []);
}

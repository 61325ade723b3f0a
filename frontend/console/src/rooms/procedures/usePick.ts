/** Choosing an element on somebody's site: the page opens with a one-time link, and what was picked comes back. */
import { useCallback, useEffect, useRef, useState } from "react";
import { post, read } from "../../api";
import type { Tree } from "./tree";

export interface Picked {
  element: Tree;
  page: { url: string };
  name: string | null;
  matches: number | null;
  confidence: number | null;
  reasons: string[];
}

export interface PickSession {
  id: string;
  url: string;
  state: "waiting" | "opened" | "done" | "cancelled" | "expired";
  result: Picked | null;
  link?: string;
}

const LOOK_EVERY = 700;
/** So long the messenger may take; then we say why it may not answer. */
const ANSWERS_WITHIN = 8000;

export function usePick(whenPicked: (found: Picked) => void) {
  const [session, setSession] = useState<PickSession | null>(null);
  const [lines, setLines] = useState<string[] | null>(null);
  const [problem, setProblem] = useState<Error | null>(null);
  const [beginning, setBeginning] = useState(false);
  const began = useRef(0);
  const asked = useRef(false);
  const tell = useRef(whenPicked);
  tell.current = whenPicked;

  const begin = useCallback(async (url: string, name: string, current: Tree | undefined) => {
    setProblem(null);
    setLines(null);
    setBeginning(true);
    try {
      const begun = await post<PickSession>("/triggers/picks", { url, name, ...(current ? { current } : {}) });
      began.current = Date.now();
      asked.current = false;
      setSession(begun);
      window.open(begun.link, "_blank", "noopener");
    } catch (error) {
      setProblem(error as Error);
    } finally {
      setBeginning(false);
    }
  }, []);

  useEffect(() => {
    if (!session || (session.state !== "waiting" && session.state !== "opened")) return;
    let over = false;
    const timer = setTimeout(async () => {
      try {
        const now = await read<PickSession>(`/triggers/picks/${session.id}`);
        if (over) return;
        setSession({ ...now, link: session.link });
        if (now.state === "done" && now.result) tell.current(now.result);
        if (now.state === "waiting" && !asked.current && Date.now() - began.current > ANSWERS_WITHIN) {
          asked.current = true;
          const told = await read<{ lines: string[] }>(`/triggers/picks/${session.id}/diagnosis`);
          setLines(told.lines);
        }
      } catch (error) {
        if (over) return;
        setProblem(error as Error);
        setSession(null);
      }
    }, LOOK_EVERY);
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [session]);

  return { session, lines, problem, beginning, begin, stop: useCallback(() => setSession(null), []) };
}

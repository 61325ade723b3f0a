/** The draft in the editor: what is typed, undone and redone, and saved by itself a moment later. */
import { useCallback, useEffect, useReducer, useRef } from "react";
import { post, put, read, Refused } from "../../api";
import type { Connector, Tree } from "./tree";

export interface Problem {
  severity: "error" | "warning";
  message: string;
  line: number;
  column: number;
  place: string;
}

export interface Draft {
  source: string;
  document: Tree | null;
  has_comments: boolean;
  revision: number;
  saved_by: string;
  saved_at: string;
}

export interface Plan {
  id: string;
  publish_at: string;
  state: string;
  planned_by: string;
  reason: string | null;
}

export interface Shown {
  id: string;
  key: string;
  name: string;
  state: "draft" | "live" | "paused";
  version: number | null;
  draft: Draft;
  problems: Problem[];
  changed: boolean;
  plan: Plan | null;
  knows: {
    teams: string[];
    connectors: Connector[];
    procedures: { key: string; name: string; state: string }[];
    proactive_triggers: boolean;
    timezone: string;
    /** Where this server is reached from outside. */
    base_url: string;
    /** Whether mails can be sent. */
    email: boolean;
  };
}

export type Saving = "saved" | "typing" | "saving" | "failed";

interface State {
  shown: Shown | null;
  error: Error | null;
  tree: Tree | null;
  past: Tree[];
  future: Tree[];
  saving: Saving;
  problem: Refused | null;
  conflict: { message: string; theirs: Draft } | null;
  group: string;
}

type Event =
  | { kind: "loaded"; shown: Shown }
  | { kind: "lost"; error: Error }
  | { kind: "edit"; tree: Tree; group: string }
  | { kind: "undo" }
  | { kind: "redo" }
  | { kind: "saving" }
  | { kind: "saved"; draft: Draft; problems: Problem[]; changed: boolean; asText: boolean }
  | { kind: "unsaved"; problem: Refused }
  | { kind: "conflict"; message: string; theirs: Draft };

const START: State = { shown: null, error: null, tree: null, past: [], future: [], saving: "saved", problem: null, conflict: null, group: "" };

function next(state: State, event: Event): State {
  switch (event.kind) {
    case "loaded":
      return { ...START, shown: event.shown, tree: event.shown.draft.document };
    case "lost":
      return { ...state, error: event.error };
    case "edit": {
      if (!state.tree) return state;
      // Typing on in one field is one thing to undo.
      const joins = event.group !== "" && event.group === state.group;
      return { ...state, tree: event.tree, past: joins ? state.past : [...state.past, state.tree], future: [], saving: "typing", group: event.group };
    }
    case "undo": {
      const before = state.past.at(-1);
      if (!before || !state.tree) return state;
      return { ...state, tree: before, past: state.past.slice(0, -1), future: [state.tree, ...state.future], saving: "typing", group: "" };
    }
    case "redo": {
      const [after, ...rest] = state.future;
      if (!after || !state.tree) return state;
      return { ...state, tree: after, past: [...state.past, state.tree], future: rest, saving: "typing", group: "" };
    }
    case "saving":
      return { ...state, saving: "saving" };
    case "saved": {
      const shown = state.shown && { ...state.shown, draft: event.draft, problems: event.problems, changed: event.changed };
      const tree = event.asText ? event.draft.document : state.tree;
      const past = event.asText && state.tree ? [...state.past, state.tree] : state.past;
      return { ...state, shown, tree, past, saving: state.saving === "saving" ? "saved" : state.saving, problem: null, conflict: null };
    }
    case "unsaved":
      return { ...state, saving: "failed", problem: event.problem };
    case "conflict":
      return { ...state, saving: "failed", conflict: { message: event.message, theirs: event.theirs } };
  }
}

export interface Editing extends State {
  id: string;
  edit: (tree: Tree, group?: string) => void;
  undo: () => void;
  redo: () => void;
  /** Keep a text that was written by hand as the draft. */
  saveText: (source: string) => Promise<boolean>;
  /** Write what is typed now, before something needs it on the server. */
  flush: () => Promise<boolean>;
  reload: () => Promise<void>;
  /** In a conflict: mine replaces theirs, which the history of drafts keeps. */
  keepMine: () => Promise<void>;
}

const PAUSE = 700;

export function useDraft(id: string): Editing {
  const [state, tell] = useReducer(next, START);
  const latest = useRef(state);
  latest.current = state;
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const busy = useRef<Promise<boolean> | null>(null);

  const reload = useCallback(async () => {
    try {
      tell({ kind: "loaded", shown: await read<Shown>(`/procedures/${id}`) });
    } catch (error) {
      tell({ kind: "lost", error: error as Error });
    }
  }, [id]);

  useEffect(() => void reload(), [reload]);

  const send = useCallback(
    async (body: { document: Tree } | { source: string }, basedOn: number, asText: boolean): Promise<boolean> => {
      tell({ kind: "saving" });
      try {
        const saved = await put<{ draft: Draft; problems: Problem[]; changed: boolean }>(`/procedures/${id}/draft`, { ...body, based_on: basedOn });
        tell({ kind: "saved", ...saved, asText });
        return true;
      } catch (error) {
        const refused = error as Refused;
        const theirs = refused.details?.theirs as Draft | undefined;
        if (theirs) tell({ kind: "conflict", message: refused.message, theirs });
        else tell({ kind: "unsaved", problem: refused });
        return false;
      }
    },
    [id],
  );

  const flush = useCallback(async (): Promise<boolean> => {
    clearTimeout(timer.current);
    if (busy.current) await busy.current;
    const { saving, tree, shown, conflict } = latest.current;
    if (!tree || !shown || saving === "saved") return true;
    if (conflict) return false;
    busy.current = send({ document: tree }, shown.draft.revision, false);
    const done = await busy.current;
    busy.current = null;
    return done;
  }, [send]);

  // Saved a moment after the last key, and when the page is left.
  useEffect(() => {
    if (state.saving !== "typing" || state.conflict) return;
    timer.current = setTimeout(() => void flush(), PAUSE);
    return () => clearTimeout(timer.current);
  }, [state.tree, state.saving, state.conflict, flush]);

  useEffect(() => {
    const leave = (event: BeforeUnloadEvent) => {
      if (latest.current.saving === "saved") return;
      void flush();
      event.preventDefault();
    };
    addEventListener("beforeunload", leave);
    return () => {
      removeEventListener("beforeunload", leave);
      void flush();
    };
  }, [flush]);

  return {
    ...state,
    id,
    edit: useCallback((tree: Tree, group = "") => tell({ kind: "edit", tree, group }), []),
    undo: useCallback(() => tell({ kind: "undo" }), []),
    redo: useCallback(() => tell({ kind: "redo" }), []),
    saveText: useCallback(
      async (source: string) => {
        const shown = latest.current.shown;
        return shown ? send({ source }, shown.draft.revision, true) : false;
      },
      [send],
    ),
    flush,
    reload,
    keepMine: useCallback(async () => {
      const { tree, conflict } = latest.current;
      if (tree && conflict) await send({ document: tree }, conflict.theirs.revision, false);
    }, [send]),
  };
}

export async function create(body: { name: string } | { source: string }): Promise<{ id: string; key: string }> {
  return post("/procedures", body);
}

/** The draft in the editor: what is typed, undone and redone, and saved by itself a moment later. */
import { useCallback, useEffect, useReducer, useRef } from "react";
import { post, put, read, Refused } from "../../api";
import type { Connector, Tree } from "./tree";
import { forgetUnsaved, keepUnsaved, unsavedOf, type Unsaved } from "./unsaved";

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
    /** Those of the workspace, which every procedure can run. */
    sub_procedures: string[];
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
  /** When it was typed last, in milliseconds. */
  typedAt: number;
  /** What this browser still holds of an earlier visit, where it was not saved. */
  unsaved: Unsaved | null;
}

type Event =
  | { kind: "loaded"; shown: Shown; unsaved: Unsaved | null }
  | { kind: "newer"; shown: Shown }
  | { kind: "taken"; draft: Draft }
  | { kind: "put back" }
  | { kind: "thrown away" }
  | { kind: "lost"; error: Error }
  | { kind: "edit"; tree: Tree; group: string; at: number }
  | { kind: "undo" }
  | { kind: "redo" }
  | { kind: "saving" }
  | { kind: "saved"; draft: Draft; problems: Problem[]; changed: boolean; asText: boolean }
  | { kind: "unsaved"; problem: Refused }
  | { kind: "conflict"; message: string; theirs: Draft };

const START: State = { shown: null, error: null, tree: null, past: [], future: [], saving: "saved", problem: null, conflict: null, group: "", typedAt: 0, unsaved: null };
/** A pause as long as this ends what one undo takes back. */
const BREATH = 1500;

function next(state: State, event: Event): State {
  switch (event.kind) {
    case "loaded":
      return { ...START, shown: event.shown, tree: event.shown.draft.document, unsaved: event.unsaved, past: before(state, event.shown.draft.document) };
    case "newer": {
      // Somebody else saved while nothing was typed here: theirs shows, and undo still knows what was.
      if (state.saving !== "saved" || !state.shown || event.shown.draft.revision <= state.shown.draft.revision) return state;
      return { ...state, shown: event.shown, tree: event.shown.draft.document, past: before(state, event.shown.draft.document), future: [], group: "" };
    }
    case "taken": {
      if (!state.shown) return state;
      return { ...state, shown: { ...state.shown, draft: event.draft }, tree: event.draft.document, past: before(state, event.draft.document), future: [], saving: "saved", problem: null, conflict: null, group: "" };
    }
    case "put back": {
      if (!state.unsaved || !state.tree) return { ...state, unsaved: null };
      return { ...state, tree: state.unsaved.tree, past: [...state.past, state.tree], future: [], saving: "typing", group: "", unsaved: null };
    }
    case "thrown away":
      return { ...state, unsaved: null };
    case "lost":
      return { ...state, error: event.error };
    case "edit": {
      // What says the same is no change: a field that is only looked at must not save the draft anew.
      if (!state.tree || JSON.stringify(event.tree) === JSON.stringify(state.tree)) return state;
      // Typing on in one field is one thing to undo.
      const joins = event.group !== "" && event.group === state.group && event.at - state.typedAt < BREATH;
      return { ...state, tree: event.tree, past: joins ? state.past : [...state.past, state.tree], future: [], saving: "typing", group: event.group, typedAt: event.at };
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

/** What undo goes back to once another text stands here. */
function before(state: State, now: Tree | null): Tree[] {
  return state.tree && JSON.stringify(state.tree) !== JSON.stringify(now) ? [...state.past, state.tree] : state.past;
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
  /** In a conflict: theirs shows, and undo brings mine back. */
  takeTheirs: () => void;
  /** What was not saved on an earlier visit: into the document, or gone. */
  putBack: () => void;
  throwAway: () => void;
}

const PAUSE = 700;
/** How long until it is tried again where the server did not answer. */
const AGAIN = 5000;

export function useDraft(id: string): Editing {
  const [state, tell] = useReducer(next, START);
  const latest = useRef(state);
  latest.current = state;
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const busy = useRef<Promise<boolean> | null>(null);
  /** The newest revision heard of: a second save may begin before the first one shows. */
  const revision = useRef(0);
  useEffect(() => {
    revision.current = Math.max(revision.current, state.shown?.draft.revision ?? 0);
  }, [state.shown]);

  const reload = useCallback(async () => {
    try {
      const shown = await read<Shown>(`/procedures/${id}`);
      const kept = unsavedOf(id);
      const differs = kept !== null && JSON.stringify(kept.tree) !== JSON.stringify(shown.draft.document);
      if (kept && !differs) forgetUnsaved(id);
      tell({ kind: "loaded", shown, unsaved: differs ? kept : null });
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
        revision.current = saved.draft.revision;
        if (!("document" in body) || latest.current.tree === body.document) forgetUnsaved(id);
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
    busy.current = send({ document: tree }, Math.max(revision.current, shown.draft.revision), false);
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

  // Until it is on the server it is in this browser: after a breath, and at once where the page may go.
  useEffect(() => {
    if (state.saving === "saved" || !state.tree) return;
    const tree = state.tree;
    const keep = () => latest.current.saving !== "saved" && keepUnsaved(id, tree);
    const soon = setTimeout(keep, state.saving === "failed" ? 0 : 250);
    addEventListener("pagehide", keep);
    return () => {
      clearTimeout(soon);
      removeEventListener("pagehide", keep);
    };
  }, [id, state.tree, state.saving]);

  // A server that did not answer is asked again.
  useEffect(() => {
    const { problem } = state;
    if (state.saving !== "failed" || state.conflict || !problem || (problem.status !== 0 && problem.status < 500)) return;
    const again = setTimeout(() => void flush(), AGAIN);
    return () => clearTimeout(again);
  }, [state.saving, state.problem, state.conflict, flush]);

  // Whoever comes back to this window sees what others saved meanwhile.
  useEffect(() => {
    const look = () => {
      if (document.visibilityState !== "visible" || latest.current.saving !== "saved" || !latest.current.shown) return;
      read<Shown>(`/procedures/${id}`).then((shown) => tell({ kind: "newer", shown }), () => {});
    };
    addEventListener("focus", look);
    return () => removeEventListener("focus", look);
  }, [id]);

  useEffect(() => {
    const leave = (event: BeforeUnloadEvent) => {
      if (latest.current.saving === "saved") return;
      void flush();
      event.preventDefault();
    };
    addEventListener("beforeunload", leave);
    return () => {
      removeEventListener("beforeunload", leave);
      const { saving, tree } = latest.current;
      if (saving !== "saved" && tree) keepUnsaved(id, tree);
      void flush();
    };
  }, [flush, id]);

  return {
    ...state,
    id,
    edit: useCallback((tree: Tree, group = "") => tell({ kind: "edit", tree, group, at: Date.now() }), []),
    undo: useCallback(() => tell({ kind: "undo" }), []),
    redo: useCallback(() => tell({ kind: "redo" }), []),
    saveText: useCallback(
      async (source: string) => {
        const shown = latest.current.shown;
        return shown ? send({ source }, Math.max(revision.current, shown.draft.revision), true) : false;
      },
      [send],
    ),
    flush,
    reload,
    keepMine: useCallback(async () => {
      const { tree, conflict } = latest.current;
      if (tree && conflict) await send({ document: tree }, conflict.theirs.revision, false);
    }, [send]),
    takeTheirs: useCallback(() => {
      const { conflict } = latest.current;
      if (!conflict) return;
      forgetUnsaved(id);
      tell({ kind: "taken", draft: conflict.theirs });
    }, [id]),
    putBack: useCallback(() => tell({ kind: "put back" }), []),
    throwAway: useCallback(() => {
      forgetUnsaved(id);
      tell({ kind: "thrown away" });
    }, [id]),
  };
}

export async function create(body: { name: string } | { source: string }): Promise<{ id: string; key: string }> {
  return post("/procedures", body);
}

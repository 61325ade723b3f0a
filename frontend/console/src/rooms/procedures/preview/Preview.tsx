import { ActionIcon, Button, FocusTrap, Tabs, TextInput } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useCallback, useEffect, useRef, useState } from "react";
import { Snippet } from "../../../ui/Copy";
import { Icon } from "../../../ui/icons";
import { Problem } from "../../../ui/states";
import type { Tree } from "../tree";
import type { Editing } from "../useDraft";
import { act, begin, end, keep, simulation, type Beginning, type Kept, type Shown } from "./api";
import { asked, Begin, triggersOf } from "./Begin";
import { Chat, type Does } from "./Chat";
import { LeftSandbox, Receipts, StepsTaken, Values } from "./Side";
import "./preview.css";

const NARROW = "(max-width: 900px)";

/** The draft, tried out beside the document that it is written in; on a phone, over it. `covered`: something lies over it. */
export default function Preview({ editing, close, list, covered }: { editing: Editing; close: () => void; list: () => void; covered: boolean }) {
  const narrow = useMediaQuery(NARROW, matchMedia(NARROW).matches, { getInitialValueInEffect: false });
  return (
    <FocusTrap active={narrow && !covered}>
      <div
        className="preview-pane"
        role={narrow ? "dialog" : "complementary"}
        aria-modal={narrow || undefined}
        aria-label="Preview"
        onKeyDown={(event) => {
          if (event.key === "Escape" && !event.defaultPrevented && !covered) close();
        }}
      >
        <Inside editing={editing} close={close} list={list} narrow={narrow} />
      </div>
    </FocusTrap>
  );
}

function Inside({ editing, close, list, narrow }: { editing: Editing; close: () => void; list: () => void; narrow: boolean }) {
  const tree = editing.tree as Tree;
  const [form, setForm] = useState<Beginning>(() => ({ by: String(triggersOf(tree)[0]?.key ?? ""), text: "", page: "", given: {}, name: "Ana Silva", email: "ana@example.com", visitor: false, attributes: {}, begins: "", real: false }));
  const [shown, setShown] = useState<Shown | null>(null);
  const [begunWith, setBegunWith] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const [tab, setTab] = useState<string>(narrow ? "chat" : "steps");
  const [receipt, setReceipt] = useState<string | null>(null);
  const [saving, setSaving] = useState(false);
  const tabNow = !narrow && tab === "chat" ? "steps" : tab;
  const running = useRef<string | null>(null);
  running.current = shown?.id ?? null;

  // Nobody looks at it any more: it need not wait for its hour.
  useEffect(() => () => void (running.current && end(running.current)), []);
  useNow(shown);

  const take = useCallback(async (made: () => Promise<Shown>): Promise<boolean> => {
    setBusy(true);
    setError(null);
    try {
      setShown(await made());
      return true;
    } catch (problem) {
      setError(problem as Error);
      return false;
    } finally {
      setBusy(false);
    }
  }, []);

  async function start() {
    const before = running.current;
    const begun = JSON.stringify(tree);
    const worked = await take(() => begin(editing.id, asked(form, tree)));
    if (before && worked) void end(before);
    if (worked) {
      setBegunWith(begun);
      setReceipt(null);
      setSaving(false);
      setTab(narrow ? "chat" : "steps");
    } else if (before) {
      setShown(null);
      void end(before);
    }
  }

  const does: Does = (what, body) => take(() => act(shown!.id, what, body));
  const explain = (id: string) => {
    setReceipt(id);
    setTab("why");
  };
  const show = (place: string) => {
    if (narrow) close();
    const step = document.querySelector<HTMLElement>(`[data-step="${CSS.escape(place)}"]`);
    step?.scrollIntoView({ block: "center" });
    step?.focus();
  };
  const changed = shown !== null && begunWith !== JSON.stringify(tree);
  const over = shown !== null && error !== null && (error as { code?: string }).code === "not_found";

  return (
    <>
      <header className="preview-head">
        <h2 className="grow">Preview</h2>
        {shown && (
          <div className="row preview-acts">
            <Button size="compact-sm" variant="default" disabled={busy || over} onClick={() => void take(() => act(shown.id, "restart"))}>
              Restart
            </Button>
            <Button size="compact-sm" variant="default" disabled={busy} onClick={() => (setShown(null), setError(null), void end(shown.id))}>
              Another beginning
            </Button>
            <Button size="compact-sm" variant="default" disabled={busy || over} aria-expanded={saving} onClick={() => setSaving(!saving)}>
              Save as a simulation
            </Button>
          </div>
        )}
        <ActionIcon variant="subtle" size={32} className="preview-close" aria-label="Close the preview" onClick={close}>
          <Icon name="close" size={16} />
        </ActionIcon>
      </header>
      {shown?.real && <p className="banner banner-wrong preview-banner">Connectors are called in earnest.</p>}
      {changed && (
        <p className="banner preview-banner" role="status">
          The draft has changed.{" "}
          <button type="button" className="link-button" onClick={() => void start()}>
            Start again
          </button>
        </p>
      )}
      {shown ? (
        <>
          {error && (
            <div className="preview-error">
              <Problem error={error} />
              {over && (
                <Button size="compact-sm" variant="default" onClick={() => void start()}>
                  Start again
                </Button>
              )}
            </div>
          )}
          {saving && <SaveAs key={shown.id} shown={shown} procedure={editing.id} list={list} close={() => setSaving(false)} />}
          <div className={narrow ? "preview-inside" : "preview-inside preview-two"}>
            {!narrow && <Chat shown={shown} busy={busy} does={does} explain={explain} />}
            <Tabs value={tabNow} onChange={(chosen) => setTab(chosen ?? "steps")} className="preview-side">
              <Tabs.List aria-label="What is behind it">
                {narrow && <Tabs.Tab value="chat">Chat</Tabs.Tab>}
                <Tabs.Tab value="steps">Steps</Tabs.Tab>
                <Tabs.Tab value="values">Values</Tabs.Tab>
                <Tabs.Tab value="why">Why</Tabs.Tab>
                <Tabs.Tab value="left">Sent{shown.calls.length + shown.mails.length ? ` (${shown.calls.length + shown.mails.length})` : ""}</Tabs.Tab>
              </Tabs.List>
              {narrow && (
                <Tabs.Panel value="chat" className="preview-chat-panel">
                  <Chat shown={shown} busy={busy} does={does} explain={explain} />
                </Tabs.Panel>
              )}
              <Tabs.Panel value="steps" tabIndex={0}>
                <StepsTaken shown={shown} show={show} />
              </Tabs.Panel>
              <Tabs.Panel value="values" tabIndex={0}>
                <Values shown={shown} />
              </Tabs.Panel>
              <Tabs.Panel value="why" tabIndex={0}>
                <Receipts shown={shown} chosen={receipt} choose={setReceipt} />
              </Tabs.Panel>
              <Tabs.Panel value="left" tabIndex={0}>
                <LeftSandbox shown={shown} />
              </Tabs.Panel>
            </Tabs>
          </div>
        </>
      ) : (
        <Begin form={form} change={setForm} tree={tree} error={error} busy={busy} begin={() => void start()} />
      )}
    </>
  );
}

/** Marks the step in the document that the run is at. */
function useNow(shown: Shown | null): void {
  const run = shown?.runs.at(-1);
  const place = run && run.procedure === shown?.procedure ? (run.at?.place ?? null) : null;
  useEffect(() => {
    if (!place) return;
    const step = document.querySelector<HTMLElement>(`[data-step="${CSS.escape(place)}"]`);
    if (!step) return;
    step.dataset.now = "";
    step.scrollIntoView?.({ block: "nearest" });
    return () => {
      delete step.dataset.now;
    };
  }, [place, shown]);
}

/** The talk so far, kept with the procedure to be played again. */
function SaveAs({ shown, procedure, close, list }: { shown: Shown; procedure: string; close: () => void; list: () => void }) {
  const [name, setName] = useState("");
  const [made, setMade] = useState<Kept | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const file = `${shown.procedure}.${made?.name ?? "case"}.sim.yaml`;

  async function save() {
    try {
      const { source } = await simulation(shown.id, name);
      setMade(await keep(procedure, name, source));
      setError(null);
    } catch (problem) {
      setError(problem as Error);
    }
  }

  if (made) {
    return (
      <section className="card stack preview-save" aria-label="The simulation">
        <p className="fine" role="status">
          <Icon name="check" size={16} /> “{made.name}” is kept with the procedure.
        </p>
        <div className="row">
          <Button size="compact-sm" variant="default" autoFocus onClick={list}>
            All simulations
          </Button>
          <Button size="compact-sm" variant="subtle" onClick={close}>
            Close
          </Button>
          <a href={`data:application/yaml;charset=utf-8,${encodeURIComponent(made.source)}`} download={file}>
            Download {file}
          </a>
        </div>
        <Snippet text={made.source} what="the simulation" />
      </section>
    );
  }
  return (
    <form
      className="card stack preview-save"
      aria-label="Save as a simulation"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <TextInput size="sm" autoFocus label="What is this case called?" description="It goes as this talk went, and must come out the same after every change." placeholder="Wants the money back" value={name} onChange={(event) => setName(event.currentTarget.value)} />
      <div className="row">
        <Button type="submit" size="compact-sm" disabled={!name.trim()}>
          Save
        </Button>
        <Button size="compact-sm" variant="subtle" onClick={close}>
          Close
        </Button>
      </div>
      <Problem error={error} />
    </form>
  );
}

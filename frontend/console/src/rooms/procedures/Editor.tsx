import { ActionIcon, Button, Menu, Textarea, TextInput, Tooltip } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { Link, useSearch } from "wouter";
import { post, remove } from "../../api";
import { useSession } from "../../session/session";
import { Icon } from "../../ui/icons";
import { Keys } from "../../ui/Keys";
import { Failure, Loading } from "../../ui/states";
import { done, failed } from "../../ui/undo";
import { When } from "../../ui/When";
import { Advice } from "./Advice";
import { aboutContact, Condition } from "./Condition";
import { Conflict } from "./Conflict";
import { FileView } from "./FileView";
import { History } from "./History";
import { NewName } from "./NewName";
import { UnplacedList } from "./NewProcedure";
import { shown as shownValue, TypedNames } from "./Pairs";
import { StateBadge } from "./Procedures";
import { Publish } from "./Publish";
import { StepList, useBench, WithBench } from "./Steps";
import { Triggers } from "./Triggers";
import { get, set, type Json, type Tree } from "./tree";
import { forgetUnplaced, unplacedOf } from "./unplaced";
import { useDraft, type Editing, type Problem } from "./useDraft";
import { readyWords } from "./Words";

const Preview = lazy(() => import("./preview/Preview"));
const Simulations = lazy(() => import("./preview/Simulations"));

/** One procedure as a document: what it is for, its steps, and what starts it. */
export function Editor({ id }: { id: string }) {
  const editing = useDraft(id);
  const session = useSession();
  const [beside, setBeside] = useState<"file" | "history" | "simulations" | null>(null);
  const [publishing, setPublishing] = useState(false);
  const [keys, setKeys] = useState(false);
  const readOnly = !session.may("procedures.draft");
  const search = useSearch();
  const [previewing, setPreviewing] = useState(() => !readOnly && new URLSearchParams(search).has("preview"));
  const previewButton = useRef<HTMLButtonElement>(null);
  const mayPublish = session.may("procedures.publish");
  const { shown, tree } = editing;

  useEffect(readyWords, []);

  useHotkeys(
    [
      ["mod+Z", editing.undo],
      ["mod+shift+Z", editing.redo],
      ["mod+Y", editing.redo],
      ["mod+S", () => void editing.flush()],
    ],
    [],
    true, // in texts with chips too: one undo for the whole document
  );

  if (editing.error) return <Failure error={editing.error} again={() => void editing.reload()} />;
  if (!shown) return <Loading what="the procedure" rows={6} />;

  const errors = shown.problems.filter((one) => one.severity === "error").length;

  async function pause() {
    try {
      await post(`/procedures/${id}/pause`);
      await editing.reload();
      done("Paused. It starts no more; what runs goes on.");
    } catch (error) {
      failed(error);
    }
  }

  async function discard() {
    if (!shown || !(await editing.flush())) return;
    const before = shown.draft.source;
    try {
      const answer = await post<{ removed: boolean }>(`/procedures/${id}/discard`, { based_on: shown.draft.revision });
      if (answer.removed) return void location.assign("/console/procedures");
      await editing.reload();
      done("The draft is as the newest version again.", () => void editing.saveText(before));
    } catch (error) {
      failed(error);
    }
  }

  return (
    <div className={previewing && tree ? "editor editor-previewing" : "editor"}>
      <div className="editor-main">
        <h1 className="visually-hidden">{shown.name}</h1>
        <header className="editor-bar">
          <Link href="/" className="back">
            <Icon name="left" size={16} /> Procedures
          </Link>
          <StateBadge state={shown.state} changed={shown.changed} version={shown.version} />
          <SaveState editing={editing} />
          <span className="grow" />
          {!readOnly && (
            <>
              <Tool label="Undo" icon="undo" onClick={editing.undo} disabled={editing.past.length === 0} />
              <Tool label="Redo" icon="redo" onClick={editing.redo} disabled={editing.future.length === 0} />
            </>
          )}
          {!readOnly && tree && (
            <Button ref={previewButton} size="compact-sm" variant="default" leftSection={<Icon name="play" size={16} />} aria-expanded={previewing} onClick={() => setPreviewing(!previewing)}>
              Preview
            </Button>
          )}
          <Button size="compact-sm" variant="default" onClick={() => setBeside("file")}>
            File
          </Button>
          <Button size="compact-sm" variant="default" onClick={() => setBeside("history")}>
            History
          </Button>
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon variant="subtle" size={32} aria-label="More">
                <Icon name="more" />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item onClick={() => setBeside("simulations")}>Simulations</Menu.Item>
              <Menu.Item onClick={() => setKeys(true)}>Keys in the document</Menu.Item>
              <Menu.Item disabled={!mayPublish || shown.state !== "live"} onClick={() => void pause()}>
                Pause
              </Menu.Item>
              <Menu.Item disabled={readOnly} onClick={() => void discard()}>
                {shown.version ? "Drop the changes" : "Remove the draft"}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
          <Tooltip label={mayPublish ? (errors ? "Something is missing; see why" : "Put this draft live") : "Your role may not put procedures live"}>
            <Button disabled={!mayPublish} onClick={() => void editing.flush().then((saved) => saved && setPublishing(true))}>
              Publish
            </Button>
          </Tooltip>
        </header>
        {shown.plan && <Planned editing={editing} mayPublish={mayPublish} />}
        {editing.conflict && <Conflict editing={editing} />}
        {editing.unsaved && !editing.conflict && (
          <p className="banner" role="alert">
            <Icon name="clock" size={16} /> What you typed here <When at={editing.unsaved.at} /> was not saved. It is still in this browser.
            <button type="button" className="link-button" onClick={editing.putBack}>
              Put it back
            </button>
            <button type="button" className="link-button" onClick={editing.throwAway}>
              Throw it away
            </button>
          </p>
        )}
        {tree ? (
          <WithBench editing={editing} readOnly={readOnly}>
            <div className="editor-columns">
              <div className="editor-text">
                <Unplaced id={id} />
                <About />
                <section aria-label="Steps" data-place="steps" tabIndex={-1}>
                  <h2>Steps</h2>
                  <StepList path="steps" label="Steps" />
                </section>
                <SubProcedures />
              </div>
              <aside className="editor-rail" aria-label="What starts it, and what is wrong">
                <Problems problems={shown.problems} />
                <Triggers />
              </aside>
            </div>
          </WithBench>
        ) : (
          <div className="editor-columns">
            <div className="editor-text">
              <p className="problem" role="alert">
                <Icon name="warning" size={16} /> The file cannot be read as a document. Mend it as text, then it shows here again.
              </p>
              <Problems problems={shown.problems} />
              <FileView editing={editing} readOnly={readOnly} inline close={() => {}} />
            </div>
          </div>
        )}
        {beside === "file" && <FileView editing={editing} readOnly={readOnly} close={() => setBeside(null)} />}
        {beside === "history" && <History editing={editing} readOnly={readOnly} close={() => setBeside(null)} />}
        <Keys title="Keys in the document" keys={KEYS} opened={keys} close={() => setKeys(false)} />
        {beside === "simulations" && (
          <Suspense fallback={null}>
            <Simulations editing={editing} readOnly={readOnly} close={() => setBeside(null)} />
          </Suspense>
        )}
        {publishing && <Publish editing={editing} close={() => setPublishing(false)} />}
      </div>
      {previewing && tree && (
        <Suspense fallback={<Loading what="the preview" />}>
          <Preview
            editing={editing}
            list={() => setBeside("simulations")}
            covered={beside !== null || publishing || keys}
            close={() => {
              setPreviewing(false);
              previewButton.current?.focus();
            }}
          />
        </Suspense>
      )}
    </div>
  );
}

const KEYS = [
  ["/", "on a step: add one below it"],
  ["@", "in a text: put a value in"],
  ["↑ ↓", "on a step: the step above or below"],
  ["Enter", "on a step: write in it"],
  ["Esc", "in a field: back to its step"],
  ["Alt ↑ ↓", "on a step: move it, through the branches too"],
  ["Alt → ←", "on a step: into the step above, and out again"],
  ["Del", "on a step: take it out"],
  ["Ctrl Z", "undo, as far back as you like"],
  ["Ctrl Shift Z", "redo"],
  ["Ctrl S", "save now; it saves by itself too"],
  ["Ctrl K", "go anywhere"],
];

/** What of the written process that it was made of needs a person, until somebody has seen to it. */
function Unplaced({ id }: { id: string }) {
  const [found, setFound] = useState(() => unplacedOf(id));
  if (found.length === 0) return null;
  return (
    <section className="card unplaced-card" aria-label="What found no place">
      <UnplacedList unplaced={found} />
      <Button
        size="compact-sm"
        variant="subtle"
        onClick={() => {
          forgetUnplaced(id);
          setFound([]);
        }}
      >
        I have seen to it
      </Button>
    </section>
  );
}

function Tool({ label, icon, onClick, disabled }: { label: string; icon: "undo" | "redo"; onClick: () => void; disabled: boolean }) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" size={32} aria-label={label} disabled={disabled} onClick={onClick}>
        <Icon name={icon} size={16} />
      </ActionIcon>
    </Tooltip>
  );
}

function SaveState({ editing }: { editing: Editing }) {
  const { saving, problem, shown } = editing;
  return (
    <span className="meta" role="status">
      {editing.conflict ? (
        <span className="rust">Not saved</span>
      ) : saving === "failed" ? (
        <span className="rust">
          Not saved: {problem?.message}{" "}
          <button type="button" className="link-button" onClick={() => void editing.flush()}>
            Try again
          </button>
        </span>
      ) : saving === "saved" ? (
        <>Saved {shown && <When at={shown.draft.saved_at} />}</>
      ) : (
        "Saving…"
      )}
    </span>
  );
}

function Planned({ editing, mayPublish }: { editing: Editing; mayPublish: boolean }) {
  const plan = editing.shown!.plan!;
  return (
    <p className={plan.state === "refused" ? "banner banner-wrong" : "banner"}>
      <Icon name="clock" size={16} />
      {plan.state === "refused" ? `It was to go live, but did not: ${plan.reason}` : <span>Goes live {new Date(plan.publish_at).toLocaleString("en", { dateStyle: "medium", timeStyle: "short" })}, planned by {plan.planned_by}.</span>}
      {plan.state === "waiting" && mayPublish && (
        <button
          type="button"
          className="link-button"
          onClick={() =>
            remove(`/procedures/${editing.id}/plan`).then(() => {
              done("It does not go live by itself any more.");
              void editing.reload();
            }, failed)
          }
        >
          Call it off
        </button>
      )}
    </p>
  );
}

function About() {
  const { tree, edit, readOnly, name } = useBench();
  const text = (path: string) => String(get(tree, path) ?? "");
  return (
    <section className="about" aria-label="What it is for">
      <TextInput
        data-place="name"
        variant="unstyled"
        classNames={{ input: "title-input" }}
        aria-label="Name"
        placeholder={name || "Name of the procedure"}
        readOnly={readOnly}
        value={text("name")}
        onChange={(event) => edit(set(tree, "name", event.currentTarget.value), "name")}
      />
      <Textarea
        data-place="when_to_use"
        label="When to use"
        description="In a sentence or two, as you would tell a new colleague. The agent decides by it."
        autosize
        minRows={2}
        readOnly={readOnly}
        value={text("when_to_use")}
        onChange={(event) => edit(set(tree, "when_to_use", event.currentTarget.value), "when_to_use")}
      />
      <div className="fields">
        <Phrases path="examples.use" label="Customers say, for example" placeholder="where is my parcel?" />
        <Phrases path="examples.not" label="But not" placeholder="I want to return my order" />
      </div>
      <Advice />
      <ForWhom />
    </section>
  );
}

/** Who it is for at all, and what the contact's own values are: seldom needed, so folded away until they are. */
function ForWhom() {
  const { tree, edit, readOnly, names } = useBench();
  const audience = shownValue(get(tree, "audience"));
  const attributes = (get(tree, "attributes") ?? null) as Tree | null;
  const [open, setOpen] = useState(audience !== "" || attributes !== null);
  if (!open && readOnly) return null;
  if (!open) {
    return (
      <div>
        <Button size="compact-sm" variant="subtle" onClick={() => setOpen(true)}>
          For some contacts only…
        </Button>
      </div>
    );
  }
  const prefix = "contact.attributes.";
  const bare = Object.fromEntries(Object.entries(attributes ?? {}).map(([name, type]) => [name.startsWith(prefix) ? name.slice(prefix.length) : name, type]));
  return (
    <div className="stack">
      <div data-place="audience" tabIndex={-1} role="group" aria-label="Audience">
        <span className="field-label">For whom</span>
        <p className="meta">Empty: everybody. Else it starts only for contacts that this fits.</p>
        <Condition label="Audience" names={aboutContact(names)} readOnly={readOnly} value={audience} onChange={(value) => edit(set(tree, "audience", value.trim() === "" ? undefined : value), "audience")} />
      </div>
      <div data-place="attributes" tabIndex={-1}>
        <span className="field-label">What you know of a contact</span>
        <p className="meta">Values that your own systems keep on contacts, such as their plan. Say what each is, and it can be named here.</p>
        <TypedNames
          label="What you know of a contact"
          readOnly={readOnly}
          value={bare}
          onChange={(next) => edit(set(tree, "attributes", Object.keys(next).length ? Object.fromEntries(Object.entries(next).map(([name, type]) => [name.includes(".") ? name : prefix + name, type])) : undefined))}
        />
      </div>
    </div>
  );
}

/** One phrase a line. */
function Phrases({ path, label, placeholder }: { path: string; label: string; placeholder: string }) {
  const { tree, edit, readOnly } = useBench();
  const found = get(tree, path);
  const lines = Array.isArray(found) ? found.map((one: Json) => String(one ?? "")) : [];
  return (
    <Textarea
      data-place={path}
      label={label}
      description="One a line"
      autosize
      minRows={3}
      placeholder={placeholder}
      readOnly={readOnly}
      value={lines.join("\n")}
      onChange={(event) => edit(set(tree, path, event.currentTarget.value === "" ? [] : event.currentTarget.value.split("\n")), path)}
      onBlur={() => edit(set(tree, path, lines.map((one) => one.trim()).filter(Boolean)), path)}
    />
  );
}

function SubProcedures() {
  const { tree, edit, readOnly } = useBench();
  const found = get(tree, "sub_procedures");
  const names = found && typeof found === "object" && !Array.isArray(found) ? Object.keys(found) : [];
  if (names.length === 0 && readOnly) return null;
  return (
    <section aria-label="Sub-procedures" className="subs">
      {names.map((one) => (
        <div key={one} data-place={`sub_procedures.${one}`} tabIndex={-1}>
          <div className="spread">
            <h3>
              Sub-procedure <code>{one}</code>
            </h3>
            {!readOnly && (
              <Button size="compact-sm" variant="subtle" onClick={() => edit(set(tree, "sub_procedures", names.length === 1 ? undefined : Object.fromEntries(Object.entries(found as object).filter(([other]) => other !== one))))}>
                Remove
              </Button>
            )}
          </div>
          <StepList path={`sub_procedures.${one}`} label={`Steps of ${one}`} />
        </div>
      ))}
      {!readOnly && (
        <NewName label="Name of a new sub-procedure" example="verify_identity" does="Add a sub-procedure" taken={names} written={(typed) => typed.toLowerCase().replace(/[^a-z0-9_]+/g, "_")} add={(name) => edit(set(tree, `sub_procedures.${name}`, []))} />
      )}
    </section>
  );
}

/** What is wrong, each a way to its place; a dialog that lists it is left first. */
export function Problems({ problems, heading, leave }: { problems: Problem[]; heading?: string; leave?: () => void }) {
  if (problems.length === 0) {
    return (
      <p className="fine">
        <Icon name="check" size={16} /> Nothing is wrong with this draft.
      </p>
    );
  }
  const errors = problems.filter((one) => one.severity === "error").length;
  return (
    <section className="problems card" aria-label={heading ?? (leave ? "Problems of what goes live" : "Problems")}>
      <h3>{heading ?? (errors ? `${errors} to mend before it can go live` : "Worth knowing")}</h3>
      <ul className="plain">
        {problems.map((one) => (
          <li key={one.place + one.message}>
            <button type="button" className={one.severity === "error" ? "problem-link" : "problem-link problem-mild"} onClick={() => (leave?.(), requestAnimationFrame(() => jump(one.place)))}>
              <Icon name={one.severity === "error" ? "warning" : "info"} size={16} /> {one.message}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** To the step or the field that a problem is about; one far out of sight is made first. */
function jump(place: string, tries = 2): void {
  let path = place;
  for (;;) {
    const found = document.querySelector<HTMLElement>(`[data-step="${CSS.escape(path)}"], [data-place="${CSS.escape(path)}"]`);
    if (found) {
      found.scrollIntoView({ block: "center", behavior: "auto" });
      found.focus();
      if (path !== place && tries > 0 && found.dataset.step) requestAnimationFrame(() => jump(place, tries - 1));
      return;
    }
    if (!path) break;
    path = path.includes(".") ? path.slice(0, path.lastIndexOf(".")) : "";
  }
  document.querySelector<HTMLElement>(".editor-text .add-step")?.focus();
}

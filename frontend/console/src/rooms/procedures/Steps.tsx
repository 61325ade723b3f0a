import { ActionIcon, Autocomplete, Button, Menu, NumberInput, Select, Switch, TagsInput, TextInput } from "@mantine/core";
import { createContext, memo, useCallback, useContext, useEffect, useId, useMemo, useRef, useState } from "react";
import { Icon } from "../../ui/icons";
import { Condition } from "./Condition";
import { infoOf, kinds, types } from "./kinds";
import { Pairs, shown, TypedNames } from "./Pairs";
import { Length } from "./Length";
import { allSteps, get, insert, kindOf, namesIn, removeStep, rename, set, shift, stepsAt, type Direction, type Json, type Kind, type Name, type Path, type Step, type Tree } from "./tree";
import type { Editing, Problem, Shown } from "./useDraft";
import { Still, useNear, Words } from "./Words";

export interface Bench {
  id: string;
  /** What it is called where its file does not say. */
  name: string;
  /** Whether a version of it is live now. */
  live: boolean;
  tree: Tree;
  edit: (tree: Tree, group?: string) => void;
  knows: Shown["knows"];
  problems: Problem[];
  names: Name[];
  readOnly: boolean;
  /** So many steps that those far out of sight show their words alone. */
  long: boolean;
  /** The step that has just been made, to begin writing in. */
  fresh: Path | null;
  madeFresh: (path: Path | null) => void;
}

const BenchContext = createContext<Bench | null>(null);

export function useBench(): Bench {
  const bench = useContext(BenchContext);
  if (!bench) throw new Error("no bench here");
  return bench;
}

/**
 * What every part of the document works with. It is one object for as long as the document is open, and says how
 * things are now: so a step is drawn again when it changes, not when another one does.
 */
export function WithBench({ editing, readOnly, children }: { editing: Editing; readOnly: boolean; children: React.ReactNode }) {
  const [fresh, madeFresh] = useState<Path | null>(null);
  const { shown, tree, edit } = editing;
  const names = useSame(useMemo(() => (tree && shown ? namesIn(tree, shown.knows.connectors) : []), [tree, shown]));
  const problems = useSame(shown?.problems ?? NONE);
  const isLong = tree !== null && [...allSteps(tree)].length > LONG;
  const [long, setLong] = useState(isLong);
  if (isLong && !long) setLong(true);
  const now = useRef<Bench>(null);
  now.current = shown && tree ? { id: editing.id, name: shown.name, live: shown.state === "live", tree, edit, knows: shown.knows, problems, names, readOnly, long, fresh, madeFresh } : null;
  const [bench] = useState(() => latest(now));
  if (!now.current) return null;
  return <BenchContext.Provider value={bench}>{children}</BenchContext.Provider>;
}

const NONE: Problem[] = [];
const LONG = 60;

function latest(now: React.RefObject<Bench | null>): Bench {
  return new Proxy({} as Bench, { get: (_, name) => now.current?.[name as keyof Bench] });
}

/** The same object for as long as it says the same. */
function useSame<T>(value: T): T {
  const kept = useRef(value);
  if (kept.current !== value && JSON.stringify(kept.current) !== JSON.stringify(value)) kept.current = value;
  return kept.current;
}

/** The problems of this place itself, not of steps inside it. */
function problemsAt(problems: Problem[], place: Path): Problem[] {
  return problems.filter((one) => {
    if (one.place !== place && !one.place.startsWith(`${place}.`)) return false;
    return !/^\.?(?:.*\.)?(?:then|else|on_error|on_fail|on_timeout)\.\d+/.test(one.place.slice(place.length));
  });
}

/** To a step's card, once it is drawn. */
export function focusStep(path: Path): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-step="${CSS.escape(path)}"]`)?.focus());
}

export function StepList({ path, label, first = "" }: { path: Path; label: string; first?: string }) {
  const bench = useBench();
  const steps = stepsAt(bench.tree, path);
  const [adding, setAdding] = useState<number | null>(null);
  const slash = useCallback((at: number) => setAdding(at + 1), []);
  const group = useRef<HTMLDivElement>(null);

  function add(at: number, step: Step) {
    bench.edit(insert(bench.tree, path, at, step));
    bench.madeFresh(`${path}.${at}`);
    setAdding(null);
  }

  function shut() {
    setAdding(null);
    if (group.current?.contains(document.activeElement)) focusStep(`${path}.${(adding ?? 1) - 1}`);
  }

  return (
    <div ref={group} className="steps" role="group" aria-label={label}>
      <ol>
        {steps.map((step, at) => (
          <li key={`${at} ${kindOf(step)}`}>
            <StepCard step={step} list={path} at={at} count={steps.length} number={`${first}${at + 1}`} names={bench.names} problems={bench.problems} readOnly={bench.readOnly} knows={bench.knows} isFresh={bench.fresh === `${path}.${at}`} slash={slash} />
            {adding === at + 1 && <AddStep open add={(made) => add(at + 1, made)} close={shut} />}
          </li>
        ))}
      </ol>
      {!bench.readOnly && adding !== steps.length && <AddStep open={false} add={(made) => add(steps.length, made)} close={() => {}} />}
    </div>
  );
}

/** Choose the next step by typing: the / of the document. */
function AddStep({ open: begun, add, close }: { open: boolean; add: (step: Step) => void; close: () => void }) {
  const [open, setOpen] = useState(begun);
  const [typed, setTyped] = useState("");
  const [chosen, setChosen] = useState(0);
  const list = useId();
  const found = kinds.filter((one) => `${one.label} ${one.kind} ${one.hint}`.toLowerCase().includes(typed.toLowerCase().replace(/^\//, "")));

  function shut() {
    setOpen(false);
    setTyped("");
    close();
  }

  function choose(kind: (typeof kinds)[number]) {
    setOpen(false);
    setTyped("");
    add(kind.fresh());
  }

  if (!open) {
    return (
      <button
        type="button"
        className="add-step"
        onClick={() => setOpen(true)}
        onKeyDown={(event) => {
          if (event.key === "/") {
            event.preventDefault();
            setOpen(true);
          }
        }}
      >
        <Icon name="plus" size={16} /> Add a step <kbd>/</kbd>
      </button>
    );
  }
  return (
    <div
      className="add-menu card"
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) shut();
      }}
    >
      <TextInput
        autoFocus
        aria-label="Which step?"
        placeholder="Which step? Say, ask, condition…"
        role="combobox"
        aria-expanded
        aria-controls={list}
        aria-activedescendant={found[chosen] ? `${list}-${chosen}` : undefined}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          setChosen(0);
        }}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown") setChosen((at) => Math.min(found.length - 1, at + 1));
          else if (event.key === "ArrowUp") setChosen((at) => Math.max(0, at - 1));
          else if (event.key === "Enter" && found[chosen]) choose(found[chosen]);
          else if (event.key === "Escape") shut();
          else return;
          event.preventDefault();
        }}
      />
      <ul className="names names-in" id={list} role="listbox" aria-label="Kinds of steps">
        {found.map((one, at) => (
          <li key={one.kind} id={`${list}-${at}`} role="option" aria-selected={at === chosen} onMouseEnter={() => setChosen(at)} onMouseDown={(event) => event.preventDefault()} onClick={() => choose(one)}>
            <Icon name={one.icon} size={16} /> {one.label} <span className="meta">{one.hint}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

interface CardProps {
  step: Step;
  list: Path;
  at: number;
  count: number;
  number: string;
  names: Name[];
  problems: Problem[];
  readOnly: boolean;
  knows: Shown["knows"];
  isFresh: boolean;
  slash: (at: number) => void;
}

const WRITE_IN = "input:not([type=hidden]), textarea, [role=textbox]";

const StepCard = memo(function StepCard({ step, list, at, count, number, names, problems: all, isFresh, slash }: CardProps) {
  const bench = useBench();
  const path = `${list}.${at}`;
  const kind = kindOf(step);
  const info = infoOf(kind);
  const problems = problemsAt(all, path);
  const wrong = problems.some((one) => one.severity === "error");
  const box = useRef<HTMLDivElement>(null);
  const [near, come] = useNear(box, !bench.long || isFresh, "900px");

  // Whoever made a step writes in it next.
  useEffect(() => {
    if (!isFresh) return;
    const field = box.current?.querySelector<HTMLElement>(".step-body :is(.words, input:not([type=hidden]), textarea)");
    if (field?.classList.contains("words")) return; // it is still being loaded, and begins by itself
    (field ?? box.current)?.focus();
    bench.madeFresh(null);
  }, [isFresh, bench]);

  function goTo(direction: Direction) {
    const moved = shift(bench.tree, list, at, direction);
    if (!moved) return;
    bench.madeFresh(null);
    bench.edit(moved.tree);
    focusStep(`${moved.list}.${moved.at}`);
  }

  function takeOut() {
    bench.madeFresh(null);
    bench.edit(removeStep(bench.tree, list, at));
    const group = box.current?.closest(".steps");
    requestAnimationFrame(() => {
      const next = document.querySelector<HTMLElement>(`[data-step="${CSS.escape(`${list}.${Math.min(at, count - 2)}`)}"]`);
      (next ?? group?.querySelector<HTMLElement>(".add-step"))?.focus();
    });
  }

  /** To the card above or below, branches included. */
  function walk(by: 1 | -1) {
    const cards = [...document.querySelectorAll<HTMLElement>("[data-step]")];
    cards[cards.indexOf(box.current!) + by]?.focus();
  }

  const closesList = useRef(false);
  function before(event: React.KeyboardEvent) {
    closesList.current = (event.target as HTMLElement).getAttribute("aria-expanded") === "true" || box.current?.querySelector(".names") != null;
  }

  function keys(event: React.KeyboardEvent) {
    if (event.target !== box.current) {
      // Out of a field, back to its step; a list that is open closes first.
      if (event.key !== "Escape" || closesList.current || !box.current?.contains(event.target as HTMLElement)) return;
      event.stopPropagation();
      box.current.focus();
      return;
    }
    const arrows: Record<string, Direction> = { ArrowUp: "up", ArrowDown: "down", ArrowRight: "in", ArrowLeft: "out" };
    const arrow = arrows[event.key];
    if (event.altKey && arrow) {
      if (!bench.readOnly) goTo(arrow);
    } else if (event.ctrlKey || event.metaKey || event.altKey) return;
    else if (arrow === "up" || arrow === "down") walk(arrow === "up" ? -1 : 1);
    else if (event.key === "Enter") box.current?.querySelector<HTMLElement>(`.step-body :is(${WRITE_IN}, button)`)?.focus();
    else if (bench.readOnly) return;
    else if (event.key === "Delete" || event.key === "Backspace") takeOut();
    else if (event.key === "/") slash(at);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  if (!near) {
    return (
      <div ref={box} className={wrong ? "step step-far step-wrong" : "step step-far"} tabIndex={0} data-step={path} role="group" aria-label={`Step ${number}: ${info?.label ?? "not known"}`} onFocus={() => come(true)}>
        <div className="step-head">
          <span className="step-number numbers">{number}</span>
          <Icon name={info?.icon ?? "warning"} size={16} />
          <span className="step-kind">{info?.label}</span>
        </div>
        <div className="step-body">
          <Still text={kind ? shown(step[kind]) : ""} />
        </div>
      </div>
    );
  }
  return (
    <div ref={box} className={wrong ? "step step-wrong" : "step"} tabIndex={0} data-step={path} role="group" aria-label={`Step ${number}: ${info?.label ?? "not known"}`} onKeyDownCapture={before} onKeyDown={keys}>
      <div className="step-head">
        <span className="step-number numbers">{number}</span>
        <Icon name={info?.icon ?? "warning"} size={16} />
        <span className="step-kind">{info?.label ?? "A step that is not known here"}</span>
        <span className="grow" />
        {!bench.readOnly && (
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon variant="subtle" aria-label={`What to do with step ${number}`}>
                <Icon name="more" size={16} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              {MOVES.map(([direction, words, key]) => (
                <Menu.Item key={direction} disabled={!shift(bench.tree, list, at, direction)} rightSection={<kbd>{key}</kbd>} onClick={() => goTo(direction)}>
                  {words}
                </Menu.Item>
              ))}
              <Menu.Divider />
              <Menu.Item onClick={() => bench.edit(insert(bench.tree, list, at + 1, structuredClone(step)))}>Make another like it</Menu.Item>
              <Menu.Item rightSection={<kbd>/</kbd>} onClick={() => slash(at)}>
                Add a step below
              </Menu.Item>
              <Menu.Item rightSection={<kbd>Del</kbd>} onClick={takeOut}>
                Remove
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )}
      </div>
      <div className="step-body">
        {kind ? <Body kind={kind} step={step} path={path} number={number} wrong={wrong} names={names} isFresh={isFresh} /> : <pre className="snippet">{JSON.stringify(step, null, 2)}</pre>}
      </div>
      {problems.map((one) => (
        <p key={one.message} className={one.severity === "error" ? "step-problem" : "step-problem step-warning"}>
          <Icon name={one.severity === "error" ? "warning" : "info"} size={16} /> {one.message}
        </p>
      ))}
    </div>
  );
});

const MOVES: [Direction, string, string][] = [
  ["up", "Move up", "Alt ↑"],
  ["down", "Move down", "Alt ↓"],
  ["in", "Move into the step above", "Alt →"],
  ["out", "Move out of the branch", "Alt ←"],
];

interface BodyProps {
  kind: Kind;
  step: Step;
  path: Path;
  number: string;
  wrong: boolean;
  names: Name[];
  isFresh: boolean;
}

function Body(props: BodyProps) {
  const { kind, step, path, number, wrong, names, isFresh } = props;
  const bench = useBench();
  const { readOnly } = bench;

  const put: Put = (field, value) => bench.edit(set(unfolded(bench.tree, path, field), `${path}.${field}`, value), `${path}.${field}`);
  const text = (field: string) => shown(get(step, field));
  const words = (field: string, label: string, placeholder?: string, optional = false, first = field === kind) => (
    <Words
      key={field}
      label={`${label}, step ${number}`}
      names={names}
      readOnly={readOnly}
      value={text(field)}
      error={wrong}
      placeholder={placeholder}
      autoFocus={isFresh && first}
      onChange={(value) => put(field, optional && value === "" ? undefined : value)}
    />
  );
  const teams = (field: string, short?: string) => (
    <Select label="Team" aria-label={`Team, step ${number}`} size="sm" readOnly={readOnly} data={bench.knows.teams} value={text(field) || (short && typeof step[kind] === "string" ? shown(step[kind]) : "") || null} placeholder="Choose a team" nothingFoundMessage="There is no team of that name." searchable onChange={(team) => put(field, team ?? undefined)} />
  );
  const block = (field: string, label: string, offer: string) => <Block path={`${path}.${field}`} label={label} offer={offer} first={`${number}.`} />;

  switch (kind) {
    case "say":
      return words("say", "What the agent says", "What does the agent say? Type @ for a value");
    case "note":
      return words("note", "The note", "What should the team know?");
    case "tag":
      return <TextInput aria-label={`Tag, step ${number}`} placeholder="late" readOnly={readOnly} value={text("tag")} onChange={(event) => put("tag", event.currentTarget.value)} />;
    case "look_up":
      return (
        <>
          {words("look_up", "What to look up", "refund policy")}
          <KeepAs {...props} field="save" label="Keep the answer as (else it is said)" />
          {block("on_error", "If nothing is found", "What if nothing is found?")}
        </>
      );
    case "ask":
      return <AskBody {...props} put={put} words={words} block={block} />;
    case "if":
      return <IfBody {...props} put={put} block={block} />;
    case "call":
      return <CallBody {...props} put={put} block={block} />;
    case "set":
      return <Pairs label="Values to keep" names={names} readOnly={readOnly} value={(step.set as Tree) ?? {}} onChange={(value) => put("set", value)} />;
    case "hand_off":
      return (
        <>
          {teams("hand_off.team", "team")}
          <span className="meta">What the agent says then</span>
          {words("hand_off.message", "What the agent says then", "The workspace's usual words", true)}
        </>
      );
    case "end":
      return (
        <>
          {words("end.say", "What the agent says last", "Nothing more, or some last words", true, true)}
          {(path.startsWith("sub_procedures.") || get(step, "end.sub_procedure") === true) && (
            <Switch label="Leave this sub-procedure alone, and go on behind it" disabled={readOnly} checked={get(step, "end.sub_procedure") === true} onChange={(event) => put("end.sub_procedure", event.currentTarget.checked || undefined)} />
          )}
        </>
      );
    case "switch":
      return (
        <Select
          aria-label={`Procedure, step ${number}`}
          placeholder="Which procedure?"
          searchable
          readOnly={readOnly}
          data={bench.knows.procedures.map((one) => ({ value: one.key, label: one.state === "live" ? one.name : `${one.name} (${one.state})` }))}
          value={text("switch") || null}
          onChange={(key) => put("switch", key ?? "")}
        />
      );
    case "run":
      return <Autocomplete aria-label={`Sub-procedure, step ${number}`} placeholder="verify_identity" readOnly={readOnly} data={subsOf(bench)} value={text("run")} onChange={(name) => put("run", name)} />;
    case "ask_teammate":
      return (
        <>
          {teams("ask_teammate.team")}
          <span className="meta">The question to the team</span>
          {words("ask_teammate.question", "The question to the team", "Refund this order?")}
          <span className="meta">What the contact hears meanwhile</span>
          {words("ask_teammate.message", "What the contact hears meanwhile", "Nothing, or: I am asking a colleague", true)}
          <span className="meta">What they fill in</span>
          <TypedNames label="What they fill in" readOnly={readOnly} value={(get(step, "ask_teammate.collect") as Tree) ?? {}} onChange={(value) => put("ask_teammate.collect", value)} />
          <Length label="How long to wait" name={`How long to wait, step ${number}`} usual="24h" readOnly={readOnly} value={text("ask_teammate.timeout")} onChange={(length) => put("ask_teammate.timeout", length)} />
          {block("ask_teammate.on_timeout", "If nobody answers in time", "What if nobody answers in time?")}
        </>
      );
    case "instruct":
      return (
        <>
          {words("instruct", "The instruction", "Explain the two options kindly and find out which one they want.")}
          <TagsInput label="Connectors it may use" aria-label={`Connectors it may use, step ${number}`} placeholder="None" readOnly={readOnly} data={bench.knows.connectors.map((one) => one.key)} value={Array.isArray(step.tools) ? step.tools.map(shown) : []} onChange={(tools) => put("tools", tools.length ? tools : undefined)} />
          <span className="meta">What it finds out</span>
          <TypedNames label="What it finds out" readOnly={readOnly} value={(step.save as Tree) ?? {}} onChange={(value) => put("save", Object.keys(value).length ? value : undefined)} />
          <NumberInput label="How often the model may be asked" aria-label={`How often the model may be asked, step ${number}`} w={240} min={1} max={50} placeholder="10" readOnly={readOnly} value={typeof step.budget === "number" ? step.budget : ""} onChange={(budget) => put("budget", typeof budget === "number" ? budget : undefined)} />
          {block("on_error", "If it fails", "What if it fails?")}
        </>
      );
  }
}

/** A short form (`hand_off: billing`) becomes the long one before a second field stands in it. */
function unfolded(tree: Tree, path: Path, field: string): Tree {
  const [kind, inner] = field.split(".");
  const now = get(tree, `${path}.${kind}`);
  return kind === "hand_off" && inner && typeof now === "string" ? set(tree, `${path}.hand_off`, { team: now }) : tree;
}

function subsOf(bench: Bench): string[] {
  const own = bench.tree.sub_procedures;
  return [...new Set([...(own && typeof own === "object" && !Array.isArray(own) ? Object.keys(own) : []), ...(bench.knows.sub_procedures ?? [])])];
}

/** Steps that stand under a condition of their step, or an offer to write some. */
function Block({ path, label, offer, first }: { path: Path; label: string; offer: string; first: string }) {
  const bench = useBench();
  const there = get(bench.tree, path) !== undefined;
  if (!there) {
    if (bench.readOnly) return null;
    return (
      <div>
        <Button size="compact-sm" variant="subtle" onClick={() => bench.edit(set(bench.tree, path, []))}>
          {offer}
        </Button>
      </div>
    );
  }
  return (
    <div className="branch">
      <div className="spread">
        <span className="branch-label">{label}</span>
        {!bench.readOnly && stepsAt(bench.tree, path).length === 0 && (
          <ActionIcon variant="subtle" aria-label={`Leave out: ${label}`} onClick={() => bench.edit(set(bench.tree, path, undefined))}>
            <Icon name="close" size={16} />
          </ActionIcon>
        )}
      </div>
      <StepList path={path} label={label} first={first} />
    </div>
  );
}

/** The name a value is kept under. Everything that uses it follows when it changes. */
function KeepAs({ step, path, number, field, label }: BodyProps & { field: string; label: string }) {
  const bench = useBench();
  const kept = shown(step[field]);
  const [typed, setTyped] = useState(kept);
  useEffect(() => setTyped(kept), [kept]);
  function leave() {
    const name = typed.trim().replace(/\s+/g, "_");
    if (name === kept) return;
    const renamed = kept && name ? rename(bench.tree, kept, name) : bench.tree;
    bench.edit(set(renamed, `${path}.${field}`, name || undefined));
  }
  return (
    <TextInput
      label={label}
      size="sm"
      classNames={{ input: "mono" }}
      aria-label={`${label}, step ${number}`}
      placeholder="order_id"
      readOnly={bench.readOnly}
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={leave}
    />
  );
}

type Put = (field: string, value: Json | undefined) => void;
type MakeBlock = (field: string, label: string, offer: string) => React.ReactNode;

/** An answer of another type; what only another type knows goes with it. */
function typed(tree: Tree, path: Path, type: string): Tree {
  const fits: Record<string, string[]> = { of: ["choice"], matches: ["text"], min: ["number", "money"], max: ["number", "money"] };
  const gone = Object.keys(fits).filter((field) => !fits[field]!.includes(type));
  return gone.reduce((made, field) => set(made, `${path}.${field}`, undefined), set(tree, `${path}.type`, type));
}

function AskBody(props: BodyProps & { put: Put; words: (field: string, label: string, placeholder?: string) => React.ReactNode; block: MakeBlock }) {
  const { step, path, put, words, block, number } = props;
  const { readOnly } = useBench();
  const [more, setMore] = useState(["matches", "attempts", "first_reply", "min", "max"].some((field) => field in step));
  const bench = useBench();
  const type = shown(step.type) || "text";
  return (
    <>
      {words("ask", "The question", "What does the agent ask?")}
      <div className="fields">
        <Select label="The answer is" aria-label={`The answer is, step ${number}`} size="sm" readOnly={readOnly} data={types} value={type} allowDeselect={false} onChange={(chosen) => bench.edit(typed(bench.tree, path, chosen ?? "text"))} />
        <KeepAs {...props} field="save" label="Keep it as" />
      </div>
      {type === "choice" && <Choices value={step.of} readOnly={readOnly} number={number} onChange={(of) => put("of", of)} />}
      {more ? (
        <div className="fields">
          {type === "text" && <TextInput label="It must fit the pattern" size="sm" classNames={{ input: "mono" }} placeholder="^[A-Z]{2}-\d{5}$" readOnly={readOnly} value={shown(step.matches)} onChange={(event) => put("matches", event.currentTarget.value || undefined)} />}
          {(type === "number" || type === "money") && (
            <>
              <NumberInput label="At least" size="sm" readOnly={readOnly} value={typeof step.min === "number" ? step.min : ""} onChange={(value) => put("min", typeof value === "number" ? value : undefined)} />
              <NumberInput label="At most" size="sm" readOnly={readOnly} value={typeof step.max === "number" ? step.max : ""} onChange={(value) => put("max", typeof value === "number" ? value : undefined)} />
            </>
          )}
          <NumberInput label="How often it is asked" size="sm" min={1} max={10} readOnly={readOnly} value={typeof step.attempts === "number" ? step.attempts : 3} onChange={(value) => put("attempts", value === 3 || typeof value !== "number" ? undefined : value)} />
          <Switch label="The reply that begins the procedure may answer it" disabled={readOnly} checked={step.first_reply !== false} onChange={(event) => put("first_reply", event.currentTarget.checked ? undefined : false)} />
        </div>
      ) : (
        !readOnly && (
          <div>
            <Button size="compact-sm" variant="subtle" onClick={() => setMore(true)}>
              More about the answer
            </Button>
          </div>
        )
      )}
      {block("on_fail", "If there is no clear answer", "What if there is no clear answer?")}
    </>
  );
}

/** The options of a choice: an id that is kept, and the words that are shown. */
function Choices({ value, onChange, readOnly, number }: { value: Json | undefined; onChange: (of: Json) => void; readOnly: boolean; number: string }) {
  const options = choicesOf(value);
  const plain = (list: { id: string; label: string }[]): Json => (list.every((one) => one.label === one.id || !one.label) ? list.map((one) => one.id) : list.map((one) => ({ id: one.id, label: one.label || one.id })));
  return (
    <div className="pairs" role="group" aria-label={`Choices, step ${number}`}>
      {options.map((one, at) => (
        <div className="pair" key={at}>
          <TextInput size="xs" className="grow" aria-label={`Choice ${at + 1}: what is shown`} placeholder="What is shown" readOnly={readOnly} value={one.label} onChange={(event) => onChange(plain(options.map((other, n) => (n === at ? { id: other.id === idOf(other.label) || !other.id ? idOf(event.currentTarget.value) : other.id, label: event.currentTarget.value } : other))))} />
          <TextInput size="xs" classNames={{ input: "mono" }} aria-label={`Choice ${at + 1}: what is kept`} placeholder="what is kept" readOnly={readOnly} value={one.id} onChange={(event) => onChange(plain(options.map((other, n) => (n === at ? { ...other, id: event.currentTarget.value } : other))))} />
          {!readOnly && (
            <ActionIcon variant="subtle" aria-label={`Take choice ${at + 1} out`} onClick={() => onChange(plain(options.filter((_, n) => n !== at)))}>
              <Icon name="close" size={16} />
            </ActionIcon>
          )}
        </div>
      ))}
      {!readOnly && (
        <div>
          <Button size="compact-sm" variant="subtle" onClick={() => onChange(plain([...options, { id: `choice_${options.length + 1}`, label: `choice_${options.length + 1}` }]))}>
            Add a choice
          </Button>
        </div>
      )}
    </div>
  );
}

function choicesOf(value: Json | undefined): { id: string; label: string }[] {
  if (Array.isArray(value)) {
    return value.map((one) => (one !== null && typeof one === "object" ? { id: shown((one as Tree).id), label: shown((one as Tree).label ?? (one as Tree).id) } : { id: shown(one), label: shown(one) }));
  }
  if (value !== null && typeof value === "object") return Object.entries(value).map(([id, label]) => ({ id, label: shown(label) }));
  return [];
}

function idOf(label: string): string {
  return label.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "_").replace(/^_+|_+$/g, "").slice(0, 40);
}

function IfBody({ step, path, number, wrong, put, block, names }: BodyProps & { put: Put; block: MakeBlock }) {
  const bench = useBench();
  const others = Array.isArray(step.elif) ? (step.elif as Tree[]) : [];
  return (
    <>
      <Condition label={`Condition, step ${number}`} value={shown(step.if)} names={names} readOnly={bench.readOnly} error={wrong} onChange={(value) => put("if", value)} />
      <div className="branch">
        <span className="branch-label">Then</span>
        <StepList path={`${path}.then`} label={`Then, step ${number}`} first={`${number}.`} />
      </div>
      {others.map((branch, at) => (
        <div className="branch" key={at}>
          <div className="spread">
            <span className="branch-label">Else, if</span>
            {!bench.readOnly && (
              <ActionIcon variant="subtle" aria-label="Take this branch out" onClick={() => put("elif", others.length === 1 ? undefined : others.filter((_, n) => n !== at))}>
                <Icon name="close" size={16} />
              </ActionIcon>
            )}
          </div>
          <Condition label={`Condition ${at + 2}, step ${number}`} value={shown(branch.if)} names={names} readOnly={bench.readOnly} onChange={(value) => put(`elif.${at}.if`, value)} />
          <StepList path={`${path}.elif.${at}.then`} label={`Else if ${at + 1}, step ${number}`} first={`${number}.`} />
        </div>
      ))}
      {!bench.readOnly && (
        <div>
          <Button size="compact-sm" variant="subtle" onClick={() => put("elif", [...others, { if: "", then: [] }])}>
            Else, if…
          </Button>
        </div>
      )}
      {block("else", "Else", "Else…")}
      {block("on_error", "If the condition cannot be told", "What if it cannot be told?")}
    </>
  );
}

function CallBody(props: BodyProps & { put: Put; block: MakeBlock }) {
  const { step, number, put, block, names } = props;
  const bench = useBench();
  const chosen = bench.knows.connectors.find((one) => one.key === step.call);
  return (
    <>
      <div className="fields">
        <Select
          label="Connector"
          size="sm"
          aria-label={`Connector, step ${number}`}
          searchable
          readOnly={bench.readOnly}
          placeholder="Choose a connector"
          nothingFoundMessage="There is no such connector."
          data={bench.knows.connectors.map((one) => one.key)}
          value={shown(step.call) || null}
          onChange={(key) => put("call", key ?? "")}
        />
        <KeepAs {...props} field="save" label="Keep the result as" />
      </div>
      {(chosen ? Object.keys(chosen.inputs).length > 0 : step.with && Object.keys(step.with).length > 0) && (
        <Pairs
          label="What it is given"
          names={names}
          readOnly={bench.readOnly}
          fixed={Object.entries(chosen?.inputs ?? {}).map(([name, input]) => ({ name, hint: input.required ? input.type : `${input.type}, may be left out` }))}
          value={(step.with as Tree) ?? {}}
          onChange={(value) => put("with", value)}
        />
      )}
      {block("on_error", "If it fails", "What if it fails?")}
    </>
  );
}

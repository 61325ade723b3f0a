import { Button, Checkbox, NativeSelect, Textarea, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { useSWRConfig } from "swr";
import { Link, useLocation } from "wouter";
import { post, put, remove, type Refused } from "../../api";
import { CopyButton } from "../../ui/Copy";
import { Icon } from "../../ui/icons";
import { Page, Section } from "../../ui/Page";
import { Theirs } from "../../ui/Theirs";
import { done, failed } from "../../ui/undo";
import { useRead } from "../../ui/useRead";
import { Auth } from "./Auth";
import { Calls } from "./Calls";
import { SetSecret } from "./Secrets";
import { inputsOf, METHODS, mocksOf, RESULT_TYPES, resultOf, textOf, treeOf, TYPES, WITH_BODY, withField, writtenInputs, writtenMocks, writtenResult, type Mock, type Tree } from "./tree";
import { TryOut } from "./TryOut";

export interface Wrong {
  severity: string;
  message: string;
  line: number;
  field: string | null;
}

interface FileShown {
  source: string;
  document: Tree | null;
  has_comments: boolean;
  mark: string;
  problems: Wrong[];
}

interface Shown extends FileShown {
  secrets: { name: string; from: "environment" | "store" | null }[];
  inputs: Record<string, { type: string; required: boolean; default: unknown }>;
  has_mock: boolean;
  used_by: { id: string; key: string; name: string }[];
}

const START: Tree = { connector: "", method: "GET", url: "https://" };

export function NewConnector() {
  return <Form name={null} start={{ source: "", document: START, has_comments: false, mark: "", problems: [] }} />;
}

export function Editor({ name }: { name: string }) {
  const { data, mutate, instead } = useRead<Shown>(`/connectors/${name}`, "the connector", { revalidateOnFocus: false });
  if (!data) return instead;
  return <Form key={data.mark} name={name} start={data} shown={data} again={() => void mutate()} />;
}

function Form({ name, start, shown, again }: { name: string | null; start: FileShown; shown?: Shown; again?: () => void }) {
  const [tree, setTree] = useState<Tree>(treeOf(start.document));
  const [source, setSource] = useState(start.source);
  const [problems, setProblems] = useState(start.problems);
  const [typed, setTyped] = useState<"form" | "file" | null>(null);
  const [refused, setRefused] = useState<Refused | null>(null);
  const [theirs, setTheirs] = useState<FileShown | null>(null);
  const [setting, setSetting] = useState<string | null>(null);
  const [, go] = useLocation();
  const { mutate } = useSWRConfig();
  const [asked] = useDebouncedValue(JSON.stringify(typed === "file" ? { source } : { document: tree }), 250);
  const latest = useRef(asked);
  latest.current = asked;

  useEffect(() => {
    if (typed === null || (typed === "file" && !source.trim())) return;
    post<FileShown>("/connectors/check", JSON.parse(asked)).then((answer) => {
      if (latest.current !== asked) return;
      setProblems(answer.problems);
      if (typed === "form") setSource(answer.source);
      else if (answer.document) setTree(answer.document);
    }, setRefused);
    // Only what was typed is asked about; the answer changes the other side alone.
  }, [asked]);

  function change(field: string, value: unknown) {
    setTyped("form");
    setTree((before) => withField(before, field, value));
  }

  const wrong = (field: string) => (typed === null && name === null ? undefined : problems.find((one) => one.field === field || one.field?.startsWith(`${field}.`))?.message);
  const inputs = inputsOf(tree);
  const result = resultOf(tree);
  const mocks = mocksOf(tree);
  const method = textOf(tree.method) || "GET";
  const sends = tree.form !== undefined ? "form" : tree.body !== undefined ? "body" : "nothing";
  const errors = problems.filter((one) => one.severity === "error");

  async function save(basedOn = start.mark) {
    setRefused(null);
    const body = typed === "file" ? { source } : { document: tree };
    try {
      const kept = name === null ? await post<{ key: string }>("/connectors", body) : await put<{ key: string }>(`/connectors/${name}`, { ...body, based_on: basedOn });
      done(name === null ? `${kept.key} is a connector now.` : "Kept. It holds from the next call on.");
      setTheirs(null);
      void mutate("/connectors");
      if (name === null) go(`/${kept.key}`, { replace: true });
      else again?.();
    } catch (error) {
      const one = error as Refused;
      if (one.details?.theirs) setTheirs(one.details.theirs as FileShown);
      else setRefused(one);
    }
  }

  async function takeOut() {
    try {
      const gone = await remove<{ source: string }>(`/connectors/${name}`);
      void mutate("/connectors");
      go("/");
      done(`${name} is removed.`, () => {
        post<{ key: string }>("/connectors", gone).then((back) => {
          void mutate("/connectors");
          go(`/${back.key}`);
        }, failed);
      });
    } catch (error) {
      setRefused(error as Refused);
    }
  }

  const reasons = (refused?.details?.problems as Wrong[] | undefined)?.filter((one) => one.severity === "error");
  return (
    <Page
      wide
      title={name ?? "New connector"}
      lead={
        <Link href="/" className="back-link">
          <Icon name="left" size={16} /> Connectors
        </Link>
      }
      actions={
        <>
          {name !== null && (
            <Button variant="subtle" color="red" onClick={() => void takeOut()}>
              Remove
            </Button>
          )}
          <Button disabled={typed === null || errors.length > 0} onClick={() => void save()}>
            {name === null ? "Add it" : "Keep it"}
          </Button>
        </>
      }
    >
      {refused && (
        <div className="problem" role="alert">
          <Icon name="warning" size={16} />
          <div>
            <strong>Nothing was changed.</strong>
            {(reasons?.length ? reasons.map((one) => one.message) : [refused.message]).map((one) => (
              <div key={one}>{one}</div>
            ))}
          </div>
        </div>
      )}
      {theirs && <Theirs thing="connector" text={theirs.source} keepMine={() => void save(theirs.mark)} takeTheirs={() => again?.()} />}
      {shown && shown.used_by.length > 0 && (
        <p className="notice notice-mild">
          <Icon name="info" size={16} /> Called by what is live:{" "}
          {shown.used_by.map((one) => (
            <Link key={one.id} href={`~/console/procedures/${one.id}`}>
              {one.name}
            </Link>
          ))}
          <span>A change that would break it is refused.</span>
        </p>
      )}
      <div className="two">
        <div className="stack">
          <Section title="The call">
            <div className="fields">
              <TextInput label="Name" description="As procedures call it." placeholder="get_order" readOnly={name !== null} value={textOf(tree.connector)} error={wrong("connector")} onChange={(event) => change("connector", event.currentTarget.value)} />
              <NativeSelect label="Method" description="GET looks up." value={method} data={METHODS} error={wrong("method")} onChange={(event) => change("method", event.currentTarget.value)} />
              <TextInput label="Longest wait" description="Up to 2 minutes." placeholder="30s" value={textOf(tree.timeout)} error={wrong("timeout")} onChange={(event) => change("timeout", event.currentTarget.value)} />
            </div>
            <TextInput label="Address" description="Inputs stand in its path and query as {{ id }}; its host is written out." classNames={{ input: "mono" }} value={textOf(tree.url)} error={wrong("url")} onChange={(event) => change("url", event.currentTarget.value)} />
            <Checkbox label="The contact proves their email address first (passcode)" checked={tree.requires === "passcode"} onChange={(event) => change("requires", event.currentTarget.checked ? "passcode" : "")} />
          </Section>
          <Section title="Inputs" lead="What a procedure hands over." actions={<Add what="an input" add={() => change("inputs", writtenInputs([...inputs, { name: free(inputs, "input"), type: "text", required: true, fallback: "" }]))} />}>
            {wrong("inputs") && <p className="problem">{wrong("inputs")}</p>}
            {inputs.map((one, at) => {
              const set = (part: Partial<typeof one>) => change("inputs", writtenInputs(inputs.map((other, place) => (place === at ? { ...other, ...part } : other))));
              return (
                <div className="item" key={at}>
                  <Named label={`Input ${at + 1}`} value={one.name} change={(next) => set({ name: next })} taken={inputs.map((other) => other.name)} />
                  <NativeSelect label="Type" aria-label={`Type of ${one.name}`} value={one.type} data={TYPES} onChange={(event) => set({ type: event.currentTarget.value })} />
                  <TextInput label="Unless given" aria-label={`Default of ${one.name}`} value={one.fallback} onChange={(event) => set({ fallback: event.currentTarget.value, required: !event.currentTarget.value })} />
                  <Checkbox className="pressed" label="required" aria-label={`${one.name} is required`} checked={one.required} disabled={one.fallback !== ""} onChange={(event) => set({ required: event.currentTarget.checked })} />
                  <Drop what={one.name} drop={() => change("inputs", writtenInputs(inputs.filter((_, place) => place !== at)))} />
                </div>
              );
            })}
          </Section>
          <Auth tree={tree} change={change} wrong={wrong} secrets={shown?.secrets ?? []} set={setSetting} />
          <Headers tree={tree} change={change} wrong={wrong} />
          {WITH_BODY.includes(method) && (
            <Section title="What it sends">
              <NativeSelect
                label="Kind"
                value={sends}
                data={[{ value: "nothing", label: "Nothing" }, { value: "body", label: "JSON" }, { value: "form", label: "A web form" }]}
                onChange={(event) => {
                  const next = event.currentTarget.value;
                  setTyped("form");
                  setTree((before) => {
                    const { body, form, ...rest } = before;
                    const had = treeOf(body ?? form);
                    return next === "nothing" ? rest : { ...rest, [next]: Object.keys(had).length ? had : Object.fromEntries(inputs.map((one) => [one.name, `{{ ${one.name} }}`])) };
                  });
                }}
              />
              {sends !== "nothing" && <Json label={sends === "form" ? "Fields of the form" : "Body"} value={tree[sends]} error={wrong(sends)} change={(value) => change(sends, value)} />}
            </Section>
          )}
          <Section title="What is kept of the answer" lead={result.length === 0 ? "The whole JSON object, as it comes. Name fields to rely on them." : "What a procedure may rely on."} actions={<Add what="a field" add={() => change("result", writtenResult([...result, { name: free(result, "field"), path: "", type: "any", optional: false }]))} />}>
            {wrong("result") && <p className="problem">{wrong("result")}</p>}
            {result.map((one, at) => {
              const set = (part: Partial<typeof one>) => change("result", writtenResult(result.map((other, place) => (place === at ? { ...other, ...part } : other))));
              return (
                <div className="item" key={at}>
                  <Named label={`Field ${at + 1}`} value={one.name} change={(next) => set({ name: next })} taken={result.map((other) => other.name)} />
                  <TextInput label="Stands at" aria-label={`Where ${one.name} stands`} placeholder="order.status" classNames={{ input: "mono" }} value={one.path} onChange={(event) => set({ path: event.currentTarget.value })} />
                  <NativeSelect label="Type" aria-label={`Type of ${one.name}`} value={one.type} data={RESULT_TYPES} onChange={(event) => set({ type: event.currentTarget.value })} />
                  <Checkbox className="pressed" label="may be missing" aria-label={`${one.name} may be missing`} checked={one.optional} onChange={(event) => set({ optional: event.currentTarget.checked })} />
                  <Drop what={one.name} drop={() => change("result", writtenResult(result.filter((_, place) => place !== at)))} />
                </div>
              );
            })}
          </Section>
          <Section title="Mocks" lead="Answers for simulations, previews and tries; the first that fits is taken." actions={<Add what="a mock" add={() => change("mocks", writtenMocks([...mocks, { when: inputs.slice(0, 1).map((one): [string, string] => [one.name, ""]), status: "", answer: {}, fails: "" }], inputs))} />}>
            {wrong("mocks") && <p className="problem">{wrong("mocks")}</p>}
            {mocks.map((one, at) => (
              <OneMock key={at} number={at + 1} mock={one} inputs={inputs.map((input) => input.name)} change={(next) => change("mocks", writtenMocks(mocks.map((other, place) => (place === at ? next : other)), inputs))} drop={() => change("mocks", writtenMocks(mocks.filter((_, place) => place !== at), inputs))} />
            ))}
            <Json label="Otherwise it answers" value={tree.mock} error={wrong("mock")} change={(value) => change("mock", value)} optional />
          </Section>
        </div>
        <div className="stack">
          {problems.length > 0 && (typed !== null || name !== null) && (
            <Section title={errors.length === 1 ? "One thing is wrong" : `${errors.length} things are wrong`}>
              <ul className="plain">
                {problems.map((one) => (
                  <li key={`${one.line}${one.message}`} className={one.severity === "error" ? "rust" : "quiet"}>
                    Line {one.line}: {one.message}
                  </li>
                ))}
              </ul>
            </Section>
          )}
          {name !== null && shown && <TryOut name={name} method={shown.document ? textOf(treeOf(shown.document).method) || "GET" : "GET"} url={textOf(treeOf(shown.document).url)} inputs={shown.inputs} hasMock={shown.has_mock} changed={typed !== null} />}
          <Section title="The file" lead={start.has_comments && typed !== "file" ? "Changing the form leaves its comments out; changing it here keeps them." : "The same, as a file for git."} actions={<CopyButton text={source} what="the file" />}>
            <Textarea
              aria-label="Connector file"
              classNames={{ input: "mono" }}
              spellCheck={false}
              autosize
              minRows={10}
              maxRows={40}
              value={source}
              onChange={(event) => {
                setTyped("file");
                setSource(event.currentTarget.value);
              }}
            />
          </Section>
          {name !== null && (
            <Section title="Calls" lead="Of the last seven days. Secrets are blacked out.">
              <Calls connector={name} />
            </Section>
          )}
        </div>
      </div>
      {setting !== null && <SetSecret name={setting} close={() => setSetting(null)} changed={() => again?.()} />}
    </Page>
  );
}

function free(taken: { name: string }[], base: string): string {
  let number = taken.length + 1;
  while (taken.some((one) => one.name === `${base}_${number}`)) number += 1;
  return `${base}_${number}`;
}

export function Add({ what, add }: { what: string; add: () => void }) {
  return (
    <Button size="compact-sm" variant="default" leftSection={<Icon name="plus" size={16} />} onClick={add}>
      Add {what}
    </Button>
  );
}

export function Drop({ what, drop }: { what: string; drop: () => void }) {
  return (
    <Button size="compact-sm" variant="subtle" color="red" aria-label={`Remove ${what}`} onClick={drop}>
      <Icon name="trash" size={16} />
    </Button>
  );
}

/** A name that is kept when the field is left, so that two are never the same on the way. */
function Named({ label, value, change, taken }: { label: string; value: string; change: (next: string) => void; taken: string[] }) {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  const twice = typed !== value && taken.includes(typed);
  return (
    <TextInput
      label={label}
      classNames={{ input: "mono" }}
      value={typed}
      error={twice ? "There is one of this name." : undefined}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={() => {
        if (typed && !twice && typed !== value) change(typed);
        else if (!typed || twice) setTyped(value);
      }}
    />
  );
}

/** JSON as text; what cannot be read as JSON is not taken. */
export function Json({ label, value, change, error, optional = false }: { label: string; value: unknown; change: (value: unknown) => void; error?: ReactNode; optional?: boolean }) {
  const shown = value === undefined ? "" : JSON.stringify(value, null, 2);
  const [typed, setTyped] = useState(shown);
  const [bad, setBad] = useState(false);
  const mine = useRef(shown);
  useEffect(() => {
    if (shown !== mine.current) setTyped(shown);
    mine.current = shown;
  }, [shown]);
  return (
    <Textarea
      label={label}
      description={optional ? "JSON; empty means that it has no answer." : "JSON. Inputs stand in values as {{ id }}."}
      classNames={{ input: "mono" }}
      spellCheck={false}
      autosize
      minRows={2}
      value={typed}
      error={bad ? "This is not JSON yet." : error}
      onChange={(event) => {
        const text = event.currentTarget.value;
        setTyped(text);
        try {
          const next = text.trim() === "" ? undefined : JSON.parse(text);
          mine.current = next === undefined ? "" : JSON.stringify(next, null, 2);
          setBad(false);
          change(next);
        } catch {
          setBad(true);
        }
      }}
    />
  );
}

function Headers({ tree, change, wrong }: { tree: Tree; change: (field: string, value: unknown) => void; wrong: (field: string) => string | undefined }) {
  const headers = Object.entries(treeOf(tree.headers)).map(([name, value]) => ({ name, value: textOf(value) }));
  const write = (next: typeof headers) => change("headers", Object.fromEntries(next.map((one) => [one.name, one.value])));
  return (
    <Section title="Headers" lead="Beside the one that signs in." actions={<Add what="a header" add={() => write([...headers, { name: `X-Header-${headers.length + 1}`, value: "" }])} />}>
      {wrong("headers") && <p className="problem">{wrong("headers")}</p>}
      {headers.map((one, at) => (
        <div className="item" key={at}>
          <Named label={`Header ${at + 1}`} value={one.name} taken={headers.map((other) => other.name)} change={(name) => write(headers.map((other, place) => (place === at ? { ...other, name } : other)))} />
          <TextInput label="Value" aria-label={`Value of ${one.name}`} classNames={{ input: "mono" }} value={one.value} onChange={(event) => write(headers.map((other, place) => (place === at ? { ...other, value: event.currentTarget.value } : other)))} />
          <Drop what={one.name} drop={() => write(headers.filter((_, place) => place !== at))} />
        </div>
      ))}
    </Section>
  );
}

function OneMock({ number, mock, inputs, change, drop }: { number: number; mock: Mock; inputs: string[]; change: (next: Mock) => void; drop: () => void }) {
  return (
    <div className="mock" role="group" aria-label={`Mock ${number}`}>
      <div className="item">
        {inputs.map((name) => {
          const value = mock.when.find(([other]) => other === name)?.[1] ?? "";
          return (
            <TextInput
              key={name}
              label={`When ${name} is`}
              placeholder="anything"
              value={value}
              onChange={(event) => {
                const others = mock.when.filter(([other]) => other !== name);
                const typed = event.currentTarget.value;
                change({ ...mock, when: typed ? [...others, [name, typed]] : others });
              }}
            />
          );
        })}
        <Drop what={`mock ${number}`} drop={drop} />
      </div>
      <div className="fields">
        <NativeSelect label="It" value={mock.fails || "answers"} data={[{ value: "answers", label: "answers" }, { value: "timeout", label: "does not answer in time" }, { value: "unreachable", label: "cannot be reached" }]} onChange={(event) => change({ ...mock, fails: event.currentTarget.value === "answers" ? "" : event.currentTarget.value })} />
        {!mock.fails && <TextInput label="Status" placeholder="200" inputMode="numeric" value={mock.status} onChange={(event) => change({ ...mock, status: event.currentTarget.value.replace(/\D/g, "") })} />}
      </div>
      {!mock.fails && <Json label={`Answer ${number}`} value={mock.answer} change={(answer) => change({ ...mock, answer })} optional />}
    </div>
  );
}


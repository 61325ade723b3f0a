import { ActionIcon, Button, SegmentedControl, Select, Switch, TextInput } from "@mantine/core";
import { useState } from "react";
import { Link } from "wouter";
import { post } from "../../api";
import { useSession } from "../../session/session";
import { Snippet } from "../../ui/Copy";
import { Icon } from "../../ui/icons";
import { Problem } from "../../ui/states";
import { Condition } from "./Condition";
import { dataFields, example, fieldsOf, type Given } from "./data";
import { useLiveTriggers } from "./Health";
import { types } from "./kinds";
import { NewName } from "./NewName";
import { Pairs, shown } from "./Pairs";
import { languages, type Language } from "./snippets";
import { useBench } from "./Steps";
import { get, type Json, type Name, type Tree } from "./tree";
import { Words } from "./Words";

type Put = (field: string, value: Json | undefined) => void;

/** This procedure's own URL, what a call says, and trying one. */
export function ApiCall({ trigger, put, names }: { trigger: Tree; put: Put; names: Name[] }) {
  const bench = useBench();
  const [language, setLanguage] = useState<Language>("curl");
  const url = `${bench.knows.base_url}/api/procedures/${bench.id}/trigger`;
  const body: Tree = { user: { id: "your-user-id" } };
  const fields = fieldsOf(trigger).filter((one) => one.required || one.fallback === undefined);
  if (fields.length) body.data = Object.fromEntries(fields.map((one) => [one.name, example(one)]));
  const keyNames: Name[] = [{ path: "procedure.key", from: "The procedure" }, { path: "user.id", from: "Who is meant" }, ...names.filter((one) => one.path.startsWith("data."))];

  return (
    <>
      <span className="field-label">Its own URL</span>
      <Snippet text={`POST ${url}`} what="the URL" />
      <SegmentedControl size="xs" aria-label="Language of the example" value={language} onChange={(chosen) => setLanguage(chosen as Language)} data={(Object.keys(languages) as Language[]).map((one) => ({ value: one, label: languages[one].label }))} />
      <Snippet text={languages[language].written(url, body)} what={`the call in ${languages[language].label}`} />
      <p className="meta">
        Put a token in place of YOUR_TOKEN: one whose app has the scope <code>write_conversations</code>. You make one in the <Link href="~/console/developers">Developer Hub</Link>; it never belongs in a browser. An <code>Idempotency-Key</code> header makes a call safe to repeat.
      </p>
      <DataFields trigger={trigger} put={put} />
      <span className="field-label">Once for</span>
      <Words label={`Once for, of ${shown(trigger.name) || shown(trigger.key)}`} names={keyNames} readOnly={bench.readOnly} value={shown(trigger.once_for)} placeholder="Type @: the order, the person" onChange={(value) => put("once_for", value || undefined)} />
      <p className="meta">Two calls with the same words here make one conversation, also from two systems. Empty: every call makes its own.</p>
      <StillTrue trigger={trigger} put={put} names={names} />
    </>
  );
}

/** What the call gives along: names, types, which are needed, and what holds where one is left out. */
function DataFields({ trigger, put }: { trigger: Tree; put: Put }) {
  const { readOnly } = useBench();
  const fields = fieldsOf(trigger);
  const data = (trigger.data ?? {}) as Tree;
  const change = (name: string, more: Tree) => {
    const before = data[name];
    const merged: Tree = { ...(typeof before === "object" && before !== null && !Array.isArray(before) ? before : { type: before ?? "text" }), ...more };
    for (const field of ["required", "default"]) if (merged[field] === false || merged[field] === "" || merged[field] === null) delete merged[field];
    put("data", { ...data, [name]: Object.keys(merged).length === 1 && "type" in merged ? merged.type! : merged });
  };
  const drop = (name: string) => {
    const rest = Object.fromEntries(Object.entries(data).filter(([one]) => one !== name));
    put("data", Object.keys(rest).length ? rest : undefined);
  };
  return (
    <div className="pairs" role="group" aria-label="Data that the call gives along">
      <span className="field-label">Data that the call gives along</span>
      {fields.map((field) => (
        <div className="data-field" key={field.name}>
          <div className="spread">
            <code>{field.name}</code>
            {!readOnly && (
              <ActionIcon variant="subtle" aria-label={`Take ${field.name} out`} onClick={() => drop(field.name)}>
                <Icon name="close" size={16} />
              </ActionIcon>
            )}
          </div>
          <div className="fields">
            <Select size="xs" label="What it is" aria-label={`${field.name}: what it is`} data={types} value={field.type} allowDeselect={false} readOnly={readOnly} onChange={(chosen) => change(field.name, chosen === "choice" ? { type: "choice", of: [] } : { type: chosen ?? "text" })} />
            {field.type === "choice" ? (
              <TextInput size="xs" label="The choices" aria-label={`${field.name}: the choices`} placeholder="wait, refund" readOnly={readOnly} defaultValue={field.of.join(", ")} onBlur={(event) => change(field.name, { type: "choice", of: event.currentTarget.value.split(",").map((one) => one.trim()).filter(Boolean) })} />
            ) : (
              !field.required && (
                <TextInput size="xs" label="Where it is left out" aria-label={`${field.name}: where it is left out`} placeholder="nothing" readOnly={readOnly} value={shown(field.fallback)} onChange={(event) => change(field.name, { default: event.currentTarget.value })} />
              )
            )}
          </div>
          <Switch size="xs" label="Needed" aria-label={`${field.name}: needed`} disabled={readOnly} checked={field.required} onChange={(event) => change(field.name, event.currentTarget.checked ? { required: true, default: "" } : { required: false })} />
        </div>
      ))}
      {!readOnly && (
        <NewName label="A new data field" example="order_id" does="Add a field" taken={Object.keys(data)} add={(name) => put("data", { ...data, [name]: "text" })} />
      )}
    </div>
  );
}

/** The first message holds while this does: asked again before it is delivered, shown and answered. */
export function StillTrue({ trigger, put, names }: { trigger: Tree; put: Put; names: Name[] }) {
  const { readOnly, knows } = useBench();
  const kept = (trigger.still_true ?? null) as Tree | null;
  const path = "still_true";
  const connector = knows.connectors.find((one) => one.key === kept?.call);
  const saved = shown(kept?.save);
  const all = saved ? [...names, { path: saved, from: `Connector ${shown(kept?.call)}` }, ...(connector?.result ?? []).map((field) => ({ path: `${saved}.${field}`, from: `Connector ${shown(kept?.call)}` }))] : names;
  if (!kept) {
    return readOnly ? null : (
      <div>
        <Button size="compact-sm" variant="subtle" onClick={() => put(path, { when: "" })}>
          Take it back when it is not true any more
        </Button>
      </div>
    );
  }
  return (
    <div className="deployment" role="group" aria-label="Still true">
      <div className="spread">
        <span className="field-label">Only while this is true</span>
        {!readOnly && (
          <Button size="compact-sm" variant="subtle" onClick={() => put(path, undefined)}>
            Remove
          </Button>
        )}
      </div>
      <p className="meta">Asked again before the message is sent, shown and answered. Not true any more: an unseen message is taken back, a seen one is corrected.</p>
      <Select size="sm" label="Ask this connector" placeholder="None: what the call gave along is enough" clearable readOnly={readOnly} data={knows.connectors.map((one) => one.key)} value={shown(kept.call) || null} onChange={(chosen) => put(path, chosen ? { ...kept, call: chosen, with: kept.with ?? {}, save: saved || chosen.replace(/[^a-z0-9]+/g, "_") } : { when: kept.when ?? "" })} />
      {connector && (
        <>
          <Pairs label="Given to the connector" names={names} readOnly={readOnly} value={(get(kept, "with") as Tree) ?? {}} onChange={(value) => put(`${path}.with`, value)} fixed={Object.entries(connector.inputs).map(([name, one]) => ({ name, hint: one.required ? "needed" : "" }))} />
          <TextInput size="sm" label="Its answer is called" classNames={{ input: "mono" }} readOnly={readOnly} value={saved} onChange={(event) => put(`${path}.save`, event.currentTarget.value)} />
        </>
      )}
      <span className="field-label">It is still true when</span>
      <Condition label="It is still true when" names={all} readOnly={readOnly} value={shown(kept.when)} onChange={(value) => put(`${path}.when`, value)} />
    </div>
  );
}

interface Answered {
  status: number;
  answer: { conversation_id?: string | null } & Record<string, Json>;
  headers: Record<string, string>;
}

/** Fires for somebody of your choice, as the API would. */
export function TestCall({ trigger }: { trigger: Tree }) {
  const bench = useBench();
  const session = useSession();
  const { data } = useLiveTriggers();
  const [user, setUser] = useState("");
  const [email, setEmail] = useState("");
  const [channel, setChannel] = useState("web");
  const [given, setGiven] = useState<Given>({});
  const [answered, setAnswered] = useState<Answered | null>(null);
  const [problem, setProblem] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  const fields = dataFields(trigger);
  const isLive = data?.triggers.some((one) => one.kind === "api_call") ?? false;
  if (!session.may("procedures.publish")) return null;

  async function send() {
    setBusy(true);
    setProblem(null);
    try {
      const told = fields.values(given);
      const body = { user: { id: user.trim(), ...(email.trim() ? { email: email.trim() } : {}) }, ...(channel === "email" ? { channel } : {}), ...(Object.keys(told).length ? { data: told } : {}) };
      setAnswered(await post<Answered>(`/procedures/${bench.id}/test-call`, body));
    } catch (error) {
      setProblem(error as Error);
    } finally {
      setBusy(false);
    }
  }

  return (
    <details className="advanced">
      <summary>Send a test call</summary>
      {isLive ? (
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            event.stopPropagation();
            void send();
          }}
        >
          <p className="meta">It calls the live version and the contact gets the message, so choose yourself.</p>
          <TextInput size="sm" label="Contact id" description="Your own id of them, as user.id. An unknown one makes a contact." placeholder="your-user-id" value={user} onChange={(event) => setUser(event.currentTarget.value)} />
          {bench.knows.email && (
            <div className="fields">
              <Select
                size="sm"
                label="Channel"
                allowDeselect={false}
                data={[
                  { value: "web", label: "On the website" },
                  { value: "email", label: "By email" },
                ]}
                value={channel}
                onChange={(chosen) => setChannel(chosen ?? "web")}
              />
              {channel === "email" && <TextInput size="sm" label="Email" value={email} onChange={(event) => setEmail(event.currentTarget.value)} />}
            </div>
          )}
          {fields.inputs(given, setGiven)}
          <div>
            <Button size="sm" variant="default" type="submit" loading={busy} disabled={!user.trim()}>
              Send the test call
            </Button>
          </div>
          <Problem error={problem} />
          {answered && (
            <div role="status">
              <p className={answered.status === 200 ? "fine moss" : "rust"}>The API answers {answered.status}.</p>
              <Snippet text={JSON.stringify(answered.answer, null, 2)} what="the answer" />
              {answered.answer.conversation_id && (
                <p>
                  <Link href={`~/console/inbox/${answered.answer.conversation_id}`}>Open the conversation</Link>
                </p>
              )}
            </div>
          )}
        </form>
      ) : (
        <p className="meta">The API answers for what is live. Publish the procedure first.</p>
      )}
    </details>
  );
}

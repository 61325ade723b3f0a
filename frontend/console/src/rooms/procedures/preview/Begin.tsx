import { Button, SegmentedControl, Select, Switch, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import type { Refused } from "../../../api";
import { focusFirst } from "../../../ui/focusFirst";
import { Problem } from "../../../ui/states";
import { dataFields } from "../data";
import { Problems } from "../Editor";
import { Pairs } from "../Pairs";
import type { Tree } from "../tree";
import type { Problem as Wrong } from "../useDraft";
import type { Beginning } from "./api";

export function triggersOf(tree: Tree): Tree[] {
  return (Array.isArray(tree.triggers) ? tree.triggers : []).filter((one): one is Tree => one !== null && typeof one === "object" && !Array.isArray(one));
}

/** What the server gets of the form. */
export function asked(form: Beginning, tree: Tree): Tree {
  const trigger = triggersOf(tree).find((one) => one.key === form.by);
  const call = trigger?.kind === "api_call";
  const start: Tree = !trigger ? { by: "writing" } : call ? { by: "api_call", data: dataFields(trigger).values(form.given) } : { by: "element_click", trigger: String(trigger.key), ...(form.page.trim() ? { page: form.page.trim() } : {}) };
  const user: Tree = {};
  if (form.name.trim()) user.name = form.name.trim();
  if (form.email.trim()) user.email = form.email.trim();
  if (Object.keys(form.attributes).length) user.attributes = form.attributes;
  return {
    start,
    document: tree,
    real: form.real,
    ...(form.visitor && !call ? { visitor: true } : { user }),
    ...(trigger ? {} : { text: form.text }),
    ...(form.begins ? { begins: form.begins } : {}),
  };
}

/** How the conversation begins, and with whom. */
export function Begin({ form, change, tree, error, busy, begin }: { form: Beginning; change: (form: Beginning) => void; tree: Tree; error: Error | null; busy: boolean; begin: () => void }) {
  const [more, setMore] = useState(false);
  const triggers = triggersOf(tree);
  const trigger = triggers.find((one) => one.key === form.by);
  const call = trigger?.kind === "api_call";
  const put = (part: Partial<Beginning>) => change({ ...form, ...part });
  const problems = (error as Refused | null)?.details?.problems as Wrong[] | undefined;

  return (
    <form
      className="stack preview-begin"
      onSubmit={(event) => {
        event.preventDefault();
        begin();
      }}
    >
      <p className="meta">A chat with this draft, in a sandbox: nothing live is touched, and nothing is sent. You are the contact.</p>
      <Select
        label="How does it begin?"
        {...focusFirst}
        allowDeselect={false}
        data={[...triggers.map((one) => ({ value: String(one.key), label: `${one.kind === "api_call" ? "API call" : "Click"}: ${String(one.name || one.key)}` })), { value: "", label: "The contact writes first" }]}
        value={trigger ? form.by : ""}
        onChange={(by) => put({ by: by ?? "" })}
      />
      {!trigger && <Textarea label="What do they write?" autosize minRows={2} placeholder="where is my order?" value={form.text} onChange={(event) => put({ text: event.currentTarget.value })} />}
      {trigger && call && dataFields(trigger).inputs(form.given, (given) => put({ given }))}
      {(call || !form.visitor) && (
        <div className="fields">
          <TextInput size="sm" label="Their name" placeholder="Not known" value={form.name} onChange={(event) => put({ name: event.currentTarget.value })} />
          <TextInput size="sm" label="Their email" placeholder="Not known" value={form.email} onChange={(event) => put({ email: event.currentTarget.value })} />
        </div>
      )}
      {!call && <Switch label="Nobody knows who they are" checked={form.visitor} onChange={(event) => put({ visitor: event.currentTarget.checked })} />}
      <div>
        <span className="field-label" id="preview-connectors">
          Connectors
        </span>
        <SegmentedControl
          size="xs"
          fullWidth
          aria-labelledby="preview-connectors"
          value={form.real ? "real" : "mocked"}
          onChange={(chosen) => put({ real: chosen === "real" })}
          data={[
            { value: "mocked", label: "As their mocks say" },
            { value: "real", label: "Real calls" },
          ]}
        />
      </div>
      {form.real && <p className="banner banner-wrong preview-banner">Real calls are made to your systems: what a connector changes there is changed. They stand among the calls of its connector.</p>}
      {more ? (
        <>
          {trigger && !call && <TextInput size="sm" label="The page they are on" placeholder="As the trigger's rule says" value={form.page} onChange={(event) => put({ page: event.currentTarget.value })} />}
          <TextInput size="sm" type="datetime-local" label="It begins at" description="On the clock of the workspace; now, where it is empty" value={form.begins} onChange={(event) => put({ begins: event.currentTarget.value })} />
          <div>
            <span className="field-label">What else is known of them</span>
            <Pairs label="What else is known of them" names={[]} readOnly={false} value={form.attributes} onChange={(attributes) => put({ attributes })} />
          </div>
        </>
      ) : (
        <div>
          <Button size="compact-sm" variant="subtle" onClick={() => setMore(true)}>
            Page, time and attributes
          </Button>
        </div>
      )}
      {problems?.length ? <Problems problems={problems} heading="To mend before it can run" /> : <Problem error={error} />}
      <div>
        <Button type="submit" loading={busy} disabled={!trigger && !form.text.trim()}>
          Begin
        </Button>
      </div>
    </form>
  );
}

import { Button, Menu, Select, Switch, TextInput } from "@mantine/core";
import { useState } from "react";
import { Icon } from "../../ui/icons";
import { ApiCall, TestCall } from "./ApiCall";
import { ClickWhere } from "./ClickWhere";
import { aboutContact, Condition } from "./Condition";
import { FirstMessage } from "./FirstMessage";
import { Health } from "./Health";
import { Length } from "./Length";
import { shown } from "./Pairs";
import { useBench } from "./Steps";
import { get, namesIn, set, type Json, type Name, type Tree } from "./tree";

/** What makes the agent speak first: clicks on the website, and one API call. */
export function Triggers() {
  const bench = useBench();
  const triggers = (Array.isArray(bench.tree.triggers) ? bench.tree.triggers : []) as Tree[];
  const hasApi = triggers.some((one) => one.kind === "api_call");

  function add(kind: "element_click" | "api_call") {
    const taken = new Set(triggers.map((one) => one.key));
    const base = kind === "api_call" ? "api-call" : "click";
    let key = base;
    for (let n = 2; taken.has(key); n++) key = `${base}-${n}`;
    const made: Tree = kind === "api_call" ? { kind, key, name: "API call", first_message: "" } : { kind, key, name: "Website click", page: { match: "starts_with", url: "" }, first_message: "" };
    bench.edit(set(bench.tree, "triggers", [...triggers, made]));
  }

  return (
    <section className="triggers" aria-label="Proactive triggers">
      <div className="spread">
        <h2 className="brass row">
          <Icon name="trigger" /> Proactive triggers
        </h2>
        {!bench.readOnly && (
          <Menu position="bottom-end">
            <Menu.Target>
              <Button size="compact-sm" variant="default">
                Add
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item leftSection={<Icon name="click" size={16} />} onClick={() => add("element_click")}>
                Website element click
              </Menu.Item>
              <Menu.Item leftSection={<Icon name="trigger" size={16} />} disabled={hasApi} onClick={() => add("api_call")}>
                API call
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )}
      </div>
      {!bench.knows.proactive_triggers && <p className="banner banner-wrong">Proactive triggers are switched off for this workspace. An owner can switch them on in Settings.</p>}
      {triggers.length === 0 && <p className="meta">None: the procedure starts when a customer says something that fits. With a trigger the agent speaks first.</p>}
      {triggers.map((trigger, at) => (
        <TriggerCard key={at} trigger={trigger} at={at} />
      ))}
    </section>
  );
}

export function TriggerCard({ trigger, at }: { trigger: Tree; at: number }) {
  const bench = useBench();
  const { readOnly } = bench;
  const path = `triggers.${at}`;
  const click = trigger.kind === "element_click";
  const names = namesIn(bench.tree, bench.knows.connectors, trigger);
  const problems = bench.problems.filter((one) => one.place === path || one.place.startsWith(`${path}.`));
  const put = (field: string, value: Json | undefined) => bench.edit(set(bench.tree, `${path}.${field}`, value), `${path}.${field}`);
  const text = (field: string) => shown(get(trigger, field));

  return (
    <div className="trigger card" data-place={path} tabIndex={-1} role="group" aria-label={`Trigger: ${text("name") || text("key")}`}>
      <div className="spread">
        <span className="proactive">
          <Icon name={click ? "click" : "trigger"} size={16} /> {click ? "Website element click" : "API call"}
        </span>
        {!readOnly && (
          <Button size="compact-sm" variant="subtle" onClick={() => bench.edit(set(bench.tree, path, undefined))}>
            Remove
          </Button>
        )}
      </div>
      <TextInput size="sm" label="Name" readOnly={readOnly} value={text("name")} onChange={(event) => put("name", event.currentTarget.value)} />
      <Health name={text("key")} />
      {click ? <ClickWhere trigger={trigger} path={path} /> : <ApiCall trigger={trigger} put={put} names={names} />}
      <FirstMessage trigger={trigger} names={names} put={put} error={problems.some((one) => one.place.endsWith("first_message"))} />
      <Audience trigger={trigger} put={put} names={names} readOnly={readOnly} />
      <Deployment trigger={trigger} put={put} readOnly={readOnly} />
      {!click && <TestCall trigger={trigger} />}
      {problems.map((one) => (
        <p key={one.message} className={one.severity === "error" ? "step-problem" : "step-problem step-warning"}>
          <Icon name={one.severity === "error" ? "warning" : "info"} size={16} /> {one.message}
        </p>
      ))}
    </div>
  );
}

/** Whom it may speak to at all: a condition over the contact and the page. */
function Audience({ trigger, put, names, readOnly }: { trigger: Tree; put: (field: string, value: Json | undefined) => void; names: Name[]; readOnly: boolean }) {
  const value = shown(trigger.audience);
  const [open, setOpen] = useState(value !== "");
  if (!open) {
    return readOnly ? null : (
      <div>
        <Button size="compact-sm" variant="subtle" onClick={() => setOpen(true)}>
          For some contacts only…
        </Button>
      </div>
    );
  }
  return (
    <div className="deployment" role="group" aria-label="Audience of this trigger">
      <span className="field-label">Only for contacts that this fits</span>
      <p className="meta">For others it does not fire, and the receipt says so.</p>
      <Condition label="Audience of this trigger" names={aboutContact(names)} readOnly={readOnly} value={value} onChange={(next) => put("audience", next.trim() === "" ? undefined : next)} />
    </div>
  );
}

/** What holds around the run. Every setting here is one that the engine honours. */
function Deployment({ trigger, put, readOnly }: { trigger: Tree; put: (field: string, value: Json | undefined) => void; readOnly: boolean }) {
  const bench = useBench();
  const [open, setOpen] = useState(trigger.deployment !== undefined);
  const text = (field: string) => shown(get(trigger, `deployment.${field}`));
  const after = get(trigger, "deployment.after");
  const team = after !== null && typeof after === "object" && !Array.isArray(after) ? shown((after as Tree).hand_off) : text("after_team");
  const kind = typeof after === "string" ? after : after ? "hand_off" : "close";
  const length = (field: string, label: string, usual: string) => <Length label={label} usual={usual} readOnly={readOnly} value={text(field)} onChange={(value) => put(`deployment.${field}`, value)} />;
  if (!open) {
    return (
      <div>
        <Button size="compact-sm" variant="subtle" onClick={() => setOpen(true)}>
          Deployment settings
        </Button>
      </div>
    );
  }
  const nudge = get(trigger, "deployment.nudge");
  const click = trigger.kind === "element_click";
  return (
    <div className="deployment" role="group" aria-label="Deployment settings">
      <span className="field-label">Deployment settings</span>
      <div className="fields">
        {length("wait_for_reply", "Wait for the first reply", click ? "24h" : "24h, by email 7 days")}
        {length("idle", "Silence later ends it after", "24h")}
        <Length label="At most once a contact in" usual="every time" readOnly={readOnly} value={text("frequency.once_per")} onChange={(value) => put(value ? "deployment.frequency.once_per" : "deployment.frequency", value)} />
        {length("reopen", "A reply reopens it within", "always")}
      </div>
      <div className="fields">
        <Length label="One reminder after" usual="no reminder" readOnly={readOnly} value={typeof nudge === "string" ? nudge : text("nudge.after")} onChange={(value) => put("deployment.nudge", value ? { ...(nudge && typeof nudge === "object" && !Array.isArray(nudge) ? nudge : {}), after: value } : undefined)} />
        {nudge !== undefined && (
          <TextInput size="sm" label="It says" placeholder="The workspace's words" readOnly={readOnly} value={text("nudge.message")} onChange={(event) => put("deployment.nudge", { after: typeof nudge === "string" ? nudge : text("nudge.after"), ...(event.currentTarget.value ? { message: event.currentTarget.value } : {}) })} />
        )}
      </div>
      <div className="fields">
        <Select
          size="sm"
          label="After the end"
          readOnly={readOnly}
          allowDeselect={false}
          data={[
            { value: "close", label: "Close when it stays quiet" },
            { value: "keep_open", label: "Keep it open" },
            { value: "hand_off", label: "Hand off to a team" },
          ]}
          value={kind}
          onChange={(chosen) => put("deployment.after", chosen === "close" ? undefined : chosen === "hand_off" ? { hand_off: bench.knows.teams[0] ?? "" } : chosen)}
        />
        {kind === "hand_off" && <Select size="sm" label="Team" readOnly={readOnly} data={bench.knows.teams} value={team || null} onChange={(chosen) => put("deployment.after", { hand_off: chosen ?? "" })} />}
      </div>
      <Switch label="Ask for a rating afterwards" disabled={readOnly} checked={get(trigger, "deployment.csat") === true} onChange={(event) => put("deployment.csat", event.currentTarget.checked || undefined)} />
    </div>
  );
}


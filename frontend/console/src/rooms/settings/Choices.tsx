import { Button, NumberInput, Switch } from "@mantine/core";
import { useState } from "react";
import { post } from "../../api";
import { Snippet } from "../../ui/Copy";
import { Icon } from "../../ui/icons";
import { Section } from "../../ui/Page";
import { Problem } from "../../ui/states";
import { done, failed } from "../../ui/undo";
import { change } from "./api";
import type { Part } from "./Settings";
import { useForm } from "./useForm";

/** A switch that holds at once, with a way back. */
export function Toggle({ name, label, description, settings, may, changed }: Part & { name: "proactive_triggers" | "enforce_identity" | "continue_by_email"; label: string; description: string }) {
  const on = settings.values[name];
  const put = (value: boolean) => change({ [name]: value }).then(changed);
  return (
    <Switch
      label={label}
      description={description}
      checked={on}
      disabled={!may}
      onChange={(event) => {
        const next = event.currentTarget.checked;
        put(next).then(() => done(`${label}: ${next ? "on" : "off"}.`, () => void put(!next).catch(failed)), failed);
      }}
    />
  );
}

export function Triggers(part: Part) {
  return (
    <Section title="Proactive triggers">
      <p className="proactive">
        <Icon name="trigger" size={16} /> Everything that makes the agent speak first: clicks and API calls.
      </p>
      <Toggle {...part} name="proactive_triggers" label="Triggers may fire" description="Off: clicks start nothing, and the API answers that proactive triggers are not enabled. What has begun goes on." />
    </Section>
  );
}

export function Identity(part: Part) {
  return (
    <Section title="Identity">
      <Toggle
        {...part}
        name="enforce_identity"
        label="A user id needs proof"
        description="On: whoever names a user id without a user_hash or a signed token starts conversations of their own, and never sees those of the user. Off: an unproven id is believed."
      />
    </Section>
  );
}

export function Data({ settings, may, changed }: Part) {
  const [days, setDays] = useState<number | string>(settings.values.keep_closed_days);
  const form = useForm({ keep_closed_days: settings.values.keep_closed_days }, changed);
  return (
    <>
      <Section title="How long conversations are kept" lead={settings.values.keep_closed_days ? `A conversation is deleted ${settings.values.keep_closed_days} days after it was closed.` : "For ever. Set a number of days to delete closed conversations after that."}>
        <form className="stack" onSubmit={form.send}>
          <NumberInput
            label="Delete a closed conversation after so many days"
            description="0 keeps them for ever. Its messages, files, runs and receipts go with it, and reports no longer count it. This cannot be taken back."
            min={0}
            max={3650}
            readOnly={!may}
            value={days}
            error={form.wrong("keep_closed_days")}
            onChange={(value) => {
              setDays(value);
              form.set({ keep_closed_days: Number(value) || 0 });
            }}
          />
          <Problem error={form.problem} />
          {may && (
            <div>
              <Button type="submit" disabled={!form.dirty}>
                Save
              </Button>
            </div>
          )}
        </form>
      </Section>
      <Section title="What else is kept, and how long">
        <dl className="facts">
          <dt>Answers to Idempotency-Key</dt>
          <dd>90 days</dd>
          <dt>Calls of connectors, with what was asked and answered</dt>
          <dd>7 days, without secrets</dd>
          <dt>Deliveries of webhooks</dt>
          <dd>30 days</dd>
          <dt>Events of pages</dt>
          <dd>90 days</dd>
          <dt>Answers to clicks, passcodes</dt>
          <dd>1 day</dd>
          <dt>One contact</dt>
          <dd>
            <code>overture contact export</code> and <code>overture contact delete</code>
          </dd>
        </dl>
      </Section>
    </>
  );
}

interface Tried {
  name: string;
  took_ms: number;
  tokens: { sent: number; received: number };
}

/** One real question, said beforehand. */
function TryModel() {
  const [tried, setTried] = useState<Tried | null>(null);
  const [problem, setProblem] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  async function ask() {
    setBusy(true);
    setTried(null);
    setProblem(null);
    try {
      setTried(await post<Tried>("/settings/model/test"));
    } catch (error) {
      setProblem(error as Error);
    }
    setBusy(false);
  }
  return (
    <>
      <div className="row">
        <Button variant="default" loading={busy} onClick={() => void ask()}>
          Ask it one question
        </Button>
        <span className="meta grow">A real request of some fifty tokens: it counts in the day's limit, and a provider may charge it. No customer's word is in it.</span>
      </div>
      <Problem error={problem} />
      <div role="status">
        {tried && (
          <p className="moss">
            {tried.name} answered in {(tried.took_ms / 1000).toFixed(1)} seconds, as asked. {tried.tokens.sent} tokens sent, {tried.tokens.received} received.
          </p>
        )}
      </div>
    </>
  );
}

export function LanguageModel({ settings, may }: Part) {
  const { model } = settings;
  return (
    <Section title="Language model" lead={model ? "One is set. It is asked where the router is not sure, and by steps that need it." : "None is set. Everything but steps that need one works without."}>
      {model ? (
        <dl className="facts">
          <dt>Model</dt>
          <dd>
            <code>{model.name}</code>
          </dd>
          <dt>Where</dt>
          <dd>{model.url ?? "the provider's own address"}</dd>
          <dt>Key</dt>
          <dd>{model.has_key ? "set" : "none"}</dd>
          <dt>One answer may take</dt>
          <dd className="numbers">{model.timeout} seconds</dd>
          <dt>In a day at most</dt>
          <dd className="numbers">
            {model.calls_a_day.toLocaleString("en")} requests, {model.tokens_a_day.toLocaleString("en")} tokens
          </dd>
          <dt>Blacked out beforehand</dt>
          <dd>{["secrets", "card numbers", ...model.redact].join(", ")}</dd>
        </dl>
      ) : (
        <p>
          With one, the agent asks when the router is not sure, procedures may have steps in free words, and a written process becomes a draft of better steps. It is never asked where an answer is sure.
        </p>
      )}
      {model && may && <TryModel />}
      <p className="meta">It is set where Overture is started, so that its key stands in no database and on no page. Then start Overture again.</p>
      <Snippet what="how to set a language model" text={"OVERTURE_MODEL=ollama:qwen3:4b\n# or a provider with a key\nOVERTURE_MODEL=openai:gpt-5-mini\nOVERTURE_MODEL_KEY=…"} />
    </Section>
  );
}

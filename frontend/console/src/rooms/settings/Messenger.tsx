import { Button, TextInput } from "@mantine/core";
import useSWR from "swr";
import { query } from "../../api";
import { Icon } from "../../ui/icons";
import { Section } from "../../ui/Page";
import { Problem } from "../../ui/states";
import type { Colour } from "./api";
import type { Part } from "./Settings";
import { useForm } from "./useForm";

const OWN = "#3346b0";

export function Messenger({ settings, may, changed }: Part) {
  const { color, greeting, agent_name } = settings.values;
  const form = useForm({ color, greeting, agent_name }, changed);
  const asked = String(form.fields.color || OWN);
  const { data: colour } = useSWR<Colour>(/^#[0-9a-f]{6}$/i.test(asked) ? `/settings/colour${query({ colour: asked })}` : null);
  const shown = colour?.shown ?? OWN;
  return (
    <Section title="How the messenger looks" lead="Your colour takes the place of ours there, and only there.">
      <form className="looks" onSubmit={form.send}>
        <div className="stack">
          <TextInput label="The agent's name" readOnly={!may} value={form.fields.agent_name} error={form.wrong("agent_name")} onChange={(event) => form.set({ agent_name: event.currentTarget.value })} />
          <TextInput label="Greeting" description="The first line that visitors read." placeholder="How can we help?" readOnly={!may} value={form.fields.greeting} error={form.wrong("greeting")} onChange={(event) => form.set({ greeting: event.currentTarget.value })} />
          <div className="looks-colour">
            <TextInput label="Colour" placeholder={OWN} readOnly={!may} value={form.fields.color} error={form.wrong("color")} onChange={(event) => form.set({ color: event.currentTarget.value })} />
            <input type="color" aria-label="Pick a colour" disabled={!may} value={/^#[0-9a-f]{6}$/i.test(asked) ? asked : OWN} onChange={(event) => form.set({ color: event.currentTarget.value })} />
          </div>
          <p className="meta" role="status">
            {colour?.darkened
              ? `White words have a contrast of ${colour.contrast} to 1 on ${colour.asked}, and need 4.5. The messenger shows ${colour.shown} instead, the nearest darker shade that does.`
              : colour
                ? `White words have a contrast of ${colour.contrast} to 1 on it. That can be read well.`
                : ""}
          </p>
          <Problem error={form.problem} />
          {may && (
            <div>
              <Button type="submit" disabled={!form.dirty}>
                Save the look
              </Button>
            </div>
          )}
        </div>
        <div className="looks-preview" role="img" aria-label={`The messenger in ${shown}, with the greeting “${form.fields.greeting || "How can we help?"}”`}>
          <div className="looks-preview-head" style={{ background: shown }}>
            <strong>{form.fields.greeting || "How can we help?"}</strong>
            {form.fields.agent_name}
          </div>
          <div className="looks-preview-talk">
            <p>Shall I find out where your order is?</p>
            <p className="mine" style={{ background: shown }}>
              yes please
            </p>
          </div>
          <div className="looks-preview-launcher" style={{ background: shown }}>
            <Icon name="mark" />
          </div>
        </div>
      </form>
    </Section>
  );
}

import { Button, Textarea, TextInput } from "@mantine/core";
import { Section } from "../../ui/Page";
import { Problem } from "../../ui/states";
import type { Part } from "./Settings";
import { useForm } from "./useForm";

const OUT = "texts.out_of_hours";

export function Hours({ settings, may, changed }: Part) {
  const form = useForm({ office_hours: settings.values.office_hours, timezone: settings.values.timezone, country: settings.values.country, [OUT]: String(settings.values[OUT]) }, changed);
  const { open, opens } = settings.office;
  const lead = !settings.values.office_hours
    ? "None are set, so somebody is always expected to be there."
    : open
      ? "Somebody is there now."
      : `Nobody is there now. They are back ${opens ? new Date(opens).toLocaleString("en", { weekday: "long", hour: "2-digit", minute: "2-digit" }) : "later"}.`;
  return (
    <Section title="Office hours" lead={lead}>
      <form className="stack" onSubmit={form.send}>
        <TextInput
          label="When people answer"
          description="Like mon-fri 09:00-17:00, sat 10:00-14:00. Leave it empty where somebody is always there."
          placeholder="mon-fri 09:00-17:00"
          readOnly={!may}
          value={String(form.fields.office_hours)}
          error={form.wrong("office_hours")}
          onChange={(event) => form.set({ office_hours: event.currentTarget.value })}
        />
        <TextInput label="Time zone" description="Such as Europe/Vienna. Procedures use it too." readOnly={!may} value={String(form.fields.timezone)} error={form.wrong("timezone")} onChange={(event) => form.set({ timezone: event.currentTarget.value })} />
        <TextInput label="Country" description="Two letters, such as AT: how a phone number without a country code is read." readOnly={!may} value={String(form.fields.country)} error={form.wrong("country")} onChange={(event) => form.set({ country: event.currentTarget.value.toUpperCase() })} />
        <Textarea
          label="What a contact is told at a hand-off while nobody is there"
          description="{opens} becomes the time, as in “tomorrow at 09:00”."
          autosize
          readOnly={!may}
          value={String(form.fields[OUT])}
          error={form.wrong(OUT)}
          onChange={(event) => form.set({ [OUT]: event.currentTarget.value })}
        />
        <Problem error={form.problem} />
        {may && (
          <div>
            <Button type="submit" disabled={!form.dirty}>
              Save the hours
            </Button>
          </div>
        )}
      </form>
    </Section>
  );
}

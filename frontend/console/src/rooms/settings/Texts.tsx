import { Button, Textarea } from "@mantine/core";
import { Section } from "../../ui/Page";
import { Problem } from "../../ui/states";
import type { Part } from "./Settings";
import { useForm } from "./useForm";

const WHEN: Record<string, string> = {
  hand_off: "When a person takes over",
  failure: "When something failed on our side",
  rephrase: "When nothing fits, the first time",
  offer_person: "When nothing fits again",
  greeting: "When a contact only says hello",
  declined: "When a contact says no to what it offered",
  helped: "When a contact says that it helped",
  did_not_help: "When a contact says that it did not help",
  nudge: "The one reminder before it gives up waiting",
  no_longer_so: "When a first message was seen and is no longer true",
  not_now: "After “not now”",
  never: "After “never about this”",
  welcome_again: "When a contact takes “never” back",
  asked_too: "In a mail, before the further questions",
  unsubscribe: "The link at the end of a mail that we begin",
  passcode: "When it asks for a passcode ({email} is the address)",
  passcode_again: "When it asks for the passcode once more",
  passcode_wrong: "When the passcode is wrong",
  changed: "When a contact corrects an earlier answer ({value} is the new one)",
  unclear: "When an answer does not fit its question, which is then asked again ({reason} says why, in English)",
  first_question: "When a contact wants to go back and there is nothing before",
  out_of_hours: "At a hand-off while nobody is there ({opens} is the time)",
};

export function Texts({ settings, may, changed }: Part) {
  const kept = Object.fromEntries(settings.texts.map((one) => [one.name, String(settings.values[one.name])]));
  const form = useForm(kept, changed);
  return (
    <Section title="What the agent says" lead="Around procedures and answers, in your own words.">
      <form className="stack" onSubmit={form.send}>
        {settings.texts.map(({ name, usual }) => (
          <div key={name}>
            <Textarea autosize label={WHEN[name.replace("texts.", "")] ?? name} readOnly={!may} value={form.fields[name]} error={form.wrong(name)} onChange={(event) => form.set({ [name]: event.currentTarget.value })} />
            {may && form.fields[name] !== usual && (
              <Button size="compact-sm" variant="subtle" onClick={() => form.set({ [name]: usual })}>
                Back to “{usual.length > 40 ? `${usual.slice(0, 40)}…` : usual}”
              </Button>
            )}
          </div>
        ))}
        <Problem error={form.problem} />
        {may && (
          <div>
            <Button type="submit" disabled={!form.dirty}>
              Save the texts
            </Button>
          </div>
        )}
      </form>
    </Section>
  );
}

import { Button, Modal, Switch, TextInput } from "@mantine/core";
import { useState } from "react";
import { post, Refused } from "../../api";
import { Problem } from "../../ui/states";
import { done } from "../../ui/undo";
import { Problems } from "./Editor";
import { Changes } from "./History";
import type { Editing, Problem as Found } from "./useDraft";

/** What goes live, before it does: what is different, what is wrong, now or later. */
export function Publish({ editing, close }: { editing: Editing; close: () => void }) {
  const shown = editing.shown!;
  const [note, setNote] = useState("");
  const [later, setLater] = useState(false);
  const [at, setAt] = useState("");
  const [problem, setProblem] = useState<Refused | null>(null);
  const [busy, setBusy] = useState(false);
  const found = (problem?.details?.problems as Found[] | undefined) ?? shown.problems;
  const errors = found.filter((one) => one.severity === "error");

  async function send() {
    setBusy(true);
    setProblem(null);
    const revision = shown.draft.revision;
    try {
      if (later) {
        await post(`/procedures/${editing.id}/plan`, { at: new Date(at).toISOString(), revision, note });
        done(`It goes live ${new Date(at).toLocaleString("en", { dateStyle: "medium", timeStyle: "short" })}.`);
      } else {
        const answer = await post<{ version: number }>(`/procedures/${editing.id}/publish`, { revision, note });
        done(`Version ${answer.version} is live. Runs that have begun keep their version.`);
      }
      await editing.reload();
      close();
    } catch (error) {
      setProblem(error as Refused);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Modal opened onClose={close} title={`Publish “${shown.name}”`} size="lg">
      <div className="stack">
        {found.length > 0 && <Problems problems={found} leave={close} />}
        {shown.version !== null && <Changes id={editing.id} before="live" after="draft" />}
        <TextInput label="Why (for the history)" placeholder="Refunds above 100 need a person" value={note} onChange={(event) => setNote(event.currentTarget.value)} />
        <Switch label="Later" checked={later} onChange={(event) => setLater(event.currentTarget.checked)} />
        {later && <TextInput type="datetime-local" label="When, in your time" value={at} onChange={(event) => setAt(event.currentTarget.value)} />}
        {problem && !problem.details?.problems && <Problem error={problem} />}
        <div className="row">
          <Button loading={busy} disabled={errors.length > 0 || (later && !at)} onClick={() => void send()}>
            {later ? "Plan it" : "Put it live"}
          </Button>
          {errors.length > 0 && <span className="meta">It can go live once the errors above are mended.</span>}
        </div>
      </div>
    </Modal>
  );
}

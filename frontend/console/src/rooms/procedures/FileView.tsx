import { Button, Drawer, Textarea } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { post } from "../../api";
import { CopyButton } from "../../ui/Copy";
import { Icon } from "../../ui/icons";
import { Problem } from "../../ui/states";
import { done } from "../../ui/undo";
import type { Editing } from "./useDraft";

/** The procedure file beside the document: look, copy, paste another one. */
export function FileView({ editing, readOnly, close, inline = false }: { editing: Editing; readOnly: boolean; close: () => void; inline?: boolean }) {
  const kept = editing.shown?.draft.source ?? "";
  const [text, setText] = useState(kept);
  const [typed, setTyped] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const problems = editing.shown?.problems ?? [];
  const errors = problems.filter((one) => one.severity === "error").length;
  /** How many were wrong before the pasted text was kept; it stays open where there are more now. */
  const [before, setBefore] = useState<number | null>(null);
  useEffect(() => {
    if (before === null) return;
    setBefore(null);
    if (errors <= before) close();
  }, [before, errors, close]);

  useEffect(() => {
    if (!typed) setText(kept);
  }, [kept, typed]);

  // What is typed in the document and not saved yet shows here too.
  useEffect(() => {
    if (typed || !editing.tree || editing.saving === "saved") return;
    let here = true;
    post<{ source: string }>("/procedures/text", { document: editing.tree }).then((answer) => here && setText(answer.source), () => {});
    return () => {
      here = false;
    };
  }, [editing.tree, editing.saving, typed]);

  async function save() {
    if (await editing.saveText(text)) {
      setTyped(false);
      done("The file is the draft now.");
      setBefore(errors);
    }
  }

  function goTo(line: number) {
    const lines = text.split("\n");
    const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
    field.current?.focus();
    field.current?.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
  }

  const inside = (
    <div className="stack file">
      <div className="spread">
        <span className="meta">
          {editing.shown?.key}.yaml{editing.shown?.draft.has_comments && ". Editing the document leaves its comments out; editing here keeps them"}
        </span>
        <CopyButton text={text} what="the file" />
      </div>
      {!typed && problems.length > 0 && !inline && (
        <ul className="plain" aria-label="What is wrong, by line">
          {problems.map((one) => (
            <li key={one.line + one.message}>
              <button type="button" className={one.severity === "error" ? "problem-link" : "problem-link problem-mild"} onClick={() => goTo(one.line)}>
                <Icon name={one.severity === "error" ? "warning" : "info"} size={16} /> Line {one.line}: {one.message}
              </button>
            </li>
          ))}
        </ul>
      )}
      <Textarea
        ref={field}
        aria-label="Procedure file"
        classNames={{ input: "mono file-text" }}
        readOnly={readOnly}
        spellCheck={false}
        autosize
        minRows={16}
        maxRows={inline ? 40 : 200}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setTyped(true);
        }}
      />
      <Problem error={editing.problem} />
      {!readOnly && (
        <div className="row">
          <Button disabled={!typed} onClick={() => void save()}>
            Make this the draft
          </Button>
          {typed && (
            <Button
              variant="subtle"
              onClick={() => {
                setTyped(false);
                setText(kept);
              }}
            >
              Back to what was
            </Button>
          )}
        </div>
      )}
    </div>
  );
  if (inline) return inside;
  return (
    <Drawer opened onClose={close} position="right" size="lg" title="Procedure file">
      {inside}
    </Drawer>
  );
}

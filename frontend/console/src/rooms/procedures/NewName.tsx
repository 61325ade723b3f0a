import { Button, TextInput } from "@mantine/core";
import { useState } from "react";

interface Props {
  label: string;
  example: string;
  does?: string;
  /** Those that are there: what stands under them is not written over. */
  taken: string[];
  /** How a name is written of what was typed. */
  written?: (typed: string) => string;
  add: (name: string) => void;
}

/** One more name: a field, a value or a sub-procedure that is not there yet. */
export function NewName({ label, example, does = "Add", taken, written = (one) => one, add }: Props) {
  const [typed, setTyped] = useState("");
  const name = written(typed.trim());
  const isTaken = taken.includes(name);
  return (
    <form
      className="row"
      onSubmit={(event) => {
        event.preventDefault();
        event.stopPropagation();
        if (!name || isTaken) return;
        add(name);
        setTyped("");
      }}
    >
      <TextInput size="xs" aria-label={label} placeholder={example} value={typed} error={isTaken && `“${name}” is there already.`} onChange={(event) => setTyped(event.currentTarget.value)} />
      <Button size="compact-sm" variant="subtle" type="submit" disabled={!name || isTaken}>
        {does}
      </Button>
    </form>
  );
}

import { Button, Modal, TextInput } from "@mantine/core";
import { useState } from "react";
import { post } from "../../api";
import { Problem } from "../../ui/states";
import { done } from "../../ui/undo";

/** The collections: give one another name, or take it apart. */
export function Collections({ opened, close, collections, changed }: { opened: boolean; close: () => void; collections: { name: string; articles: number }[]; changed: () => void }) {
  return (
    <Modal opened={opened} onClose={close} title="Collections">
      <p className="meta">A collection groups articles here and in the messenger’s help. It changes no answer. An article is put into one where it is edited.</p>
      <ul className="rows">
        {collections.map((one) => (
          <Collection key={one.name} {...one} changed={changed} />
        ))}
      </ul>
    </Modal>
  );
}

function Collection({ name, articles, changed }: { name: string; articles: number; changed: () => void }) {
  const [typed, setTyped] = useState(name);
  const [problem, setProblem] = useState<Error | null>(null);
  async function rename(next: string) {
    try {
      await post("/articles/collections", { name, new: next });
      done(next ? `“${name}” is called “${next}” now.` : `“${name}” is taken apart. Its ${articles} articles stay.`);
      changed();
    } catch (error) {
      setProblem(error as Error);
    }
  }
  return (
    <li>
      <form
        className="filters"
        onSubmit={(event) => {
          event.preventDefault();
          void rename(typed.trim());
        }}
      >
        <TextInput className="grow" label={`Name of ${name}`} description={`${articles} articles`} value={typed} onChange={(event) => setTyped(event.currentTarget.value)} />
        <Button type="submit" variant="default" disabled={!typed.trim() || typed.trim() === name}>
          Rename
        </Button>
        <Button variant="subtle" color="red" onClick={() => void rename("")}>
          Take apart
        </Button>
      </form>
      <Problem error={problem} />
    </li>
  );
}

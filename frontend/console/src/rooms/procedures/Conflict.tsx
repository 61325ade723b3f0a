import { Button } from "@mantine/core";
import { Icon } from "../../ui/icons";
import { When } from "../../ui/When";
import type { Editing } from "./useDraft";

/** Two people wrote at once. Both texts are here, and the one that yields can be had again. */
export function Conflict({ editing }: { editing: Editing }) {
  const { conflict } = editing;
  if (!conflict) return null;
  return (
    <section className="banner banner-wrong conflict" role="alert">
      <p>
        <Icon name="people" size={16} /> {conflict.theirs.saved_by || "Somebody"} saved this draft <When at={conflict.theirs.saved_at} />, after you opened it. Nothing was overwritten: choose whose text goes on.
      </p>
      <details>
        <summary>What they wrote</summary>
        <pre className="snippet">{conflict.theirs.source}</pre>
      </details>
      <div className="row">
        <Button variant="default" onClick={editing.takeTheirs}>
          Take theirs
        </Button>
        <Button variant="default" onClick={() => void editing.keepMine()}>
          Keep mine
        </Button>
        <span className="meta">Theirs stays among the earlier drafts in the history; Undo brings yours back.</span>
      </div>
    </section>
  );
}

import { Button } from "@mantine/core";
import { Icon } from "../../ui/icons";
import type { Editing } from "./useDraft";

/** Two people wrote at once. Both texts are here, and the one that yields is kept among the earlier drafts. */
export function Conflict({ editing }: { editing: Editing }) {
  const { conflict } = editing;
  if (!conflict) return null;
  return (
    <section className="banner banner-wrong conflict" role="alert">
      <p>
        <Icon name="people" size={16} /> {conflict.message}
      </p>
      <details>
        <summary>What they wrote</summary>
        <pre className="snippet">{conflict.theirs.source}</pre>
      </details>
      <div className="row">
        <Button variant="default" onClick={() => void editing.reload()}>
          Take theirs
        </Button>
        <Button variant="default" onClick={() => void editing.keepMine()}>
          Keep mine
        </Button>
        <span className="meta">Whichever yields stays among the earlier drafts in the history.</span>
      </div>
    </section>
  );
}

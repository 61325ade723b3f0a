import { Button } from "@mantine/core";
import { Icon } from "./icons";

/** Two people changed one thing: nothing is lost, and the one who came second says whose goes on. */
export function Theirs({ thing, text, keepMine, takeTheirs }: { thing: string; text: string; keepMine: () => void; takeTheirs: () => void }) {
  return (
    <div className="notice" role="alert">
      <Icon name="warning" size={16} />
      <span className="grow">Somebody else changed this {thing} after you opened it. Nothing was overwritten.</span>
      <details>
        <summary>What they wrote</summary>
        <pre className="snippet">{text}</pre>
      </details>
      <Button size="compact-sm" onClick={keepMine}>
        Keep mine
      </Button>
      <Button size="compact-sm" variant="default" onClick={takeTheirs}>
        Take theirs
      </Button>
    </div>
  );
}

import { useDebouncedValue } from "@mantine/hooks";
import { useEffect, useState } from "react";
import { Link } from "wouter";
import { post } from "../../api";
import { Icon } from "../../ui/icons";
import { useBench } from "./Steps";
import { allSteps } from "./tree";

interface Told {
  rivals: { id: string | null; key: string; name: string; pairs: [string, string][] }[];
  unanswered: string[];
}

/** What else these words could mean, and what is looked up in vain: told while one writes. */
export function Advice() {
  const { tree, id, readOnly } = useBench();
  const asked = JSON.stringify([tree.when_to_use, tree.examples, [...allSteps(tree)].map((step) => step.look_up ?? null)]);
  const [settled] = useDebouncedValue(asked, 900);
  const [told, setTold] = useState<Told | null>(null);
  useEffect(() => {
    if (readOnly) return;
    let stale = false;
    // Advice that cannot be had is none; what is wrong with the draft is told elsewhere.
    post<Told>(`/procedures/${id}/advice`, { document: tree }).then((answer) => stale || setTold(answer), () => {});
    return () => {
      stale = true;
    };
    // Only what the advice looks at makes it worth asking again.
    // eslint-disable-next-line
  }, [settled, id, readOnly]);
  if (!told || (told.rivals.length === 0 && told.unanswered.length === 0)) return null;
  return (
    <div className="advice card" role="status" aria-label="Advice">
      {told.rivals.map((one) => (
        <div key={one.key}>
          <p>
            <Icon name="info" size={16} /> These phrases would also match {one.id ? <Link href={`/${one.id}`}>{one.name || one.key}</Link> : <span className="strong">{one.name || one.key}</span>}:
          </p>
          <ul>
            {one.pairs.map(([mine, theirs]) => (
              <li key={mine + theirs}>
                “{mine}” <span className="meta">is close to “{theirs}” there</span>
              </li>
            ))}
          </ul>
          <p className="meta">Write under “But not” what is not meant here, or make them one procedure.</p>
        </div>
      ))}
      {told.unanswered.map((query) => (
        <p key={query}>
          <Icon name="info" size={16} /> No article answers “{query}”. The step that looks it up would find nothing. <Link href="~/console/articles">Write one</Link>
        </p>
      ))}
    </div>
  );
}

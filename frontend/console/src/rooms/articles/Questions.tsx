import { Badge, Button } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { useSession } from "../../session/session";
import { Page } from "../../ui/Page";
import { Empty } from "../../ui/states";
import { useRead } from "../../ui/useRead";
import { When } from "../../ui/When";

interface Group {
  question: string;
  count: number;
  last_at: string;
  now: { type: string; id: string; name: string } | null;
  asked: { text: string; conversation_id: string; receipt_id: string; at: string }[];
}

/** What contacts asked and nothing fitted, alike ones together. */
export function Questions({ nav }: { nav: ReactNode }) {
  const { data, instead } = useRead<{ groups: Group[] }>("/articles/questions", "questions", { revalidateOnFocus: false });
  const mayWrite = useSession().may("articles.write");
  return (
    <Page title="Questions with no good answer" lead="What contacts asked in the last three months when nothing fitted, alike ones together.">
      {nav}
      {!data ? (
        instead
      ) : data.groups.length === 0 ? (
        <Empty icon="check" title="Every question found something" action={<Button component={Link} href="/try" variant="default">Try a question</Button>}>
          When a contact asks what no article and no procedure fits, it appears here, as “do you ship to Norway?” might.
        </Empty>
      ) : (
        <ul className="rows card">
          {data.groups.map((group) => (
            <li key={group.asked[0]?.receipt_id}>
              <div className="spread">
                <div>
                  <div className="row">
                    <h2>{group.question}</h2>
                    <Badge variant="light" className="badge-plain">
                      {group.count === 1 ? "asked once" : `asked ${group.count} times`}
                    </Badge>
                  </div>
                  <p className="meta">
                    Last <When at={group.last_at} />.{" "}
                    {group.now ? (
                      <span className="moss">
                        Found by now:{" "}
                        <Link href={group.now.type === "article" ? `/${group.now.id}` : `~/console/procedures/${group.now.id}`}>{group.now.name}</Link>
                      </span>
                    ) : (
                      "Still nothing fits."
                    )}
                  </p>
                </div>
                {mayWrite && !group.now && (
                  <Button component={Link} href={`/new?title=${encodeURIComponent(group.question)}`} variant="default">
                    Write the article
                  </Button>
                )}
              </div>
              <ul className="plain">
                {group.asked.map((one) => (
                  <li key={one.receipt_id} className="meta">
                    “{one.text}” <When at={one.at} />, <Link href={`~/console/inbox/${one.conversation_id}`}>open the conversation</Link>
                  </li>
                ))}
                {group.count > group.asked.length && <li className="meta">and {group.count - group.asked.length} more</li>}
              </ul>
            </li>
          ))}
        </ul>
      )}
    </Page>
  );
}

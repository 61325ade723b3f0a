import { Button, TextInput } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { Link } from "wouter";
import { post } from "../../api";
import { Page, Section } from "../../ui/Page";
import { Problem } from "../../ui/states";
import { Table } from "../../ui/Table";

interface Tried {
  question: string;
  decision: string;
  confidence: number;
  verdict: string;
  answer: { article_id: string; title: string; html: string } | null;
  passages: { rank: number; article_id: string; passage_id: string; title: string; heading: string; text: string; similarity: number; bm25: number }[];
}

/** Ask as a contact would, and see what would be said, from where, and how sure that is. */
export function TryPage({ nav }: { nav: ReactNode }) {
  const [question, setQuestion] = useState("");
  const [user, setUser] = useState("");
  const [tried, setTried] = useState<Tried | null>(null);
  const [problem, setProblem] = useState<Error | null>(null);
  const [asking, setAsking] = useState(false);
  async function send(event: React.FormEvent) {
    event.preventDefault();
    setAsking(true);
    try {
      setTried(await post<Tried>("/articles/try", { question, user }));
      setProblem(null);
    } catch (error) {
      setProblem(error as Error);
    }
    setAsking(false);
  }
  return (
    <Page title="Try a question" lead="What the agent would do with a first message, from what is published now. Nothing is sent.">
      {nav}
      <form className="filters" onSubmit={send}>
        <TextInput className="grow" label="A contact asks" placeholder="How long is a gift card valid?" value={question} onChange={(event) => setQuestion(event.currentTarget.value)} />
        <TextInput label="As the contact (your id)" placeholder="anybody" value={user} onChange={(event) => setUser(event.currentTarget.value)} />
        <Button type="submit" loading={asking} disabled={!question.trim()}>
          Ask
        </Button>
      </form>
      <Problem error={problem} />
      {tried && (
        <>
          <Section title={tried.verdict}>
            <div className={tried.answer ? "would would-answer" : "would"} role="status">
              {tried.answer ? (
                <>
                  <div className="article-preview" dangerouslySetInnerHTML={{ __html: tried.answer.html }} />
                  <p className="meta">
                    From <Link href={`/${tried.answer.article_id}`}>{tried.answer.title}</Link>, {Math.round(tried.confidence * 100)} % sure.
                  </p>
                </>
              ) : tried.decision === "unsure" ? (
                <p>
                  No article is sure enough. <Link href={`/new?title=${encodeURIComponent(tried.question)}`}>Write the article</Link>
                </p>
              ) : (
                <p>Help content does not come into it.</p>
              )}
            </div>
          </Section>
          <section className="card" aria-label="What was found">
            {tried.passages.length === 0 ? (
              <p className="section quiet">No passage shares a word or a meaning with it.</p>
            ) : (
              <Table
                label="What was found"
                rows={tried.passages}
                id={(row) => row.passage_id}
                columns={[
                  {
                    title: "Passage",
                    cell: (row) => (
                      <>
                        <Link href={`/${row.article_id}`}>{row.heading ? `${row.title} › ${row.heading}` : row.title}</Link>
                        <div className="meta clip">{row.text}</div>
                      </>
                    ),
                  },
                  { title: "Alike in meaning", number: true, cell: (row) => `${Math.round(row.similarity * 100)} %` },
                  { title: "Words shared", number: true, cell: (row) => `${Math.round(row.bm25 * 100)} %` },
                ]}
              />
            )}
          </section>
        </>
      )}
    </Page>
  );
}

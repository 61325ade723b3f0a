import { Link, useSearchParams } from "wouter";
import { query } from "../../api";
import { Section } from "../../ui/Page";
import { More, usePages, type Page } from "../../ui/pages";
import { Empty } from "../../ui/states";
import { Table } from "../../ui/Table";
import { When } from "../../ui/When";
import { OUTCOME, told } from "./api";
import { useBehind } from "./parts";

interface Row {
  id: string;
  contact: string | null;
  channel: string;
  state: string;
  outcome: string | null;
  handed_off: string | null;
  rating: number | null;
  at: string;
  /** How many of the runs that the figure counts are in it. */
  share: number;
}

interface Answer extends Page {
  conversations: Row[];
  figure: number | null;
  of: { procedure: string | null; trigger: string | null; step: string | null };
}

/** The conversations that a figure counts. */
export function Behind() {
  const [asked] = useSearchParams();
  const behind = useBehind();
  const list = usePages<Answer>((after) => `/reports/conversations${query({ ...Object.fromEntries(asked), after })}`, "the conversations");
  if (!list.pages) return list.instead;
  const { of, figure } = list.pages[0]!;
  const what = told(asked, of.step);
  const all = <Link href={behind({})}>All conversations of the period</Link>;
  const rows = list.pages.flatMap((page) => page.conversations);
  const narrowed = [of.trigger && `trigger “${of.trigger}”`, of.procedure && `procedure “${of.procedure}”`].filter(Boolean).join(" of ");
  if (rows.length === 0)
    return (
      <Empty icon="inbox" title="No such conversations in this period" action={what ? all : undefined}>
        {what ? `${what.words}: none.` : "Conversations that begin in it appear here."}
      </Empty>
    );
  return (
    <Section
      title={what ? what.words : "Conversations"}
      lead={what ? `${figure}${what.runs ? (figure === 1 ? " run" : " runs") : ""} in this period${narrowed && `, ${narrowed}`}.` : `All that began in the period${narrowed && `, ${narrowed}`}.`}
      actions={what && all}
    >
      <Table
        label="Conversations"
        rows={rows}
        id={(row) => row.id}
        columns={[
          { title: "With", cell: (row) => <Link href={`~/console/inbox/${row.id}`}>{row.contact ?? "a visitor"}</Link> },
          { title: "Began", cell: (row) => <When at={row.at} /> },
          { title: "Came out", cell: (row) => OUTCOME[row.outcome ?? "in_progress"] },
          ...(what?.runs ? [{ title: "Runs", number: true, cell: (row: Row) => row.share }] : []),
          { title: "Channel", cell: (row) => row.channel, wide: true },
          { title: "Mark", number: true, cell: (row) => row.rating ?? "–", wide: true },
        ]}
      />
      <More list={list} />
    </Section>
  );
}

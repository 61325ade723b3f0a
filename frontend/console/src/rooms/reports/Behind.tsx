import { Button } from "@mantine/core";
import useSWRInfinite from "swr/infinite";
import { Link, useSearch } from "wouter";
import { Section } from "../../ui/Page";
import { Empty, Failure, Loading } from "../../ui/states";
import { Table } from "../../ui/Table";
import { When } from "../../ui/When";
import { BECAUSE, OUTCOME, ROUTED } from "./api";

interface Row {
  id: string;
  contact: string | null;
  channel: string;
  state: string;
  outcome: string | null;
  handed_off: string | null;
  rating: number | null;
  at: string;
}

interface Answer {
  conversations: Row[];
  after: string | null;
}

/** The conversations that a figure counts. */
export function Behind() {
  const search = useSearch();
  const { data, error, size, setSize, mutate, isValidating } = useSWRInfinite<Answer>((page: number, before: Answer | null) => {
    if (page > 0 && !before?.after) return null;
    const asked = new URLSearchParams(search);
    if (before?.after) asked.set("after", before.after);
    return `/reports/conversations?${asked}`;
  });
  if (error) return <Failure error={error} again={() => void mutate()} />;
  if (!data) return <Loading what="the conversations" />;
  const rows = data.flatMap((page) => page.conversations);
  const asked = new URLSearchParams(search);
  const told = [OUTCOME[asked.get("outcome") ?? ""], BECAUSE[asked.get("handed_off") ?? ""], asked.get("rating") && `${asked.get("rating")} of 5`, asked.get("trigger") && `fired by ${asked.get("trigger")}`, asked.get("replied") && "the contact wrote", ROUTED[asked.get("routed") ?? ""]].filter(Boolean);
  if (rows.length === 0) return <Empty icon="inbox" title="No such conversations in this period" />;
  return (
    <Section title="Conversations" lead={told.length ? told.join(", ") : "All that began in the period."}>
      <Table
        label="Conversations"
        rows={rows}
        id={(row) => row.id}
        columns={[
          { title: "With", cell: (row) => <Link href={`~/console/inbox/${row.id}`}>{row.contact ?? "a visitor"}</Link> },
          { title: "Began", cell: (row) => <When at={row.at} /> },
          { title: "Came out", cell: (row) => OUTCOME[row.outcome ?? "in_progress"] },
          { title: "Channel", cell: (row) => row.channel, wide: true },
          { title: "Mark", number: true, cell: (row) => row.rating ?? "–", wide: true },
        ]}
      />
      {data[data.length - 1]?.after && (
        <div>
          <Button variant="default" loading={isValidating} onClick={() => void setSize(size + 1)}>
            Show older ones
          </Button>
        </div>
      )}
    </Section>
  );
}

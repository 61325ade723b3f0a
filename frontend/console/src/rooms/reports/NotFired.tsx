import { Link, useSearchParams } from "wouter";
import { query } from "../../api";
import { Section } from "../../ui/Page";
import { More, usePages, type Page } from "../../ui/pages";
import { Empty } from "../../ui/states";
import { Table } from "../../ui/Table";
import { When } from "../../ui/When";
import { begun, RULE } from "./api";
import { useBehind } from "./parts";

interface Row {
  id: string;
  at: string;
  contact: string | null;
  external_id: string | null;
  rule: string;
  reason: string;
  channel: string | null;
  page: string | null;
  procedure_id: string;
  trigger: string;
}

interface Answer extends Page {
  receipts: Row[];
  figure: number;
}

/** Why a trigger did not fire: the receipts that a figure counts. No conversation came of them. */
export function NotFired() {
  const [asked] = useSearchParams();
  const held = useBehind("not-fired");
  const list = usePages<Answer>((after) => `/reports/not-fired${query({ ...Object.fromEntries(asked), after })}`, "the receipts");
  if (!list.pages) return list.instead;
  const rule = asked.get("rule");
  const rows = list.pages.flatMap((page) => page.receipts);
  const all = <Link href={held({})}>Whatever the reason</Link>;
  if (rows.length === 0)
    return (
      <Empty icon="trigger" title="Nothing was held back in this period" action={rule ? all : undefined}>
        Where a rule speaks against a trigger, it does not fire, and this says why.
      </Empty>
    );
  const { figure } = list.pages[0]!;
  return (
    <Section title={rule ? `Not fired: ${RULE[rule] ?? begun(rule)}` : "Not fired, and why"} lead={`${figure === 1 ? "Once" : `${figure} times`} in this period. No conversation was begun, so there is none to lead to.`} actions={rule && all}>
      <Table
        label="Not fired, and why"
        rows={rows}
        id={(row) => row.id}
        columns={[
          { title: "When", cell: (row) => <When at={row.at} /> },
          { title: "Contact", cell: (row) => row.contact ?? row.external_id ?? "a visitor" },
          { title: "Why", cell: (row) => row.reason },
          { title: "Trigger", cell: (row) => <Link href={`~/console/procedures/${row.procedure_id}`}>{row.trigger}</Link>, wide: true },
          { title: "Where", cell: (row) => row.page ?? row.channel ?? "–", wide: true },
        ]}
      />
      <More list={list} />
    </Section>
  );
}

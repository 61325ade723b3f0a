import { Link } from "wouter";
import { Section } from "../../ui/Page";
import { Table } from "../../ui/Table";
import { useRead } from "../../ui/useRead";
import { BECAUSE, percent, useFilters, type Overview } from "./api";
import { AsTable, Bars, Download, Figure, useBehind } from "./parts";

export function Contacts() {
  const [, , asked] = useFilters();
  const behind = useBehind();
  const { data, instead } = useRead<Overview>(`/reports/overview${asked}`, "the report");
  if (!data) return instead;
  const { hand_offs, satisfaction } = data.now;
  const before = data.earlier;
  const reasons = Object.keys(BECAUSE).map((name) => ({ name, now: hand_offs[name] ?? 0, before: before.hand_offs[name] ?? 0 }));
  const marks = satisfaction.marks.map((number, at) => ({ mark: at + 1, number })).reverse();
  const average = (value: number | null) => (value === null ? "–" : value.toFixed(1));
  return (
    <>
      <Section title="Why people were given a conversation" actions={<Download report="people" />}>
        <Bars label="Hand-offs by reason" rows={reasons.map((one) => ({ id: one.name, label: BECAUSE[one.name], value: one.now, told: `(${one.before} before)`, to: behind({ handed_off: one.name }) }))} />
        <AsTable>
          <Table
            label="Hand-offs by reason"
            rows={reasons}
            id={(row) => row.name}
            columns={[
              { title: "Why", cell: (row) => BECAUSE[row.name] },
              { title: "Now", number: true, cell: (row) => row.now },
              { title: "Before", number: true, cell: (row) => row.before },
            ]}
          />
        </AsTable>
      </Section>
      <Section title="Satisfaction" lead="Marks from 1 to 5, asked after the end where the trigger's deployment asks.">
        {satisfaction.rated === 0 ? (
          <p className="quiet">Nobody gave a mark in this period.</p>
        ) : (
          <>
            <dl className="report-figures">
              <Figure name="Gave 4 or 5" value={percent(satisfaction.good)} before={percent(before.satisfaction.good)} />
              <Figure name="Average" value={average(satisfaction.average)} before={average(before.satisfaction.average)} />
              <Figure name="Marks given" value={satisfaction.rated} before={before.satisfaction.rated} />
            </dl>
            <Bars label="Marks" rows={marks.map((one) => ({ id: String(one.mark), label: `${one.mark} of 5`, value: one.number, to: behind({ rating: one.mark }) }))} />
            <AsTable>
              <Table
                label="Marks"
                rows={marks}
                id={(row) => String(row.mark)}
                columns={[
                  { title: "Mark", cell: (row) => `${row.mark} of 5` },
                  { title: "Given", number: true, cell: (row) => row.number },
                ]}
              />
            </AsTable>
          </>
        )}
        {data.remarks.length > 0 && (
          <>
            <h3>In their words</h3>
            <ul className="behind">
              {data.remarks.map((one) => (
                <li key={one.conversation_id}>
                  “{one.text}”
                  <div className="meta">
                    {one.rating} of 5, <Link href={`~/console/inbox/${one.conversation_id}`}>{one.contact ?? "a visitor"}</Link>
                  </div>
                </li>
              ))}
            </ul>
          </>
        )}
      </Section>
    </>
  );
}

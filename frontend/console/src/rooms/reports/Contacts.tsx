import { Link } from "wouter";
import { Section } from "../../ui/Page";
import { Table } from "../../ui/Table";
import { useRead } from "../../ui/useRead";
import { BECAUSE, percent, then, useFilters, type Overview, type Whole } from "./api";
import { AsTable, Bars, Count, Download, Figure, useBehind } from "./parts";

export function Contacts() {
  const [, , asked] = useFilters();
  const behind = useBehind();
  const { data, instead } = useRead<Overview>(`/reports/overview${asked}`, "the report");
  if (!data) return instead;
  const { hand_offs, satisfaction } = data.now;
  const before = data.earlier;
  const was = then(data.before);
  const reasons = Object.entries(BECAUSE).map(([name, label]) => ({
    id: name,
    label,
    value: hand_offs[name] ?? 0,
    to: behind({ handed_off: name }),
    before: { value: before.hand_offs[name] ?? 0, to: behind({ handed_off: name, ...was }) },
  }));
  const marks = satisfaction.marks
    .map((value, at) => ({
      id: String(at + 1),
      label: `${at + 1} of 5`,
      value,
      to: behind({ rating: at + 1 }),
      before: { value: before.satisfaction.marks[at] ?? 0, to: behind({ rating: at + 1, ...was }) },
    }))
    .reverse();
  const average = (value: number | null) => (value === null ? "–" : value.toFixed(1));
  const given = (shown?: (of: Whole["satisfaction"]) => string) => ({
    now: { value: satisfaction.rated, to: behind({ rated: "true" }), shown: shown?.(satisfaction) },
    before: { value: before.satisfaction.rated, to: behind({ rated: "true", ...was }), shown: shown?.(before.satisfaction) },
  });
  const good = ({ marks: [, , , four, five] }: Whole["satisfaction"]) => (four ?? 0) + (five ?? 0);
  return (
    <>
      <Section title="Why people were given a conversation" actions={<Download report="people" />}>
        <Bars label="Hand-offs by reason" rows={reasons} />
        <AsTable>
          <Table
            label="Hand-offs by reason"
            rows={reasons}
            id={(row) => row.id}
            columns={[
              { title: "Why", cell: (row) => row.label },
              { title: "Now", number: true, cell: (row) => <Count value={row.value} of={row.label} to={row.to} /> },
              { title: "Before", number: true, cell: (row) => <Count {...row.before} of={`${row.label}, in the period before`} /> },
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
              <Figure
                name="Gave 4 or 5"
                now={{ value: good(satisfaction), to: behind({ good: "true" }), shown: percent(satisfaction.good) }}
                before={{ value: good(before.satisfaction), to: behind({ good: "true", ...was }), shown: percent(before.satisfaction.good) }}
              />
              <Figure name="Average" {...given((of) => average(of.average))} />
              <Figure name="Marks given" {...given()} />
            </dl>
            <Bars label="Marks" rows={marks} />
            <AsTable>
              <Table
                label="Marks"
                rows={marks}
                id={(row) => row.id}
                columns={[
                  { title: "Mark", cell: (row) => row.label },
                  { title: "Given", number: true, cell: (row) => <Count value={row.value} of={`marks ${row.label}`} to={row.to} /> },
                  { title: "Before", number: true, cell: (row) => <Count {...row.before} of={`marks ${row.label}, in the period before`} /> },
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

import { Link } from "wouter";
import { Icon } from "../../ui/icons";
import { Section } from "../../ui/Page";
import { Empty } from "../../ui/states";
import { Table } from "../../ui/Table";
import { When } from "../../ui/When";
import { useRead } from "../../ui/useRead";
import { begun, byNumber, ROUTED, RULE, then, useFilters, type Period, type TriggerRow } from "./api";
import { AsTable, Bars, Count, Counts, Download, useBehind } from "./parts";

export function TriggersReport() {
  const [, , asked] = useFilters();
  const behind = useBehind();
  const held = useBehind("not-fired");
  const { data, instead } = useRead<{ before: Period; triggers: TriggerRow[] }>(`/reports/triggers${asked}`, "the report");
  if (!data) return instead;
  if (data.triggers.length === 0)
    return (
      <Empty icon="trigger" title="No trigger fired in this period" action={<Link href="~/console/procedures">Procedures and their triggers</Link>}>
        A trigger is a click on your website, or a call of another system, that makes the agent speak first.
      </Empty>
    );
  const was = then(data.before);
  const own = (one: TriggerRow) => ({ trigger: one.key, procedure: one.procedure_id });
  const firings = (one: TriggerRow, name: Became) => ({
    value: one[name],
    to: behind({ ...own(one), [name]: "true" }),
    before: { value: one.before[name], to: behind({ ...own(one), [name]: "true", ...was }) },
  });
  return (
    <>
      {data.triggers.map((one) => {
        const routed = byNumber(one.routed).map(([name, value]) => ({ id: name, label: begun(ROUTED[name] ?? name), value, to: behind({ ...own(one), routed: name }) }));
        const why = byNumber(one.held_back).map(([name, value]) => ({ id: name, label: begun(RULE[name] ?? name), value, to: held({ ...own(one), rule: name }) }));
        const all = { value: total(one.held_back), to: held(own(one)) };
        const before = { value: one.before.held_back, to: held({ ...own(one), ...was }) };
        return (
          <Section
            key={one.procedure_id + one.key}
            title={one.name}
            lead={
              <>
                <span className="proactive">
                  <Icon name={one.kind === "element_click" ? "click" : "trigger"} size={16} /> {one.kind === "element_click" ? "Click" : one.kind === "api_call" ? "API call" : "No longer live"}
                </span>{" "}
                of <Link href={`~/console/procedures/${one.procedure_id}`}>{one.procedure}</Link>. {one.last_fired_at ? <>Last fired <When at={one.last_fired_at} />.</> : "It never fired."}
              </>
            }
          >
            <Bars
              label={`What came of ${one.name}`}
              most={one.fired}
              rows={BECAME.map((name) => ({ id: name, label: WHAT[name], first: true, told: name === "replied" ? `of ${one.seen} seen` : undefined, ...firings(one, name) }))}
            />
            {routed.length > 0 && (
              <>
                <h3>Where they were routed</h3>
                <Bars label={`Where ${one.name} was routed`} most={one.fired} rows={routed} />
              </>
            )}
            {all.value > 0 && (
              <>
                <h3>
                  Not fired, and why{" "}
                  <span className="meta numbers">
                    (<Count {...all} of={`times ${one.name} did not fire`} />; <Count {...before} of={`times ${one.name} did not fire, in the period before`} /> before)
                  </span>
                </h3>
                <Bars label={`Why ${one.name} did not fire`} rows={why} />
              </>
            )}
            <AsTable>
              <Table
                label={`${one.name}, as numbers`}
                rows={[
                  ...BECAME.map((name) => ({ id: name, label: WHAT[name], ...firings(one, name) })),
                  ...routed.map((row) => ({ ...row, id: `to-${row.id}`, label: `Routed: ${row.label}`, before: null })),
                  ...why.map((row) => ({ ...row, id: `not-${row.id}`, label: `Not fired: ${row.label}`, before: null })),
                ]}
                id={(row) => row.id}
                columns={[
                  { title: "What", cell: (row) => row.label },
                  { title: "Now", number: true, cell: (row) => <Count value={row.value} of={row.label} to={row.to} /> },
                  { title: "Before", number: true, cell: (row) => row.before && <Count {...row.before} of={`${row.label}, in the period before`} /> },
                ]}
              />
            </AsTable>
          </Section>
        );
      })}
      <Section title="All triggers" actions={<Download report="triggers" />}>
        <Table
            label="Triggers"
            rows={data.triggers}
            id={(row) => row.procedure_id + row.key}
            columns={[
              { title: "Trigger", cell: (row) => row.name },
              ...BECAME.map((name) => ({
                title: SHORT[name],
                number: true,
                wide: name === "delivered" || name === "seen",
                cell: (row: TriggerRow) => <Count {...firings(row, name)} of={`${WHAT[name]}, ${row.name}`} />,
              })),
              { title: "Held back", cell: (row) => (total(row.held_back) ? <Counts numbers={row.held_back} words={RULE} of={row.name} to={(rule) => held({ ...own(row), rule })} /> : "–"), wide: true },
            ]}
          />
      </Section>
    </>
  );
}

const BECAME = ["fired", "delivered", "seen", "replied"] as const;
type Became = (typeof BECAME)[number];
const WHAT = { fired: "Fired", delivered: "Delivered, not withdrawn", seen: "Seen", replied: "Replied" };
const SHORT = { ...WHAT, delivered: "Delivered" };

const total = (numbers: Record<string, number>) => Object.values(numbers).reduce((sum, number) => sum + number, 0);

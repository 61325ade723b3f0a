import { Link } from "wouter";
import { Icon } from "../../ui/icons";
import { Section } from "../../ui/Page";
import { Empty } from "../../ui/states";
import { Table } from "../../ui/Table";
import { When } from "../../ui/When";
import { useRead } from "../../ui/useRead";
import { begun, counted, ROUTED, RULE, useFilters, type TriggerRow } from "./api";
import { AsTable, Bars, Download, useBehind } from "./parts";

export function TriggersReport() {
  const [, , asked] = useFilters();
  const behind = useBehind();
  const { data, instead } = useRead<{ triggers: TriggerRow[] }>(`/reports/triggers${asked}`, "the report");
  if (!data) return instead;
  if (data.triggers.length === 0)
    return (
      <Empty icon="trigger" title="No trigger fired in this period" action={<Link href="~/console/procedures">Procedures and their triggers</Link>}>
        A trigger is a click on your website, or a call of another system, that makes the agent speak first.
      </Empty>
    );
  return (
    <>
      {data.triggers.map((one) => {
        const to = (wanted: Record<string, string>) => behind({ trigger: one.key, procedure: one.procedure_id, ...wanted });
        const held = Object.values(one.held_back).reduce((sum, number) => sum + number, 0);
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
              rows={[
                { id: "fired", label: "Fired", value: one.fired, first: true, told: `(${one.before.fired} before)`, to: to({}) },
                { id: "delivered", label: "Delivered, not withdrawn", value: one.delivered, first: true, told: `(${one.before.delivered} before)` },
                { id: "seen", label: "Seen", value: one.seen, first: true, told: `(${one.before.seen} before)` },
                { id: "replied", label: "Replied", value: one.replied, first: true, told: `of ${one.seen} seen (${one.before.replied} before)`, to: to({ replied: "true" }) },
              ]}
            />
            {Object.keys(one.routed).length > 0 && (
              <>
                <h3>Where they were routed</h3>
                <Bars label={`Where ${one.name} was routed`} most={one.fired} rows={most(one.routed).map(([name, number]) => ({ id: name, label: begun(ROUTED[name] ?? name), value: number, to: to({ routed: name }) }))} />
              </>
            )}
            {held > 0 && (
              <>
                <h3>
                  Not fired, and why <span className="meta numbers">{`(${held}; ${one.before.held_back} before)`}</span>
                </h3>
                <Bars label={`Why ${one.name} did not fire`} rows={most(one.held_back).map(([name, number]) => ({ id: name, label: begun(RULE[name] ?? name), value: number }))} />
              </>
            )}
            <AsTable>
              <Table
                label={`${one.name}, as numbers`}
                rows={[
                  ...(["fired", "delivered", "seen", "replied"] as const).map((name) => ({ id: name, what: WHAT[name], now: one[name], before: String(one.before[name]) })),
                  ...most(one.routed).map(([name, number]) => ({ id: `to-${name}`, what: `Routed: ${ROUTED[name] ?? name}`, now: number, before: "" })),
                  ...most(one.held_back).map(([name, number]) => ({ id: `not-${name}`, what: `Not fired: ${RULE[name] ?? name}`, now: number, before: "" })),
                ]}
                id={(row) => row.id}
                columns={[
                  { title: "What", cell: (row) => row.what },
                  { title: "Now", number: true, cell: (row) => row.now },
                  { title: "Before", number: true, cell: (row) => row.before },
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
              { title: "Fired", number: true, cell: (row) => row.fired },
              { title: "Delivered", number: true, cell: (row) => row.delivered, wide: true },
              { title: "Seen", number: true, cell: (row) => row.seen, wide: true },
              { title: "Replied", number: true, cell: (row) => row.replied },
              { title: "Held back", cell: (row) => counted(row.held_back, RULE) || "–", wide: true },
            ]}
          />
      </Section>
    </>
  );
}

const WHAT = { fired: "Fired", delivered: "Delivered, not withdrawn", seen: "Seen", replied: "Replied" };

const most = (numbers: Record<string, number>) => Object.entries(numbers).sort((one, other) => other[1] - one[1]);

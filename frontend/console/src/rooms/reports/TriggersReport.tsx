import useSWR from "swr";
import { Link } from "wouter";
import { Icon } from "../../ui/icons";
import { Section } from "../../ui/Page";
import { Empty, Failure, Loading } from "../../ui/states";
import { Table } from "../../ui/Table";
import { counted, ROUTED, RULE, useFilters, type TriggerRow } from "./api";
import { AsTable, Bars, Download, useBehind } from "./parts";

export function TriggersReport() {
  const [, , asked] = useFilters();
  const behind = useBehind();
  const { data, error, mutate } = useSWR<{ triggers: TriggerRow[] }>(`/reports/triggers${asked}`);
  if (error) return <Failure error={error} again={() => void mutate()} />;
  if (!data) return <Loading what="the report" />;
  if (data.triggers.length === 0)
    return (
      <Empty icon="trigger" title="No trigger fired in this period" action={<Link href="~/console/procedures">Procedures and their triggers</Link>}>
        A trigger is a click on your website, or a call of another system, that makes the agent speak first.
      </Empty>
    );
  return (
    <>
      {data.triggers.map((one) => (
        <Section
          key={one.procedure_id + one.key}
          title={one.name}
          lead={
            <>
              <span className="proactive">
                <Icon name={one.kind === "element_click" ? "click" : "trigger"} size={16} /> {one.kind === "element_click" ? "Click" : one.kind === "api_call" ? "API call" : "No longer live"}
              </span>{" "}
              of <Link href={`~/console/procedures/${one.procedure_id}`}>{one.procedure}</Link>. Fired {one.fired_before} times in the period before.
            </>
          }
        >
          <Bars
            label={`What came of ${one.name}`}
            most={one.fired}
            rows={[
              { id: "fired", label: "Fired", value: one.fired, first: true, to: behind({ trigger: one.key, procedure: one.procedure_id }) },
              { id: "delivered", label: "Delivered, not withdrawn", value: one.delivered, first: true },
              { id: "seen", label: "Seen", value: one.seen, first: true },
              { id: "replied", label: "Replied", value: one.replied, first: true, told: `of ${one.seen} seen`, to: behind({ trigger: one.key, procedure: one.procedure_id, replied: "true" }) },
            ]}
          />
          {Object.keys(one.routed).length > 0 && <p>Then: {counted(one.routed, ROUTED)}.</p>}
          {Object.keys(one.held_back).length > 0 && <p>Held back: {counted(one.held_back, RULE)}.</p>}
        </Section>
      ))}
      <Section title="All triggers" actions={<Download report="triggers" />}>
        <AsTable>
          <Table
            label="Triggers"
            rows={data.triggers}
            id={(row) => row.procedure_id + row.key}
            columns={[
              { title: "Trigger", cell: (row) => row.name },
              { title: "Fired", number: true, cell: (row) => row.fired },
              { title: "Delivered", number: true, cell: (row) => row.delivered },
              { title: "Seen", number: true, cell: (row) => row.seen },
              { title: "Replied", number: true, cell: (row) => row.replied },
              { title: "Held back", cell: (row) => counted(row.held_back, RULE) || "–", wide: true },
            ]}
          />
        </AsTable>
      </Section>
    </>
  );
}

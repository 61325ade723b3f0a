import { Button } from "@mantine/core";
import { Link } from "wouter";
import { Section } from "../../ui/Page";
import { Empty } from "../../ui/states";
import { Table } from "../../ui/Table";
import { useRead } from "../../ui/useRead";
import { counted, OUTCOME, STATE, useFilters, type Funnel, type ProcedureRow } from "./api";
import { AsTable, Bars, Download } from "./parts";

export function ProceduresReport() {
  const [filters, narrow, asked] = useFilters();
  const { data, instead } = useRead<{ procedures: ProcedureRow[] }>(`/reports/procedures${asked}`, "the report");
  if (!data) return instead;
  if (data.procedures.length === 0)
    return (
      <Empty icon="procedure" title="No procedure ran in this period" action={<Link href="~/console/procedures">Procedures</Link>}>
        Once one has begun, this says how far its runs came and how they ended.
      </Empty>
    );
  return (
    <>
      <Section title="Procedures" lead="Runs that began in the period, and how they stand." actions={<Download report="procedures" />}>
        <Table
          label="Procedures"
          rows={data.procedures}
          id={(row) => row.procedure_id}
          columns={[
            {
              title: "Procedure",
              cell: (row) => (
                <Button variant="subtle" size="compact-md" onClick={() => narrow({ procedure: row.procedure_id })}>
                  {row.procedure}
                </Button>
              ),
            },
            { title: "Offered", number: true, cell: (row) => row.offered },
            { title: "Started", number: true, cell: (row) => row.started },
            { title: "Before", number: true, cell: (row) => row.before.started },
            { title: "Runs", cell: (row) => counted(row.states, STATE), wide: true },
            { title: "Conversations", cell: (row) => counted(row.outcomes, OUTCOME), wide: true },
          ]}
        />
      </Section>
      {filters.procedure ? <Steps id={filters.procedure} asked={asked} /> : <p className="quiet">Choose a procedure to see how far its runs came, step by step.</p>}
    </>
  );
}

function Steps({ id, asked }: { id: string; asked: string }) {
  const { data, instead } = useRead<Funnel>(`/reports/procedures/${id}${asked}`, "the steps");
  if (!data) return instead;
  if (data.version === null) return <p className="quiet">{data.name} is not live, so there are no steps to show.</p>;
  const share = (done: number) => (data.started ? `${Math.round((100 * done) / data.started)} %` : "");
  const rows = data.steps.map((step, at) => ({ ...step, number: at + 1 }));
  return (
    <Section title={`How far runs of ${data.name} came`} lead={`Version ${data.version}, ${data.started} runs begun. A question counts once it was answered.`} actions={<Download report="steps" />}>
      <Bars
        label="Runs that came past each step"
        most={data.started}
        rows={[
          { id: "", label: "Began", value: data.started, told: `(${data.started_before} before)` },
          ...rows.map((step) => ({ id: step.path, label: <span style={{ paddingInlineStart: step.depth * 20 }}>{`${step.number}. ${step.text || step.kind.replaceAll("_", " ")}`}</span>, value: step.done, told: `${share(step.done)} (${step.done_before} before)` })),
        ]}
      />
      <AsTable>
        <Table
          label="Steps"
          rows={rows}
          id={(row) => row.path}
          columns={[
            { title: "Step", cell: (row) => `${row.number}. ${row.kind.replaceAll("_", " ")}` },
            { title: "Words", cell: (row) => row.text, wide: true },
            { title: "Runs", number: true, cell: (row) => row.done },
            { title: "Before", number: true, cell: (row) => row.done_before },
            { title: "Of those begun", number: true, cell: (row) => share(row.done) },
          ]}
        />
      </AsTable>
    </Section>
  );
}

import { Button } from "@mantine/core";
import { Link } from "wouter";
import { Section } from "../../ui/Page";
import { Empty } from "../../ui/states";
import { Table } from "../../ui/Table";
import { useRead } from "../../ui/useRead";
import { begun, byNumber, OUTCOME, STATE, then, useFilters, type Funnel, type Period, type ProcedureRow, type Wanted } from "./api";
import { AsTable, Bars, Count, Counts, Download, useBehind } from "./parts";

export function ProceduresReport() {
  const [filters, narrow, asked] = useFilters();
  const behind = useBehind();
  const { data, instead } = useRead<{ before: Period; procedures: ProcedureRow[] }>(`/reports/procedures${asked}`, "the report");
  if (!data) return instead;
  if (data.procedures.length === 0)
    return (
      <Empty icon="procedure" title="No procedure ran in this period" action={<Link href="~/console/procedures">Procedures</Link>}>
        Once one has begun, this says how far its runs came and how they ended.
      </Empty>
    );
  const was = then(data.before);
  const chosen = data.procedures.find((row) => row.procedure_id === filters.procedure);
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
            { title: "Offered", number: true, cell: (row) => <Count value={row.offered} of={`offered, ${row.procedure}`} to={behind({ procedure: row.procedure_id, offered: "true" })} /> },
            { title: "Started", number: true, cell: (row) => <Count value={row.started} of={`started, ${row.procedure}`} to={behind({ procedure: row.procedure_id, started: "true" })} /> },
            { title: "Before", number: true, cell: (row) => <Count value={row.before.started} of={`started in the period before, ${row.procedure}`} to={behind({ procedure: row.procedure_id, started: "true", ...was })} /> },
            { title: "How runs stand", cell: (row) => <Counts numbers={row.states} words={STATE} of={row.procedure} to={(state) => behind({ procedure: row.procedure_id, state })} />, wide: true },
            { title: "How conversations came out", cell: (row) => <Counts numbers={row.outcomes} words={OUTCOME} of={row.procedure} to={(outcome) => behind({ procedure: row.procedure_id, came_out: outcome })} />, wide: true },
          ]}
        />
      </Section>
      {chosen && (
        <Section title={`How runs of ${chosen.procedure} ended`} lead="The same runs, by how they stand now and by how their conversations came out.">
          <h3>How they stand</h3>
          <Bars label="Runs by how they stand" most={chosen.offered} rows={byNumber(chosen.states).map(([state, value]) => ({ id: state, label: begun(STATE[state] ?? state), value, to: behind({ state }) }))} />
          <h3>How their conversations came out</h3>
          <Bars label="Runs by how the conversation came out" most={chosen.offered} rows={byNumber(chosen.outcomes).map(([name, value]) => ({ id: name, label: OUTCOME[name] ?? name, value, to: behind({ came_out: name }) }))} />
        </Section>
      )}
      {filters.procedure ? <Steps id={filters.procedure} asked={asked} /> : <p className="quiet">Choose a procedure to see how far its runs came, step by step.</p>}
    </>
  );
}

function Steps({ id, asked }: { id: string; asked: string }) {
  const behind = useBehind();
  const { data, instead } = useRead<Funnel>(`/reports/procedures/${id}${asked}`, "the steps");
  if (!data) return instead;
  if (data.version === null) return <p className="quiet">{data.name} is not live, so there are no steps to show.</p>;
  const share = (done: number) => (data.started ? `${Math.round((100 * done) / data.started)} %` : "");
  const came = (wanted: Wanted) => ({ procedure: id, version: data.version ?? "", ...wanted });
  const was = then(data.before);
  const rows = data.steps.map((step, at) => {
    const wanted = came({ step: step.path });
    return { ...step, number: at + 1, label: `${at + 1}. ${step.text || step.kind.replaceAll("_", " ")}`, to: behind(wanted), before: { value: step.done_before, to: behind({ ...wanted, ...was }) } };
  });
  return (
    <Section title={`How far runs of ${data.name} came`} lead={`Version ${data.version}, ${data.started} runs begun. A question counts once it was answered.`} actions={<Download report="steps" />}>
      <Bars
        label="Runs that came past each step"
        most={data.started}
        rows={[
          { id: "", label: "Began", value: data.started, to: behind(came({})), before: { value: data.started_before, to: behind({ ...came({}), ...was }) } },
          ...rows.map(({ path, label, depth, done, to, before }) => ({ id: path, label, depth, value: done, told: share(done), to, before })),
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
            { title: "Runs", number: true, cell: (row) => <Count value={row.done} of={row.label} to={row.to} /> },
            { title: "Before", number: true, cell: (row) => <Count {...row.before} of={`${row.label}, in the period before`} /> },
            { title: "Of those begun", number: true, cell: (row) => share(row.done) },
          ]}
        />
      </AsTable>
    </Section>
  );
}

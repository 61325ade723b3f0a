import { lazy, Suspense, useMemo } from "react";
import { Link } from "wouter";
import { Section } from "../../ui/Page";
import { Empty } from "../../ui/states";
import { Table } from "../../ui/Table";
import { useRead } from "../../ui/useRead";
import { OUTCOME, percent, then, useFilters, type Overview, type Resolution, type Wanted } from "./api";
import { AsTable, Bars, Count, Download, Figure, useBehind } from "./parts";

const Days = lazy(() => import("./Days"));

export function ResolutionReport() {
  const [, , asked] = useFilters();
  const behind = useBehind();
  const { data, instead } = useRead<Overview>(`/reports/overview${asked}`, "the report");
  const lines = useMemo(() => {
    const of = (name: keyof Resolution) => data?.days.map((one) => Number(one[name] ?? 0)) ?? [];
    return [
      { label: "Resolved", colour: "--moss", values: of("resolved") },
      { label: "Given to people", colour: "--rust", values: data?.days.map((one) => one.escalated + one.procedure_handoff) ?? [] },
      { label: "Pending", colour: "--quiet", dashed: true, values: of("pending") },
    ];
  }, [data]);
  const days = useMemo(() => data?.days.map((one) => one.day) ?? [], [data]);
  if (!data) return instead;
  const now = data.now.resolution;
  const before = data.earlier.resolution;
  if (now.involved === 0)
    return (
      <Empty icon="report" title="No conversations in this period" action={<Link href="~/console/procedures">Procedures and their triggers</Link>}>
        Once the agent has spoken with somebody, this says how it came out.
      </Empty>
    );
  const figure = (name: keyof Resolution, wanted: Wanted, shown?: (of: Resolution) => string) => ({
    now: { value: Number(now[name]), to: behind(wanted), shown: shown?.(now) },
    before: { value: Number(before[name]), to: behind({ ...wanted, ...then(data.before) }), shown: shown?.(before) },
  });
  const onDay = (day: string, outcome: string) => behind({ outcome, from: day, to: day });
  const outcomes = ["confirmed_resolution", "assumed_resolution", "procedure_handoff", "escalated", "negative_feedback"] as const;
  return (
    <>
      <Section title="Resolution" lead={`${data.period.from} to ${data.period.to}, beside ${data.before.from} to ${data.before.to}. Days are those of ${data.period.timezone}.`} actions={<Download report="resolution" />}>
        <dl className="report-figures">
          <Figure name="Resolution rate" {...figure("resolved", { outcome: "resolved" }, (of) => percent(of.resolution_rate))} />
          <Figure name="The agent took part" {...figure("involved", { involved: "true" })} />
          <Figure name="The contact wrote" {...figure("engaged", { engaged: "true" })} />
          <Figure name="Pending, counted apart" {...figure("pending", { outcome: "pending" })} />
          <Figure name="In progress" {...figure("in_progress", { outcome: "in_progress" })} />
        </dl>
        <p className="meta">
          The rate is resolved of all that came to an end with the contact engaged: resolved, escalated, handed off by a procedure, or not helped. A conversation whose contact never wrote, or fell silent after a question, is pending. It is on
          neither side of the rate.
        </p>
      </Section>
      <Section title="By day">
        <ul className="legend" aria-label="Lines of the chart">
          {lines.map((line) => (
            <li key={line.label} className={line.dashed ? "dashed" : undefined} style={{ "--of": `var(${line.colour})` } as React.CSSProperties}>
              {line.label}
            </li>
          ))}
        </ul>
        <Suspense fallback={<div className="chart" />}>
          <Days days={days} lines={lines} label="Conversations by day: resolved, given to people, pending. The table below has the numbers." />
        </Suspense>
        <AsTable>
          <Table
            label="Conversations by day"
            rows={data.days}
            id={(row) => row.day}
            columns={[
              { title: "Day", cell: (row) => row.day },
              { title: "Resolved", number: true, cell: (row) => <Count value={row.resolved} of={`resolved, ${row.day}`} to={onDay(row.day, "resolved")} /> },
              { title: "Given to people", number: true, cell: (row) => <Count value={row.escalated + row.procedure_handoff} of={`given to people, ${row.day}`} to={onDay(row.day, "given_to_people")} /> },
              { title: "Pending", number: true, cell: (row) => <Count value={row.pending} of={`pending, ${row.day}`} to={onDay(row.day, "pending")} /> },
              { title: "Rate", number: true, cell: (row) => percent(row.resolution_rate) },
            ]}
          />
        </AsTable>
      </Section>
      <Section title="How they came out">
        <Bars label="Conversations by outcome" rows={outcomes.map((name) => {
            const of = figure(name, { outcome: name });
            return { id: name, label: OUTCOME[name]!, ...of.now, before: of.before };
          })} />
      </Section>
    </>
  );
}

import { Button, NativeSelect, TextInput } from "@mantine/core";
import useSWR from "swr";
import { Link, Redirect, Route, Switch, useLocation, useSearch } from "wouter";
import { Page } from "../../ui/Page";
import { NAMES, useFilters } from "./api";
import { Behind } from "./Behind";
import { Contacts } from "./Contacts";
import { NotFired } from "./NotFired";
import { ResolutionReport } from "./ResolutionReport";
import { ProceduresReport } from "./ProceduresReport";
import { TriggersReport } from "./TriggersReport";
import "./reports.css";

const TABS = [
  { path: "/resolution", label: "Resolution", Report: ResolutionReport },
  { path: "/triggers", label: "Triggers", Report: TriggersReport },
  { path: "/procedures", label: "Procedures", Report: ProceduresReport },
  { path: "/people", label: "Hand-offs and satisfaction", Report: Contacts },
  { path: "/conversations", label: "Conversations", Report: Behind },
  { path: "/not-fired", label: "Not fired", Report: NotFired },
];

interface Named {
  id: string;
  name: string;
}

interface Choices {
  procedures: Named[];
  triggers: { procedure_id: string; key: string; name: string }[];
  teams: Named[];
  teammates: Named[];
}

const NOTHING = { from: "", to: "", channel: "", procedure: "", trigger: "", team: "", teammate: "" };
const DAY = 86_400_000;
const day = (moment: number) => new Date(moment).toISOString().slice(0, 10);
const PERIODS = [7, 30, 90, 365];

export default function Reports() {
  const [here] = useLocation();
  const search = useSearch();
  const [filters, narrow] = useFilters();
  const { data } = useSWR<Choices>("/reports/choices");
  const triggers = (data?.triggers ?? []).filter((one) => !filters.procedure || one.procedure_id === filters.procedure);
  const kept = new URLSearchParams(search);
  for (const name of [...kept.keys()]) if (!(NAMES as readonly string[]).includes(name)) kept.delete(name);
  return (
    <Page title="Reports" lead="What came of what the agent did." wide>
      <div className="report-filters">
        <NativeSelect
          label="Period"
          data={[{ value: "", label: "Choose…" }, ...PERIODS.map((days) => ({ value: String(days), label: `The last ${days} days` }))]}
          value={filters.from || filters.to ? "" : "30"}
          onChange={(event) => {
            const days = Number(event.currentTarget.value);
            narrow(days && days !== 30 ? { from: day(Date.now() - (days - 1) * DAY), to: day(Date.now()) } : { from: "", to: "" });
          }}
        />
        <TextInput type="date" label="From" value={filters.from} onChange={(event) => narrow({ from: event.currentTarget.value })} />
        <TextInput type="date" label="To" value={filters.to} onChange={(event) => narrow({ to: event.currentTarget.value })} />
        <NativeSelect
          label="Channel"
          data={[
            { value: "", label: "All" },
            { value: "web", label: "Web" },
            { value: "email", label: "Email" },
          ]}
          value={filters.channel}
          onChange={(event) => narrow({ channel: event.currentTarget.value })}
        />
        <NativeSelect label="Procedure" data={[{ value: "", label: "All" }, ...(data?.procedures ?? []).map((one) => ({ value: one.id, label: one.name }))]} value={filters.procedure} onChange={(event) => narrow({ procedure: event.currentTarget.value, trigger: "" })} />
        <NativeSelect
          label="Trigger"
          data={[{ value: "", label: "All" }, ...triggers.map((one) => ({ value: `${one.procedure_id}/${one.key}`, label: one.name }))]}
          value={filters.trigger && filters.procedure ? `${filters.procedure}/${filters.trigger}` : ""}
          onChange={(event) => {
            const [procedure, trigger] = event.currentTarget.value.split("/");
            narrow(trigger ? { procedure, trigger } : { trigger: "" });
          }}
        />
        <NativeSelect label="Team" data={[{ value: "", label: "All" }, ...(data?.teams ?? []).map((one) => ({ value: one.id, label: one.name }))]} value={filters.team} onChange={(event) => narrow({ team: event.currentTarget.value })} />
        <NativeSelect label="Teammate" data={[{ value: "", label: "All" }, ...(data?.teammates ?? []).map((one) => ({ value: one.id, label: one.name }))]} value={filters.teammate} onChange={(event) => narrow({ teammate: event.currentTarget.value })} />
        {NAMES.some((name) => filters[name]) && (
          <Button variant="subtle" onClick={() => narrow(NOTHING)}>
            Show all
          </Button>
        )}
      </div>
      <nav aria-label="Reports">
        <ul className="report-tabs">
          {TABS.map((tab) => (
            <li key={tab.path}>
              <Link href={`${tab.path}${kept.size ? `?${kept}` : ""}`} className={here === tab.path ? "nav-link active" : "nav-link"} aria-current={here === tab.path ? "page" : undefined}>
                {tab.label}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <Switch>
        {TABS.map(({ path, Report }) => (
          <Route key={path} path={path}>
            <Report />
          </Route>
        ))}
        <Route>
          <Redirect to="/resolution" replace />
        </Route>
      </Switch>
    </Page>
  );
}

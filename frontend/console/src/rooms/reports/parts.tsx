/** What reports share: figures beside the period before, bars, and the way to a table and a file. */
import { Button } from "@mantine/core";
import { Fragment, type ReactNode } from "react";
import { Link } from "wouter";
import { query } from "../../api";
import { Icon } from "../../ui/icons";
import { byNumber, useFilters, type Wanted } from "./api";

/** A figure that leads to what it counts; where it is none, there is nothing to lead to. `of` says what it counts. */
export function Count({ value, of, to, shown = value }: { value: number; of: string; to: string; shown?: string | number }) {
  if (value === 0) return <>{shown}</>;
  return (
    <Link href={to} aria-label={`${shown} ${of}`}>
      {shown}
    </Link>
  );
}

/** Figures in one line, each with its words and its way. */
export function Counts({ numbers, words, of, to }: { numbers: Record<string, number>; words: Record<string, string>; of: string; to: (name: string) => string }) {
  return (
    <>
      {byNumber(numbers).map(([name, number], at) => {
        const what = words[name] ?? name.replaceAll("_", " ");
        const told = `${number} ${what.charAt(0).toLowerCase()}${what.slice(1)}`;
        return (
          <Fragment key={name}>
            {at > 0 && ", "}
            <Link href={to(name)} aria-label={`${told}, ${of}`}>
              {told}
            </Link>
          </Fragment>
        );
      })}
    </>
  );
}

/** What a figure counts, where it leads, and what it shows where that is not the number itself. */
export interface Shown {
  value: number;
  to: string;
  shown?: string | number;
}

/** A figure beside that of the period before. */
export function Figure({ name, now, before }: { name: string; now: Shown; before: Shown }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="big numbers">
        <Count {...now} of={name} />
      </dd>
      <dd className="meta numbers">
        <Count {...before} of={`${name}, in the period before`} /> in the period before
      </dd>
    </div>
  );
}

/** The address of what is behind a figure. */
export function useBehind(list = "conversations"): (wanted: Wanted) => string {
  const [filters] = useFilters();
  return (wanted) => `/${list}${query({ ...filters, ...wanted })}`;
}

export interface BarRow {
  id: string;
  label: string;
  value: number;
  to: string;
  told?: string;
  before?: Shown;
  first?: boolean;
  depth?: number;
}

/** Bars, longest for the most; the number stands beside each. */
export function Bars({ label, rows, most }: { label: string; rows: BarRow[]; most?: number }) {
  const top = most ?? Math.max(1, ...rows.map((row) => row.value));
  return (
    <ul className="bars" aria-label={label}>
      {rows.map((row) => (
        <li key={row.id} className={row.first ? "bar first" : "bar"}>
          <span style={{ paddingInlineStart: (row.depth ?? 0) * 20 }}>{row.label}</span>
          <span className="numbers">
            <Count value={row.value} of={row.label} to={row.to} />
            <span className="meta">
              {row.told && ` ${row.told}`}
              {row.before && (
                <>
                  {" ("}
                  <Count {...row.before} of={`${row.label}, in the period before`} /> before)
                </>
              )}
            </span>
          </span>
          <div className="bar-track">
            <div className="bar-fill" style={{ width: `${(100 * row.value) / Math.max(1, top)}%` }} />
          </div>
        </li>
      ))}
    </ul>
  );
}

/** The table under a chart. */
export function AsTable({ children }: { children: ReactNode }) {
  return (
    <details className="report-table">
      <summary>The numbers as a table</summary>
      {children}
    </details>
  );
}

export function Download({ report }: { report: string }) {
  const [, , asked] = useFilters();
  return (
    <Button component="a" variant="default" size="compact-md" href={`/console/api/reports/${report}.csv${asked}`} download leftSection={<Icon name="download" size={16} />}>
      CSV
    </Button>
  );
}

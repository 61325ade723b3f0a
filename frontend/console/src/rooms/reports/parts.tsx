/** What reports share: figures beside the period before, bars, and the way to a table and a file. */
import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { query } from "../../api";
import { Icon } from "../../ui/icons";
import { useFilters } from "./api";

export function Figure({ name, value, before, to }: { name: string; value: string | number; before?: string | number; to?: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="big numbers">{to ? <Link href={to}>{value}</Link> : value}</dd>
      {before !== undefined && <dd className="meta numbers">{before} in the period before</dd>}
    </div>
  );
}

/** The address of the conversations behind a figure. */
export function useBehind(): (wanted: Record<string, string | number>) => string {
  const [filters] = useFilters();
  return (wanted) => `/conversations${query({ ...filters, ...wanted })}`;
}

export interface BarRow {
  id: string;
  label: ReactNode;
  value: number;
  told?: string;
  to?: string;
  first?: boolean;
}

/** Bars, longest for the most; the number stands beside each. */
export function Bars({ label, rows, most }: { label: string; rows: BarRow[]; most?: number }) {
  const top = most ?? Math.max(1, ...rows.map((row) => row.value));
  return (
    <ul className="bars" aria-label={label}>
      {rows.map((row) => (
        <li key={row.id} className={row.first ? "bar first" : "bar"}>
          <span>{row.label}</span>
          <span className="numbers">
            {row.to ? <Link href={row.to}>{row.value}</Link> : row.value}
            {row.told && <span className="meta"> {row.told}</span>}
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

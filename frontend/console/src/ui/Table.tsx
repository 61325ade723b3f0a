import { Table as Mantine } from "@mantine/core";
import type { ReactNode } from "react";

export interface Column<Row> {
  title: string;
  /** What a cell shows. */
  cell: (row: Row) => ReactNode;
  /** Numbers stand to the right. */
  number?: boolean;
  /** Left out on a narrow screen. */
  wide?: boolean;
}

/** Rows of one kind, 36 px each. */
export function Table<Row>({ label, columns, rows, id }: { label: string; columns: Column<Row>[]; rows: Row[]; id: (row: Row) => string }) {
  return (
    <div className="table-box">
      <Mantine aria-label={label} verticalSpacing={6} horizontalSpacing={12}>
        <Mantine.Thead>
          <Mantine.Tr>
            {columns.map((column) => (
              <Mantine.Th key={column.title} className={kind(column)}>
                {column.title}
              </Mantine.Th>
            ))}
          </Mantine.Tr>
        </Mantine.Thead>
        <Mantine.Tbody>
          {rows.map((row) => (
            <Mantine.Tr key={id(row)}>
              {columns.map((column) => (
                <Mantine.Td key={column.title} className={kind(column)}>
                  {column.cell(row)}
                </Mantine.Td>
              ))}
            </Mantine.Tr>
          ))}
        </Mantine.Tbody>
      </Mantine>
    </div>
  );
}

function kind(column: { number?: boolean; wide?: boolean }): string {
  return [column.number ? "numbers right" : "", column.wide ? "only-wide" : ""].join(" ").trim();
}

import { Table as Mantine } from "@mantine/core";
import { useEffect, useRef, useState, type ReactNode } from "react";

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
  const box = useRef<HTMLDivElement>(null);
  const [scrolls, setScrolls] = useState(false);
  useEffect(() => {
    const here = box.current;
    if (!here) return;
    const watcher = new ResizeObserver(() => setScrolls(here.scrollWidth > here.clientWidth));
    watcher.observe(here);
    return () => watcher.disconnect();
  }, []);
  return (
    // What scrolls sideways can be scrolled by the keyboard too.
    <div className="table-box" ref={box} {...(scrolls && { tabIndex: 0, role: "group", "aria-label": label })}>
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

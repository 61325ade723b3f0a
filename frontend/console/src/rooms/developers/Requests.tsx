import { Badge, Checkbox, NativeSelect } from "@mantine/core";
import { useState } from "react";
import { query } from "../../api";
import { Empty } from "../../ui/states";
import { Table } from "../../ui/Table";
import { When } from "../../ui/When";
import { useRead } from "../../ui/useRead";

interface Row {
  app: string | null;
  method: string;
  path: string;
  status: number;
  code: string | null;
  request_id: string;
  took_ms: number;
  at: string;
}

/** What arrived at the API lately, and how it was answered. */
export function Requests({ apps }: { apps: { id: string; name: string }[] }) {
  const [app, setApp] = useState("");
  const [failed, setFailed] = useState(false);
  const { data, instead } = useRead<{ requests: Row[] }>(`/developers/requests${query({ app, failed: failed ? 1 : undefined })}`, "requests", { refreshInterval: 5000, keepPreviousData: true });
  if (!data) return instead;
  return (
    <>
      <div className="filters">
        <NativeSelect label="App" value={app} onChange={(event) => setApp(event.currentTarget.value)} data={[{ value: "", label: "Any" }, ...apps.map((one) => ({ value: one.id, label: one.name }))]} />
        <Checkbox label="Only what was refused or failed" checked={failed} onChange={(event) => setFailed(event.currentTarget.checked)} />
      </div>
      {data.requests.length === 0 ? (
        <Empty icon="developer" title="Nothing arrived yet">
          The newest 50 requests to /api appear here a second after they came: path, status, and the X-Request-Id that was answered.
        </Empty>
      ) : (
        <div className="card">
          <Table
            label="Requests"
            rows={data.requests}
            id={(row) => row.request_id}
            columns={[
              {
                title: "Request",
                cell: (row) => (
                  <>
                    <span className="mono">
                      {row.method} {row.path}
                    </span>
                    <div className="meta mono">{row.request_id}</div>
                  </>
                ),
              },
              {
                title: "Answer",
                cell: (row) => (
                  <Badge variant="light" className={row.status < 400 ? "badge-good" : "badge-bad"}>
                    {row.status} {row.code}
                  </Badge>
                ),
              },
              { title: "App", wide: true, cell: (row) => row.app ?? <span className="quiet">no valid token</span> },
              { title: "Took", number: true, wide: true, cell: (row) => `${row.took_ms} ms` },
              { title: "When", cell: (row) => <When at={row.at} /> },
            ]}
          />
        </div>
      )}
      <p className="meta">Kept for a week, at most 10,000; of a burst, 200 a second. Bodies and query strings are never kept.</p>
    </>
  );
}

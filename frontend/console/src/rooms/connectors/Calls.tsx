import { Checkbox } from "@mantine/core";
import { useState } from "react";
import { Link } from "wouter";
import { query } from "../../api";
import { Empty } from "../../ui/states";
import { When } from "../../ui/When";
import { useRead } from "../../ui/useRead";
import { Outcome } from "./Connectors";

export interface Logged {
  id: string;
  connector: string;
  purpose: string;
  conversation_id: string | null;
  method: string;
  url: string;
  outcome: string;
  reason: string | null;
  status: number | null;
  attempts: number;
  took_ms: number;
  request: { headers?: Record<string, string>; body?: unknown } | null;
  response: string | null;
  created_at: string;
}

/** What was called, of one connector or of all. */
export function Calls({ connector }: { connector?: string }) {
  const [failed, setFailed] = useState(false);
  const { data, instead } = useRead<{ calls: Logged[] }>(`/connector-calls${query({ connector, failed: failed ? 1 : undefined })}`, "calls", { keepPreviousData: true });
  if (!data) return instead;
  return (
    <>
      <Checkbox label="Only calls that came to nothing" checked={failed} onChange={(event) => setFailed(event.currentTarget.checked)} />
      {data.calls.length === 0 ? (
        <Empty icon="clock" title={failed ? "No call failed this week" : "Nothing was called this week"}>
          A call appears here when a procedure makes it, or when a connector is tried.
        </Empty>
      ) : (
        <ul className={connector ? "rows" : "rows card"} aria-label="Calls">
          {data.calls.map((one) => (
            <li key={one.id}>
              <div className="call-line">
                <Outcome call={one} />
                {!connector && <Link href={`/${one.connector}`}>{one.connector}</Link>}
                <span className="mono">
                  {one.method} {one.url}
                </span>
              </div>
              <p className="meta">
                <When at={one.created_at} />, {one.took_ms} ms{one.attempts > 1 && `, ${one.attempts} attempts`}, {one.purpose === "test" ? "tried at the console" : "made by a procedure"}
                {one.conversation_id && (
                  <>
                    , <Link href={`~/console/inbox/${one.conversation_id}`}>the conversation</Link>
                  </>
                )}
              </p>
              {one.reason && <p className="meta rust">{one.reason}</p>}
              {one.request && (
                <details>
                  <summary className="meta">What was sent and answered</summary>
                  <pre className="snippet" tabIndex={0}>
                    {JSON.stringify(one.request, null, 2)}
                    {one.response !== null && `\n\n${one.response}`}
                  </pre>
                </details>
              )}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

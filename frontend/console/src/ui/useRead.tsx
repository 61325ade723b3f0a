import { notifications } from "@mantine/notifications";
import { useEffect, type ReactNode } from "react";
import useSWR, { useSWRConfig, type KeyedMutator, type SWRConfiguration } from "swr";
import type { Refused } from "../api";
import { Failure, Loading } from "./states";

const STALE = "stale";

/**
 * What the server has at a path; until it is here, what to show instead. When a later look fails, the page stays as it
 * is, with all that was typed on it, and says so until a look goes well. What the server refuses is an answer.
 */
export function useRead<T>(path: string, what: string, options?: SWRConfiguration<T, Refused>): { data: T | undefined; mutate: KeyedMutator<T>; instead: ReactNode } {
  const { data, error, mutate } = useSWR<T, Refused>(path, options);
  const { cache } = useSWRConfig();
  // While a page is narrowed, what it showed before stands until the answer comes; it is no answer to what was refused.
  const isKept = cache.get(path)?.data !== undefined;
  const isMissed = error && isKept && (error.status === 0 || error.status >= 500);
  const stale = isMissed ? error.message : undefined;
  useEffect(() => {
    if (!stale) return;
    notifications.show({ id: STALE, color: "red", message: `What you see may be old. ${stale}`, autoClose: false, closeButtonProps: { "aria-label": "Dismiss" }, role: "alert" });
    return () => void notifications.hide(STALE);
  }, [stale]);
  if (error && !isMissed) return { data: undefined, mutate, instead: <Failure error={error} again={() => void mutate()} /> };
  return { data, mutate, instead: <Loading what={what} /> };
}

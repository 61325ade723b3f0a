import { Tooltip } from "@mantine/core";
import { useEffect, useState } from "react";

const STEPS: [limit: number, unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  [60, "second", 1],
  [3600, "minute", 60],
  [86_400, "hour", 3600],
  [604_800, "day", 86_400],
];
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** A moment as people say it: "in 20 minutes", "yesterday", then the date. */
export function said(moment: Date, now: Date): string {
  const seconds = Math.round((moment.getTime() - now.getTime()) / 1000);
  if (Math.abs(seconds) < 45) return seconds > 0 ? "in a moment" : "just now";
  for (const [limit, unit, size] of STEPS) {
    if (Math.abs(seconds) < limit) return relative.format(Math.round(seconds / size), unit);
  }
  const sameYear = moment.getFullYear() === now.getFullYear();
  return moment.toLocaleDateString("en", { day: "numeric", month: "short", ...(sameYear ? {} : { year: "numeric" }) });
}

/** The exact moment on hover and focus. */
export function When({ at, none = "never" }: { at: string | number | null | undefined; none?: string }) {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), 30_000);
    return () => clearInterval(timer);
  }, []);
  if (at === null || at === undefined) return <span className="quiet">{none}</span>;
  const moment = new Date(typeof at === "number" ? at * 1000 : at);
  return (
    <Tooltip label={moment.toLocaleString("en", { dateStyle: "full", timeStyle: "medium" })}>
      <time dateTime={moment.toISOString()}>{said(moment, now)}</time>
    </Tooltip>
  );
}

// The interface's words. English is here; another language is one file, fetched when it is needed.

import type { Kit } from "../kit";
import { assetUrl } from "../loader/assets";
import english from "../i18n/en.json";

export type Key = keyof typeof english;

let words: Record<string, string> = english;
let language = "en";

export async function speak(kit: Kit): Promise<void> {
  const wanted = kit.launcher.lang;
  if (wanted === language) return;
  if (wanted === "en") {
    [words, language] = [english, "en"];
    return;
  }
  try {
    const answer = await fetch(assetUrl(kit.line.base, kit.baked, `i18n/${wanted}.json`), { signal: AbortSignal.timeout(4000) });
    if (answer.ok) [words, language] = [{ ...english, ...(await answer.json()) }, wanted];
  } catch {
    /* English, then */
  }
}

export function t(key: Key, values: Record<string, string | number> = {}): string {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

/** The form that a number takes: `key_one` in languages and cases that have it, else `key_other`. */
export function count(key: string, number: number): string {
  const form = new Intl.PluralRules(language).select(number);
  const found = `${key}_${form}` in words ? `${key}_${form}` : `${key}_other`;
  return t(found as Key, { n: new Intl.NumberFormat(language).format(number) });
}

export function direction(): "rtl" | "ltr" {
  return language === "ar" ? "rtl" : "ltr";
}

// ---------------------------------------------------------------- times as people say them

const moment = (seconds: number) => new Date(seconds * 1000);
const format = (options: Intl.DateTimeFormatOptions, at: number) => new Intl.DateTimeFormat(language, options).format(moment(at));

export const iso = (at: number) => moment(at).toISOString();
export const clock = (at: number) => format({ hour: "numeric", minute: "2-digit" }, at);
export const exact = (at: number) => format({ dateStyle: "full", timeStyle: "medium" }, at);
export const dayOf = (at: number) => moment(at).toDateString();

export function dayName(at: number): string {
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - moment(at).setHours(0, 0, 0, 0)) / 86_400_000);
  if (days === 0 || days === 1) {
    const word = new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(-days, "day");
    return word.charAt(0).toLocaleUpperCase(language) + word.slice(1);
  }
  return format({ weekday: "long", day: "numeric", month: "long" }, at);
}

export function ago(at: number): string {
  const minutes = Math.max(0, Math.round((Date.now() / 1000 - at) / 60));
  const say = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });
  if (minutes < 1) return t("just_now");
  if (minutes < 60) return say.format(-minutes, "minute");
  if (minutes < 1440) return say.format(-Math.round(minutes / 60), "hour");
  if (minutes < 10_080) return say.format(-Math.round(minutes / 1440), "day");
  return format({ day: "numeric", month: "short" }, at);
}

export function bytes(size: number): string {
  const [value, unit] = size < 1_000_000 ? [Math.max(1, Math.round(size / 1000)), "kilobyte"] : [size / 1_000_000, "megabyte"];
  return new Intl.NumberFormat(language, { style: "unit", unit, maximumFractionDigits: 1 }).format(value);
}

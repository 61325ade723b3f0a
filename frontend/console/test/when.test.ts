import { expect, test } from "vitest";
import { said } from "../src/ui/When";
import { browser } from "../src/rooms/account/Account";

const now = new Date("2026-03-02T12:00:00Z");

test.each([
  ["2026-03-02T12:00:10Z", "just now", "in a moment"],
  ["2026-03-02T12:20:00Z", "in 20 minutes"],
  ["2026-03-02T09:00:00Z", "3 hours ago"],
  ["2026-03-01T12:00:00Z", "yesterday"],
  ["2026-02-27T12:00:00Z", "3 days ago"],
  ["2025-12-24T12:00:00Z", "Dec 24, 2025"],
])("%s is said as people say it", (moment, ...fits) => {
  expect(fits).toContain(said(new Date(moment), now));
});

test.each([
  ["Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36", "Chrome on Linux"],
  ["Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1", "Safari on iOS"],
  ["curl/8", "A browser"],
])("a browser is named in words", (agent, name) => {
  expect(browser(agent)).toBe(name);
});

// A page that came from Intercom calls what its packages offer: every one of them is known here, and none throws.

import { readFileSync } from "node:fs";
import * as sdk from "@intercom/messenger-js-sdk";
import { beforeAll, beforeEach, expect, test, vi } from "vitest";

const NOT_BUILT = ["startTour", "startSurvey", "startChecklist", "showNews", "showTicket"];
const asked: string[] = [];
type Face = { (...words: unknown[]): unknown; booted: boolean };
const page = window as unknown as { Intercom?: Face; Overture?: Face };

beforeAll(async () => {
  vi.stubGlobal("__OVERTURE_BAKED__", { app_id: "abc", name: "Acme", intercom: true, assets: {}, triggers: [], look: {} });
  vi.stubGlobal("fetch", async (url: string) => {
    asked.push(url);
    const session = { token: "t", expires_at: 9e9, contact: { id: "6f2b", kind: "visitor" }, cursor: 0, unread: 0 };
    return new Response(JSON.stringify(session), { headers: { "Content-Type": "application/json" } });
  });
  await import("../src/loader/index");
});

beforeEach(() => {
  vi.spyOn(console, "warn").mockReset().mockImplementation(() => {});
  page.Intercom?.("boot", { app_id: "abc" });
});

const warnings = () => vi.mocked(console.warn).mock.calls.map((words) => words.join(" "));

const offered = Object.entries(sdk).filter(([name, it]) => typeof it === "function" && !/^(default|Intercom)$/.test(name));

test("the package offers what it did when this was written", () => expect(offered).toHaveLength(24));

for (const [name, method] of offered) {
  test(`the SDK's ${name}`, () => {
    const given: unknown = /^on/.test(name) ? () => {} : /^(boot|update)$/.test(name) ? { email: "a@shop.example" } : "12";
    expect(() => (method as (given: unknown) => unknown)(given)).not.toThrow();
    if (NOT_BUILT.includes(name)) expect(warnings().join()).toContain("is not part of Overture");
    else expect(warnings()).toEqual([]);
  });
}

const types = readFileSync("node_modules/@types/intercom-web/index.d.ts", "utf8");
const signature = /interface IntercomCommandSignature \{(.*?)\n {4}\}/s.exec(types)?.[1] ?? "";
const typed = [...signature.matchAll(/^\s+(\w+): \(/gm)].map((found) => found[1] as string);

test("the types name twenty methods", () => expect(typed).toHaveLength(20));

for (const name of typed) {
  test(`the types' ${name}`, () => {
    const given = /^on/.test(name) ? () => {} : /^(boot|update)$/.test(name) ? {} : 12;
    expect(() => page.Intercom?.(name, given)).not.toThrow();
    expect(warnings().join()).not.toContain("There is no method");
  });
}

test("what it does not know is said, and nothing breaks", () => {
  expect(() => page.Intercom?.("abracadabra", 1)).not.toThrow();
  expect(warnings()).toEqual(['Overture: There is no method "abracadabra".']);
});

test("a product that is not built is named once", () => {
  page.Intercom?.("startTour", 7);
  page.Intercom?.("startTour", 8);
  expect(warnings().length).toBeLessThan(2);
});

test("the unread count is told at once", () => {
  const told = vi.fn();
  page.Intercom?.("onUnreadCountChange", told);
  expect(told).toHaveBeenCalledWith(0);
});

test("a fault in the page's own function stays there", () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  expect(() =>
    page.Intercom?.("onUnreadCountChange", () => {
      throw new Error("the page's own");
    }),
  ).not.toThrow();
});

test("both names are one thing, and say when they are ready", () => {
  expect(page.Intercom).toBe(page.Overture);
  expect(page.Intercom?.booted).toBe(true);
  page.Intercom?.("shutdown");
  expect(page.Overture?.booted).toBe(false);
});

test("nobody who is not known is asked about", () => {
  page.Intercom?.("shutdown");
  localStorage.clear();
  asked.length = 0;
  page.Intercom?.("boot", {});
  expect(asked).toEqual([]);
});

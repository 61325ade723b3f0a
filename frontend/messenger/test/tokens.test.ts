// The visitor's own tokens go to the server once for each visitor, and again when they change.

import { expect, test, vi } from "vitest";

type Face = (...words: unknown[]) => unknown;
const page = window as unknown as { Overture: Face };
const given: unknown[] = [];
let contact = "6f2b";

test("tokens are passed once, again when they change, and again for another visitor", async () => {
  vi.stubGlobal("__OVERTURE_BAKED__", { app_id: "abc", name: "Acme", intercom: false, assets: {}, triggers: [], look: {} });
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    if (/\/tokens$/.test(url)) given.push(JSON.parse(String(init.body)).auth_tokens);
    const session = { token: "t", expires_at: 9e9, contact: { id: contact, kind: "user" }, cursor: 0, unread: 0 };
    return new Response(JSON.stringify(session), { headers: { "Content-Type": "application/json" } });
  });
  await import("../src/loader/index");

  page.Overture("boot", { app_id: "abc", user_id: "carol", auth_tokens: { shop: "one" } });
  await vi.waitFor(() => expect(given).toEqual([{ shop: "one" }]), 5000);
  page.Overture("trackEvent", "seen");
  page.Overture("setAuthTokens", { shop: "one" });
  page.Overture("setAuthTokens", { shop: "two" });
  await vi.waitFor(() => expect(given).toEqual([{ shop: "one" }, { shop: "two" }]), 5000);
  contact = "77aa";
  page.Overture("update", { user_id: "dave", auth_tokens: { shop: "daves" } });
  await vi.waitFor(() => expect(given.at(-1)).toEqual({ shop: "daves" }), 5000);
  expect(new Set(given.map((one) => JSON.stringify(one))).size).toBe(3);
});

test("a page without tokens passes none", async () => {
  given.length = 0;
  page.Overture("shutdown");
  page.Overture("boot", { app_id: "abc", user_id: "erin" });
  await vi.waitFor(() => expect(page.Overture("getVisitorId")).toBe(contact), 5000);
  expect(given).toEqual([]);
});

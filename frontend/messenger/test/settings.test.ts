// What the page's settings say of its visitor, and how a colour is made readable.

import { expect, test } from "vitest";
import { readable } from "../src/colour";
import { identityIn } from "../src/loader/settings";
import { languageOf } from "../src/loader/launcher";

test("settings of the messenger are nobody's attributes", () => {
  const settings = { app_id: "a", api_base: "b", alignment: "left", z_index: 3, action_color: "#fff", hide_default_launcher: true };
  expect(identityIn(settings)).toBeNull();
});

test("who the visitor is, and what else the page knows of them", () => {
  expect(identityIn({ user_id: 42, email: "ana@shop.example", user_hash: "ab", plan: "pro", app_id: "a", phone: null })).toEqual({
    user_id: "42",
    email: "ana@shop.example",
    user_hash: "ab",
    attributes: { plan: "pro" },
  });
  expect(identityIn({ intercom_user_jwt: "a.b.c" })).toEqual({ jwt: "a.b.c" });
});

test.each(["#ffffff", "#ffee00", "#00ff00", "#3346B0", "#000000"])("%s carries white words", (colour) => {
  const [r, g, b] = (readable(colour).match(/\d+/g) as string[]).map((part) => {
    const value = Number(part) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  expect(1.05 / (0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05)).toBeGreaterThanOrEqual(4.5);
});

test("a colour that is none is ours", () => expect(readable("red; }")).toBe(readable("#3346B0")));

test("settings that reach for what every object has change nothing but themselves", () => {
  const given = JSON.parse('{"user_id": "ana", "__proto__": {"reached": 1}, "constructor": {"prototype": {"reached": 1}}}');
  expect(identityIn(given)?.user_id).toBe("ana");
  expect(({} as Record<string, unknown>).reached).toBeUndefined();
  for (const name of ["constructor", "__proto__", "toString"]) expect(languageOf({ language_override: name })).toBe("en");
});

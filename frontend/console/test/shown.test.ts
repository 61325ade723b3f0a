import { expect, it } from "vitest";
import { shownValue } from "../src/rooms/inbox/api";

it.each([
  ["FF-10008", "FF-10008"],
  [true, "yes"],
  [null, ""],
  [{ amount: "18.00", currency: "EUR" }, "18.00 EUR"],
  [["wait", "refund"], "wait, refund"],
  [{ id: "FF-10008", total: 18, paid: false }, "id: FF-10008 · total: 18 · paid: no"],
  [{ id: "FF-1", to: { town: "Bath", post: null }, of: [{ item: "book" }] }, "id: FF-1 · to: (town: Bath · post: ) · of: item: book"],
])("%j reads as %s", (value, words) => {
  expect(shownValue(value)).toBe(words);
});

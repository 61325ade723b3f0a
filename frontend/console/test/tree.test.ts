import { expect, test } from "vitest";
import * as words from "../src/rooms/procedures/words";
import { allSteps, get, insert, move, namesIn, removeStep, rename, set, shift, simple, written, type Direction, type Tree } from "../src/rooms/procedures/tree";

const tree: Tree = {
  name: "Late order",
  triggers: [{ kind: "api_call", key: "crm", data: { order: { type: "text" } }, first_message: "Order {{ data.order }}" }],
  steps: [
    { ask: "Which order?", save: "order_id" },
    { if: 'order_id == "1" && order_id_old != "2"', then: [{ say: "Found {{ order_id }}, not {{ order_id_old }}." }] },
    { call: "get_order", with: { id: "{{ order_id | upcase }}" }, save: "order" },
  ],
};

test("a value is put without touching the tree it came from", () => {
  const changed = set(tree, "steps.1.then.0.say", "Hello");
  expect(get(changed, "steps.1.then.0.say")).toBe("Hello");
  expect(get(tree, "steps.1.then.0.say")).toContain("Found");
  expect(get(set(tree, "steps.1.else", [{ end: {} }]), "steps.1.else.0")).toEqual({ end: {} });
});

test("steps go in, move and leave", () => {
  const more = insert(tree, "steps", 1, { say: "Hi" });
  expect(get(more, "steps.1")).toEqual({ say: "Hi" });
  expect(get(move(more, "steps", 1, 0), "steps.0")).toEqual({ say: "Hi" });
  expect(get(removeStep(more, "steps", 1), "steps.1")).toEqual(tree.steps && (tree.steps as Tree[])[1]);
  expect(get(removeStep(tree, "steps.1.then", 0), "steps.1.then")).toBeUndefined();
});

test("what is renamed is renamed wherever it is used, and nothing else is", () => {
  const renamed = rename(tree, "order_id", "number");
  expect(get(renamed, "steps.1.if")).toBe('number == "1" && order_id_old != "2"');
  expect(get(renamed, "steps.1.then.0.say")).toBe("Found {{ number }}, not {{ order_id_old }}.");
  expect(get(renamed, "steps.2.with.id")).toBe("{{ number | upcase }}");
  expect(get(renamed, "triggers.0.first_message")).toBe("Order {{ data.order }}");
});

test("what can be named is known", () => {
  const names = namesIn(tree, [{ key: "get_order", inputs: {}, result: ["total", "status"] }]).map((one) => one.path);
  expect(names).toEqual(expect.arrayContaining(["contact.first_name", "data.order", "order_id", "order", "order.total"]));
});

test.each(['order.status == "late"', "order.total > 100 && has(order.eta)", 'a == "x" || b != 2', "paid == true"])("%s can be chosen from lists, and comes back", (condition) => {
  expect(written(simple(condition)!)).toBe(condition);
});

test.each(["a == 1 && b == 2 || c == 3", "items.exists(i, i > 2)", "total * 2 > 10"])("%s says more than rows can", (condition) => {
  expect(simple(condition)).toBeNull();
});

test.each(["Hi {{ contact.first_name | default: 'there' }}, ok?", "a\nb {{ x }}\n", "", "{% if a %}b{% endif %}"])("a text with chips is the same text again", (text) => {
  expect(words.toText(words.toDocument(text))).toBe(text);
});

test("a chip knows its name and what stands in for it", () => {
  expect(words.read("contact.first_name | upcase | default: 'there'")).toEqual({ name: "contact.first_name", instead: "there", rest: "upcase" });
  expect(words.write({ name: "x", instead: "it's", rest: "" })).toBe(`x | default: "it's"`);
});

const branches: Tree = {
  steps: [
    { say: "first" },
    { if: "a == 1", then: [{ say: "x" }, { say: "y" }], elif: [{ if: "a == 2", then: [{ say: "z" }] }], else: [{ say: "w" }] },
    { ask_teammate: { team: "support", question: "?", on_timeout: [{ say: "late" }] } },
    { say: "last" },
  ],
};

test.each<[string, number, Direction, string, number]>([
  ["steps", 0, "down", "steps", 1],
  ["steps.1.then", 0, "up", "steps", 1],
  ["steps.1.then", 1, "down", "steps.1.elif.0.then", 0],
  ["steps.1.elif.0.then", 0, "up", "steps.1.then", 2],
  ["steps.1.elif.0.then", 0, "down", "steps.1.else", 0],
  ["steps.1.else", 0, "down", "steps", 2],
  ["steps.1.then", 0, "out", "steps", 2],
  ["steps", 2, "in", "steps.1.else", 1],
  ["steps", 3, "in", "steps.2.ask_teammate.on_timeout", 1],
  ["steps.2.ask_teammate.on_timeout", 0, "out", "steps", 3],
])("the step %s.%i goes %s", (list, at, direction, to, where) => {
  const step = get(branches, `${list}.${at}`);
  const moved = shift(branches, list, at, direction)!;
  expect([moved.list, moved.at]).toEqual([to, where]);
  expect(get(moved.tree, `${to}.${where}`)).toEqual(step);
  expect([...allSteps(moved.tree)]).toHaveLength([...allSteps(branches)].length);
});

test("where there is no place, a step stays", () => {
  expect(shift(branches, "steps", 0, "up")).toBeNull();
  expect(shift(branches, "steps", 3, "down")).toBeNull();
  expect(shift(branches, "steps", 1, "in")).toBeNull();
  expect(shift(branches, "steps", 0, "out")).toBeNull();
});

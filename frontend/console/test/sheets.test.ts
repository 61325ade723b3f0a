import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, test } from "vitest";

/** Sheets of rooms stay once they are loaded, so a class that two of them give a look to would change with where one was before. */
const SOURCES = join(import.meta.dirname, "../src");
const files = readdirSync(SOURCES, { recursive: true, encoding: "utf8" }).map((name) => relative(SOURCES, join(SOURCES, name)));
const text = (name: string) => readFileSync(join(SOURCES, name), "utf8");
const room = (name: string) => /^rooms\/[^/]+/.exec(name)?.[0] ?? "shared";
const selectors = (sheet: string) => [...sheet.replace(/\/\*.*?\*\//gs, "").matchAll(/([^{}]+)\{/g)].flatMap(([, before]) => before!.split(",")).map((one) => one.trim());

const owners = new Map<string, Set<string>>();
for (const name of files.filter((one) => one.endsWith(".css") && one !== "styles.css")) {
  for (const selector of selectors(text(name))) {
    const owned = /^\.([\w-]+)/.exec(selector)?.[1];
    if (owned) owners.set(owned, (owners.get(owned) ?? new Set()).add(name));
  }
}

test("a class gets its look from one sheet", () => {
  const shared = [...owners].filter(([, sheets]) => sheets.size > 1).map(([name, sheets]) => `${name}: ${[...sheets].join(", ")}`);
  expect(owners.size).toBeGreaterThan(200);
  expect(shared).toEqual([]);
});

test("a page uses the classes of its own room, or of all", () => {
  const strange: string[] = [];
  for (const name of files.filter((one) => one.endsWith(".tsx"))) {
    for (const [, classes] of text(name).matchAll(/className="([^"]+)"/g)) {
      for (const one of classes!.split(" ")) {
        const homes = [...(owners.get(one) ?? [])].map(room);
        if (homes.length && !homes.includes("shared") && !homes.includes(room(name))) strange.push(`${name}: ${one}`);
      }
    }
  }
  expect(strange).toEqual([]);
});

// Every language says everything, with the same blanks to fill, and nothing is said that nobody asks for.

// @vitest-environment node
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const place = new URL("../src/i18n/", import.meta.url);
const read = (name: string) => JSON.parse(readFileSync(new URL(name, place), "utf8")) as Record<string, string>;
const files = readdirSync(place);
const english = read("en.json");
const number = (key: string) => /_(zero|one|two|few|many|other)$/.test(key);
const blanks = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort().join();

test("there are twelve languages", () => expect(files).toHaveLength(12));

for (const name of files.filter((one) => one !== "en.json")) {
  const words = read(name);
  test(`${name} says everything`, () => {
    expect(Object.keys(words).filter((key) => !number(key))).toEqual(Object.keys(english).filter((key) => !number(key)));
    for (const [key, text] of Object.entries(words)) {
      expect(text.trim(), key).not.toBe("");
      if (!number(key)) expect(blanks(text), key).toBe(blanks(english[key] as string));
    }
  });
  test(`${name} has a form for every number`, () => {
    const rules = new Intl.PluralRules(name.slice(0, 2));
    for (const wanted of rules.resolvedOptions().pluralCategories) {
      if (wanted === "many" && !["ar", "pl"].includes(name.slice(0, 2))) continue; // whole millions
      for (const key of ["unread", "articles"]) expect(words[`${key}_${wanted}`], wanted).toBeTruthy();
    }
  });
}

test("every word is used", () => {
  const app = new URL("../src/app/", import.meta.url);
  const code = readdirSync(app).map((name) => readFileSync(new URL(name, app), "utf8")).join("\n");
  const built = /^(rate_[1-5]|unread_\w+|articles_\w+|home|messages|help|not_now|never)$/;
  expect(Object.keys(english).filter((key) => !built.test(key) && !code.includes(`"${key}"`))).toEqual([]);
});

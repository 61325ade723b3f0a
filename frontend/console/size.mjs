// What the first page costs: every script it loads before anything is chosen, packed. Fails above the budget.
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const BUDGET_KB = 180;
const folder = join(import.meta.dirname, "../../src/overture/static/console");
const manifest = JSON.parse(readFileSync(join(folder, ".vite/manifest.json"), "utf8"));
const seen = new Set();
const scripts = [];
const styles = [];

function follow(name) {
  if (seen.has(name)) return;
  seen.add(name);
  const part = manifest[name];
  scripts.push(part.file);
  for (const sheet of part.css ?? []) styles.push(sheet);
  for (const next of part.imports ?? []) follow(next);
}

follow("index.html");
const packed = (names) => names.reduce((sum, name) => sum + statSync(join(folder, `${name}.gz`)).size, 0) / 1000;
const js = packed(scripts);
console.log(`console: first load ${js.toFixed(1)} of ${BUDGET_KB} KB gz script, ${packed(styles).toFixed(1)} KB gz style`);
for (const [name, part] of Object.entries(manifest)) {
  if (part.isDynamicEntry) console.log(`  ${name}: ${packed([part.file]).toFixed(1)} KB gz, when it is opened`);
}
if (js > BUDGET_KB) {
  console.error(`The console's first load is over its budget of ${BUDGET_KB} KB.`);
  process.exit(1);
}

// What a page has to fetch, gzipped, against the budgets. Exit code 1 when one is over.

import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";

const BUDGET = { "loader.js": 6, "app.js": 25, "picker.js": 15, "locate.js": 9.5 };
let over = false;
for (const [name, most] of Object.entries(BUDGET)) {
  const packed = gzipSync(await readFile(new URL(`dist/${name}`, import.meta.url)), { level: 9 }).length / 1024;
  over ||= packed > most;
  console.log(`${name.padEnd(10)} ${packed.toFixed(2).padStart(6)} KB of ${most} KB${packed > most ? "  over" : ""}`);
}
process.exit(over ? 1 : 0);

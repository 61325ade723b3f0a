// How the locator does on real pages: exact, wrong, or nothing, after each kind of change.
//
//   npm run bench:locator                     both halves of the pages, figures apart
//   npm run bench:locator -- --half tune      the half that the weights were set on
//   npm run bench:locator -- --changes text,reorder   some changes alone
//   npm run bench:locator -- --json out.json  the figures, for programs
//   npm run bench:locator -- --why why.json   every miss with its scores (not of the report half)

import { createServer } from "node:http";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { dirname, extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { chromium } from "playwright-core";
import { packages, unpacked } from "./fetch.mjs";
import { made as written } from "./made.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const { values: asked } = parseArgs({
  options: {
    half: { type: "string" },
    json: { type: "string" },
    why: { type: "string" },
    only: { type: "string" },
    targets: { type: "string", default: "14" },
    seed: { type: "string", default: "7" },
    variant: { type: "string", default: "authored,modern" },
    changes: { type: "string" },
  },
});

const BROWSERS = [
  process.env.CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];
const QUIET = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".svg": "image/svg+xml",
};

/** The pages of one package, as they would be served. */
async function serving(place, isPage) {
  const spec = await readFile(join(here, "spec.json"));
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://x").pathname);
    try {
      if (isPage && path === "/") return response.writeHead(200, { "content-type": "text/html" }).end(place);
      const body = path === "/spec.json" ? spec : await readFile(join(place, normalize(path)));
      response
        .writeHead(200, { "content-type": TYPES[extname(path)] ?? "application/octet-stream" })
        .end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

async function main() {
  const executablePath = BROWSERS.find((one) => one && existsSync(one));
  if (!executablePath) throw new Error("No Chromium here. Install it, or name it in CHROMIUM.");
  const made = await build({
    stdin: {
      contents:
        'import { describe, judge, resolve } from "./src/locator"; window.OvertureLocatorBench = { describe, judge, resolve };',
      resolveDir: join(here, ".."),
      loader: "ts",
    },
    bundle: true,
    format: "iife",
    write: false,
    target: "es2022",
    charset: "utf8",
  });
  const scripts = [
    made.outputFiles[0].text,
    await readFile(join(here, "change.js"), "utf8"),
    await readFile(join(here, "measure.js"), "utf8"),
  ];
  const browser = await chromium.launch({ executablePath, args: QUIET });
  const results = [];
  // Which half a package is in is fixed by its place in pages.json: all pages of one maker are on one side.
  const wanted = [
    ...packages.map((one, at) => ({ half: at % 2 ? "report" : "tune", ...one })),
    ...written.map(({ name, half, html }) => ({ package: `made/${name}`, half, html, pages: [""] })),
  ].filter(
    (one) => (!asked.half || one.half === asked.half) && (!asked.only || one.package.includes(asked.only)),
  );
  for (const one of wanted) {
    const site = await serving(one.html ?? (await unpacked(one)), Boolean(one.html));
    for (const path of one.pages) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
      const page = await context.newPage();
      await page.route(
        (url) => !url.href.startsWith(site.url),
        (route) => route.abort(),
      );
      try {
        await page.goto(site.url + path, { waitUntil: "load", timeout: 30000 });
        await page.waitForTimeout(one.host ? 4000 : 700);
        for (const script of scripts) await page.evaluate(script);
        const found = await page.evaluate((options) => window.OvertureMeasure(options), {
          seed: Number(asked.seed) * 1000 + results.length,
          most: Number(asked.targets),
          which: one.html ? ["made"] : asked.variant.split(","),
          only: Boolean(asked.why),
          kinds: asked.changes?.split(","),
        });
        results.push({
          page: `${one.package}/${path}`,
          half: one.half,
          shadow: one.package === "rapidoc",
          ...found,
        });
        process.stderr.write(
          `${one.half.padEnd(6)} ${one.package}/${path}: ${found.targets} elements, ${found.nodes} nodes\n`,
        );
      } catch (problem) {
        process.stderr.write(
          `${one.package}/${path} could not be measured: ${problem.message.split("\n")[0]}\n`,
        );
      }
      await context.close();
    }
    site.close();
  }
  const big = await bigPage(browser, scripts[0]);
  await browser.close();
  const figures = { halves: {}, big };
  for (const half of ["tune", "report", "fresh"]) {
    const pages = results.filter((one) => one.half === half);
    if (pages.length) figures.halves[half] = summary(pages);
  }
  show(figures);
  if (asked.json) await writeFile(asked.json, JSON.stringify(figures, null, 1));
  if (asked.why)
    await writeFile(
      asked.why,
      JSON.stringify(
        results
          .filter((one) => one.half !== "report")
          .flatMap((one) => one.rows.filter((row) => row.why).map((row) => ({ page: one.page, ...row }))),
        null,
        1,
      ),
    );
}

function summary(pages) {
  const rows = pages.flatMap((one) => one.rows.map((row) => ({ ...row, page: one.page })));
  const shares = (list) => {
    const of = (result) =>
      +((100 * list.filter((row) => row.result === result).length) / (list.length || 1)).toFixed(1);
    const by = list.filter((row) => row.clicked);
    const clicks = (result) =>
      +((100 * by.filter((row) => row.clicked === result).length) / (by.length || 1)).toFixed(1);
    const strays = list.reduce((sum, row) => sum + row.strays, 0);
    return {
      n: list.length,
      exact: of("exact"),
      wrong: of("wrong"),
      none: of("none"),
      clicked: clicks("exact"),
      clicked_wrong: clicks("wrong"),
      stray: +((100 * list.reduce((sum, row) => sum + row.stray, 0)) / (strays || 1)).toFixed(2),
    };
  };
  const changes = [...new Set(rows.map((row) => row.change))];
  const table = (chosen) =>
    Object.fromEntries([
      ...changes.map((change) => [change, shares(chosen.filter((row) => row.change === change))]),
      ["all", shares(chosen.filter((row) => !GONE.test(row.change)))],
    ]);
  const time = (name) => ({
    median: +middle(pages.map((one) => one.times[name].median)).toFixed(2),
    p95: +Math.max(...pages.map((one) => one.times[name].p95)).toFixed(2),
  });
  return {
    pages: pages.length,
    elements: pages.reduce((sum, one) => sum + one.targets, 0),
    distinct: table(rows.filter((row) => !row.twin)),
    twins: table(rows.filter((row) => row.twin)),
    shadow: table(rows.filter((row) => /rapidoc|shadow/.test(row.page))).all,
    milliseconds: { describe: time("describe"), resolve: time("resolve"), path: time("path") },
    bytes: time("bytes"),
  };
}

function middle(list) {
  return [...list].sort((a, b) => a - b)[list.length >> 1] ?? 0;
}

const GONE = /^(removed|gone)/;

/** 100,000 nodes and 50 triggers: what a click costs. */
async function bigPage(browser, script) {
  const page = await browser.newPage();
  await page.setContent("<!doctype html><html lang=en><body></body>");
  await page.evaluate(script);
  const found = await page.evaluate(() => {
    const { describe, resolve } = window.OvertureLocatorBench;
    const rows = [];
    for (let n = 0; n < 14300; n++)
      rows.push(
        `<div class="card row-${n % 7}"><h3>Item ${n}</h3><p>About it</p><span><i></i></span><a class="more" href="/item/${n}">See item ${n}</a><button type="button" class="buy">Buy ${n}</button></div>`,
      );
    document.body.innerHTML = `<main>${rows.join("")}</main>`;
    const buttons = [...document.querySelectorAll("a.more, button.buy")];
    const triggers = Array.from({ length: 50 }, (_, n) =>
      JSON.parse(JSON.stringify(describe(buttons[n * 431], document))),
    );
    const click = (element) => {
      const path = [];
      for (let at = element; at; at = at.parentNode) path.push(at);
      const start = performance.now();
      for (const json of triggers) resolve(json, document, { path });
      return performance.now() - start;
    };
    const times = Array.from({ length: 400 }, (_, n) =>
      click(n % 4 ? buttons[(n * 6197) % buttons.length] : document.querySelectorAll("p")[n * 20]),
    ).slice(100);
    times.sort((a, b) => a - b);
    return {
      nodes: document.getElementsByTagName("*").length,
      triggers: triggers.length,
      median_ms: +times[times.length >> 1].toFixed(3),
      p95_ms: +times[Math.floor(times.length * 0.95)].toFixed(3),
      mean_ms: +(times.reduce((a, b) => a + b) / times.length).toFixed(3),
    };
  });
  await page.close();
  return found;
}

function show({ halves, big }) {
  for (const [half, one] of Object.entries(halves)) {
    console.log(`\n${half}: ${one.elements} elements of ${one.pages} pages`);
    for (const kind of ["distinct", "twins"]) {
      console.log(`  ${kind.padEnd(10)}      n   exact   wrong    none   click  cl.wrong  stray`);
      for (const [change, s] of Object.entries(one[kind])) {
        if (GONE.test(change))
          console.log(
            `  ${change.padEnd(10)} ${String(s.n).padStart(6)}           ${String(s.wrong).padStart(7)} ${String(s.exact).padStart(7)}                  ${String(s.stray).padStart(6)}`,
          );
        else
          console.log(
            `  ${change.padEnd(10)} ${String(s.n).padStart(6)} ${String(s.exact).padStart(7)} ${String(s.wrong).padStart(7)} ${String(s.none).padStart(7)} ${String(s.clicked).padStart(7)} ${String(s.clicked_wrong).padStart(8)} ${String(s.stray).padStart(7)}`,
          );
      }
    }
    console.log(`  shadow page: ${one.shadow.exact} exact, ${one.shadow.wrong} wrong of ${one.shadow.n}`);
    for (const [name, t] of Object.entries(one.milliseconds))
      console.log(`  ${name}: ${t.median} ms in the middle, ${t.p95} ms at worst p95`);
    console.log(`  description: ${one.bytes.median} bytes in the middle, ${one.bytes.p95} at worst p95`);
  }
  console.log(
    `\n${big.nodes} nodes, ${big.triggers} triggers: ${big.median_ms} ms a click in the middle, ${big.p95_ms} p95, ${big.mean_ms} on average`,
  );
}

await main();

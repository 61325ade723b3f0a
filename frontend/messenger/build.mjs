// Bundle the messenger: dist/ holds what the server hands to pages, and a copy goes into the Python package.
//
//   npm run build            build, and copy to src/overture/static/messenger
//   node build.mjs --watch   build again after every change

import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { watch } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { minify } from "terser";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "dist");
const shipped = join(here, "../../src/overture/static/messenger");
// The server puts the workspace and its live click rules where this bare word stands.
const PLACE = "__OVERTURE_BAKED__";

// Names that nothing outside the locator and the picker knows.
const INNER = /^(because|bares|bare|hashes|identity|looks|ranked|parts|placed|translated|unsure|wordless|sure|margin|look|other|ranked|holding|names|both|steps|told)$/;

const common = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  jsx: "automatic",
  jsxImportSource: "preact",
  write: false,
  logLevel: "warning",
};

async function bundle(options) {
  const made = await build({ ...common, ...options });
  const smaller = await minify(made.outputFiles[0].text, {
    module: options.format === "esm",
    compress: { ecma: 2020, passes: 3 },
    ecma: 2020,
  });
  return smaller.code;
}

async function everything() {
  const app = await bundle({ entryPoints: ["src/app/index.tsx"], format: "esm" });
  const picker = await bundle({ entryPoints: ["src/pick.ts"], format: "esm", mangleProps: INNER });
  const locate = await bundle({
    stdin: { contents: 'export { likeness, rebuilt } from "./src/locator";', resolveDir: here, loader: "ts" },
    format: "esm",
    mangleProps: INNER,
  });
  const loader = await bundle({
    entryPoints: ["src/loader/index.ts"],
    format: "iife",
    // Names that nothing outside the loader knows.
    mangleProps: /^(appReady|clicks|covers|duration|finish|forget|prepare|seen|stop|waiting)$/,
  });
  if (loader.split(PLACE).length !== 2) throw new Error(`loader.js must hold ${PLACE} exactly once`);
  const locator = await bundle({
    stdin: {
      contents: 'import { describe, resolve } from "./src/locator"; window.OvertureLocator = { describe, resolve };',
      resolveDir: here,
      loader: "ts",
    },
    format: "iife",
  });
  await rm(dist, { recursive: true, force: true });
  await mkdir(join(dist, "i18n"), { recursive: true });
  const files = { "app.js": app, "picker.js": picker, "locate.js": locate, "loader.js": loader, "locator.js": locator };
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(dist, name), text)));
  await cp(join(here, "src/i18n"), join(dist, "i18n"), { recursive: true });
  for (const name of await languages()) {
    const words = JSON.parse(await readFile(join(here, "src/i18n", name), "utf8"));
    await writeFile(join(dist, "i18n", name), JSON.stringify(words));
  }
  await rm(shipped, { recursive: true, force: true });
  await mkdir(dirname(shipped), { recursive: true });
  await cp(dist, shipped, { recursive: true });
}

async function languages() {
  const { readdir } = await import("node:fs/promises");
  return (await readdir(join(here, "src/i18n"))).filter((name) => name.endsWith(".json"));
}

await everything();
if (process.argv.includes("--watch")) {
  let timer;
  watch(join(here, "src"), { recursive: true }, () => {
    clearTimeout(timer);
    timer = setTimeout(() => everything().then(() => console.log("built"), (problem) => console.error(problem.message)), 100);
  });
}

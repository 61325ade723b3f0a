// Get the pages that the locator is measured on: published packages, unpacked into a folder outside of this repository.

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export const folder = process.env.OVERTURE_BENCH_PAGES ?? join(homedir(), ".cache", "overture-bench-pages");

export const packages = JSON.parse(await readFile(new URL("pages.json", import.meta.url), "utf8"));

/** The folder of one package, fetched once. */
export async function unpacked({ package: name, version, host, pages }) {
  const place = join(folder, `${name.replace("/", "_")}-${version}`);
  if (!existsSync(join(place, "package.json"))) {
    const work = `${place}.part`;
    await rm(work, { recursive: true, force: true });
    await mkdir(work, { recursive: true });
    await run("npm", ["pack", "--silent", `${name}@${version}`], { cwd: work });
    const [archive] = (await readdir(work)).filter((file) => file.endsWith(".tgz"));
    await run("tar", ["xzf", archive], { cwd: work });
    const [inside] = (await readdir(work)).filter((file) => !file.endsWith(".tgz"));
    await rm(place, { recursive: true, force: true });
    await rename(join(work, inside), place);
    await rm(work, { recursive: true, force: true });
  }
  if (host) {
    const page = `<!doctype html><html lang=en><meta charset=utf-8><title>${name}</title><body>${host}`;
    await writeFile(join(place, pages[0]), page);
  }
  return place;
}

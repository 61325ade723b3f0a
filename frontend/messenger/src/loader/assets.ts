import type { Baked } from "../../../protocol/messenger";

/** Where a file of the build lies; the server names it with its hash, so that it may be kept for long. */
export function assetUrl(base: string, baked: Baked, name: string): string {
  const path = baked.assets?.[name] ?? `/messenger/${name}`;
  return /^https?:/.test(path) ? path : base + path;
}

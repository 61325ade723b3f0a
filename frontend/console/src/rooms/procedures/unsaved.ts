/** What was typed and not saved yet: kept in this browser, so that a closed window or a lost connection loses nothing. */
import type { Tree } from "./tree";

export interface Unsaved {
  tree: Tree;
  at: string;
}

const place = (id: string) => `overture:unsaved:${id}`;

export function keepUnsaved(id: string, tree: Tree): void {
  try {
    localStorage.setItem(place(id), JSON.stringify({ tree, at: new Date().toISOString() }));
  } catch {
    // A full or forbidden store: the page still asks before it is left.
  }
}

export function unsavedOf(id: string): Unsaved | null {
  try {
    return JSON.parse(localStorage.getItem(place(id)) ?? "null") as Unsaved | null;
  } catch {
    return null;
  }
}

export function forgetUnsaved(id: string): void {
  localStorage.removeItem(place(id));
}

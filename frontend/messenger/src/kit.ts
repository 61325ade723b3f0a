// What the loader and the app know of each other.

import type { Baked, ClickAnswer } from "../../protocol/messenger";
import type { Launcher } from "./loader/launcher";
import type { Line } from "./loader/session";
import type { Settings } from "./loader/settings";

export interface Kit {
  baked: Baked;
  settings(): Settings;
  line: Line;
  launcher: Launcher;
  /** Ends everything: every listener and every request hangs on it. */
  signal: AbortSignal;
  /** The app tells how many messages wait, and what the launcher is called in the visitor's language. */
  unread(count: number, name: string): void;
  /** The panel opened or closed. */
  opened(open: boolean, covers: boolean): void;
  emailSupplied(email: string): void;
}

export interface App {
  /** Do what a method of the page's API asks for. */
  call(method: string, args: unknown[]): void;
  /** A click made or found a conversation: open on it. */
  fired(answer: ClickAnswer): void;
  /** The settings or the visitor changed. */
  changed(): void;
  /** Listen for messages although the panel is closed. */
  listen(): void;
}

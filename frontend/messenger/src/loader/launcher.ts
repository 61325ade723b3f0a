// The one element we add to the page: a host with a shadow root, and in it the button that opens the messenger.

import { readable } from "../colour";
import type { Settings } from "./settings";

const OPEN: Record<string, string> = {
  en: "Open chat",
  ar: "افتح المحادثة",
  de: "Chat öffnen",
  es: "Abrir chat",
  fr: "Ouvrir le chat",
  it: "Apri la chat",
  ja: "チャットを開く",
  nl: "Chat openen",
  pl: "Otwórz czat",
  pt: "Abrir chat",
  sv: "Öppna chatten",
  zh: "打开聊天",
};

const SPACE = "http://www.w3.org/2000/svg";
const BUBBLE = "M4 11c0-4 4-7 8-7s8 3 8 7-4 7-8 7q-2 0-3-.5L5 20l1-4a7 7 0 0 1-2-5z";

// For the host, our "!important" is stronger than any of the page's.
const CSS = `:host{all:initial!important;position:fixed!important;z-index:var(--z)!important}
@media print{:host{display:none!important}}
[hidden]{display:none!important}
.l{position:fixed;bottom:var(--b);right:var(--x);width:56px;height:56px;padding:0;border:0;border-radius:28px;background:var(--act);color:#fff;cursor:pointer;display:grid;place-items:center;box-shadow:0 4px 16px rgb(27 29 35/.22)}
:host(.left) .l{right:auto;left:var(--x)}
.l:focus-visible{outline:2px solid var(--act);outline-offset:2px;box-shadow:0 0 0 2px #fff}
.l svg{width:26px;height:26px;fill:none;stroke:currentColor;stroke-width:1.6;stroke-linejoin:round}
.d{position:absolute;top:-3px;right:-3px;min-width:6px;height:18px;padding:0 6px;border-radius:11px;background:#8A5A12;color:#fff;border:2px solid #fff;font:600 12px/18px system-ui}`;

export interface Launcher {
  host: HTMLElement;
  root: ShadowRoot;
  button: HTMLButtonElement;
  lang: string;
  /** How it should look and what it is called now. `name` replaces the words of this file. */
  draw(state: { settings: Settings; unread: number; open: boolean; name?: string; covers?: boolean }): void;
}

export function languageOf(settings: Settings): string {
  const wanted = [settings.language_override, ...navigator.languages];
  for (const one of wanted) {
    const short = String(one).toLowerCase().split(/[-_]/)[0] as string;
    if (Object.hasOwn(OPEN, short)) return short;
  }
  return "en";
}

export function makeLauncher(): Launcher {
  const host = document.createElement("overture-messenger");
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(CSS);
  root.adoptedStyleSheets = [sheet];

  const button = document.createElement("button");
  button.type = "button";
  button.className = "l";
  button.setAttribute("aria-haspopup", "dialog");
  const picture = document.createElementNS(SPACE, "svg");
  picture.setAttribute("viewBox", "0 0 24 24");
  picture.setAttribute("aria-hidden", "true");
  const shape = picture.appendChild(document.createElementNS(SPACE, "path"));
  const dot = document.createElement("span");
  dot.className = "d";
  button.append(picture, dot);
  root.append(button);

  const launcher: Launcher = {
    host,
    root,
    button,
    lang: "en",
    draw({ settings, unread, open, name, covers }) {
      launcher.lang = languageOf(settings);
      host.lang = launcher.lang;
      const set = (key: string, value: string) => host.style.setProperty(key, value);
      set("--act", readable(settings.action_color ?? settings.background_color));
      set("--x", padding(settings.horizontal_padding));
      set("--b", padding(settings.vertical_padding));
      set("--z", `${parseInt(settings.z_index) || 2147483000}`);
      host.classList.toggle("left", settings.alignment === "left");
      button.hidden = !!settings.hide_default_launcher || (open && !!covers);
      shape.setAttribute("d", open ? "M6 9l6 6 6-6" : BUBBLE);
      button.setAttribute("aria-expanded", `${open}`);
      button.setAttribute("aria-label", name ?? (OPEN[launcher.lang] as string) + (unread ? ` (${unread})` : ""));
      dot.hidden = !unread;
      dot.textContent = unread > 99 ? "99+" : `${unread}`;
    },
  };
  return launcher;
}

function padding(asked: unknown): string {
  return Math.max(20, parseInt(asked as string) || 20) + "px";
}

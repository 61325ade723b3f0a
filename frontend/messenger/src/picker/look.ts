// How the picker looks. A constructed sheet, so that a strict policy of the page has nothing to say against it.

export const SHEET = `
:host{all:initial;--paper:light-dark(#FBFAF7,#15161A);--card:light-dark(#FFF,#1D1F25);--line:light-dark(#E6E3DB,#30333B);--ink:light-dark(#1B1D23,#ECEAE4);--quiet:light-dark(#62656E,#A3A6AF);--indigo:light-dark(#3346B0,#93A2FF);--brass:light-dark(#8A5A12,#E0B25C);--moss:light-dark(#2C6E49,#7CC79B);--rust:light-dark(#A3362B,#F08A7C);--on:light-dark(#FFF,#15161A);
position:fixed;inset:0;width:auto;height:auto;max-width:none;max-height:none;margin:0;padding:0;border:0;background:none;overflow:visible;display:block;
z-index:2147483647;pointer-events:none;color-scheme:light dark}
*{box-sizing:border-box}
[hidden]{display:none!important}
.glass{position:fixed;inset:0;pointer-events:auto;cursor:crosshair}
.box{position:fixed;border:2px solid var(--brass);border-radius:4px;background:color-mix(in srgb,var(--brass) 14%,transparent);pointer-events:none}
.box.also{border-style:dashed;background:none}
.tip{position:fixed;max-width:340px;padding:4px 8px;border-radius:6px;background:var(--ink);color:var(--paper);font:13px/18px system-ui;pointer-events:none;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.card{position:fixed;inset-inline-end:16px;bottom:16px;width:360px;max-width:calc(100vw - 32px);max-height:calc(100vh - 32px);overflow:auto;padding:16px;pointer-events:auto;
background:var(--card);color:var(--ink);border:1px solid var(--line);border-radius:10px;box-shadow:0 8px 32px rgb(27 29 35/.2);font:15px/22px system-ui;text-align:start}
.card.up{bottom:auto;top:16px}
h2{margin:0 0 4px;font-size:15px;line-height:22px;font-weight:600;overflow-wrap:anywhere}
p,ul,fieldset{margin:0 0 8px}
ul{padding-inline-start:20px}
.quiet,li,legend{color:var(--quiet)}
.quiet,li,.warn{font-size:13px;line-height:18px}
legend,summary{font-size:13px}
.warn{color:var(--rust)}
.sure{font-weight:600}
.sure.good{color:var(--moss)}.sure.bad{color:var(--rust)}
fieldset{padding:8px 12px;border:1px solid var(--line);border-radius:6px}
legend{padding:0 4px}
label{display:flex;gap:8px;align-items:center;min-height:28px}
input{accent-color:var(--indigo);margin:0}
input[type=text]{width:100%;height:36px;margin:4px 0;padding:0 10px;border:1px solid var(--quiet);border-radius:6px;background:var(--paper);color:var(--ink);font:13px/18px ui-monospace,monospace}
details{margin:0 0 8px}
summary{cursor:pointer;color:var(--indigo);padding:4px 0}
.row{display:flex;flex-wrap:wrap;gap:8px;align-items:center}
button{min-height:36px;padding:0 14px;border:1px solid var(--line);border-radius:10px;background:none;color:var(--ink);font:15px/22px system-ui;cursor:pointer}
button.main{background:var(--indigo);border-color:var(--indigo);color:var(--on);font-weight:600}
button[aria-pressed=true]{border-color:var(--brass);color:var(--brass)}
button:disabled{opacity:.5;cursor:default}
.card:focus{outline:0}:focus-visible{outline:2px solid var(--indigo);outline-offset:2px}
kbd{padding:0 5px;border:1px solid var(--line);border-radius:4px;font:12px/18px ui-monospace,monospace}
`;

/** An element of ours: never by markup, which a page may forbid. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  given: Partial<HTMLElementTagNameMap[K]> & Record<string, unknown> = {},
  ...inside: Array<Node | string>
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (name.includes("-") || name === "role") element.setAttribute(name, String(value));
    else (element as unknown as Record<string, unknown>)[name] = value;
  }
  element.append(...inside);
  return element;
}

export function button(words: string, act: () => unknown, given: Record<string, unknown> = {}): HTMLButtonElement {
  const made = make("button", { type: "button", ...given }, words);
  made.addEventListener("click", act);
  return made;
}

/** A click on a page that is gone, judged on the next by what was written down of the clicked control. */

const TOKEN = /<!--[^]*?-->|<(\/?)([a-z][^\s/>]*)((?:\s[^\s=>]+="[^"]*")*)\s*>|([^<]+)/gi;
const VOID = /^(?:img|input|br|hr|wbr|source|area|col|embed|link|meta|track)$/i;
const SIGNS: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', nbsp: " " };

/**
 * The control once more, in no page, from its `outerHTML`. Read by hand, since a page may forbid its parser to us.
 * It has no neighbours: where they decide, the locator abstains.
 */
export function rebuilt(written: string): Element[] {
  let around: Element | null = null;
  let control: Element | null = null;
  for (const [, closes, tag, attributes, text] of written.matchAll(TOKEN)) {
    if (text) around?.append(plain(text));
    else if (closes) around = (around as Element | null)?.parentElement ?? null;
    else if (tag) {
      const element = document.createElement(tag);
      for (const [, name, value] of (attributes ?? "").matchAll(/([^\s=]+)="([^"]*)"/g)) {
        // No handler and no address of the old page does anything here.
        if (/^(?:on|src|style$)/.test(name!)) continue;
        try {
          element.setAttribute(name!, plain(value!));
        } catch {
          /* a name that only a parser takes */
        }
      }
      around?.append(element);
      control ??= element;
      if (!VOID.test(tag)) around = element;
    }
  }
  return control ? [control] : [];
}

function plain(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|nbsp);/g, (_, name: string) => SIGNS[name]!);
}

// Browse and select: point at the element whose click is to start a procedure.

import { describe, judge, resolve, twins } from "../locator";
import type { Description, Locator } from "../locator";
import { everywhere, parentOf, visible } from "../locator/read";
import { button, make, SHEET } from "./look";
import { at, CLICKABLE, isDisabled, snapped } from "./snap";
import { certainty, count, inWords, reasons } from "./words";

/** What was chosen, as the server keeps it. */
export interface Found {
  element: Locator;
  name: string;
  matches: number;
  confidence: number;
  reasons: string[];
}

export interface Picking {
  /** What the element is for: the trigger's name. */
  name?: string | null;
  /** The element that the trigger has now. */
  current?: Locator | null;
  result(found: Found): Promise<unknown>;
  cancel(): void;
}

const SWALLOWED =
  "pointerdown pointerup mousedown mouseup click dblclick auxclick contextmenu touchstart touchend".split(" ");

/** Begins; the function that comes back ends it without a result. */
export function pick(asked: Picking): () => void {
  const over = new AbortController();
  const { signal } = over;
  const host = make("div", { popover: "manual" });
  host.setAttribute("data-overture-picker", "");
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(SHEET);
  root.adoptedStyleSheets = [sheet];
  const glass = make("div", { className: "glass" });
  const box = make("div", { className: "box", hidden: true });
  const tip = make("div", { className: "tip", hidden: true, role: "status" });
  const also = make("div");
  const card = make("section", { className: "card", tabIndex: -1, role: "dialog", "aria-label": "Choose an element" });
  root.append(glass, also, box, tip, card);

  let pointed: Element | null = null;
  let chosen: Element | null = null;
  let usingPage = false;
  let below: Element[] = [];

  show();
  toTop();
  card.focus();

  for (const kind of SWALLOWED) {
    glass.addEventListener(kind, swallow, { signal });
    // What is done on the card is no business of the page's.
    host.addEventListener(kind, (event) => event.stopPropagation(), { signal });
  }
  glass.addEventListener("pointermove", (event) => point(at(event.clientX, event.clientY, document, host)), {
    signal,
  });
  glass.addEventListener("wheel", scroll, { signal, passive: true });
  glass.addEventListener(
    "click",
    (event) => {
      if (!pointed) point(at(event.clientX, event.clientY, document, host));
      if (pointed) choose(pointed);
    },
    { signal },
  );
  window.addEventListener("keydown", key, { signal, capture: true });
  window.addEventListener("keyup", (event) => event.key === "Alt" && usePage(false), {
    signal,
    capture: true,
  });
  window.addEventListener("blur", () => usePage(false), { signal });
  window.addEventListener("scroll", draw, { signal, capture: true, passive: true });
  window.addEventListener("resize", draw, { signal, passive: true });

  return end;

  function swallow(event: Event): void {
    event.preventDefault();
    event.stopPropagation();
  }

  /** Above everything, also above a dialog of the page, inside which alone anything can be clicked. */
  function toTop(): void {
    const modal = [...document.querySelectorAll("dialog[open]")]
      .filter((one) => safely(() => one.matches(":modal")))
      .pop();
    (modal ?? document.body ?? document.documentElement).append(host);
    safely(() => (host as HTMLElement & { showPopover?(): void }).showPopover?.());
  }

  function end(): void {
    over.abort();
    host.remove();
  }

  function cancel(): void {
    end();
    asked.cancel();
  }

  function key(event: KeyboardEvent): void {
    const typing = root.activeElement instanceof HTMLInputElement;
    if (event.key === "Escape") {
      swallow(event);
      if (chosen) again();
      else cancel();
    } else if (event.key === "Alt") {
      if (!chosen) usePage(true);
    } else if (usingPage || typing) return;
    else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      if (root.activeElement && chosen) return;
      swallow(event);
      walk(event.key === "ArrowUp");
    } else if (chosen) return;
    else if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      swallow(event);
      next(event.key === "ArrowRight");
    } else if (event.key === "Enter" && pointed && !(root.activeElement instanceof HTMLButtonElement)) {
      swallow(event);
      choose(pointed);
    }
  }

  /** While it is held the page is the page: menus open, links lead on. */
  function usePage(on: boolean): void {
    if (usingPage === on) return;
    usingPage = on;
    glass.hidden = on;
    if (on) point(null);
    else toTop();
    if (!chosen) show();
  }

  function scroll(event: WheelEvent): void {
    for (let one = at(event.clientX, event.clientY, document, host); one; one = parentOf(one)) {
      const way = getComputedStyle(one).overflowY;
      if (
        one.scrollHeight > one.clientHeight &&
        (way === "auto" || way === "scroll") &&
        one !== document.documentElement
      ) {
        one.scrollTop += event.deltaY;
        return;
      }
    }
  }

  function point(element: Element | null): void {
    if (chosen) return;
    pointed =
      element && element !== document.documentElement && element !== document.body ? snapped(element) : null;
    below = [];
    draw();
  }

  /** To the next thing that can be clicked, for those who have no pointer. */
  function next(forward: boolean): void {
    const all = everywhere(document, CLICKABLE).filter((one) => visible(one) && one.getRootNode() !== root);
    const here = all.indexOf(pointed!);
    pointed = all[forward ? here + 1 : here < 0 ? all.length - 1 : here - 1] ?? null;
    pointed?.scrollIntoView({ block: "nearest" });
    below = [];
    draw();
  }

  function walk(up: boolean): void {
    const from = chosen ?? pointed;
    if (!from) return;
    let next: Element | null | undefined;
    if (up) {
      next = parentOf(from);
      if (next && next !== document.body && next !== document.documentElement) below.push(from);
      else next = null;
    } else next = below.pop() ?? from.shadowRoot?.firstElementChild ?? from.firstElementChild;
    if (!next) return;
    if (chosen) choose(next);
    else {
      pointed = next;
      draw();
    }
  }

  function draw(): void {
    const element = chosen ?? pointed;
    box.hidden = tip.hidden = !element;
    if (!element) return;
    around(box, element);
    const place = element.getBoundingClientRect();
    const words = (element.getAttribute("aria-label") ?? element.textContent ?? "")
      .replace(/\s+/g, " ")
      .trim()
      .slice(0, 50);
    tip.textContent = `${element.localName}${words ? ` · ${words}` : ""}`;
    tip.hidden = !!chosen;
    tip.style.left = `${Math.max(4, Math.min(place.left, innerWidth - 348))}px`;
    tip.style.top = `${place.top > 34 ? place.top - 32 : Math.min(place.bottom + 6, innerHeight - 30)}px`;
    card.classList.toggle(
      "up",
      place.bottom > innerHeight - 220 && place.right > innerWidth - 400 && place.top > 260,
    );
  }

  function around(mark: HTMLElement, element: Element): void {
    const { left, top, width, height } = element.getBoundingClientRect();
    Object.entries({ left: left - 3, top: top - 3, width: width + 6, height: height + 6 }).forEach(
      ([side, far]) => mark.style.setProperty(side, `${far}px`),
    );
  }

  function outline(elements: Element[]): void {
    also.replaceChildren(
      ...elements
        .filter((one) => one !== chosen)
        .slice(0, 200)
        .map((one) => {
          const mark = make("div", { className: "box also" });
          around(mark, one);
          return mark;
        }),
    );
  }

  /** The card before anything is chosen. */
  function show(): void {
    const now = asked.current && resolve(asked.current, document).length;
    card.replaceChildren(
      make("h2", {}, `Click the element that starts ${asked.name ? `“${asked.name}”` : "the procedure"}`),
      make("p", { className: "quiet" }, ...(usingPage ? ["Go to where the element is."] : keys())),
      ...(asked.current ? [make("p", { className: "quiet" }, `The element chosen before: ${count(now!)}`)] : []),
      make(
        "div",
        { className: "row" },
        button("Use the page", () => usePage(!usingPage), { "aria-pressed": String(usingPage) }),
        button("Cancel", cancel),
      ),
    );
  }

  function again(): void {
    chosen = null;
    glass.hidden = false;
    outline([]);
    show();
    draw();
    card.focus();
  }

  function choose(element: Element): void {
    chosen = element;
    glass.hidden = true;
    const described = describe(element, document);
    draw();
    weigh(element, described);
  }

  /** The card about what was chosen. */
  function weigh(element: Element, described: Description): void {
    const verdict = judge(described, document);
    const same = twins(described, document);
    const name = inWords(described, element);
    const heading = make("h2", { tabIndex: -1 }, name);
    const matching = make("p", { className: "quiet", "aria-live": "polite" });
    const sureness = make("p", { className: "sure" });
    const list = make("ul");
    const problem = make("p", { className: "warn", hidden: true, role: "alert" });
    const css = make("input", {
      type: "text",
      "aria-label": "CSS selector",
      spellcheck: false,
      placeholder: "#track, .order button",
    });
    const use = button("Use this element", save, { className: "main" });
    const parts: Node[] = [heading, matching, sureness, list];
    let found: Found;

    const reckon = (any: boolean) => {
      const written = css.value.trim();
      const valid = !written || safely(() => document.querySelector(written) || true);
      const json: Locator = written
        ? { css: written }
        : described.overture
          ? { overture: described.overture }
          : any
            ? { ...described, any_of: true }
            : described;
      const all = resolve(json, document);
      const fits = written ? valid : all.includes(element);
      found = {
        element: json,
        name,
        matches: all.length,
        confidence: !fits || !all[0] ? 0 : written ? 1 : described.overture || any ? 0.99 : Math.round(verdict.confidence * 100) / 100,
        reasons: written ? ["Chosen by hand, with CSS."] : reasons(described, verdict),
      };
      outline(all);
      matching.textContent = valid ? count(all.length) : "This is not a CSS selector.";
      use.disabled = !fits;
      sureness.textContent = `${certainty(found.confidence)}: ${Math.round(found.confidence * 100)} %`;
      sureness.className = `sure ${found.confidence >= 0.85 ? "good" : found.confidence < 0.6 ? "bad" : ""}`;
      list.replaceChildren(...found.reasons.map((one) => make("li", {}, one)));
    };

    let any = false;
    if (same.length > 1 && !described.overture) {
      const own = make("input", { type: "radio", name: "which", checked: true });
      const each = make("input", { type: "radio", name: "which" });
      own.addEventListener("change", () => reckon((any = false)));
      each.addEventListener("change", () => reckon((any = true)));
      const place = same.indexOf(element) + 1;
      parts.push(
        make(
          "fieldset",
          {},
          make("legend", {}, `${same.length} elements look exactly like this`),
          make("label", {}, own, place ? `This one (${place} of ${same.length})` : "This one"),
          make("label", {}, each, `Any of the ${same.length}`),
        ),
      );
    }
    if (isDisabled(element))
      parts.push(
        make(
          "p",
          { className: "warn" },
          "This element is disabled now. A disabled button gives no click, so nothing starts until the page enables it.",
        ),
      );
    css.addEventListener("input", () => reckon(any));
    parts.push(make("details", {}, make("summary", {}, "Use CSS instead"), css));
    parts.push(problem);

    async function save(): Promise<void> {
      use.disabled = true;
      problem.hidden = true;
      try {
        await asked.result(found);
        finished();
      } catch (failure) {
        problem.textContent = `It was not saved. ${(failure as Error).message || "The server did not answer. Try again."}`;
        problem.hidden = false;
        use.disabled = false;
      }
    }
    const other = button("Pick another", again);
    const out = button("Outwards", () => walk(true), { "aria-label": "Pick the element around it" });
    const inside = button("Inwards", () => walk(false), { "aria-label": "Pick the element inside it" });
    card.replaceChildren(...parts, make("div", { className: "row" }, use, other, out, inside));
    reckon(false);
    use.focus();
  }

  function finished(): void {
    box.hidden = true;
    outline([]);
    const close = button("Close", () => (end(), window.close()), { className: "main" });
    card.replaceChildren(
      make("h2", {}, "Saved"),
      make("p", { className: "quiet" }, "You can close this tab now."),
      make("div", { className: "row" }, close),
    );
    close.focus();
  }
}

/** Every second piece is a key. */
function keys(): Array<Node | string> {
  return "|←| |→| go to the next, |↑| |↓| outwards and inwards, |Alt| held lets you use the page, |Esc| ends."
    .split("|")
    .map((piece, at) => (at % 2 ? make("kbd", {}, piece) : piece));
}

function safely<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

// From the point under the pointer to the element that a person means.

import { parentOf } from "../locator/read";

const ROLES = "button link tab menuitem menuitemcheckbox menuitemradio checkbox switch option radio";
export const CLICKABLE =
  "a[href],button,input,select,textarea,summary,label,area,[onclick],[data-overture]" +
  ROLES.replace(/\w+ ?/g, (role) => `,[role=${role.trim()}]`);

/** The innermost element at a point, in open shadow roots too, behind what is ours. */
export function at(x: number, y: number, document: Document, ours: Element): Element | null {
  let found: Element | null = null;
  let root: Document | ShadowRoot = document;
  for (;;) {
    const inner: Element | undefined = root
      .elementsFromPoint(x, y)
      .find((one) => one !== ours && one !== found && !ours.contains(one));
    if (!inner) return found;
    found = inner;
    if (!inner.shadowRoot) return found;
    root = inner.shadowRoot;
  }
}

/** The nearest clickable around it: an icon or a word means its button. */
export function snapped(element: Element): Element {
  for (let one: Element | null = element, level = 0; one && level < 8; one = parentOf(one), level++) {
    if (one.matches(CLICKABLE)) return one;
  }
  // A hand under the pointer is inherited, so the outermost that still has it is the one that was made clickable.
  let hand: Element | null = null;
  for (let one: Element | null = element; one && one.localName !== "body"; one = parentOf(one)) {
    if (getComputedStyle(one).cursor !== "pointer") break;
    hand = one;
  }
  return hand ?? element;
}

/** Whether a click on it is never heard. */
export function isDisabled(element: Element): boolean {
  return element.matches(":disabled,fieldset:disabled *");
}

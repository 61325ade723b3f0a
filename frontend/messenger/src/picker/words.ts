// What was picked, in words.

import type { Verdict } from "../locator/resolve";
import type { Description } from "../locator/model";

/** Roles that go by another name; of the others the role is the name. */
const KINDS: Record<string, string> = {
  radio: "Option",
  combobox: "List",
  textbox: "Field",
  menuitem: "Menu item",
  img: "Picture",
};
const BY_ROLE = /^(link|button|checkbox|tab|switch|label|heading)$/;

const PLACES: Record<string, string> = {
  navigation: "in the navigation",
  banner: "at the top",
  contentinfo: "at the foot",
  complementary: "at the side",
  form: "in a form",
  dialog: "in a dialog",
  search: "in the search",
};

/** “Link “Track order” in the navigation, under “Your orders””. */
export function inWords(one: Description, element?: Element): string {
  const kind = KINDS[one.role] ?? (BY_ROLE.test(one.role) ? capital(one.role) : `Element <${one.tag}>`);
  const name = one.name ? ` “${short(asWritten(one.name, element))}”` : one.icon ? " with a picture" : " without words";
  const place = one.landmark && PLACES[one.landmark] ? ` ${PLACES[one.landmark]}` : "";
  const under = one.heading ? `, under “${short(capital(one.heading))}”` : "";
  return kind + name + place + under;
}

/** Why it will be found again, or why that is not certain. */
export function reasons(one: Description, verdict: Verdict): string[] {
  const said: string[] = [];
  if (one.overture) return [`It carries data-overture="${one.overture}", which always wins.`];
  const only = new Set(one.only ?? []);
  if (only.has("id")) said.push("Its id was given by a person.");
  if (only.has("href")) said.push("No other element here goes to the same address.");
  if (only.has("name")) said.push("No other element of its kind says the same.");
  if (only.has("attrs")) said.push("It has attributes of its own.");
  if (!said.length && only.has("icon")) said.push("Its picture is found nowhere else here.");
  if (one.twin) {
    const [, of] = one.twin;
    said.push(
      only.has("row")
        ? `${of} look the same; the words in its row tell it apart.`
        : `${of} look the same; only its place tells it apart.`,
    );
  } else if (!said.length)
    said.push("Nothing of its own tells it apart, so its looks and its place were used.");
  if (!verdict.found.length)
    said.push("It cannot be told apart from others with certainty. Give it data-overture, or use CSS.");
  return said;
}

export function certainty(confidence: number): string {
  return confidence >= 0.85 ? "Sure" : confidence >= 0.6 ? "Fairly sure" : "Not sure";
}

export function count(number: number): string {
  return number === 1
    ? "1 element matches now."
    : number
      ? `${number} elements match now.`
      : "No element matches now.";
}

/** Descriptions are in small letters; a person reads it as it stands on the page. */
function asWritten(name: string, element?: Element): string {
  const texts = [element?.getAttribute("aria-label"), element?.textContent].map((text) => (text ?? "").replace(/\s+/g, " ").trim());
  return texts.find((text) => text.toLowerCase().startsWith(name)) ?? name;
}

function capital(text: string): string {
  return text[0]!.toUpperCase() + text.slice(1);
}

function short(text: string): string {
  return text.length > 40 ? text.slice(0, 39).trimEnd() + "…" : text;
}

// The locator's rules on small pages. How it does on real ones: npm run bench:locator.

import { beforeEach, expect, test, vi } from "vitest";
import { describe as described, likeness, rebuilt, resolve, twins, type Description } from "../src/locator";
import { classStem, drawn, stableId } from "../src/locator/shape";

const SHOP = `
  <nav><ul><li><a href="/">Home</a></li><li><a href="/orders">Orders</a></li><li><a href="/help">Help</a></li></ul></nav>
  <main><h2>Your orders</h2><table>
    <tr><td>FF-10007</td><td><button class="btn track">Track</button></td></tr>
    <tr><td>FF-10008</td><td><button class="btn track">Track</button></td></tr>
    <tr><td>FF-10009</td><td><button class="btn track">Track</button></td></tr></table>
    <button class="btn refund" id="refund">Ask for a refund</button>
    <button class="btn later">Remind me later</button></main>`;

const at = (selector: string) => document.querySelector(selector)!;

/** As it comes back from the server. */
const kept = (selector: string, more: object = {}): Description => ({
  ...(JSON.parse(JSON.stringify(described(at(selector), document))) as Description),
  ...more,
});

function pathOf(element: Element): Element[] {
  const path: Element[] = [];
  for (let one: Node | null = element; one; one = one.parentNode ?? (one as ShadowRoot).host ?? null)
    if (one.nodeType === 1) path.push(one as Element);
  return path;
}

beforeEach(() => {
  document.documentElement.lang = "en";
  document.body.innerHTML = SHOP;
});

test("everything on an unchanged page is found, by the page and by a click", () => {
  for (const element of document.querySelectorAll("a, button")) {
    const json = JSON.parse(JSON.stringify(described(element, document))) as Description;
    expect(new TextEncoder().encode(JSON.stringify(json)).length).toBeLessThan(2048);
    expect(resolve(json, document)).toEqual([element]);
    expect(resolve(json, document, { path: pathOf(element) })).toEqual([element]);
  }
});

test("a click on anything else is not taken for it", () => {
  const json = kept(".refund");
  for (const element of document.querySelectorAll("a, button:not(.refund), td, main"))
    expect(resolve(json, document, { path: pathOf(element) })).toEqual([]);
});

test("a click on what is inside it counts", () => {
  at(".refund").innerHTML = "<span><b>Ask for a refund</b></span>";
  expect(resolve(kept(".refund"), document, { path: pathOf(at("b")) })).toEqual([at(".refund")]);
});

test("other classes, ids and neighbours do not lose it", () => {
  const json = kept(".later");
  at(".later").className = "css-1x2y3z4";
  at("#refund").id = ":r3:";
  at("main").insertAdjacentHTML("afterbegin", "<div><button>New here</button></div>");
  expect(resolve(json, document)[0]?.textContent).toBe("Remind me later");
});

test("it has other words, and the others are who they were", () => {
  const json = kept(".later");
  at(".later").textContent = "Not today";
  expect(resolve(json, document)).toEqual([at(".later")]);
});

test("when it is gone, nobody takes its place", () => {
  const json = kept(".later");
  at(".later").remove();
  expect(resolve(json, document)).toEqual([]);
});

test("a translated page is known by what is not words", () => {
  const json = kept('a[href="/help"]');
  for (const one of document.querySelectorAll("a,button,h2,td:first-child"))
    one.textContent = `Ж${[...one.textContent!].reverse().join("")}`;
  expect(resolve(json, document)).toEqual([at('a[href="/help"]')]);
});

test("twins are told apart by their row, and found when the rows are shuffled", () => {
  const json = kept("tr:nth-of-type(2) button");
  const wanted = at("tr:nth-of-type(2) button");
  expect(twins(json, document)).toHaveLength(3);
  at("table tbody, table").append(wanted.closest("tr")!);
  expect(resolve(json, document)).toEqual([wanted]);
});

test("a twin whose row is gone is not guessed at", () => {
  const json = kept("tr:nth-of-type(2) button");
  at("tr:nth-of-type(2)").remove();
  expect(resolve(json, document)).toEqual([]);
});

test("any of these means all that look the same", () => {
  const json = kept("tr:nth-of-type(2) button", { any_of: true });
  expect(resolve(json, document)).toHaveLength(3);
  const last = at("tr:nth-of-type(3) button");
  expect(resolve(json, document, { path: pathOf(last) })).toEqual([last]);
});

test("data-overture always wins", () => {
  at(".later").setAttribute("data-overture", "later");
  const json = kept(".later");
  at(".later").outerHTML = '<a data-overture="later">Something else altogether</a>';
  expect(resolve(json, document)).toEqual([at("a[data-overture]")]);
  expect(resolve({ name: "later" }, document)).toHaveLength(1);
  expect(resolve({ overture: "other" }, document)).toEqual([]);
});

test("CSS written by hand", () => {
  expect(resolve({ css: "#refund" }, document)).toEqual([at("#refund")]);
  expect(resolve({ css: ".track" }, document)).toHaveLength(3);
  expect(resolve({ css: "main" }, document, { path: pathOf(at("#refund")) })).toEqual([at("main")]);
  expect(resolve({ css: "..no" }, document)).toEqual([]);
});

test("open shadow roots", () => {
  const host = document.body.appendChild(document.createElement("shop-cart"));
  const root = host.attachShadow({ mode: "open" });
  root.innerHTML =
    '<section><h3>Cart</h3><button class="pay">Pay now</button><button>Empty it</button></section>';
  const pay = root.querySelector(".pay")!;
  const json = JSON.parse(JSON.stringify(described(pay, document))) as Description;
  expect(resolve(json, document)).toEqual([pay]);
  expect(resolve(json, document, { path: pathOf(pay) })).toEqual([pay]);
  expect(resolve({ css: ".pay" }, document)).toEqual([pay]);
});

test("a number that tells a series apart must be that number", () => {
  document.body.innerHTML = Array.from({ length: 9 }, (_, n) => `<p><button>Buy ${n}</button></p>`).join("");
  const json = kept("p:nth-of-type(4) button");
  expect(resolve(json, document)[0]?.textContent).toBe("Buy 3");
  at("p:nth-of-type(4)").remove();
  expect(resolve(json, document)).toEqual([]);
});

test("nonsense finds nothing and throws nothing", () => {
  for (const json of [null, undefined, {}, { css: 3 }, { tag: "a" }, { v: 1, tag: 5, up: "x" }, "text", []])
    expect(resolve(json as never, document)).toEqual([]);
});

test.each([
  ["css-1x2y3z4", undefined],
  ["Button_primary__x7Gh2", "Button_primary"],
  ["sc-bdVaJ4", undefined],
  ["svelte-1tky8bj", undefined],
  ["nav-link", "nav-link"],
  ["btn-2", "btn-2"],
  ["active", undefined],
  ["md:hover:bg-sky-700", undefined],
  ["container-fluid", "container-fluid"],
])("the stem of %s", (name, stem) => expect(classStem(name)).toBe(stem));

test.each([
  ":r3:",
  "radix-:R1:",
  "ember123",
  "headlessui-menu-button-4",
  "a1b2c3d4e5",
  "input-1002",
  "mui-12",
])("%s is an id of a framework", (id) => expect(stableId(id)).toBeUndefined());

test.each(["refund", "main-menu", "sidebarToggle", "step2"])("%s is an id of a person", (id) =>
  expect(stableId(id)).toBe(id),
);

test("words are not drawn by lot", () => {
  for (const word of ["primary", "navLink", "checkout", "strengths", "h1", "col", "sm"])
    expect(drawn(word)).toBe(false);
});

test("another row of a series is not taken for the row that has gone", () => {
  const json = kept("tr:nth-of-type(2) button");
  expect(json.row_numbered).toBe(true);
  at("tr:nth-of-type(2)").remove();
  expect(resolve(json, document)).toEqual([]);
  for (const button of document.querySelectorAll("tr button"))
    expect(resolve(json, document, { path: pathOf(button) })).toEqual([]);
});

test("a row into which something was put is still the row", () => {
  const json = kept("tr:nth-of-type(2) button");
  const target = at("tr:nth-of-type(2) button");
  target.insertAdjacentHTML("beforebegin", "<p>On its way since Monday</p>");
  expect(resolve(json, document)).toEqual([target]);
});

test("twins in another order are a guess, and nobody guesses", () => {
  document.body.innerHTML = `<main>${["One", "Two", "Three"].map((word) => `<i>${word}</i><button>More</button>`).join("")}</main>`;
  const json = kept("button:nth-of-type(2)");
  expect(resolve(json, document)).toEqual([at("button:nth-of-type(2)")]);
  at("main").prepend(document.querySelectorAll("i")[2]!, document.querySelectorAll("button")[2]!);
  expect(resolve(json, document)).toEqual([]);
});

test("one of the twins says something else now, and nothing else has changed", () => {
  const row = (word: string) => `<p><span>Before</span><button class="more">${word}</button><span>After</span></p>`;
  document.body.innerHTML = `<main>${row("More").repeat(5)}</main>`;
  const json = kept("p:nth-of-type(3) button");
  const target = at("p:nth-of-type(3) button");
  target.textContent = "Read on";
  expect(resolve(json, document)).toEqual([target]);
  expect(resolve(json, document, { path: pathOf(target) })).toEqual([target]);
  expect(resolve(json, document, { path: pathOf(at("p:nth-of-type(2) button")) })).toEqual([]);

  // One came and one went: nobody knows whether this is it.
  at("p:nth-of-type(3)").remove();
  at("main").insertAdjacentHTML("beforeend", row("Read on"));
  expect(resolve(json, document)).toEqual([]);
  at("p:nth-of-type(5)").remove();
  expect(resolve(json, document)).toEqual([]);
});

test("a click on one of thousands of twins, and a description of it, read the page once", () => {
  document.body.innerHTML = `<main>${"<div><button>Buy</button></div>".repeat(1500)}</main>`;
  const [first, last] = [at("div:first-child button"), at("div:nth-child(1201) button")];
  expect([described(first, document).twin, described(last, document).twin]).toEqual([[0, 1500], [1200, 1500]]);
  expect(described(last, document).others).toBeUndefined();
});

test("a click on a twin that stands elsewhere is told from the described one without a look at the page", () => {
  document.body.innerHTML = `<main>${["pear", "plum", "fig", "date"].map((name) => `<p>${name}</p><button>Buy</button>`).join("")}</main>`;
  const buttons = [...document.querySelectorAll("button")];
  const json = JSON.parse(JSON.stringify({ ...described(buttons[2]!, document), only: undefined })) as Description;
  const search = vi.spyOn(document, "querySelectorAll");
  for (const other of [0, 1, 3]) expect(resolve(json, document, { path: pathOf(buttons[other]!) })).toEqual([]);
  expect(search).not.toHaveBeenCalled();
  expect(resolve(json, document, { path: pathOf(buttons[2]!) })).toEqual([buttons[2]]);
  expect(search).toHaveBeenCalled();
  search.mockRestore();
});

test("a click says what the page says, of twins that move, go, come and get other words", () => {
  const row = (name: string, of = 5) => `<p>${name}</p>${"<span><button class='b'>Buy</button></span>".repeat(of)}`;
  const changes: Array<(buttons: Element[]) => void> = [
    () => undefined,
    (buttons) => buttons[2]!.remove(),
    (buttons) => buttons[0]!.parentElement!.after(buttons[3]!.parentElement!),
    (buttons) => (buttons[1]!.textContent = "Sold"),
    (buttons) => buttons[4]!.parentElement!.after(buttons[4]!.parentElement!.cloneNode(true)),
    (buttons) => buttons.forEach((one) => (one.textContent = "購入")),
    (buttons) => buttons.forEach((one) => (one.className = "c")),
    () => at("p").after(at("p").cloneNode(true)),
  ];
  for (const change of changes)
    for (let wanted = 0; wanted < 5; wanted++) {
      document.body.innerHTML = `<main>${row("Pears")}</main>`;
      const buttons = [...document.querySelectorAll("button")];
      const json = JSON.parse(JSON.stringify(described(buttons[wanted]!, document))) as Description;
      expect(json.twin).toEqual([wanted, 5]);
      change(buttons);
      const found = resolve(json, document);
      for (const one of document.querySelectorAll("button"))
        expect(resolve(json, document, { path: pathOf(one) })).toEqual(found.includes(one) ? [one] : []);
    }
});

test("a hidden one that says the same does not stand in for what has gone", () => {
  document.body.innerHTML = `<main><div id="menu"><button id="search"><i class="fa fa-search"></i></button></div>
    <div class="small"><button><i class="fa fa-search"></i></button></div></main>`;
  const json = kept("#search");
  expect(json.same).toBe(2);
  at("#search").remove();
  expect(resolve(json, document)).toEqual([]);
});

test("a page that is read but shown nowhere has twins too", () => {
  const read = new DOMParser().parseFromString(`<main>${"<button>More</button>".repeat(3)}</main>`, "text/html");
  const json = described(read.querySelectorAll("button")[1]!, read);
  expect(json.twin).toEqual([1, 3]);
});

test("a click on a page that is gone is judged by what was written down of the control", () => {
  const link = at('nav a[href="/orders"]');
  link.innerHTML = `<!-- v-if --><svg viewBox="0 0 9 9"><path d="M1 1"></path></svg><span title='a "b" & <c>'>Orders</span><br><img src="/x.png" alt="">`;
  link.setAttribute("onclick", "");
  const json = kept('nav a[href="/orders"]');
  const other = kept('nav a[href="/help"]');
  const path = rebuilt(link.outerHTML);
  document.body.innerHTML = "<h1>Another page</h1>";
  expect(path[0]!.querySelector("span")!.getAttribute("title")).toBe('a "b" & <c>');
  expect(path[0]!.textContent).toBe("Orders");
  expect(path[0]!.querySelector("[src],[onclick]")).toBe(null);
  expect(resolve(json, document, { path })).toEqual(path);
  expect(resolve(other, document, { path })).toEqual([]);
});

test("a click tells how much of the description still holds, also in another language", () => {
  const json = kept("#refund");
  const now = () => likeness(json, document, pathOf(at(".refund, [data-r]")));
  expect(now()).toBe(1);
  expect(likeness(json, document, pathOf(at(".later")))).toBe(0);
  expect(likeness({ css: "#refund" }, document, pathOf(at("#refund")))).toBe(1);
  expect(likeness(json, document, rebuilt(at("#refund").outerHTML))).toBe(1);

  const box = document.createElement("section");
  at(".refund").replaceWith(box);
  box.innerHTML = '<form><p><button data-r="1" class="x9">Ask for a refund</button></p></form>';
  const drifted = now();
  expect(drifted).toBeGreaterThan(0);
  expect(drifted).toBeLessThan(0.9);

  document.body.innerHTML = SHOP;
  document.documentElement.lang = "de";
  for (const [one, words] of Object.entries({ "#refund": "Geld zurück", ".later": "Später", "h2": "Bestellungen" }))
    at(one).textContent = words;
  expect(now()).toBe(1);
});

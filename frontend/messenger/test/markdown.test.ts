// What a message may become, and what it may not.

import { expect, test } from "vitest";
import { draw, drawPlain, plain } from "../src/app/markdown";

function html(source: string, how = draw): string {
  const holder = document.createElement("div");
  holder.append(how(source));
  return holder.innerHTML.replace(/ (rel|target)="[^"]*"/g, "");
}

test.each([
  ["plain words", "<p>plain words</p>"],
  ["one\ntwo", "<p>one<br>two</p>"],
  ["one\n\ntwo", "<p>one</p><p>two</p>"],
  ["**bold** and *slanted*", "<p><strong>bold</strong> and <em>slanted</em></p>"],
  ["snake_case_name", "<p>snake_case_name</p>"],
  ["2 * 3 * 4", "<p>2 * 3 * 4</p>"],
  ["- a\n- b", "<ul><li>a</li><li>b</li></ul>"],
  ["3. c\n4. d", '<ol start="3"><li>c</li><li>d</li></ol>'],
  ["# Title", "<p><strong>Title</strong></p>"],
  ["`<b>`", "<p><code>&lt;b&gt;</code></p>"],
  ["\\*not\\*", "<p>*not*</p>"],
  ["[shop](https://shop.example/a)", '<p><a href="https://shop.example/a">shop</a></p>'],
  ["see https://shop.example/a.", '<p>see <a href="https://shop.example/a">https://shop.example/a</a>.</p>'],
])("%s", (source, drawn) => expect(html(source)).toBe(drawn));

test.each([
  "<img src=x onerror=alert(1)>",
  "<script>alert(1)</script>",
  "[x](javascript:alert(1))",
  "[x](data:text/html,hi)",
  "<javascript:alert(1)>",
  "![x](https://elsewhere.example/pixel.png)",
])("%s becomes neither markup nor a bad link", (source) => {
  const holder = document.createElement("div");
  holder.append(draw(source), drawPlain(source));
  expect(holder.querySelector("img, script, [onerror]")).toBeNull();
  for (const link of holder.querySelectorAll("a")) expect(link.protocol).toMatch(/^https?:$/);
});

test("an address with a name and password in it is no link", () => {
  expect(html("[bank](https://bank.example@evil.example/)")).not.toContain("<a");
});

test("a link that names another place says where it leads", () => {
  expect(html("[shop.example](https://evil.example/)")).toContain("(evil.example)");
  expect(html("[www.shop.example](https://shop.example/)")).not.toContain("(");
});

test("links open elsewhere and take nothing along", () => {
  const link = draw("https://shop.example").querySelector("a");
  expect(link?.rel).toContain("noopener");
  expect(link?.target).toBe("_blank");
});

test("plain text keeps its marks", () => {
  expect(html("**not bold**\nnext", drawPlain)).toBe("<p>**not bold**<br>next</p>");
  expect(plain("**Bold** and [a link](https://shop.example)\n\n- item")).toBe("Bold and a link item");
});

test("a long row of marks is drawn in no time", () => {
  const began = performance.now();
  draw("*_[(".repeat(2500));
  draw("[".repeat(10_000));
  expect(performance.now() - began).toBeLessThan(1500);
});

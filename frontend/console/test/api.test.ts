import { afterEach, expect, test, vi } from "vitest";
import { knowWord, post, query, read, Refused, whenSignedOut } from "../src/api";

afterEach(() => vi.unstubAllGlobals());

function answers(status: number, body: unknown) {
  const fetched = vi.fn(
    async (_: RequestInfo | URL, __?: RequestInit) => new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } }),
  );
  vi.stubGlobal("fetch", fetched);
  return fetched;
}

test("a change carries the session's word, a look does not", async () => {
  knowWord("ovc_word");
  const fetched = answers(200, {});
  await post("/things", { name: "one" });
  await read("/things");
  expect(fetched.mock.calls[0]![1]!.headers).toMatchObject({ "X-Overture-CSRF": "ovc_word" });
  expect(fetched.mock.calls[1]![1]!.headers).not.toHaveProperty("X-Overture-CSRF");
});

test("a refusal keeps the server's words and the field", async () => {
  answers(400, { type: "error.list", errors: [{ code: "parameter_invalid", message: "name is empty.", field: "name" }], details: { line: 3 } });
  const refused = await post("/things").catch((error: unknown) => error as Refused);
  expect(refused).toMatchObject({ status: 400, message: "name is empty.", field: "name", details: { line: 3 } });
});

test("a session that is over is told to the page", async () => {
  const told = vi.fn();
  whenSignedOut(told);
  answers(401, { errors: [{ code: "not_signed_in", message: "Sign in to go on." }] });
  await read("/account").catch(() => {});
  expect(told).toHaveBeenCalledOnce();
});

test("no answer at all is an error in words", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("failed")));
  await expect(read("/account")).rejects.toThrow("The server does not answer");
});

test("a query string leaves out what is empty", () => {
  expect(query({ view: "mine", page: 0, q: "", open: false })).toBe("?view=mine&page=0");
});

/** Talking to our own server: JSON in and out, one error class, the session's own word on every change. */

export interface OneError {
  code: string;
  message: string;
  field?: string;
}

/** What the server refused, in its own words. `field` names the place; `details` may hold more for the page. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly field?: string,
    readonly details?: Record<string, unknown>,
  ) {
    super(message);
  }
}

const BASE = "/console/api";
let word = "";
let onSignedOut: () => void = () => {};

/** The word that proves a change comes from this page; told with the session. */
export function knowWord(csrf: string): void {
  word = csrf;
}

/** What to do when the server says that the session is over. */
export function whenSignedOut(act: () => void): void {
  onSignedOut = act;
}

export async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const headers: Record<string, string> = {};
  const isFile = body instanceof Blob;
  if (method !== "GET") headers["X-Overture-CSRF"] = word;
  if (body !== undefined) headers["Content-Type"] = isFile ? "application/octet-stream" : "application/json";
  let response: Response;
  try {
    response = await fetch(BASE + path, {
      method,
      headers,
      credentials: "same-origin",
      body: body === undefined ? undefined : isFile ? body : JSON.stringify(body),
    });
  } catch {
    throw new Refused(0, "offline", "The server does not answer. Check the connection, then try again.");
  }
  const text = await response.text();
  const json = text && response.headers.get("content-type")?.includes("json") ? JSON.parse(text) : undefined;
  if (response.ok) return json as T;
  const one: OneError = json?.errors?.[0] ?? { code: "server_error", message: "The server answered with an error." };
  if (one.code === "not_signed_in") onSignedOut();
  throw new Refused(response.status, one.code, one.message, one.field, json?.details);
}

export const read = <T>(path: string) => call<T>("GET", path);
export const post = <T>(path: string, body: unknown = {}) => call<T>("POST", path, body);
export const put = <T>(path: string, body: unknown) => call<T>("PUT", path, body);
export const patch = <T>(path: string, body: unknown) => call<T>("PATCH", path, body);
export const remove = <T>(path: string) => call<T>("DELETE", path);

/** A query string of what is not empty. */
export function query(fields: Record<string, string | number | boolean | undefined | null>): string {
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined && value !== null && value !== "" && value !== false) asked.set(name, String(value));
  }
  const text = asked.toString();
  return text ? `?${text}` : "";
}

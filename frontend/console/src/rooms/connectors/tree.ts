/** A connector file as a tree, as the form reads and writes it. What the form does not know stays as it is. */

export type Tree = Record<string, unknown>;

export const TYPES = ["text", "number", "boolean", "date"];
export const RESULT_TYPES = ["any", "text", "number", "boolean", "date", "list", "object"];
export const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];
export const WITH_BODY = ["POST", "PUT", "PATCH"];

export interface Input {
  name: string;
  type: string;
  required: boolean;
  fallback: string;
}

export interface Kept {
  name: string;
  path: string;
  type: string;
  optional: boolean;
}

export interface Mock {
  when: [name: string, value: string][];
  status: string;
  answer: unknown;
  fails: string;
}

const isTree = (value: unknown): value is Tree => typeof value === "object" && value !== null && !Array.isArray(value);
export const treeOf = (value: unknown): Tree => (isTree(value) ? value : {});
export const textOf = (value: unknown): string => (value === undefined || value === null ? "" : typeof value === "object" ? JSON.stringify(value) : String(value));

/** The tree with one field set; an empty value takes it out. */
export function withField(tree: Tree, name: string, value: unknown): Tree {
  const { [name]: _, ...rest } = tree;
  const empty = value === undefined || value === "" || value === false || (isTree(value) && Object.keys(value).length === 0) || (Array.isArray(value) && value.length === 0);
  if (!empty) return name in tree ? { ...tree, [name]: value } : { ...rest, [name]: value };
  return rest;
}

export function inputsOf(tree: Tree): Input[] {
  return Object.entries(treeOf(tree.inputs)).map(([name, one]) => {
    const fields = isTree(one) ? one : { type: one };
    const fallback = textOf(fields.default);
    return { name, type: textOf(fields.type) || "text", required: fields.required === undefined ? !fallback : Boolean(fields.required), fallback };
  });
}

export function writtenInputs(inputs: Input[]): Tree {
  return Object.fromEntries(
    inputs.map((one) => {
      if (one.required && !one.fallback) return [one.name, one.type];
      return [one.name, { type: one.type, ...(one.fallback ? { default: typed(one.fallback, one.type) } : { required: false }) }];
    }),
  );
}

export function resultOf(tree: Tree): Kept[] {
  return Object.entries(treeOf(tree.result)).map(([name, one]) => {
    const fields = isTree(one) ? one : { path: one };
    return { name, path: textOf(fields.path), type: textOf(fields.type) || "any", optional: Boolean(fields.optional) };
  });
}

export function writtenResult(kept: Kept[]): Tree {
  return Object.fromEntries(
    kept.map((one) => {
      if (one.type === "any" && !one.optional) return [one.name, one.path];
      return [one.name, { path: one.path, ...(one.type === "any" ? {} : { type: one.type }), ...(one.optional ? { optional: true } : {}) }];
    }),
  );
}

export function mocksOf(tree: Tree): Mock[] {
  return (Array.isArray(tree.mocks) ? tree.mocks : []).map((one) => {
    const fields = treeOf(one);
    return {
      when: Object.entries(treeOf(fields.when)).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : textOf(value)]),
      status: textOf(fields.status),
      answer: fields.answer,
      fails: textOf(fields.fails),
    };
  });
}

export function writtenMocks(mocks: Mock[], inputs: Input[]): Tree[] {
  const kind = (name: string) => inputs.find((one) => one.name === name)?.type ?? "text";
  return mocks.map((one) => {
    const when = Object.fromEntries(one.when.filter(([name]) => name).map(([name, value]) => [name, several(value, kind(name))]));
    return {
      ...(Object.keys(when).length ? { when } : {}),
      ...(one.fails ? { fails: one.fails } : { ...(one.status ? { status: Number(one.status) } : {}), ...(one.answer === undefined ? {} : { answer: one.answer }) }),
    };
  });
}

function several(value: string, type: string): unknown {
  const parts = value.split(",").map((one) => typed(one.trim(), type));
  return parts.length === 1 ? parts[0] : parts;
}

/** What was typed, as a value of its type; text where it is none, so that the check can say so. */
export function typed(text: string, type: string): unknown {
  if (type === "number" && text.trim() !== "" && Number.isFinite(Number(text))) return Number(text);
  if (type === "boolean" && (text === "true" || text === "false")) return text === "true";
  return text;
}

export const AUTHS = [
  { value: "none", label: "It does not" },
  { value: "secret", label: "With a secret in a header" },
  { value: "client_credentials", label: "OAuth client credentials" },
  { value: "token_request", label: "With a token that another call gives" },
  { value: "contact_token", label: "With the contact's own token" },
];

export function authKind(tree: Tree): string {
  const auth = treeOf(tree.auth);
  return AUTHS.find((one) => one.value in auth)?.value ?? "none";
}

export function newAuth(kind: string): Tree | undefined {
  switch (kind) {
    case "secret":
      return { secret: "" };
    case "client_credentials":
      return { client_credentials: { token_url: "https://", client_id: "", client_secret: "" } };
    case "token_request":
      return { token_request: { url: "https://", token: "access_token" } };
    case "contact_token":
      return { contact_token: "" };
    default:
      return undefined;
  }
}

/** The call of a procedure's own URL, as one pastes it. Nothing but what the languages have themselves is needed. */
import type { Json, Tree } from "./tree";

export type Language = "curl" | "python" | "node";

const TOKEN = "YOUR_TOKEN";

export const languages: Record<Language, { label: string; written: (url: string, body: Tree) => string }> = {
  curl: {
    label: "curl",
    written: (url, body) =>
      [`curl -X POST '${url}' \\`, `  -H 'Authorization: Bearer ${TOKEN}' \\`, "  -H 'Intercom-Version: Unstable' \\", "  -H 'Content-Type: application/json' \\", `  -d '${JSON.stringify(body).replaceAll("'", "'\\''")}'`].join("\n"),
  },
  python: {
    label: "Python",
    written: (url, body) =>
      [
        "import json, urllib.request",
        "",
        `body = ${python(body)}`,
        "request = urllib.request.Request(",
        `    ${JSON.stringify(url)},`,
        "    data=json.dumps(body).encode(),",
        "    headers={",
        `        "Authorization": "Bearer ${TOKEN}",`,
        '        "Intercom-Version": "Unstable",',
        '        "Content-Type": "application/json",',
        "    },",
        ")",
        "print(urllib.request.urlopen(request).read().decode())",
      ].join("\n"),
  },
  node: {
    label: "Node",
    written: (url, body) =>
      [
        `fetch(${JSON.stringify(url)}, {`,
        '  method: "POST",',
        "  headers: {",
        `    "Authorization": "Bearer ${TOKEN}",`,
        '    "Intercom-Version": "Unstable",',
        '    "Content-Type": "application/json",',
        "  },",
        `  body: JSON.stringify(${JSON.stringify(body)}),`,
        "})",
        "  .then((answer) => answer.text())",
        "  .then(console.log);",
      ].join("\n"),
  },
};

function python(value: Json): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `[${value.map(python).join(", ")}]`;
  if (typeof value === "object") return `{${Object.entries(value).map(([name, one]) => `${JSON.stringify(name)}: ${python(one)}`).join(", ")}}`;
  return JSON.stringify(value);
}

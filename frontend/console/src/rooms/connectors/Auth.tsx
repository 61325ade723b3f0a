import { Button, NativeSelect, TextInput } from "@mantine/core";
import { Section } from "../../ui/Page";
import { Json } from "./Editor";
import { From } from "./Secrets";
import { authKind, AUTHS, newAuth, textOf, treeOf, withField, type Tree } from "./tree";

/** How the call proves who it comes from. Secrets are named here; their values are set apart. */
export function Auth({ tree, change, wrong, secrets, set }: { tree: Tree; change: (field: string, value: unknown) => void; wrong: (field: string) => string | undefined; secrets: { name: string; from: "environment" | "store" | null }[]; set: (name: string) => void }) {
  const auth = treeOf(tree.auth);
  const kind = authKind(tree);
  const inside = treeOf(auth[kind]);
  const part = (name: string, value: unknown) => change("auth", withKept(auth, name, value));
  const inner = (name: string, value: unknown) => change("auth", { ...auth, [kind]: withField(inside, name, value) });
  const line = (name: string, label: string, description?: string, placeholder?: string) => (
    <TextInput label={label} description={description} placeholder={placeholder} classNames={{ input: "mono" }} value={textOf(inside[name])} onChange={(event) => inner(name, event.currentTarget.value)} />
  );
  return (
    <Section title="How it signs in" lead="A secret is named here, as shop_api; its value is kept apart and never shown.">
      {wrong("auth") && <p className="problem">{wrong("auth")}</p>}
      <NativeSelect label="The call signs in" value={kind} data={AUTHS} onChange={(event) => change("auth", newAuth(event.currentTarget.value))} />
      {kind === "secret" && <TextInput label="Name of the secret" placeholder="shop_api" classNames={{ input: "mono" }} value={textOf(auth.secret)} onChange={(event) => part("secret", event.currentTarget.value)} />}
      {kind === "contact_token" && <TextInput label="Name of the token" description="As the site gives it to the messenger in auth_tokens." placeholder="shop" classNames={{ input: "mono" }} value={textOf(auth.contact_token)} onChange={(event) => part("contact_token", event.currentTarget.value)} />}
      {kind === "client_credentials" && (
        <>
          {line("token_url", "Address of the token")}
          <div className="fields">
            {line("client_id", "Client id")}
            {line("client_secret", "Name of the client's secret", undefined, "shop_oauth")}
            {line("scope", "Scope")}
            {line("audience", "Audience")}
            <NativeSelect label="Id and secret stand" value={textOf(inside.send) || "basic"} data={[{ value: "basic", label: "in the header" }, { value: "body", label: "in the body" }]} onChange={(event) => inner("send", event.currentTarget.value === "basic" ? "" : event.currentTarget.value)} />
          </div>
        </>
      )}
      {kind === "token_request" && (
        <>
          <div className="fields">
            <NativeSelect label="Method" aria-label="Method of the token's call" value={textOf(inside.method) || "POST"} data={["GET", "POST", "PUT"]} onChange={(event) => inner("method", event.currentTarget.value)} />
            {line("url", "Address of the token")}
            {line("token", "Where the token stands", undefined, "access_token")}
            {line("expires_in", "Where its seconds stand", undefined, "expires_in")}
            {line("lifetime", "Or it lasts", undefined, "1h")}
          </div>
          <Json label="Body of the token's call" value={inside.body} change={(value) => inner("body", value)} optional />
        </>
      )}
      {kind !== "none" && (
        <div className="fields">
          <TextInput label="In the header" placeholder="Authorization" classNames={{ input: "mono" }} value={textOf(auth.header)} onChange={(event) => part("header", event.currentTarget.value)} />
          <TextInput label="Scheme" placeholder={auth.header && textOf(auth.header).toLowerCase() !== "authorization" ? "none" : "Bearer"} classNames={{ input: "mono" }} value={textOf(auth.scheme)} onChange={(event) => part("scheme", event.currentTarget.value)} />
        </div>
      )}
      {secrets.map((one) => (
        <div key={one.name} className="row">
          <span className="mono">{one.name}</span> <From from={one.from} />
          <Button size="compact-sm" variant="default" onClick={() => set(one.name)}>
            {one.from === "store" ? `Replace ${one.name}` : `Set ${one.name}`}
          </Button>
        </div>
      ))}
    </Section>
  );
}

/** The name of a secret stays there while it is typed anew. */
function withKept(auth: Tree, name: string, value: unknown): Tree {
  return name === "secret" || name === "contact_token" ? { ...auth, [name]: value } : withField(auth, name, value);
}

import { NativeSelect, NumberInput, PasswordInput, TextInput } from "@mantine/core";
import { Icon } from "../../../ui/icons";
import type { Server } from "./api";

export interface ServerFields {
  security: string;
  host: string;
  port: number | "";
  user: string;
  password: string;
}

export const fieldsOf = (server: Server | null, security: string): ServerFields => ({
  security: server?.security ?? security,
  host: server?.host ?? "",
  port: server?.port ?? "",
  user: server?.user ?? "",
  password: "",
});

const PORTS: Record<string, number> = { "smtp+starttls": 587, smtps: 465, smtp: 25, imaps: 993, "imap+starttls": 143, imap: 143 };

/** A server, how it is spoken to, and who signs in. The password is written here and never read. */
export function ServerForm({
  place,
  ways,
  kept,
  fields,
  set,
  wrong,
  readOnly,
  example,
}: {
  place: "relay" | "mailbox";
  ways: { value: string; label: string }[];
  kept: Server | null;
  fields: ServerFields;
  set: (fields: Partial<ServerFields>) => void;
  wrong: (field: string) => string | undefined;
  readOnly: boolean;
  example: string;
}) {
  const stays = kept !== null && kept.has_password && fields.host.toLowerCase() === kept.host && fields.user === (kept.user ?? "");
  return (
    <>
      <div className="fields">
        <TextInput label="Server" placeholder={example} readOnly={readOnly} value={fields.host} error={wrong(`${place}.host`) ?? wrong(place)} onChange={(event) => set({ host: event.currentTarget.value })} />
        <NativeSelect
          label="Encryption"
          data={ways}
          disabled={readOnly}
          value={fields.security}
          error={wrong(`${place}.security`)}
          onChange={(event) => {
            const security = event.currentTarget.value;
            // A port that was not chosen follows the way.
            set({ security, port: fields.port === PORTS[fields.security] ? "" : fields.port });
          }}
        />
        <NumberInput
          label="Port"
          hideControls
          thousandSeparator=""
          placeholder={String(PORTS[fields.security])}
          readOnly={readOnly}
          value={fields.port}
          error={wrong(`${place}.port`)}
          onChange={(port) => set({ port: port === "" ? "" : Number(port) })}
        />
      </div>
      <div className="fields">
        <TextInput label="User" placeholder="help@acme.example" autoComplete="off" readOnly={readOnly} value={fields.user} error={wrong(`${place}.user`)} onChange={(event) => set({ user: event.currentTarget.value })} />
        {!readOnly && (
          <PasswordInput
            label="Password"
            autoComplete="new-password"
            placeholder={stays ? "kept; type to replace it" : ""}
            visibilityToggleButtonProps={{ "aria-label": "Show the password" }}
            value={fields.password}
            error={wrong(`${place}.password`)}
            onChange={(event) => set({ password: event.currentTarget.value })}
          />
        )}
      </div>
      {!readOnly && <p className="meta">The password is kept encrypted and never shown, to you neither. It stays with this server and user.</p>}
    </>
  );
}

/** What stands in the environment is changed there. */
export function FixedBy({ variable }: { variable: string | undefined }) {
  if (!variable) return null;
  return (
    <p className="notice notice-mild">
      <Icon name="info" size={16} />
      <span className="grow">
        Fixed by <code>{variable}</code>, where Overture is started. Change it there.
      </span>
    </p>
  );
}

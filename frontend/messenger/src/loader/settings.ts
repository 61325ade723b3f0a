// What the page says of itself and of its visitor.

import type { Identity } from "../../../protocol/messenger";

// Settings are the site's own: any key may be there, of any kind.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Settings = Record<string, any>;

// Keys with a meaning of their own; any other key is an attribute of the contact.
const OURS =
  /^(app_id|api_base|alignment|.*_padding|z_index|hide_.*|custom_launcher_selector|session_duration|.*_color|theme_mode|messenger_style_id|page_title|language_override|installation_type|intercom|websocket|auth_tokens|region|widget)$/;
const PERSON = /^(user_id|email|name|phone|created_at|user_hash)$/;

/** What the settings say of the visitor, or null where they say nothing. */
export function identityIn(settings: Settings): Identity | null {
  const identity: Identity = {};
  const attributes: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(settings)) {
    if (value == null || OURS.test(key)) continue;
    if (PERSON.test(key)) identity[key as "name"] = key === "created_at" ? value : String(value);
    else if (/^(intercom_user_)?jwt$/.test(key)) identity.jwt = value;
    else attributes[key] = value;
  }
  const known = Object.keys(identity).length > 0;
  if (known && Object.keys(attributes).length) identity.attributes = attributes;
  return known ? identity : null;
}

// What goes over the wire between the messenger and the server: docs/reference/messenger-protocol.md as types.

/** What the server writes into loader.js. */
export interface Baked {
  app_id: string;
  name: string;
  intercom: boolean;
  revision: string;
  assets: Record<string, string>;
  look: { agent_name: string; color: string | null; greeting: string | null };
  triggers: Trigger[];
}

export interface Trigger {
  id: string;
  /** A regular expression, searched for in host + path + query + hash. */
  page: string;
  /** What the picker stored, for the locator. */
  element: unknown;
}

export interface Identity {
  user_id?: string;
  user_hash?: string;
  jwt?: string;
  email?: string;
  name?: string;
  phone?: string;
  created_at?: number;
  attributes?: Record<string, unknown>;
}

export interface Contact {
  id: string;
  kind: "visitor" | "lead" | "user";
  user_id: string | null;
  name: string | null;
  email: string | null;
  verified: boolean;
}

export interface Session {
  token: string;
  expires_at: number;
  contact: Contact;
  cursor: number;
  unread: number;
  /** Ours, not the server's: a conversation is going on, so the next page listens too. */
  live?: boolean;
}

export interface Author {
  type: "bot" | "user" | "admin";
  name: string;
}

export interface Attachment {
  id: string;
  name: string;
  content_type: string;
  size: number;
  url: string;
}

export interface Part {
  seq: number;
  id: string;
  conversation_id: string;
  kind: "comment" | "event";
  author: Author;
  body: string | null;
  format: "markdown" | "plain";
  choices: { id: string; label: string }[];
  attachments: Attachment[];
  sources: { article_id: string; title: string }[];
  event: "closed" | "opened" | "assigned" | null;
  team: string | null;
  client_id: string | null;
  is_first_message: boolean;
  created_at: number;
}

export interface Proactive {
  trigger: string;
  kind: string;
  name: string;
  why: string;
  choice: "not_now" | "never" | null;
}

export interface Conversation {
  id: string;
  state: "open" | "snoozed" | "closed";
  title: string | null;
  handled_by: string;
  created_at: number;
  updated_at: number;
  last_part: Part | null;
  read_seq: number;
  unread: number;
  typing: Author | null;
  proactive: Proactive | null;
  /** The closed conversation that this one goes on in place of. */
  continues?: string | null;
  rating: { ask: boolean; value: number | null; remark: string | null };
}

export interface Updates {
  cursor: number;
  stamp: string;
  unread: number;
  parts: Part[];
  conversations: Conversation[];
}

export interface ClickAnswer {
  result: "fired" | "existing" | "suppressed" | "stale";
  conversation: Conversation | null;
  parts: Part[];
  cursor: number;
  session: Session | null;
  receipt_id: string | null;
  reason: string | null;
}

export interface ArticleRow {
  id: string;
  title: string;
  excerpt: string;
}

/** What `GET articles` answers. A collection without a name holds those that stand in none. */
export interface ArticlesFound {
  articles: ArticleRow[];
  collections: { name: string; articles: number }[];
  after: string | null;
}

export interface Article {
  id: string;
  title: string;
  body: string;
  updated_at: number;
}

/** What the server says of mail, and how a part of it is changed. */
import { useState } from "react";
import { patch, type Refused } from "../../../api";
import { done } from "../../../ui/undo";

export interface Server {
  security: string;
  host: string;
  port: number;
  user: string | null;
  has_password: boolean;
}

export interface DnsRecord {
  type: string;
  name: string;
  value: string;
  why: string;
}

/** By the parts' names on this page: which variable fixes it. */
export type Fixes = Partial<Record<"sender" | "relay" | "reply_domain" | "inbound_secret" | "inbound_smtp" | "mailbox" | "authserv_id" | "dkim", string>>;

export interface EmailState {
  sends: boolean;
  locked: string | null;
  kept: boolean;
  fixed: Fixes;
  sender: { name: string; address: string } | null;
  relay: Server | null;
  mailbox: (Server & { folder: string }) | null;
  reply_domain: string | null;
  domain: string | null;
  inbound_smtp: string | null;
  inbound_secret: boolean;
  inbound_url: string;
  authserv_id: string | null;
  dkim: { selector: string } | null;
  records: DnsRecord[];
  counts: Record<string, number>;
  received: { at: string; came_to: string } | null;
}

export interface EmailPart {
  email: EmailState;
  may: boolean;
  changed: (next: EmailState) => void;
}

/** Keep a part of the set-up; what the server refuses stands at its field. */
export function useKeep(changed: (next: EmailState) => void) {
  const [problem, setProblem] = useState<Refused | null>(null);
  const [busy, setBusy] = useState(false);
  const wrong = (field: string) => (problem?.field === field ? problem.message : undefined);
  async function keep(values: Record<string, unknown>, said = "Saved. It holds from now on.") {
    setBusy(true);
    try {
      changed(await patch<EmailState>("/email", values));
      setProblem(null);
      done(said);
      return true;
    } catch (error) {
      setProblem(error as Refused);
      return false;
    } finally {
      setBusy(false);
    }
  }
  return { problem, busy, wrong, keep };
}

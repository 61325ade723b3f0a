import { createContext, useContext } from "react";

export type Role = "owner" | "publisher" | "builder" | "agent";

export interface Me {
  id: string;
  name: string;
  email: string;
  role: Role;
}

/** What `GET session` answers. */
export interface SessionAnswer {
  signed_in: boolean;
  me?: Me;
  csrf?: string;
  may?: string[];
  workspace: { name: string; app_id?: string };
  first_owner?: boolean;
  needs_link?: boolean;
}

export interface Session {
  me: Me;
  workspace: { name: string; app_id: string };
  may: (action: string) => boolean;
  signOut: () => Promise<void>;
}

export const SessionContext = createContext<Session | null>(null);

/** Who is at this browser. Only below the shell, where somebody is. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("no session here");
  return session;
}

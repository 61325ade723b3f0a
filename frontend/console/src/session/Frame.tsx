import type { ReactNode } from "react";
import { Icon } from "../ui/icons";

/** The page around every form for somebody who is not signed in yet. */
export function Frame({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className="door">
      <div className="door-card card">
        <p className="wordmark">
          <Icon name="mark" className="brass" /> overture
        </p>
        <h1>{title}</h1>
        {children}
      </div>
    </main>
  );
}

export function NoLink() {
  return (
    <Frame title="Nobody can sign in yet">
      <p>The first owner is made at the machine that Overture runs on. There, run</p>
      <pre className="snippet">overture teammate create --role owner --name NAME --email ADDRESS</pre>
      <p>and open the link that it prints.</p>
    </Frame>
  );
}

import type { ReactNode } from "react";
import { Link, Redirect, Route, Switch, useLocation } from "wouter";
import { useSession } from "../../session/session";
import { Page } from "../../ui/Page";
import { useRead } from "../../ui/useRead";
import type { Settings as All } from "./api";
import { Data, Identity, LanguageModel, Triggers } from "./Choices";
import { Email } from "./email/Email";
import { Hours } from "./Hours";
import { Messenger } from "./Messenger";
import { People } from "./People";
import { Sites } from "./Sites";
import { Teams } from "./Teams";
import { Texts } from "./Texts";
import "./settings.css";

export interface Part {
  settings: All;
  /** Whether this person may change them; others read. */
  may: boolean;
  changed: (settings: All) => void;
}

const SECTIONS: { path: string; label: string; show: (part: Part) => ReactNode }[] = [
  { path: "/people", label: "People", show: () => <People /> },
  {
    path: "/teams",
    label: "Teams and hours",
    show: (part) => (
      <>
        <Teams />
        <Hours {...part} />
      </>
    ),
  },
  {
    path: "/messenger",
    label: "Messenger",
    show: (part) => (
      <>
        <Messenger {...part} />
        <Sites may={part.may} />
      </>
    ),
  },
  { path: "/texts", label: "What the agent says", show: (part) => <Texts {...part} /> },
  { path: "/email", label: "Email", show: (part) => <Email {...part} /> },
  { path: "/triggers", label: "Proactive triggers", show: (part) => <Triggers {...part} /> },
  { path: "/identity", label: "Identity", show: (part) => <Identity {...part} /> },
  { path: "/model", label: "Language model", show: (part) => <LanguageModel {...part} /> },
  { path: "/data", label: "Data", show: (part) => <Data {...part} /> },
];

const isHere = (here: string, path: string) => here === path || here.startsWith(`${path}/`);

export default function Settings() {
  const { data, mutate, instead } = useRead<All>("/settings", "settings");
  const session = useSession();
  const [here] = useLocation();
  if (!data) return instead;
  const part: Part = { settings: data, may: session.may("settings.write"), changed: (next) => void mutate(next, false) };
  return (
    <Page title="Settings" lead={part.may ? undefined : "Owners change these. You can read them."} wide>
      <div className="settings">
        <nav aria-label="Sections of the settings">
          <ul className="settings-sections">
            {SECTIONS.map((one) => (
              <li key={one.path}>
                <Link href={one.path} className={isHere(here, one.path) ? "nav-link active" : "nav-link"} aria-current={isHere(here, one.path) ? "page" : undefined}>
                  {one.label}
                </Link>
              </li>
            ))}
          </ul>
        </nav>
        <div className="settings-part stack">
          <Switch>
            {SECTIONS.map((one) => (
              <Route key={one.path} path={`${one.path}/*?`}>
                {one.show(part)}
              </Route>
            ))}
            <Route>
              <Redirect to="/people" replace />
            </Route>
          </Switch>
        </div>
      </div>
    </Page>
  );
}

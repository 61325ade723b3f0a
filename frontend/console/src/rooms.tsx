/** The rooms of the console, in the order of the navigation. A new page is one line here. */
import { lazy, type ComponentType, type LazyExoticComponent } from "react";
import type { IconName } from "./ui/icons";

export interface Room {
  /** The first part of its address, below /console. */
  path: string;
  label: string;
  icon: IconName;
  /** What one has to be allowed to see it. None: everybody. */
  action?: string;
  /** Reached from one's own name instead of the navigation. */
  personal?: boolean;
  Page: LazyExoticComponent<ComponentType>;
}

export const rooms: Room[] = [
  { path: "/home", label: "Home", icon: "home", Page: lazy(() => import("./rooms/first/Home")) },
  { path: "/inbox", label: "Inbox", icon: "inbox", action: "inbox.read", Page: lazy(() => import("./rooms/inbox/Inbox")) },
  { path: "/procedures", label: "Procedures", icon: "procedure", action: "procedures.read", Page: lazy(() => import("./rooms/procedures/Procedures")) },
  { path: "/articles", label: "Help content", icon: "article", action: "articles.read", Page: lazy(() => import("./rooms/articles/Articles")) },
  { path: "/connectors", label: "Connectors", icon: "connector", action: "connectors.write", Page: lazy(() => import("./rooms/connectors/Connectors")) },
  { path: "/developers", label: "Developer Hub", icon: "developer", action: "developers.write", Page: lazy(() => import("./rooms/developers/Developers")) },
  { path: "/reports", label: "Reports", icon: "report", action: "reports.read", Page: lazy(() => import("./rooms/reports/Reports")) },
  { path: "/settings", label: "Settings", icon: "settings", action: "settings.read", Page: lazy(() => import("./rooms/settings/Settings")) },
  { path: "/audit", label: "Audit log", icon: "audit", action: "audit.read", Page: lazy(() => import("./rooms/audit/Audit")) },
  { path: "/account", label: "Your account", icon: "person", personal: true, Page: lazy(() => import("./rooms/account/Account")) },
];

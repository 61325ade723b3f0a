/** What a page shows when there is nothing yet, not yet, or not at all. */
import { Button, Skeleton } from "@mantine/core";
import type { ReactNode } from "react";
import { Icon, type IconName } from "./icons";

export function Loading({ what, whole = false, rows = 4 }: { what: string; whole?: boolean; rows?: number }) {
  return (
    <div className={whole ? "door" : "loading"} aria-busy="true">
      <span className="visually-hidden" role="status">
        Loading {what}
      </span>
      {!whole && Array.from({ length: rows }, (_, row) => <Skeleton key={row} height={20} mb={12} width={`${92 - row * 9}%`} />)}
    </div>
  );
}

export function Failure({ error, again, whole = false }: { error: Error; again?: () => void; whole?: boolean }) {
  return (
    <div className={whole ? "door" : "empty"} role="alert">
      <div className="empty-inside">
        <Icon name="warning" size={28} />
        <p>{error.message}</p>
        {again && (
          <Button variant="default" onClick={again}>
            Try again
          </Button>
        )}
      </div>
    </div>
  );
}

/** An empty place says what it is for, and has one thing to do. */
export function Empty({ icon, title, children, action }: { icon: IconName; title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="empty">
      <div className="empty-inside">
        <Icon name={icon} size={28} className="quiet" />
        <h2>{title}</h2>
        {children && <div className="quiet">{children}</div>}
        {action}
      </div>
    </div>
  );
}

/** What the server refused, beside the form that it refused. */
export function Problem({ error }: { error: Error | null | undefined }) {
  if (!error) return null;
  return (
    <p className="problem" role="alert">
      <Icon name="warning" size={16} /> {error.message}
    </p>
  );
}

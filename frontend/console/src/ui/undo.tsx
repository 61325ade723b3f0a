import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";

/** Say what was done. With `undo` it can be taken back for a few seconds, instead of asking beforehand. */
export function done(message: string, undo?: () => void): void {
  const id = notifications.show({
    message: (
      <span className="undo">
        {message}
        {undo && (
          <Button
            size="compact-sm"
            variant="subtle"
            onClick={() => {
              notifications.hide(id);
              undo();
            }}
          >
            Undo
          </Button>
        )}
      </span>
    ),
    autoClose: undo ? 8000 : 4000,
    closeButtonProps: { "aria-label": "Dismiss" },
  });
}

/** Say what went wrong, until it is closed. */
export function failed(error: unknown): void {
  notifications.show({
    color: "red",
    message: error instanceof Error ? error.message : String(error),
    autoClose: 10_000,
    closeButtonProps: { "aria-label": "Dismiss" },
    role: "alert",
  });
}

import { useEffect } from "react";

const REMEMBERED = 5;

/**
 * Give the focus back to where it was when a dialog goes. A dialog that is taken off the page at once leaves it nowhere,
 * and whoever works by the keyboard would begin at the top again.
 */
export function useFocusBack(): void {
  useEffect(() => {
    let outside: HTMLElement[] = [];
    let inside: HTMLElement | null = null;
    function moved(event: FocusEvent) {
      const here = event.target as HTMLElement;
      if (here.closest("[role=dialog]")) {
        if (!inside) watcher.observe(document.body, { childList: true, subtree: true });
        inside = here;
      } else {
        goneOut();
        outside = [here, ...outside.filter((one) => one !== here)].slice(0, REMEMBERED);
      }
    }
    function goneOut() {
      inside = null;
      watcher.disconnect();
    }
    function left(event: KeyboardEvent) {
      // Who left a field by Escape wants its letters to be keys again, also after the next dialog.
      if (event.key === "Escape" && !inside && document.activeElement === document.body) outside = [];
    }
    // A dialog that is taken off the page tells nobody; the page is watched only while the focus is in one.
    const watcher = new MutationObserver(() => {
      if (!inside || inside.isConnected || document.activeElement !== document.body) return;
      goneOut();
      // A menu's item that opened the dialog is gone by now; the menu's own button is not.
      outside.find((one) => one.isConnected && !one.matches(":disabled"))?.focus({ preventScroll: true });
    });
    document.addEventListener("focusin", moved);
    document.addEventListener("keydown", left);
    return () => {
      document.removeEventListener("focusin", moved);
      document.removeEventListener("keydown", left);
      watcher.disconnect();
    };
  }, []);
}

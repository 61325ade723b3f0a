// What is kept in the browser. A page, or its visitor, may allow none of it: then nothing is kept.

type Shelf = "localStorage" | "sessionStorage";

export function raw(shelf: Shelf, key: string): string | null {
  try {
    return window[shelf].getItem(key);
  } catch {
    return null;
  }
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any
export function kept(shelf: Shelf, key: string): any {
  try {
    return JSON.parse(raw(shelf, key) as string);
  } catch {
    return null; // somebody else's, or cut off
  }
}

/** Keep a value; null forgets it. */
export function keep(shelf: Shelf, key: string, value: unknown): void {
  try {
    if (value) window[shelf].setItem(key, JSON.stringify(value));
    else window[shelf].removeItem(key);
  } catch {
    /* full, or not allowed */
  }
}

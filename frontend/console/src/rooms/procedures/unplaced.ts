/** What of a written process found no place in its draft: kept in this browser until somebody has seen to it. */
export interface Unplaced {
  line: number;
  text: string;
  why: string;
}

const place = (id: string) => `overture:unplaced:${id}`;

export function keepUnplaced(id: string, unplaced: Unplaced[]): void {
  if (unplaced.length) localStorage.setItem(place(id), JSON.stringify(unplaced));
}

export function unplacedOf(id: string): Unplaced[] {
  try {
    return JSON.parse(localStorage.getItem(place(id)) ?? "[]") as Unplaced[];
  } catch {
    return [];
  }
}

export function forgetUnplaced(id: string): void {
  localStorage.removeItem(place(id));
}

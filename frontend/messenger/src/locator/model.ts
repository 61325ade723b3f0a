/** What a picked element is known by. Plain JSON, under 2 KB, kept in the procedure file. */
export interface Description {
  v: 1;
  tag: string;
  role: string;
  /** The value of `data-overture`, which always wins. */
  overture?: string;
  /** The words a person or a screen reader would call it by. */
  name?: string;
  /** A number in its words tells it from others of its series. */
  numbered?: true;
  href?: string;
  id?: string;
  attrs?: Record<string, string>;
  classes?: string[];
  icon?: string;
  landmark?: string;
  heading?: string;
  /** The words around it in its row, card or label. */
  row?: string;
  /** A number in the words around it tells its row from others of a series. */
  row_numbered?: true;
  /** Its ancestors, nearest first. */
  up?: string[];
  /** Its place among like elements, in the nearest container of several, then in the next. */
  at?: Array<[place: number, of: number]>;
  /** What no other element of the page shared when it was picked. */
  only?: Feature[];
  /** Look-alikes that it is not: a hash of the words and one of the address of each. */
  others?: string;
  /** Which of how many identical ones, where there were any. */
  twin?: [place: number, of: number];
  /** Of one of several identical ones: hashes of what stands before it and after it. */
  beside?: [before: string, after: string];
  /** How many of the page say the same and lead to the same, also those that are hidden or have another id. */
  same?: number;
  /** Any of the identical ones will do. */
  any_of?: boolean;
  lang?: string;
}

export type Feature = "name" | "href" | "id" | "attrs" | "icon" | "row" | "classes";

/** A selector written by hand. */
export interface ByHand {
  css: string;
}

/** Elements that carry `data-overture="name"`; `{name: "name"}` says the same. */
export type ByMark = { overture: string } | { name: string };

export type Locator = Description | ByHand | ByMark;

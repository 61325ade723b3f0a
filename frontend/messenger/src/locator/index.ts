/** Describing an element so that it is found again after a deploy, a release or a translation; or not at all. */

export { describe } from "./describe";
export type { ByHand, ByMark, Description, Locator } from "./model";
export { judge, likeness, resolve, twins } from "./resolve";
export { rebuilt } from "./rebuilt";

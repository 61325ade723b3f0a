/**
 * For the field of a dialog in which one begins to type. `autoFocus` has the focus there as soon as the field is: who
 * presses a key and goes on typing loses no letter. `data-autofocus` tells Mantine, which moves the focus a moment after a
 * dialog opens, that it is right where it is.
 */
export const focusFirst = { autoFocus: true, "data-autofocus": true } as const;

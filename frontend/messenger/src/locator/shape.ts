/** Which names in a page were written by a person, and which by a program that will write others tomorrow. */

const FRAMEWORK_ID =
  /^(:r|«r|_r_|radix-|headlessui-|react-(select|aria|tabs|spectrum)|ember\d|ext-|yui_|gwt-|mui-\d|mat-[a-z-]+-\d|cdk-|ng-|v-\d|el-id-|rc[_-]|select2-|chakra-|floating-ui|downshift-|mantine-|aria-|uid|__|lit-|tippy-|popper|swagger-ui-\d|dt-|DataTables_|jqgrid|ui-id-|collapse-?\d|accordion-?\d)/i;

const COMMON_ENDINGS =
  /^(?:xs|sm|md|lg|xl|xxl|[0-9]?xl|h[1-6]|col|row|btn|nav|img|svg|hr|th|td|tr|ul|li|px|pt|pb|pl|pr|py|mx|my|mt|mb|ml|mr|ms|me|ps|pe)$/;

/** Whether a piece of a name, without separators, looks drawn by lot. */
export function drawn(piece: string): boolean {
  if (piece.length < 4 || COMMON_ENDINGS.test(piece)) return false;
  if (/^\d+$/.test(piece)) return piece.length > 3;
  if (/^[0-9a-f]{6,}$/i.test(piece) && /\d/.test(piece)) return true;
  // Digits inside letters: x7Gh2; but not at one end alone, as in step2 or h1Title.
  const changes = (piece.match(/[a-z]\d|\d[a-z]/gi) ?? []).length;
  if (changes >= 2) return true;
  if (
    changes === 1 &&
    !/^[a-z]{2,}\d{1,2}$/i.test(piece) &&
    piece.length >= 5 &&
    !/^\d{1,3}[a-z]+$/i.test(piece)
  )
    return true;
  // Capitals strewn about: kOpQwE.
  const words = piece
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
    .split(" ");
  if (words.length > 1 && piece.length / words.length < 2.6) return true;
  const letters = piece.replace(/[^a-z]/gi, "");
  const vowels = (letters.match(/[aeiouy]/gi) ?? []).length;
  if (letters.length >= 6 && vowels / letters.length < 0.1) return true;
  return /[^aeiouy\d]{6,}/i.test(piece) && /[A-Z]/.test(piece) && /[a-z]/.test(piece);
}

/** An id that will be there tomorrow, or nothing. */
export function stableId(id: string | null | undefined): string | undefined {
  if (!id || id.length > 60 || FRAMEWORK_ID.test(id) || /[\s:«»]/.test(id)) return undefined;
  if (/\d{4,}/.test(id) || /[-_]\d+[-_]\d+/.test(id)) return undefined;
  return id.split(/[-_.]+/).some(drawn) ? undefined : id;
}

const STATE_CLASS =
  /^(?:active|open|opened|show|shown|hide|hidden|in|out|fade|focus(?:ed)?|hover(?:ed)?|selected|current|disabled|enabled|loading|loaded|collapsed?|collapsing|expanded|visited|checked|pressed|ng-.*|is-.*|has-.*|js-.*-init(?:ialized)?|animated?|wow|aos-.*)$/;

/** Keeps the answers of a pure function, since a page asks the same thing thousands of times. */
export function remembered<T>(f: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    let answer = known.get(text);
    if (answer === undefined && !known.has(text)) {
      if (known.size > 4000) known.clear();
      known.set(text, (answer = f(text)));
    }
    return answer as T;
  };
}

/** What of a class was written by a person: `Button_primary__x7Gh2` → `Button_primary`, `css-1x2y3z` → nothing. */
export const classStem = remembered(stemOf);

function stemOf(name: string): string | undefined {
  if (STATE_CLASS.test(name) || name.length > 60) return undefined;
  // Utility classes of a generator that escapes: w-[12px], md:hover:bg-sky-700.
  if (/[[\]():/%!@&]/.test(name)) return undefined;
  const parts = name.split(/(--?|__?)/);
  const kept: string[] = [];
  for (let at = 0; at < parts.length; at += 2) {
    const piece = parts[at]!;
    if (piece && !drawn(piece)) kept.push((kept.length ? (parts[at - 1] ?? "") : "") + piece);
  }
  let stem = kept
    .join("")
    .replace(/^(?:css|sc|jsx|jss|svelte|emotion|styled|makeStyles|tw|_+)[-_]?(?=$|\d)/, "");
  stem = stem.replace(/[-_]+\d+$/, (digits) => (/^[-_]\d{1,2}$/.test(digits) ? digits : ""));
  if (/^(?:css|sc|jsx|jss|svelte|emotion|styled|tw)$/.test(stem)) return undefined;
  return stem.length > 1 ? stem : undefined;
}

/** A text with every number made one: how the members of a series look alike. */
export function bare(text: string): string {
  return text.replace(/\d+/g, "#");
}

/** A hash of 18 bits in three letters: enough to tell a page's elements apart. */
export function hash(text: string): string {
  let h = 2166136261;
  for (let at = 0; at < text.length; at++) h = Math.imul(h ^ text.charCodeAt(at), 16777619);
  h ^= h >>> 15;
  h = Math.imul(h, 2246822507);
  h ^= h >>> 13;
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return letters[h & 63]! + letters[(h >>> 6) & 63]! + letters[(h >>> 12) & 63]!;
}

export function squeezed(text: string | null | undefined, most = 80): string {
  if (!text) return "";
  return text.slice(0, 600).replace(/\s+/g, " ").trim().toLowerCase().slice(0, most);
}

/** How alike two texts are, 0 to 1, by their words; numbers count less, since counts and dates move. */
export function alike(one: string, two: string): number {
  if (one === two) return 1;
  if (!one || !two) return 0;
  if (/[^\d\s]/.test(one) && bare(one) === bare(two)) return 0.92;
  const a = bare(one)
    .split(/[^\p{L}\p{M}#]+/u)
    .filter(Boolean);
  const left = bare(two)
    .split(/[^\p{L}\p{M}#]+/u)
    .filter(Boolean);
  const total = a.length + left.length;
  if (!total) return 0;
  let shared = 0;
  for (const word of a) {
    const found = left.indexOf(word);
    if (found >= 0) {
      shared += word === "#" ? 0.5 : 1;
      left.splice(found, 1);
    }
  }
  return 0.9 * ((2 * shared) / total);
}

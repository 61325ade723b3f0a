import { lazy, Suspense, useEffect, useState, type ComponentType, type RefObject } from "react";
import type { Name } from "./tree";
import * as words from "./words";

export interface WordsProps {
  label: string;
  value: string;
  onChange: (text: string) => void;
  names: Name[];
  placeholder?: string;
  error?: boolean;
  autoFocus?: boolean;
  readOnly?: boolean;
  /** Typed “/” into an empty field. */
  onSlash?: () => void;
}

let Loaded: ComponentType<WordsProps> | null = null;
const load = () =>
  import("./WordsField").then((found) => {
    Loaded = found.default;
    return found;
  });
const Later = lazy(load);

/** Fetch what texts are written in before there is one, so that whoever makes one can type at once. */
export const readyWords = () => void load().catch(() => {}); // it is asked for again where it is shown

/** A text with chips: type @ for a value that is filled in when it is said. */
export function Words(props: WordsProps) {
  const [Field] = useState<ComponentType<WordsProps>>(() => Loaded ?? Later);
  return (
    <Suspense
      fallback={
        <div className="words" aria-busy="true">
          <Still text={props.value} />
        </div>
      }
    >
      <Field {...props} />
    </Suspense>
  );
}

/** The same words, to look at. */
export function Still({ text }: { text: string }) {
  return (
    <div className="words-text">
      {text.split("\n").map((line, at) => (
        <p key={at}>
          {words.pieces(line).map((piece, n) => (piece.type === "chip" ? <span key={n} className="chip">{words.read(String(piece.attrs?.says)).name}</span> : piece.text))}
          {line === "" && <br />}
        </p>
      ))}
    </div>
  );
}

/** Whether something is in sight or about to be, or has been: what it needs is made then. */
export function useNear(box: RefObject<HTMLElement | null>, already: boolean, margin: string): [boolean, (near: boolean) => void] {
  const [near, setNear] = useState(already || typeof IntersectionObserver === "undefined");
  useEffect(() => {
    if (near || !box.current) return;
    const seen = new IntersectionObserver((found) => found.some((one) => one.isIntersecting) && setNear(true), { rootMargin: margin });
    seen.observe(box.current);
    return () => seen.disconnect();
  }, [near, box, margin]);
  return [near, setNear];
}

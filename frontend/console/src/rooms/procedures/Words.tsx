import { lazy, Suspense } from "react";
import type { Name } from "./tree";

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

const Field = lazy(() => import("./WordsField"));

/** A text with chips: type @ for a value that is filled in when it is said. */
export function Words(props: WordsProps) {
  return (
    <Suspense fallback={<div className="words words-waiting" aria-busy="true" />}>
      <Field {...props} />
    </Suspense>
  );
}

import { NumberInput, Select } from "@mantine/core";
import { useState } from "react";

const UNITS = [
  { value: "m", label: "minutes" },
  { value: "h", label: "hours" },
  { value: "d", label: "days" },
];

/** `24h` as a number and a unit; null where it says more than that (`1h30m`). */
export function lengthOf(text: string): { count: number; unit: string } | null {
  const found = /^(\d+)([mhd])$/.exec(text);
  return found ? { count: Number(found[1]), unit: found[2]! } : null;
}

interface Props {
  label: string;
  /** What a screen reader says, where several have this label. */
  name?: string;
  value: string;
  /** What holds where nothing is written. */
  usual: string;
  readOnly?: boolean;
  onChange: (length: string | undefined) => void;
}

/** A length of time, chosen and not spelled. Empty is what holds anyway. */
export function Length({ label, name = label, value, usual, readOnly, onChange }: Props) {
  const read = lengthOf(value);
  const [unit, setUnit] = useState(read?.unit ?? lengthOf(usual)?.unit ?? "h");
  const shownUnit = read?.unit ?? unit;
  const odd = value !== "" && !read;
  return (
    <div className="length">
      <NumberInput
        size="sm"
        label={label}
        aria-label={name}
        className="grow"
        min={1}
        allowDecimal={false}
        allowNegative={false}
        hideControls
        placeholder={odd ? value : inWords(usual)}
        readOnly={readOnly}
        value={read?.count ?? ""}
        onChange={(count) => onChange(typeof count === "number" && count > 0 ? `${count}${shownUnit}` : undefined)}
      />
      <Select
        size="sm"
        aria-label={`${name}: unit`}
        w={104}
        data={UNITS}
        value={shownUnit}
        allowDeselect={false}
        readOnly={readOnly}
        onChange={(chosen) => {
          setUnit(chosen ?? "h");
          if (read) onChange(`${read.count}${chosen ?? "h"}`);
        }}
      />
    </div>
  );
}

/** `24h` is "24 hours"; what is no length stays as it is. */
export function inWords(text: string): string {
  const read = lengthOf(text);
  if (!read) return text;
  const unit = UNITS.find((one) => one.value === read.unit)!.label;
  return `${read.count} ${read.count === 1 ? unit.slice(0, -1) : unit}`;
}

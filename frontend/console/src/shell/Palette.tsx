import { Modal, TextInput } from "@mantine/core";
import { useEffect, useMemo, useState } from "react";
import { useLocation } from "wouter";
import { focusFirst } from "../ui/focusFirst";
import { Icon, type IconName } from "../ui/icons";
import { useRooms } from "./Shell";

export interface Command {
  label: string;
  hint?: string;
  icon: IconName;
  run: () => void;
}

const added = new Set<() => Command[]>();

/** Commands of the room that is shown, in the palette as long as it is. */
export function useCommands(make: () => Command[]): void {
  useEffect(() => {
    added.add(make);
    return () => void added.delete(make);
  }, [make]);
}

/** Go somewhere or do something by typing a few letters of it. */
export function Palette({ opened, close }: { opened: boolean; close: () => void }) {
  const [typed, setTyped] = useState("");
  const [chosen, setChosen] = useState(0);
  const [, go] = useLocation();
  const places = useRooms();

  const found = useMemo(() => {
    if (!opened) return [];
    const all: Command[] = [
      ...[...added].flatMap((make) => make()),
      ...places.map((room) => ({ label: room.label, hint: "Go to", icon: room.icon, run: () => go(room.path) })),
    ];
    const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
    return all.filter((one) => words.every((word) => one.label.toLowerCase().includes(word))).slice(0, 12);
  }, [opened, typed, places, go]);

  useEffect(() => {
    setTyped("");
    setChosen(0);
  }, [opened]);

  function run(command: Command | undefined) {
    if (!command) return;
    close();
    command.run();
  }

  function keys(event: React.KeyboardEvent) {
    if (event.key === "ArrowDown") setChosen((at) => Math.min(found.length - 1, at + 1));
    else if (event.key === "ArrowUp") setChosen((at) => Math.max(0, at - 1));
    else if (event.key === "Enter") run(found[chosen]);
    else return;
    event.preventDefault();
  }

  if (!opened) return null;
  return (
    <Modal opened onClose={close} padding={0} yOffset="12vh" title={<span className="visually-hidden">Go to</span>} classNames={{ header: "visually-hidden" }}>
      <TextInput
        {...focusFirst}
        aria-label="Go to"
        placeholder="Where to?"
        role="combobox"
        aria-expanded
        aria-controls="palette-list"
        aria-activedescendant={found[chosen] ? `palette-${chosen}` : undefined}
        leftSection={<Icon name="search" size={16} />}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          setChosen(0);
        }}
        onKeyDown={keys}
        variant="unstyled"
        className="palette-input"
      />
      <ul className="palette" id="palette-list" role="listbox" aria-label="Found">
        {found.map((command, at) => (
          <li
            key={`${command.label}${at}`}
            id={`palette-${at}`}
            role="option"
            aria-selected={at === chosen}
            onMouseMove={() => setChosen(at)}
            onClick={() => run(command)}
          >
            <Icon name={command.icon} size={16} /> {command.label} <span className="meta">{command.hint}</span>
          </li>
        ))}
        {found.length === 0 && (
          <li className="meta" role="option" aria-selected={false} aria-disabled>
            Nothing here is called that.
          </li>
        )}
      </ul>
    </Modal>
  );
}

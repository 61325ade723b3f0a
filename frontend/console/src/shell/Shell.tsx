import { ActionIcon, Drawer, Menu, Tooltip, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { useDisclosure, useHotkeys, useMediaQuery } from "@mantine/hooks";
import { useState, type ReactNode } from "react";
import { Link, useLocation } from "wouter";
import { rooms, type Room } from "../rooms";
import { useSession } from "../session/session";
import { Icon } from "../ui/icons";
import { useFocusBack } from "./focus";
import { Palette } from "./Palette";

/** The frame around every room: where one can go, and who one is. */
export function Shell({ children }: { children: ReactNode }) {
  const narrow = useMediaQuery("(max-width: 720px)");
  const [open, menu] = useDisclosure(false);
  const [palette, setPalette] = useState(false);
  useFocusBack();
  useHotkeys([["mod+K", () => setPalette(true)]], []);

  return (
    <div className="shell">
      <a className="skip" href="#content">
        Skip to the content
      </a>
      {narrow ? (
        <header className="topbar">
          <ActionIcon variant="subtle" size={44} aria-label="Menu" onClick={menu.open}>
            <Icon name="menu" />
          </ActionIcon>
          <span className="wordmark">
            <Icon name="mark" className="brass" /> overture
          </span>
          <ActionIcon variant="subtle" size={44} aria-label="Search and commands" onClick={() => setPalette(true)}>
            <Icon name="search" />
          </ActionIcon>
          <Drawer opened={open} onClose={menu.close} title="Overture" size={280}>
            <Navigation gone={menu.close} search={() => setPalette(true)} />
          </Drawer>
        </header>
      ) : (
        <header className="rail">
          <p className="wordmark">
            <Icon name="mark" className="brass" /> overture
          </p>
          <Navigation search={() => setPalette(true)} />
        </header>
      )}
      <main id="content" className="content" tabIndex={-1}>
        {children}
      </main>
      <Palette opened={palette} close={() => setPalette(false)} />
    </div>
  );
}

function Navigation({ gone, search }: { gone?: () => void; search: () => void }) {
  const session = useSession();
  const [here] = useLocation();
  const isHere = (room: Room) => here === room.path || here.startsWith(`${room.path}/`);
  const shown = useRooms().filter((room) => !room.personal);
  return (
    <nav className="navigation" aria-label="Rooms">
      <button
        type="button"
        className="nav-search"
        onClick={() => {
          gone?.();
          search();
        }}
      >
        <Icon name="search" size={16} /> Go to… <kbd>{isMac() ? "⌘" : "Ctrl"} K</kbd>
      </button>
      <ul>
        {shown.map((room) => (
          <li key={room.path}>
            <Link
              href={room.path}
              className={isHere(room) ? "nav-link active" : "nav-link"}
              aria-current={isHere(room) ? "page" : undefined}
              onClick={gone}
            >
              <Icon name={room.icon} /> {room.label}
            </Link>
          </li>
        ))}
      </ul>
      <div className="nav-foot">
        <Menu position="top-start">
          <Menu.Target>
            <button type="button" className="nav-me">
              <Icon name="person" />
              <span>
                {session.me.name}
                <span className="meta">{session.workspace.name}</span>
              </span>
            </button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item component={Link} href="/account" onClick={gone}>
              Your account
            </Menu.Item>
            <Menu.Item onClick={() => void session.signOut()}>Sign out</Menu.Item>
          </Menu.Dropdown>
        </Menu>
        <ColorScheme />
      </div>
    </nav>
  );
}

function ColorScheme() {
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme("light") === "dark";
  const label = dark ? "Light colours" : "Dark colours";
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" size={36} aria-label={label} onClick={() => setColorScheme(dark ? "light" : "dark")}>
        <Icon name={dark ? "sun" : "moon"} />
      </ActionIcon>
    </Tooltip>
  );
}

/** The rooms that this person may enter. */
export function useRooms(): Room[] {
  const session = useSession();
  return rooms.filter((room) => !room.action || session.may(room.action));
}

/** Where one lands: the first room there is. */
export function useFirstRoom(): string {
  return useRooms()[0]?.path ?? "/account";
}


function isMac(): boolean {
  return /Mac|iPhone|iPad/.test(navigator.platform);
}

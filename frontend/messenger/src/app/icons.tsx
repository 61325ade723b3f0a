// 1.5 px strokes on a 20 px grid.

const PATHS = {
  home: "M3.5 9.2 10 3.5l6.5 5.7V16a.8.8 0 0 1-.8.8H12v-4.3H8v4.3H4.3a.8.8 0 0 1-.8-.8z",
  chat: "M3 9.5C3 5.9 6.1 3.5 10 3.5s7 2.4 7 6-3.1 6-7 6c-.9 0-1.8-.1-2.6-.4L3.5 16.5l1-3C3.6 12.4 3 11 3 9.5z",
  help: "M10 17.2a7.2 7.2 0 1 0 0-14.4 7.2 7.2 0 0 0 0 14.4zM7.9 8c.1-1.2 1-2 2.2-2s2.2.8 2.2 1.9c0 1.7-2.2 1.8-2.2 3.5M10.05 14v.05",
  close: "M5 5l10 10M15 5L5 15",
  back: "M12 4l-6 6 6 6",
  send: "M10 16V4M5 9l5-5 5 5",
  clip: "M15.5 9.2l-5.6 5.6a3.3 3.3 0 0 1-4.7-4.7l6-6a2.2 2.2 0 0 1 3.1 3.1l-5.9 5.9a1.1 1.1 0 0 1-1.6-1.6l5.3-5.3",
  file: "M5.5 3h5.8L15 6.7V17H5.5zM11 3v4h4",
  curtain: "M2.5 16C2.5 9 6 4.5 10 4.5M17.5 16c0-7-3.5-11.5-7.5-11.5",
  search: "M9 14.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11zM13 13l4 4",
  right: "M8 4l6 6-6 6",
  person: "M10 9.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM4 16.5c.500-3 2.8-4.7 6-4.7s5.5 1.7 6 4.7",
  star: "M10 3.2l2 4.3 4.7.6-3.4 3.2.9 4.7-4.2-2.3L5.8 16l.9-4.7L3.3 8.1l4.7-.6z",
} as const;

export function Icon({ name, size = 20 }: { name: keyof typeof PATHS; size?: number }) {
  return (
    <svg class={`i i-${name}`} viewBox="0 0 20 20" width={size} height={size} aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

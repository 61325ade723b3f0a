// A workspace's own colour, made dark enough that white words on it can be read (4.5 : 1).

export function readable(colour: unknown): string {
  const digits = /^#[\da-f]{6}$/i.test(String(colour)) ? String(colour) : "#3346b0";
  let rgb = [1, 3, 5].map((at) => parseInt(digits.slice(at, at + 2), 16));
  while (luminance(rgb) > 0.18) rgb = rgb.map((part) => part * 0.94);
  return `rgb(${rgb.map((part) => part | 0)})`;
}

function luminance(rgb: number[]): number {
  const [r, g, b] = rgb.map((part) => (part / 255) ** 2.2) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

import { createTheme, defaultVariantColorsResolver, type MantineColorsTuple, type VariantColorsResolver } from "@mantine/core";

const indigo: MantineColorsTuple = [
  "#eef0fa", "#dfe3f6", "#c0c8ee", "#9fabe5", "#8190dc", "#6577d2", "#4c60c6", "#3346b0", "#2a3b96", "#21307c",
];

/** Words on a filled colour are chosen with the colour, in theme.css; Mantine would choose them for the light one. */
const variants: VariantColorsResolver = (input) => {
  const colours = defaultVariantColorsResolver(input);
  const colour = input.color ?? "indigo";
  if (colour === "indigo" && input.variant === "filled") {
    return { ...colours, background: "var(--indigo)", hover: "var(--indigo)", color: "var(--on-indigo)", hoverColor: "var(--on-indigo)" };
  }
  if (colour === "indigo" && (input.variant === "light" || input.variant === "subtle")) {
    const background = input.variant === "light" ? "var(--indigo-wash)" : "transparent";
    return { ...colours, background, hover: "var(--indigo-wash)", color: "var(--indigo)" };
  }
  if (colour === "red") {
    const filled = input.variant === "filled";
    return { ...colours, background: filled ? "var(--rust)" : "var(--rust-wash)", hover: filled ? "var(--rust)" : "var(--rust-wash)", color: filled ? "var(--on-indigo)" : "var(--rust)" };
  }
  return colours;
};

/** Mantine in our tokens; colours themselves stand in theme.css, for light and dark. */
export const theme = createTheme({
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif',
  fontFamilyMonospace: "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace",
  fontSizes: { xs: "12px", sm: "13px", md: "15px", lg: "17px", xl: "20px" },
  lineHeights: { xs: "1.4", sm: "1.4", md: "1.47", lg: "1.4", xl: "1.4" },
  defaultRadius: 8,
  primaryColor: "indigo",
  primaryShade: { light: 7, dark: 4 },
  variantColorResolver: variants,
  colors: { indigo },
  focusRing: "never",
  respectReducedMotion: true,
  components: {
    // Inside a dialog a header is no landmark of the page.
    Modal: { defaultProps: { attributes: { header: { role: "presentation" } }, closeButtonProps: { "aria-label": "Close" }, transitionProps: { duration: 120 } } },
    Drawer: { defaultProps: { attributes: { header: { role: "presentation" } }, closeButtonProps: { "aria-label": "Close" }, transitionProps: { duration: 120 } } },
    Tooltip: { defaultProps: { openDelay: 300, events: { hover: true, focus: true, touch: false } } },
    // A menu stands within the page's content, and holds nothing but its items.
    Menu: { defaultProps: { shadow: "md", withinPortal: true, portalProps: { target: "#content" }, withInitialFocusPlaceholder: false, transitionProps: { duration: 80 } } },
  },
});

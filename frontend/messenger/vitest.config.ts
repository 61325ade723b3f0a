import { defineConfig } from "vitest/config";

export default defineConfig({
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  define: { __VERSION__: '"test"' },
  test: { environment: "happy-dom", include: ["test/**/*.test.{ts,tsx}"] },
});

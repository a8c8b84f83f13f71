import { defineConfig } from "vite";

export default defineConfig({
  // The page is served from the app itself, so addresses are relative to it.
  base: "./",
  server: { port: 5173, strictPort: true },
  build: {
    outDir: "../ui",
    emptyOutDir: true,
    // Small files must stay files: the window refuses inline code.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { svelte } from "@sveltejs/vite-plugin-svelte";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The fonts' licences go where the fonts go. */
function fontLicences(): Plugin {
  return {
    name: "font-licences",
    apply: "build",
    generateBundle() {
      for (const font of ["inter", "jetbrains-mono"]) {
        const source = readFileSync(here(`node_modules/@fontsource-variable/${font}/LICENSE`));
        this.emitFile({ type: "asset", fileName: `assets/${font}.LICENSE.txt`, source });
      }
    },
  };
}

export default defineConfig(({ command, mode }) => ({
  plugins: [svelte(), fontLicences()],
  build: {
    target: "safari17.5",
    // The page's policy allows no `data:` address and no inline script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The window runtime serves it and says where it is, by an import map.
    rolldownOptions: { external: ["pyxidium"] },
  },
  resolve: {
    alias:
      command === "serve" ? { pyxidium: here("../python/pyxidium/client/pyxidium.js") } : {},
    // Vitest would otherwise take Svelte's server side.
    ...(mode === "test" ? { conditions: ["browser"] } : {}),
  },
  server: { fs: { allow: [here(".."), here(".")] } },
  test: {
    environment: "happy-dom",
    setupFiles: ["tests/setup.ts"],
    include: ["src/**/*.test.ts", "tests/**/*.test.ts", "../python/pyxidium/client/**/*.test.ts"],
    restoreMocks: true,
  },
}));

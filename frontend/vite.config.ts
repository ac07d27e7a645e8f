import tailwindcss from "@tailwindcss/vite";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: at("./"),
  base: "/assets/dist/",
  publicDir: false,
  plugins: [tailwindcss()],
  build: {
    outDir: at("../src/xianji/web/assets/dist"),
    emptyOutDir: true,
    manifest: "manifest.json",
    target: "es2022",
    // A data: URI in a style sheet would need a wider policy than 'self'.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // htmx carries an eval that allowEval switches off and the policy forbids; the warning teaches nothing.
      checks: { eval: false },
      input: {
        main: at("src/main.ts"),
        sw: at("src/sw.ts"),
        style: at("src/styles/main.css"),
        favicon: at("build/favicon.svg"),
        icons: at("build/icons.svg"),
      },
    },
  },
});

import { defineConfig } from "vite";

const OUT = "../_web";

/** The staff screens: hashed files under /assets/, found by the templates through the manifest. */
const screens = {
  base: "/assets/",
  build: {
    outDir: OUT,
    emptyOutDir: true,
    manifest: "manifest.json",
    assetsDir: "",
    // The font must be a file of its own, or the style sheet would block the first paint.
    assetsInlineLimit: 0,
    target: "es2022",
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: {
        desk: "src/desk/main.tsx",
        display: "src/display/main.tsx",
        admin: "src/admin/main.tsx",
        doctor: "src/doctor/main.tsx",
      },
    },
  },
};

/** The tracker: one script and one style sheet that the page carries inside itself. */
const tracker = {
  build: {
    outDir: `${OUT}/tracker`,
    emptyOutDir: true,
    target: "es2020",
    modulePreload: { polyfill: false },
    // A style sheet of its own, not one that the script inserts.
    cssCodeSplit: false,
    rolldownOptions: {
      input: "src/tracker/main.ts",
      output: {
        format: "iife" as const,
        entryFileNames: "tracker.js",
        assetFileNames: "tracker.[ext]",
      },
    },
  },
};

export default defineConfig(({ mode }) => ({
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  publicDir: false,
  ...(mode === "tracker" ? tracker : screens),
}));

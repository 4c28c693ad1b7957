import { defineConfig } from "vite";

const OUT = "../_web";

/**
 * Screens: hashed files under /assets/, found by the templates through the manifest. What is built
 * together shares files, and each shared file costs a request and some hundred bytes: so the desk,
 * whose size has a budget, shares with the display only.
 */
const screens = (input: Record<string, string>, manifest: string, isFirst: boolean) => ({
  base: "/assets/",
  build: {
    outDir: OUT,
    emptyOutDir: isFirst,
    manifest,
    assetsDir: "",
    // The font must be a file of its own, or the style sheet would block the first paint.
    assetsInlineLimit: 0,
    target: "es2022",
    modulePreload: { polyfill: false },
    rolldownOptions: { input },
  },
});

const floor = screens(
  { desk: "src/desk/main.tsx", display: "src/display/main.tsx" },
  "manifest.json",
  true,
);

const office = screens(
  {
    admin: "src/admin/main.tsx",
    doctor: "src/doctor/main.tsx",
    rebook: "src/rebook/main.tsx",
    appointments: "src/appointments/main.tsx",
  },
  "manifest-office.json",
  false,
);

const patients = screens(
  { book: "src/book/main.tsx", account: "src/account/main.tsx" },
  "manifest-patients.json",
  false,
);

/** One script and one style sheet that a page carries inside itself. */
const inlined = (name: string) => ({
  build: {
    outDir: `${OUT}/${name}`,
    emptyOutDir: true,
    target: "es2020",
    modulePreload: { polyfill: false },
    // A style sheet of its own, not one that the script inserts.
    cssCodeSplit: false,
    rolldownOptions: {
      input: `src/${name}/main.ts`,
      output: {
        format: "iife" as const,
        entryFileNames: `${name}.js`,
        assetFileNames: `${name}.[ext]`,
      },
    },
  },
});

export default defineConfig(({ mode }) => ({
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  publicDir: false,
  ...(mode === "tracker" || mode === "invite"
    ? inlined(mode)
    : mode === "office"
      ? office
      : mode === "patients"
        ? patients
        : floor),
}));

import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { emacsKeys } from "./emacs.ts";
import { offlinePage, worker } from "./offline.ts";
import { preloadWorkspace } from "./preload.ts";

export default defineConfig({
  plugins: [react(), tailwindcss(), emacsKeys(), preloadWorkspace(), offlinePage()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  server: {
    host: "127.0.0.1",
    proxy: { "/api": { target: "http://127.0.0.1:7700", ws: true } },
  },
  build: {
    target: "es2023",
    reportCompressedSize: false,
    rolldownOptions: {
      input: { index: "index.html", sw: worker },
      output: {
        entryFileNames: ({ name }) => (name === "sw" ? "sw.js" : "assets/[name]-[hash].js"),
      },
    },
  },
  test: { include: ["src/**/*.test.{ts,tsx}"], environment: "node" },
});

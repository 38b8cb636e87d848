import { defineConfig } from "vite";

// The bundle is committed and a check rebuilds it and compares, so nothing here may depend on time, path or machine.
export default defineConfig({
  build: {
    outDir: "../dist",
    emptyOutDir: true,
    target: ["chrome123", "firefox121", "safari17.5"],
    // The content security policy allows no data: address, so nothing is inlined; every screen shares one style sheet.
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    modulePreload: false,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 200,
  },
  server: {
    proxy: {
      "/api": "http://127.0.0.1:8765",
      "/docs": "http://127.0.0.1:8765",
    },
  },
});

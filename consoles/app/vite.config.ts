import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

// `npm run dev` shows the sources against a running product: RIVERMOUTH_URL=http://localhost:8000 npm run dev.
const product = { target: process.env["RIVERMOUTH_URL"] ?? "http://localhost:8000", ws: true };

// The component library brings its few spoken words in thirty languages; we speak two of them.
const ourLanguages: Plugin = {
  name: "our-languages",
  enforce: "pre",
  load: (id) => (/\/(react-aria|react-stately|react-aria-components)\/.*\/intl\/(.*\/)?(?!en-US|zh-CN)[a-z]{2}-[A-Z]{2}\.m?js$/.test(id) ? "export default {};" : null),
};

// Assets are named by their content and lie flat under /assets; one chunk for the charts, one for QR codes, one for the rest of the libraries, one per face.
export default defineConfig({
  plugins: [react(), ourLanguages],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  server: { proxy: { "/v1": product, "/docs": product, "/udf": product, "/openapi.json": product } },
  build: {
    outDir: "dist.next", // consoles/build.py puts it in the place of dist when it is whole
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0, // data: addresses would need a wider Content-Security-Policy
    // A room's scripts import each other by name; a list of them all would be read by everybody at the first visit. Styles stand in it alone.
    modulePreload: { polyfill: false, resolveDependencies: (_room, wanted) => wanted.filter((file) => file.endsWith(".css")) },
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "charts", test: /node_modules[\\/](lightweight-charts|fancy-canvas)/ },
            { name: "qr", test: /node_modules[\\/]uqr/ },
            { name: "vendor", test: /node_modules/ },
          ],
        },
      },
    },
  },
});

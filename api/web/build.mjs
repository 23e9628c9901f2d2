// Bundles the style sheet and the islands into the folder given as the only argument.
// api/assets.py calls this; `npm run build` does the same for dist/.
import { cp } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.resolve(process.argv[2] ?? path.join(here, "dist"));

await esbuild.build({
  absWorkingDir: here,
  entryPoints: ["src/css/desk.css", "src/js/desk.js", "src/js/partials.js", "src/js/diagram.js"],
  entryNames: "[name]",
  chunkNames: "chunk-[hash]",
  outdir: out,
  bundle: true,
  splitting: true,
  format: "esm",
  target: ["es2022", "chrome105", "firefox110", "safari16"],
  minify: true,
  sourcemap: false,
  legalComments: "linked",
  external: ["*.svg"],
  loader: { ".eot": "empty", ".ttf": "empty", ".woff": "empty", ".woff2": "empty" },
  logLevel: "warning",
});
await cp(path.join(here, "src/icons.svg"), path.join(out, "icons.svg"));

import { readdirSync, readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";

/** The ids of the lessons: `chainrule report --lesson NAME` reads them in the first line of the script. */
const lessons = readdirSync("src/lessons").filter((name) => name.endsWith(".md")).sort()
  .map((name) => /"id": "([a-z0-9-]+)"/.exec(readFileSync(`src/lessons/${name}`, "utf8"))![1]);

// One module and one style sheet, the same bytes for the server, the file and the notebook. CHAINRULE_LAB_OUT is where the
// package's build wants them.
export default defineConfig({
  // A notebook shares its page with us: uPlot's rules, too, stand under .crl.
  plugins: [{
    name: "under-crl",
    enforce: "pre",
    transform: (code, id) => (id.endsWith("uPlot.min.css") ? `.crl{${code}}` : null),
  }],
  define: { "process.env.NODE_ENV": '"production"' },
  build: {
    lib: { entry: "src/index.ts", formats: ["es"], fileName: () => "lab.js", cssFileName: "lab" },
    cssCodeSplit: false,
    outDir: process.env["CHAINRULE_LAB_OUT"] ?? "../src/chainrule/lab/assets",
    emptyOutDir: false, // the note of what they were built from stands beside them
    target: "es2022",
    cssTarget: ["chrome123", "firefox121", "safari17.5"], // nesting and light-dark()
    rolldownOptions: { output: { codeSplitting: false, minify: true, postBanner: `/* lessons: ${lessons.join(" ")} */` } },
  },
  test: { include: ["test/**/*.test.ts", "test/**/*.test.tsx"], environment: "node" },
});

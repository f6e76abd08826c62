// Makes the scripts of a built app small: wasm-bindgen writes them for people. What they export stays.
//
// node minify.mjs FOLDER
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { minify } from "terser";

const [folder] = process.argv.slice(2);
const entries = await readdir(folder, { recursive: true, withFileTypes: true });
const scripts = entries
  .filter((entry) => entry.isFile() && entry.name.endsWith(".js"))
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name));

for (const script of scripts) {
  const { code } = await minify(await readFile(script, "utf8"), { module: true, compress: { passes: 2 } });
  await writeFile(script, code);
}

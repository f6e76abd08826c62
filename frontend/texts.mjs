// Writes a file for each language that is not compiled in, beside what Trunk has built: the app loads it when somebody
// reads that language. Trunk.toml calls this.
//
// The lines are those that build.rs makes, and the name says so: it has their hash, and the app asks for its own.
import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

const OWN = "en";

const { TRUNK_SOURCE_DIR: source, TRUNK_STAGING_DIR: built } = process.env;
const locales = join(source, "locales");
const wasm = await readFile(join(built, (await readdir(built)).find((name) => name.endsWith(".wasm"))), "latin1");

for (const language of await readdir(locales)) {
  if (language === OWN) continue;
  const text = (await linesOf(join(locales, language))).join("\n");
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 16);
  const name = `texts-${language}-${hash}.txt`;
  if (!wasm.includes(`/${name}`)) throw new Error(`the app does not ask for ${name}`);
  await writeFile(join(built, name), text);
}

/** One line for each text, by part and key. @param {string} folder */
async function linesOf(folder) {
  const lines = [];
  for (const part of (await readdir(folder)).sort()) {
    const texts = JSON.parse(await readFile(join(folder, part), "utf8"));
    for (const key of Object.keys(texts).sort()) lines.push(numbered(texts[key]));
  }
  return lines;
}

/** With the places of values by number, in the order of their names. @param {string} text */
function numbered(text) {
  const place = /\{\{\s*(\w+)\s*\}\}/g;
  const names = [...new Set([...text.matchAll(place)].map(([, name]) => name))].sort();
  return text.replace(place, (_, name) => `{${names.indexOf(name)}}`);
}

// Makes the files of a built app small: what they do stays.
//
// node pack.mjs FOLDER
//
// - What is there for other scripts, of which there are none, goes.
// - The functions of the WASM are ordered by likeness, for the compression.
// - What WASM and script call each other by gets short names. wasm-bindgen's have a hash each, which does not compress.
// - The scripts, which wasm-bindgen writes for people, are minified.
// - The two are named anew, after what is in them now: browsers keep them by name, and one fits no other's partner.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { minify } from "terser";

import { started, taken } from "./pack/exports.mjs";
import { byLikeness } from "./pack/likeness.mjs";
import { renamed } from "./pack/names.mjs";
import { functions, withExports, withNames } from "./pack/wasm.mjs";

const [folder] = process.argv.slice(2);
const names = await readdir(folder);
const wasmName = only(".wasm");
const scriptName = only(".js");
const hash = /-([0-9a-f]{12,16})_bg\.wasm$/.exec(wasmName)?.[1];
if (!hash || !scriptName.includes(hash)) throw new Error(`${wasmName} and ${scriptName} share no hash in their names`);

const script = started(await readFile(join(folder, scriptName), "utf8"));
const { wasm, shorter } = await optimised(withExports(await readFile(join(folder, wasmName)), taken(script)));
const { code } = await minify(renamed(script, shorter), {
  module: true,
  compress: { passes: 2 },
});

const packedHash = createHash("sha256").update(wasm).update(code).digest("hex").slice(0, hash.length);
for (const [name, content] of [[wasmName, wasm], [scriptName, code]]) {
  await rm(join(folder, name));
  await writeFile(join(folder, name.replace(hash, packedHash)), content);
}
const page = join(folder, "index.html");
await writeFile(page, (await readFile(page, "utf8")).replaceAll(hash, packedHash));

/** The one file with this ending. */
function only(ending) {
  const found = names.filter((name) => name.endsWith(ending));
  if (found.length !== 1) throw new Error(`one ${ending} was expected in ${folder}: ${found.join(", ") || "none"}`);
  return found[0];
}

/** The module with what is needed of it, its functions in order and with short names, and what wasm-opt says of these. */
async function optimised(module) {
  const needed = (await wasmOpt(module, ["--remove-unused-module-elements"])).wasm;
  const named = withNames(needed, byLikeness(functions(needed)));
  const { wasm, said } = await wasmOpt(named, [
    "--reorder-functions-by-name",
    "--minify-imports-and-exports-and-modules",
    "--strip-target-features",
  ]);
  return { wasm, shorter: JSON.parse(said) };
}

/** What wasm-opt makes of a module, and what it says. @param {Uint8Array} module @param {string[]} passes */
async function wasmOpt(module, passes) {
  const [input, output] = ["in", "out"].map((name) => join(tmpdir(), `portal-app-${process.pid}-${name}.wasm`));
  const program = fileURLToPath(new URL("node_modules/binaryen/bin/wasm-opt", import.meta.url));
  try {
    await writeFile(input, module);
    const options = { encoding: /** @type {const} */ ("utf8"), maxBuffer: 2 ** 26 };
    const said = execFileSync(process.execPath, [program, input, ...passes, "--output", output], options);
    return { wasm: await readFile(output), said };
  } finally {
    await Promise.all([input, output].map((file) => rm(file, { force: true })));
  }
}

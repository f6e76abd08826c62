/**
 * wasm-bindgen's script with the short names that wasm-opt has given.
 *
 * @param {string} script
 * @param {{ imports: [string, string, string][], exports: [string, string][] }} shorter each with its module, if it has
 *   one, and the two names
 */
export function renamed(script, shorter) {
  const modules = new Set(shorter.imports.map(([module]) => module));
  if (modules.size !== 1) throw new Error(`one module of imports was expected: ${[...modules].join(", ")}`);
  const wanted = new Map();
  // What the script gives is in an object of this module, and has each its key; what it takes is a member of `wasm`.
  wanted.set(JSON.stringify([...modules][0]), JSON.stringify(MODULE));
  for (const [, name, short] of shorter.imports) wanted.set(`${name}:`, `${short}:`);
  for (const [name, short] of shorter.exports) wanted.set(`wasm.${name}`, `wasm.${short}`);
  const missing = new Set(shorter.imports.map(([, name]) => `${name}:`));
  const text = script.replace(/"[^"\n]*"|\b(?:wasm\.)?[\w$]+:?/g, (found) => {
    const bare = wanted.has(found) ? found : found.replace(/:$/, "");
    missing.delete(found);
    return wanted.has(bare) ? wanted.get(bare) + found.slice(bare.length) : found;
  });
  if (missing.size > 0) throw new Error(`the script does not give what the module takes: ${[...missing].join(" ")}`);
  return text;
}

/** What wasm-opt calls every module. */
const MODULE = "a";

// What a library offers to scripts stays in the module and in wasm-bindgen's script, whether or not a script takes it: of
// what is here, classes for streams that Rust would give to scripts. The page takes the function that starts the app, and
// nothing else.

/** The script with its default export only. A class that nothing else in it needs goes. @param {string} script */
export function started(script) {
  let text = script.replace(/^export \{ initSync, (\w+) as default \};$/m, "export { $1 as default };");
  for (const [, name] of script.matchAll(/^export class (\w+) \{$/gm)) {
    const without = [
      new RegExp(`^export class ${name} \\{[^]*?^\\}\\n`, "m"),
      new RegExp(`^if \\(Symbol\\.dispose\\) ${name}\\.prototype.*\\n`, "m"),
      new RegExp(`^const ${name}Finalization = [^;]*;\\n`, "m"),
    ].reduce((rest, part) => rest.replace(part, ""), text);
    const isNeeded = new RegExp(`\\b${name}`).test(without);
    text = isNeeded ? text.replace(`export class ${name} `, `class ${name} `) : without;
  }
  return text;
}

/** What the script takes from the module. @param {string} script */
export function taken(script) {
  return new Set([...script.matchAll(/\bwasm\.([\w$]+)/g)].map(([, name]) => name));
}

// As much of the format of WASM as it takes to order functions: https://webassembly.github.io/spec/core/binary/

const CUSTOM = 0;
const EXPORT = 7;
const CODE = 10;

/** The encoded bodies of all functions that are not imported, in their order. */
export function functions(module) {
  const code = sections(module).find(({ id }) => id === CODE);
  const reader = new Reader(code.content);
  return Array.from({ length: reader.number() }, () => reader.bytes());
}

/**
 * The module with these of its exports only.
 *
 * @param {Set<string>} wanted by their names
 */
export function withExports(module, wanted) {
  const all = sections(module).map(({ id, content, whole }) => {
    if (id !== EXPORT) return whole;
    const reader = new Reader(content);
    const kept = Array.from({ length: reader.number() }, () => {
      const start = reader.position;
      const name = reader.bytes().toString("utf8");
      reader.byte();
      reader.number();
      return wanted.has(name) ? [content.subarray(start, reader.position)] : [];
    }).flat();
    const exports = Buffer.concat([Buffer.from(number(kept.length)), ...kept]);
    return Buffer.concat([Buffer.from([EXPORT, ...number(exports.length)]), exports]);
  });
  return Buffer.concat([module.subarray(0, 8), ...all]);
}

/**
 * The module with another section of names, by which sorting the functions brings them into this order.
 *
 * @param {number[]} order where each function is now
 */
export function withNames(module, order) {
  const compiled = new WebAssembly.Module(module);
  const first = WebAssembly.Module.imports(compiled).filter(({ kind }) => kind === "function").length;
  const last = first + order.length;
  const digits = String(last).length;
  const name = (index, place) => [...number(index), ...text(String(place).padStart(digits, "0"))];
  const places = new Map(order.map((index, place) => [first + index, first + place]));
  const names = Array.from({ length: last }, (_, index) => name(index, places.get(index) ?? index));
  const entries = [...number(last), ...names.flat()];
  const content = [...text("name"), 1, ...number(entries.length), ...entries];
  // Of what else there is beside the code, wasm-opt reads one section, by which it knows what it may use.
  const others = sections(module).filter((section) => section.id !== CUSTOM || nameOf(section) === "target_features");
  return Buffer.concat([
    module.subarray(0, 8),
    ...others.map(({ whole }) => whole),
    Buffer.from([CUSTOM, ...number(content.length), ...content]),
  ]);
}

function sections(module) {
  const reader = new Reader(module, 8);
  const found = [];
  while (!reader.atEnd()) {
    const start = reader.position;
    const id = reader.byte();
    const content = reader.bytes();
    found.push({ id, content, whole: module.subarray(start, reader.position) });
  }
  return found;
}

/** The name of a custom section. */
function nameOf({ content }) {
  return new Reader(content).bytes().toString("utf8");
}

class Reader {
  constructor(bytes, position = 0) {
    this.all = bytes;
    this.position = position;
  }

  atEnd() {
    return this.position >= this.all.length;
  }

  byte() {
    return this.all[this.position++];
  }

  /** LEB128, unsigned. */
  number() {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  /** As many as the number before them says. */
  bytes() {
    const length = this.number();
    this.position += length;
    return this.all.subarray(this.position - length, this.position);
  }
}

function number(value) {
  const bytes = [];
  for (; value >= 0x80; value >>>= 7) bytes.push((value & 0x7f) | 0x80);
  return [...bytes, value];
}

function text(value) {
  const bytes = Buffer.from(value, "utf8");
  return [...number(bytes.length), ...bytes];
}

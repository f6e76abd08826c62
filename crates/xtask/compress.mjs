// Writes `.br` and `.gz` beside each file of a folder that gets smaller by it: compressing once, and well, instead of
// at every request. The program is node's zlib, because the build of the app needs node anyway.
//
// node compress.mjs FOLDER
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import zlib from "node:zlib";

const COMPRESSIBLE = /\.(css|html|js|json|mjs|svg|txt|wasm|webmanifest|xml)$/;

const brotli = promisify(zlib.brotliCompress);
const gzip = promisify(zlib.gzip);

const [folder] = process.argv.slice(2);
const entries = await readdir(folder, { recursive: true, withFileTypes: true });
const files = entries
  .filter((entry) => entry.isFile() && COMPRESSIBLE.test(entry.name))
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name));

// The page comes last: where it has its `.br`, everything else has.
const isPage = (file) => file === join(folder, "index.html");
await Promise.all(files.filter((file) => !isPage(file)).map(compress));
await Promise.all(files.filter(isPage).map(compress));

async function compress(file) {
  const content = await readFile(file);
  const packed = await Promise.all([
    brotli(content, {
      params: {
        [zlib.constants.BROTLI_PARAM_QUALITY]: zlib.constants.BROTLI_MAX_QUALITY,
        [zlib.constants.BROTLI_PARAM_LGWIN]: zlib.constants.BROTLI_MAX_WINDOW_BITS,
        [zlib.constants.BROTLI_PARAM_LGBLOCK]: zlib.constants.BROTLI_MIN_INPUT_BLOCK_BITS,
        [zlib.constants.BROTLI_PARAM_SIZE_HINT]: content.length,
      },
    }),
    gzip(content, { level: 9 }),
  ]);
  for (const [index, ending] of [".br", ".gz"].entries()) {
    if (packed[index].length < content.length || isPage(file)) {
      await writeFile(file + ending, packed[index]);
    } else {
      await rm(file + ending, { force: true });
    }
  }
}

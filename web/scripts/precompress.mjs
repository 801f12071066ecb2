// Writes a .br and a .gz beside every text asset of dist/, at the strongest setting: the server sends these as
// they are and compresses nothing while someone waits.
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const dist = fileURLToPath(new URL("../dist", import.meta.url));
const text = /\.(?:html|js|mjs|css|svg|json|webmanifest|txt|map)$/;
const smallest = 256; // below this the headers outweigh what is saved

const names = (await readdir(dist, { recursive: true })).filter((name) => text.test(name));
let raw = 0;
let packed = 0;
await Promise.all(
  names.map(async (name) => {
    const path = join(dist, name);
    if (!(await stat(path)).isFile()) return;
    const bytes = await readFile(path);
    if (bytes.length < smallest) return;
    const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
    const [br, gz] = await Promise.all([
      promisify(brotliCompress)(bytes, { params }),
      promisify(gzip)(bytes, { level: 9 }),
    ]);
    await Promise.all([writeFile(`${path}.br`, br), writeFile(`${path}.gz`, gz)]);
    raw += bytes.length;
    packed += br.length;
  }),
);
console.log(`precompressed ${names.length} assets: ${raw >> 10} KB as they are, ${packed >> 10} KB as brotli`);

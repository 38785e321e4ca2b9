// Packs every asset once, at build time: the server only picks the file. Brotli for browsers on https or localhost, gzip for the others.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const folder = new URL("./dist.next/assets/", import.meta.url).pathname;
for (const name of readdirSync(folder)) {
  if (!/\.(js|css|svg|json)$/.test(name)) continue;
  const plain = readFileSync(join(folder, name));
  const params = { [constants.BROTLI_PARAM_QUALITY]: 10 };
  writeFileSync(join(folder, `${name}.br`), brotliCompressSync(plain, { params }));
  writeFileSync(join(folder, `${name}.gz`), gzipSync(plain, { level: 9, memLevel: 9 }));
}

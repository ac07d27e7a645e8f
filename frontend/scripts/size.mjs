// Fails when the script of a first page is over its budget (docs/design.md), compressed.
import { readFileSync } from "node:fs";
import { brotliCompressSync, gzipSync } from "node:zlib";

const BUDGET = 60 * 1024;
const dist = new URL("../../src/xianji/web/assets/dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL("manifest.json", dist), "utf8"));

function chunksOf(key, seen = new Set()) {
  if (seen.has(key)) return seen;
  seen.add(key);
  for (const next of manifest[key].imports ?? []) chunksOf(next, seen);
  return seen;
}

const rows = [];
for (const key of [...chunksOf("src/main.ts"), "src/styles/main.css", "build/icons.svg"]) {
  const bytes = readFileSync(new URL(manifest[key].file, dist));
  rows.push({
    file: manifest[key].file,
    raw: bytes.length,
    gzip: gzipSync(bytes, { level: 9 }).length,
    brotli: brotliCompressSync(bytes).length,
  });
}
console.table(rows);
const script = rows.filter((row) => row.file.endsWith(".js")).reduce((sum, row) => sum + row.gzip, 0);
console.log(`script on a first page: ${(script / 1024).toFixed(1)} KB gzip of ${BUDGET / 1024} KB`);
if (script > BUDGET) process.exit(1);

// Reads the OKLCH tokens of both themes and fails when a pair we print with misses WCAG 2.2 AA.
import { readFileSync } from "node:fs";

const css = readFileSync(new URL("../src/styles/tokens.css", import.meta.url), "utf8");
const TEXT = 4.5;
const GRAPHIC = 3;
const GROUNDS = ["paper", "card", "sunk"];
const PAIRS = [
  ...["ink", "ink-soft", "ink-faint", "price", "jade", "amber", "slate", "shout"].flatMap((fore) =>
    GROUNDS.map((back) => [fore, back, TEXT]),
  ),
  ...["edge", "amber-mark", "persimmon"].flatMap((fore) => GROUNDS.map((back) => [fore, back, GRAPHIC])),
  ["price", "price-tint", TEXT],
  ["jade", "jade-tint", TEXT],
  ["amber", "amber-tint", TEXT],
  ["slate", "slate-tint", TEXT],
  ["shout", "shout-tint", TEXT],
  ["on-fill", "fill", TEXT],
  ["on-shout", "shout-fill", TEXT],
];

function tokens(theme) {
  const block = new RegExp(`name: "${theme}";([\\s\\S]*?)\\n}`).exec(css)?.[1] ?? "";
  const found = block.matchAll(/--([\w-]+): oklch\(([\d.]+)% ([\d.]+) ([\d.]+)\)/g);
  return Object.fromEntries([...found].map(([, name, l, c, h]) => [name, [l / 100, +c, +h]]));
}

function luminance([l, c, h]) {
  const a = c * Math.cos((h * Math.PI) / 180);
  const b = c * Math.sin((h * Math.PI) / 180);
  const L = (l + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const M = (l - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const S = (l - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const clip = (v) => Math.min(1, Math.max(0, v));
  const red = clip(4.0767416621 * L - 3.3077115913 * M + 0.2309699292 * S);
  const green = clip(-1.2684380046 * L + 2.6097574011 * M - 0.3413193965 * S);
  const blue = clip(-0.0041960863 * L - 0.7034186147 * M + 1.707614701 * S);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

let failed = 0;
for (const theme of ["light", "dark"]) {
  const named = tokens(theme);
  for (const [fore, back, least] of PAIRS) {
    const [high, low] = [luminance(named[fore]), luminance(named[back])].sort((x, y) => y - x);
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < least) {
      failed += 1;
      console.error(`${theme}: ${fore} on ${back} is ${ratio.toFixed(2)}, needs ${least}`);
    }
  }
}
console.log(failed ? `${failed} pairs fail` : `contrast: ${PAIRS.length * 2} pairs meet AA`);
process.exit(failed ? 1 : 0);

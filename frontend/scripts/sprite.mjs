// Joins the icons we use and our own drawings into one sprite; Vite gives it a hashed name.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";

const here = new URL("../", import.meta.url);
const read = (path) => readFileSync(new URL(path, here), "utf8");
const names = read("icons.txt").split(/\s+/).filter(Boolean);

function symbol(id, svg) {
  const box = /viewBox="([^"]+)"/.exec(svg)?.[1];
  const inner = /<svg[^>]*>([\s\S]*)<\/svg>/.exec(svg)?.[1];
  if (!box || inner === undefined) throw new Error(`not a drawing: ${id}`);
  return `<symbol id="${id}" viewBox="${box}">${inner.replace(/\s*\n\s*/g, "")}</symbol>`;
}

const icons = names.map((name) => symbol(`i-${name}`, read(`node_modules/lucide-static/icons/${name}.svg`)));
const drawings = readdirSync(new URL("drawings/", here))
  .filter((file) => file.endsWith(".svg"))
  .map((file) => symbol(`d-${file.replace(".svg", "")}`, read(`drawings/${file}`)));

mkdirSync(new URL("build/", here), { recursive: true });
writeFileSync(
  new URL("build/icons.svg", here),
  `<svg xmlns="http://www.w3.org/2000/svg">${[...icons, ...drawings].join("")}</svg>\n`,
);

// The tab's picture is the brand in persimmon; a sprite symbol cannot be one.
writeFileSync(
  new URL("build/favicon.svg", here),
  read("drawings/brand.svg").replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ').replaceAll("currentColor", "#db4f27"),
);

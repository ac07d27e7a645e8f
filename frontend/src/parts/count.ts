import { one, take } from "./dom";

type Field = HTMLInputElement | HTMLTextAreaElement;

/** `[data-count]` around a field: `[data-count-now]` shows its letters as a person counts them (code points). */
export function counters(root: ParentNode): void {
  for (const box of take(root, "[data-count]", "count")) {
    const field = one<Field>(box, "input, textarea");
    const now = one(box, "[data-count-now]");
    if (!field || !now) continue;
    const count = () => (now.textContent = String([...field.value].length));
    field.addEventListener("input", count);
    count();
  }
}

/**
 * `[data-net]` around a price: `[data-net-now]` shows what the seller gets. `data-rate` (parts per million) and
 * `data-cap` (the most it takes, minor units) are the server's policy.
 */
export function nets(root: ParentNode): void {
  for (const box of take(root, "[data-net]", "net")) {
    const field = one<HTMLInputElement>(box, "input");
    const line = one<HTMLElement>(box, ".net");
    const now = one(box, "[data-net-now]");
    if (!field || !line || !now) continue;
    const work = () => {
      const text = net(field.value, box.dataset);
      now.textContent = text;
      line.hidden = text === "";
    };
    field.addEventListener("input", work);
    work();
  }
}

/** What a person typed as a price, in minor units; null while it is none. */
export function minorUnits(value: string): number | null {
  const typed = value.normalize("NFKC").trim();
  if (!/^\d{1,9}(\.\d{0,2})?$/.test(typed)) return null;
  const [whole = "0", part = ""] = typed.split(".");
  return Number(whole) * 100 + Number(part.padEnd(2, "0"));
}

function net(value: string, policy: DOMStringMap): string {
  const { rate = "0", cap = "", lang = "zh-CN", currency = "CNY" } = policy;
  const minor = minorUnits(value);
  if (minor === null) return "";
  const fee = Math.min(cap === "" ? Infinity : Number(cap), Math.round((minor * Number(rate)) / 1_000_000));
  return new Intl.NumberFormat(lang, { style: "currency", currency, currencyDisplay: "narrowSymbol" }).format(
    Math.max(0, minor - fee) / 100,
  );
}

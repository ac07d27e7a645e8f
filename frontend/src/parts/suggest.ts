import { minorUnits } from "./count";
import { one, say, take } from "./dom";

/** `[data-suggest]` around the ways of handing over: marks the one that fits the price, as the server's limits say. */
export function suggestions(root: ParentNode): void {
  for (const field of take<HTMLElement>(root, "[data-suggest]", "suggest")) {
    const price = field.closest("form")?.elements.namedItem(field.dataset.price ?? "");
    if (!(price instanceof HTMLInputElement)) continue;
    const mark = () => {
      const amount = minorUnits(price.value);
      const { meet = "0", ship = "0" } = field.dataset;
      const fits = amount === null ? "" : amount < Number(meet) ? "meet" : amount > Number(ship) ? "ship" : "";
      for (const pick of field.querySelectorAll<HTMLElement>(".pick")) {
        const words = one<HTMLElement>(pick, "span");
        if (one<HTMLInputElement>(pick, "input")?.value === fits) words?.setAttribute("data-mark", say(field, "mark"));
        else words?.removeAttribute("data-mark");
      }
    };
    price.addEventListener("input", mark);
    mark();
  }
}

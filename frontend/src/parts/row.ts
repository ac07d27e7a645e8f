import { one, take } from "./dom";

/** A row of links that is wider than the window begins where the reader is. */
export function rows(root: ParentNode): void {
  for (const row of take<HTMLElement>(root, ".tabs, .filters, .desk-top", "row")) {
    const here = one<HTMLElement>(row, "[aria-current]");
    if (here) row.scrollLeft += here.getBoundingClientRect().right - row.getBoundingClientRect().right + here.offsetWidth;
  }
}

import { one, take } from "./dom";

const STAY_MS = 5000;

/** Says one line at the foot of the page. */
export function toast(text: string): void {
  const shelf = one<HTMLElement>(document, "[data-toasts]");
  if (!shelf || !text) return;
  const line = document.createElement("div");
  line.className = "toast";
  line.textContent = text;
  shelf.replaceChildren(line);
  setTimeout(() => line.remove(), STAY_MS);
}

/** `[data-toast]` the server put on the shelf; one with an action stays until it is closed. */
export function toasts(root: ParentNode): void {
  for (const line of take(root, "[data-toast]", "toast")) {
    one(line, "[data-toast-close]")?.addEventListener("click", () => line.remove());
    if (!one(line, "a, button:not([data-toast-close])")) setTimeout(() => line.remove(), STAY_MS);
  }
}

document.addEventListener("xianji:trouble", () => {
  toast(one<HTMLElement>(document, "[data-toasts]")?.dataset.sayTrouble ?? "");
});

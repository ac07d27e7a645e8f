import { one, take } from "./dom";

/** `a[data-dialog="id"]` opens `<dialog id>`; without script the link leads to the same question as a page. */
export function dialogs(root: ParentNode): void {
  for (const opener of take<HTMLAnchorElement>(root, "[data-dialog]", "dialog")) {
    const dialog = one<HTMLDialogElement>(document, `#${CSS.escape(opener.dataset.dialog ?? "")}`);
    if (!dialog) continue;
    opener.setAttribute("aria-haspopup", "dialog");
    opener.addEventListener("click", (event) => {
      event.preventDefault();
      dialog.showModal();
    });
  }
  for (const dialog of take<HTMLDialogElement>(root, "dialog", "shut")) {
    dialog.addEventListener("click", (event) => {
      const target = event.target as Element;
      if (target === dialog || target.closest("[data-dialog-close]")) dialog.close();
    });
  }
  for (const menu of take<HTMLDetailsElement>(root, "details.menu-pop", "menu")) {
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !menu.open) return;
      menu.open = false;
      one<HTMLElement>(menu, "summary")?.focus();
    });
  }
}

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.menu-pop[open]")) {
    if (!menu.contains(event.target as Node)) menu.open = false;
  }
});

// Keys for the operators' desk. `data-key` names the key that presses a button, follows a link or goes into a field;
// inside `data-keys-list` j and k walk along the links and o opens the one with the focus. Keys are left alone while
// somebody types, and with any modifier; everything stays reachable by Tab.
const TYPES = "input, textarea, select, [contenteditable]";

function walk(step: number): boolean {
  const list = document.querySelector("[data-keys-list]");
  const links = list ? [...list.querySelectorAll<HTMLAnchorElement>("a[href]")] : [];
  if (!links.length) return false;
  const now = links.findIndex((link) => link === document.activeElement);
  const start = now >= 0 ? now : links.findIndex((link) => link.ariaCurrent === "true") - (step > 0 ? 0 : 1);
  links[Math.min(Math.max(start + step, 0), links.length - 1)]?.focus();
  return true;
}

function open(): boolean {
  const here = document.activeElement;
  if (!(here instanceof HTMLAnchorElement) || !here.closest("[data-keys-list]")) return false;
  here.click();
  return true;
}

function press(key: string): boolean {
  const target = document.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]:not([disabled])`);
  if (!target) return false;
  if (target.matches(TYPES)) target.focus();
  else target.click();
  return true;
}

export function deskKeys(): void {
  document.addEventListener("keydown", (event) => {
    const typing = event.target instanceof Element && event.target.closest(TYPES) !== null;
    if (typing || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const done =
      event.key === "j" ? walk(1) : event.key === "k" ? walk(-1) : event.key === "o" ? open() : press(event.key);
    if (done) event.preventDefault();
  });
}

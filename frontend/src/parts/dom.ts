/** Every element in `root` (and `root` itself) that matches and was not yet taken by `mark`. */
export function take<E extends HTMLElement>(root: ParentNode, selector: string, mark: string): E[] {
  const inside = [...root.querySelectorAll<E>(selector)];
  if (root instanceof HTMLElement && root.matches(selector)) inside.unshift(root as E);
  return inside.filter((element) => {
    const key = `taken-${mark}`;
    if (element.hasAttribute(key)) return false;
    element.setAttribute(key, "");
    return true;
  });
}

export function one<E extends Element>(root: ParentNode, selector: string): E | null {
  return root.querySelector<E>(selector);
}

export const locale = document.documentElement.lang || "zh-CN";
export const inChinese = locale.startsWith("zh");

/** The anti-forgery token the page was given (`<meta name="csrf">`). */
export function csrf(): { header: string; token: string } {
  const meta = one<HTMLMetaElement>(document, 'meta[name="csrf"]');
  return { header: meta?.dataset.header ?? "x-csrftoken", token: meta?.content ?? "" };
}

/** Words a module says by itself come from the page (`data-say-…` of the element), so the catalogue owns them. */
export function say(element: HTMLElement, word: string): string {
  return element.dataset[`say${word[0]?.toUpperCase()}${word.slice(1)}`] ?? "";
}

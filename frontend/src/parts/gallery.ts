import { one, take } from "./dom";

/** `[data-gallery]`: scroll-snap does the swiping; this adds dots, a count, arrows and the keyboard. */
export function galleries(root: ParentNode): void {
  for (const gallery of take(root, "[data-gallery]", "gallery")) start(gallery);
}

function start(gallery: HTMLElement): void {
  const rail = one<HTMLElement>(gallery, "[data-gallery-rail]");
  if (!rail || rail.children.length < 2) return;
  const total = rail.children.length;
  const dots = [...gallery.querySelectorAll<HTMLElement>("[data-gallery-dots] i")];
  const count = one<HTMLElement>(gallery, "[data-gallery-count]");
  const back = one<HTMLButtonElement>(gallery, "[data-gallery-back]");
  const next = one<HTMLButtonElement>(gallery, "[data-gallery-next]");
  let at = 0;

  const go = (index: number): void => {
    const to = Math.min(total - 1, Math.max(0, index));
    rail.scrollTo({ left: to * rail.clientWidth });
  };
  const show = (): void => {
    dots.forEach((dot, index) => dot.toggleAttribute("data-on", index === at));
    if (count) count.textContent = `${at + 1} / ${total}`;
    if (back) back.disabled = at === 0;
    if (next) next.disabled = at === total - 1;
  };
  rail.addEventListener(
    "scroll",
    () => {
      const now = Math.round(rail.scrollLeft / rail.clientWidth);
      if (now !== at) {
        at = now;
        show();
      }
    },
    { passive: true },
  );
  rail.addEventListener("keydown", (event) => {
    const moves: Record<string, number> = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: total - 1 };
    const to = moves[event.key];
    if (to === undefined) return;
    event.preventDefault();
    go(to);
  });
  back?.addEventListener("click", () => go(at - 1));
  next?.addEventListener("click", () => go(at + 1));
  gallery.setAttribute("data-ready", "");
  show();
}

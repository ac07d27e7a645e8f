import { csrf, take } from "./dom";

const PAUSE = 2000;
const HALF = 0.5;
/** What flies past is not seen. */
const LONG_ENOUGH = 1000;

const looked = new Map<Element, number>();
let waiting = new Set<string>();
let timer = 0;

/** `[data-seen="nte_…"]`: a card is seen once half of it has stood in the window for a second. Sent together, waited for by nobody. */
export function seen(root: ParentNode): void {
  for (const card of take<HTMLElement>(root, "[data-seen]", "seen")) watcher.observe(card);
}

const watcher = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      clearTimeout(looked.get(target));
      looked.delete(target);
      if (isIntersecting) looked.set(target, window.setTimeout(() => keep(target as HTMLElement), LONG_ENOUGH));
    }
  },
  { threshold: HALF },
);

function keep(card: HTMLElement): void {
  looked.delete(card);
  watcher.unobserve(card);
  waiting.add(card.dataset.seen ?? "");
  timer ||= window.setTimeout(send, PAUSE);
}

function send(): void {
  clearTimeout(timer);
  timer = 0;
  if (!waiting.size) return;
  navigator.sendBeacon("/seen", new URLSearchParams({ ids: [...waiting].join(","), _csrf_token: csrf().token }));
  waiting = new Set();
}

addEventListener("pagehide", send);

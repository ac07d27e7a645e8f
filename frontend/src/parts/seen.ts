import { csrf, take } from "./dom";

const PAUSE = 2000;
const HALF = 0.5;

let waiting = new Set<string>();
let timer = 0;

/** `[data-seen="nte_…"]`: a card counts as seen once half of it stood in the window. Sent together, waited for by nobody. */
export function seen(root: ParentNode): void {
  for (const card of take<HTMLElement>(root, "[data-seen]", "seen")) watcher.observe(card);
}

const watcher = new IntersectionObserver(
  (entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      watcher.unobserve(entry.target);
      waiting.add((entry.target as HTMLElement).dataset.seen ?? "");
    }
    if (waiting.size && !timer) timer = window.setTimeout(send, PAUSE);
  },
  { threshold: HALF },
);

function send(): void {
  clearTimeout(timer);
  timer = 0;
  if (!waiting.size) return;
  navigator.sendBeacon("/seen", new URLSearchParams({ ids: [...waiting].join(","), _csrf_token: csrf().token }));
  waiting = new Set();
}

addEventListener("pagehide", send);

import { take } from "./dom";

const SETTLE = 150;

/**
 * `[data-watch="ord_…"]`: a part of the page that stays fresh. The stream says only that something changed; the page
 * is asked for again at its own address and the part put in its place. Without script one reloads.
 */
export function watches(root: ParentNode): void {
  for (const part of take<HTMLElement>(root, "[data-watch]", "watch")) watch(part);
}

function watch(part: HTMLElement): void {
  const id = part.dataset.watch ?? "";
  const stream = new EventSource(`/api/v1/events?watch=${encodeURIComponent(id)}`);
  let timer = 0;
  stream.addEventListener("changed", () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => void renew(part, id, stream), SETTLE);
  });
  window.addEventListener("pagehide", () => stream.close(), { once: true });
}

async function renew(part: HTMLElement, id: string, stream: EventSource): Promise<void> {
  if (!part.isConnected) {
    stream.close();
    return;
  }
  const answer = await fetch(location.href, { headers: { accept: "text/html" } }).catch(() => null);
  if (!answer?.ok) return;
  if (answer.redirected) {
    location.replace(answer.url); // the step is over: what follows is a page of its own
    return;
  }
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const replacement = fresh.querySelector<HTMLElement>(`[data-watch="${CSS.escape(id)}"]`);
  if (!replacement || holdsTyping(part)) return;
  stream.close();
  part.replaceWith(replacement);
  document.dispatchEvent(new CustomEvent("xianji:renewed", { detail: replacement }));
}

/** Whether somebody is typing in there; what they typed is worth more than freshness. */
function holdsTyping(part: HTMLElement): boolean {
  const fields = part.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>("input:not([type=hidden]), textarea");
  const pad = part.querySelector<HTMLInputElement>(".pad input[type=hidden][name=code]");
  return Boolean(pad?.value) || [...fields].some((field) => field.value !== field.defaultValue);
}

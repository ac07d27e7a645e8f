import { csrf, one, say, take } from "./dom";

type Proof = { since: string; until: string; digest: string };

// The cache that sw.ts hands out.
const CACHE = "xianji-meet";
const KEY = "xianji-meet:";
const LONG = 16;
const ANSWER_WITHIN = 4000;
const AGAIN = 15_000;
// Answers that will not change: no such order, or the order has moved on.
const FINAL = [400, 404, 409, 422];

/**
 * `[data-away="ord_…"]` on the seller's meeting page. While there is no network every form that sends a code is held
 * back: the phone judges the code by the proofs it was given, keeps what it recognised, and sends it when the network is
 * back. Until then the page says that it waits to be confirmed. The service worker opens the page without a network.
 */
export function away(root: ParentNode): void {
  for (const place of take<HTMLElement>(root, "[data-away]", "away")) wait(place);
  if (one(root, "#meet-code, [data-away]")) void keep();
  if (root !== document || one(document, "[data-away]")) return;
  for (const order of waitingOrders()) void send(order, null);
}

/** This page and its files, for the next time it is opened without a network; the service worker hands them out. */
async function keep(): Promise<void> {
  if (!navigator.serviceWorker || !navigator.onLine) return;
  await navigator.serviceWorker.register("/sw.js");
  const files = [...document.querySelectorAll<HTMLElement>('script[src], link[rel="stylesheet"], link[rel="preload"]')];
  const addresses = files.map((file) => file.getAttribute("src") ?? file.getAttribute("href") ?? "");
  await (await caches.open(CACHE)).addAll([location.pathname, ...addresses]);
}

function waitingOrders(): string[] {
  return Object.keys(localStorage).flatMap((key) => (key.startsWith(KEY) ? [key.slice(KEY.length)] : []));
}

function wait(place: HTMLElement): void {
  const order = place.dataset.away ?? "";
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (form.getAttribute("action") !== place.dataset.action || form.dataset.sent) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    void hand(place, order, form);
  }, true);
  const again = () => void send(order, place);
  window.addEventListener("online", again);
  window.setInterval(again, AGAIN);
  again();
}

/** With a network the form goes its usual way; without one the phone judges. */
async function hand(place: HTMLElement, order: string, form: HTMLFormElement): Promise<void> {
  const code = String(new FormData(form).getAll("code").pop() ?? "");
  if (navigator.onLine && (await answers())) {
    form.dataset.sent = "yes";
    form.submit();
    return;
  }
  const plain = code.replace(`XJ2.${order}.`, "").toUpperCase().replace(/[\s-]/g, "");
  if (plain.length !== LONG) return wrong(place, say(place, "digits"));
  if (!(await recognised(place, order, plain))) return wrong(place, say(place, "wrong"));
  localStorage.setItem(KEY + order, plain);
  wrong(place, "");
  waiting(place, true);
}

async function answers(): Promise<boolean> {
  const asked = fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(ANSWER_WITHIN) });
  return asked.then(() => true, () => false);
}

async function recognised(place: HTMLElement, order: string, code: string): Promise<boolean> {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`${order}\n${code}`));
  const digest = [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const now = Date.now();
  const proofs = JSON.parse(place.dataset.proofs ?? "[]") as Proof[];
  return proofs.some((one) => one.digest === digest && Date.parse(one.since) <= now && now < Date.parse(one.until));
}

/** Send what is kept. Only a yes or a no ends the waiting; a no is told on the meeting page alone, and kept for it. */
async function send(order: string, place: HTMLElement | null): Promise<void> {
  const code = localStorage.getItem(KEY + order);
  if (!code) return;
  if (place) waiting(place, true);
  const { header, token } = csrf();
  const answer = await fetch(`/api/v1/orders/${order}/redeem`, {
    method: "POST",
    headers: { "content-type": "application/json", [header]: token },
    body: JSON.stringify({ code }),
  }).catch(() => null);
  if (answer?.ok) {
    localStorage.removeItem(KEY + order);
    if (place) location.assign(`/orders/${order}`);
  } else if (place && answer && FINAL.includes(answer.status)) {
    localStorage.removeItem(KEY + order);
    const problem = (await answer.json().catch(() => ({}))) as { detail?: string };
    waiting(place, false);
    wrong(place, say(place, "failed") + (problem.detail ?? ""));
  }
}

function waiting(place: HTMLElement, on: boolean): void {
  const banner = one<HTMLElement>(place, "[data-away-waiting]");
  if (banner) banner.hidden = !on;
  for (const form of document.querySelectorAll<HTMLElement>(".meet-entry, .away")) form.hidden = on;
}

function wrong(place: HTMLElement, words: string): void {
  const line = one<HTMLElement>(place, "[data-away-error]");
  if (!line) return;
  line.textContent = words;
  line.hidden = !words;
}

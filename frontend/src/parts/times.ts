import { locale, take } from "./dom";

const STEPS: [Intl.RelativeTimeFormatUnit, number, number][] = [
  ["second", 1, 60],
  ["minute", 60, 3600],
  ["hour", 3600, 86400],
  ["day", 86400, 604800],
];
const words = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" });
const exact = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "short" });
const watched = new Set<HTMLTimeElement>();

function said(then: Date, now: Date): string | null {
  const seconds = (then.getTime() - now.getTime()) / 1000;
  for (const [unit, size, below] of STEPS) {
    if (Math.abs(seconds) < below) {
      return unit === "second" ? words.format(0, "second") : words.format(Math.trunc(seconds / size), unit);
    }
  }
  return null;
}

function tick(): void {
  const now = new Date();
  for (const element of watched) {
    if (!element.isConnected) {
      watched.delete(element);
      continue;
    }
    const text = said(new Date(element.dateTime), now);
    if (text !== null && element.textContent !== text) element.textContent = text;
  }
}

/** `<time data-ago datetime>`: keeps "3 分钟前" true; older than a week stays as the server wrote it. */
export function relativeTimes(root: ParentNode): void {
  for (const element of take<HTMLTimeElement>(root, "time[data-ago]", "ago")) {
    if (!element.title) element.title = exact.format(new Date(element.dateTime));
    watched.add(element);
  }
  tick();
}

setInterval(tick, 30000);

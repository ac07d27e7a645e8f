import htmx from "htmx.org";

import { csrf } from "./dom";

/** htmx without eval or inline style; a refusal (409, 422) is a page to show, not an error to swallow. */
export function startHtmx(wake: (root: ParentNode) => void): void {
  Object.assign(htmx.config, {
    allowEval: false,
    allowScriptTags: false,
    includeIndicatorStyles: false,
    selfRequestsOnly: true,
    globalViewTransitions: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    scrollBehavior: "instant",
    historyCacheSize: 0,
    refreshOnHistoryMiss: true,
    timeout: 20000,
    responseHandling: [
      { code: "204", swap: false },
      { code: "[23]..", swap: true },
      { code: "(409|422)", swap: true, error: false },
      { code: "[45]..", swap: false, error: true },
    ],
  });
  document.addEventListener("htmx:configRequest", (event) => {
    const { header, token } = csrf();
    const detail = (event as CustomEvent<{ headers: Record<string, string> }>).detail;
    if (token) detail.headers[header] = token;
  });
  document.addEventListener("htmx:load", (event) => {
    wake((event as CustomEvent<{ elt: HTMLElement }>).detail.elt);
  });
  document.addEventListener("xianji:renewed", (event) => {
    const { detail } = event as CustomEvent<HTMLElement>;
    htmx.process(detail);
    wake(detail);
  });
  for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
    document.addEventListener(name, () => {
      document.dispatchEvent(new CustomEvent("xianji:trouble"));
    });
  }
}

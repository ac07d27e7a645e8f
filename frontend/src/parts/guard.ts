/** A form is sent once: its buttons rest until the answer is here (or the page comes back from history). */
export function formGuard(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (form.method === "dialog" || form.hasAttribute("data-guard-off")) return;
    if (form.dataset.sending !== undefined) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    // After every other listener had its say: a submit that was called off is not held.
    setTimeout(() => {
      if (!event.defaultPrevented || form.matches("[hx-post], [hx-put], [hx-patch], [hx-delete]")) hold(form, true);
    }, 0);
  }, true);
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = (event.target as Element | null)?.closest("form");
    if (form) hold(form, false);
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form").forEach((form) => hold(form, false));
  });
}

function hold(form: HTMLFormElement, on: boolean): void {
  if (on) form.dataset.sending = "";
  else delete form.dataset.sending;
  for (const button of form.querySelectorAll<HTMLButtonElement>("button:not([type=button])")) {
    if (on) button.setAttribute("aria-busy", "true");
    else button.removeAttribute("aria-busy");
  }
}

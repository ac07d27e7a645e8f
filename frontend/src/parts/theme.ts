const YEAR = 31536000;

/** `[data-theme-set="light|dark|auto"]`: the server reads the cookie, so the next page starts in the right colours. */
export function themeSwitch(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-theme-set]");
    if (!button) return;
    event.preventDefault();
    const wanted = button.dataset.themeSet;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    if (wanted === "light" || wanted === "dark") {
      document.documentElement.dataset.theme = wanted;
      document.cookie = `theme=${wanted}; Path=/; Max-Age=${YEAR}; SameSite=Lax${secure}`;
    } else {
      delete document.documentElement.dataset.theme;
      document.cookie = `theme=; Path=/; Max-Age=0; SameSite=Lax${secure}`;
    }
    show();
  });
  show();
}

function show(): void {
  const current = document.documentElement.dataset.theme ?? "auto";
  for (const button of document.querySelectorAll<HTMLElement>("[data-theme-set]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeSet === current));
  }
}

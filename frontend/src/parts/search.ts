import { one, say, take } from "./dom";

const SETTLE = 120;

interface Suggestion {
  text: string;
  kind: "words" | "category" | "topic" | "circle" | "shortcut";
  href: string;
}

/** `[data-search]`: lines are offered under the field while one types (a combobox). Without script the form just searches. */
export function searches(root: ParentNode): void {
  for (const form of take<HTMLFormElement>(root, "[data-search]", "search")) {
    const field = one<HTMLInputElement>(form, "input[type=search]");
    if (field) new Combobox(form, field);
  }
}

class Combobox {
  private readonly list = document.createElement("ul");
  private readonly said: HTMLElement | null;
  private at = -1;
  private timer = 0;
  private asking = new AbortController();

  constructor(
    private readonly form: HTMLFormElement,
    private readonly field: HTMLInputElement,
  ) {
    this.said = one<HTMLElement>(form, "[data-search-said]");
    this.list.id = `${field.id}-lines`;
    this.list.className = "seek-lines";
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", field.placeholder);
    this.list.hidden = true;
    form.append(this.list);
    for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-controls": this.list.id, "aria-expanded": "false" }))
      field.setAttribute(name, value);
    field.addEventListener("input", () => this.later());
    field.addEventListener("keydown", (event) => this.key(event));
    field.addEventListener("blur", () => window.setTimeout(() => this.close(), SETTLE));
  }

  private later(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.ask(), SETTLE);
  }

  private async ask(): Promise<void> {
    this.asking.abort();
    this.asking = new AbortController();
    const typed = this.field.value.trim();
    if (!typed) return this.close();
    const lines = await fetch(`/api/v1/search/suggestions?q=${encodeURIComponent(typed)}`, { signal: this.asking.signal })
      .then((answer) => (answer.ok ? (answer.json() as Promise<Suggestion[]>) : null))
      .catch(() => null);
    if (lines) this.show(lines);
  }

  private show(lines: Suggestion[]): void {
    this.list.replaceChildren(...lines.map((line, number) => this.line(line, number)));
    this.at = -1;
    this.field.removeAttribute("aria-activedescendant");
    if (this.said) this.said.textContent = say(this.form, "count").replace("{n}", String(lines.length));
    this.open(lines.length > 0);
  }

  private line(line: Suggestion, number: number): HTMLElement {
    const item = document.createElement("li");
    item.id = `${this.list.id}-${number}`;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    item.dataset.kind = line.kind;
    item.dataset.href = line.href;
    item.textContent = line.text;
    const what = say(this.form, line.kind);
    if (what) item.append(Object.assign(document.createElement("small"), { textContent: what }));
    item.addEventListener("pointerdown", (event) => event.preventDefault());
    item.addEventListener("click", () => location.assign(line.href));
    return item;
  }

  private key(event: KeyboardEvent): void {
    const lines = [...this.list.children] as HTMLElement[];
    if (event.key === "Escape" && !this.list.hidden) {
      event.preventDefault();
      this.close();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && lines.length > 0) {
      event.preventDefault();
      this.open(true);
      // One place more than there are lines: there the words are one's own again.
      const places = lines.length + 1;
      this.at = ((this.at + 1 + (event.key === "ArrowDown" ? 1 : places - 1)) % places) - 1;
      this.mark(lines);
    } else if (event.key === "Enter" && !this.list.hidden && lines[this.at]) {
      event.preventDefault();
      location.assign(lines[this.at]?.dataset.href ?? this.form.action);
    }
  }

  private mark(lines: HTMLElement[]): void {
    lines.forEach((line, number) => line.setAttribute("aria-selected", String(number === this.at)));
    const chosen = lines[this.at];
    if (chosen) this.field.setAttribute("aria-activedescendant", chosen.id);
    else this.field.removeAttribute("aria-activedescendant");
  }

  private open(shown: boolean): void {
    this.list.hidden = !shown;
    this.field.setAttribute("aria-expanded", String(shown));
  }

  private close(): void {
    clearTimeout(this.timer);
    this.asking.abort();
    this.at = -1;
    this.mark([...this.list.children] as HTMLElement[]);
    this.open(false);
  }
}

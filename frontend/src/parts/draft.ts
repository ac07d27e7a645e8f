import { take } from "./dom";

const PREFIX = "xianji:draft:";
const KEEP_MS = 7 * 86400 * 1000;
const NEVER = new Set(["password", "file", "hidden"]);
const SECRET = new Set(["id_number"]);

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;
type Draft = { at: number; fields: Record<string, string[]> };

function fieldsOf(form: HTMLFormElement): Field[] {
  return [...form.querySelectorAll<Field>("input[name], textarea[name], select[name]")].filter(
    (field) => !NEVER.has(field.type) && !SECRET.has(field.name) && field.autocomplete !== "one-time-code" && !("draftSkip" in field.dataset),
  );
}

function isChecked(field: Field): field is HTMLInputElement {
  return field instanceof HTMLInputElement && (field.type === "checkbox" || field.type === "radio");
}

function read(form: HTMLFormElement): Record<string, string[]> {
  const out: Record<string, string[]> = {};
  for (const field of fieldsOf(form)) {
    const values = (out[field.name] ??= []);
    if (!isChecked(field) || field.checked) values.push(field.value);
  }
  return out;
}

function write(form: HTMLFormElement, saved: Record<string, string[]>): void {
  const used: Record<string, number> = {};
  for (const field of fieldsOf(form)) {
    const values = saved[field.name];
    if (!values) continue;
    if (isChecked(field)) field.checked = values.includes(field.value);
    else field.value = values[(used[field.name] = (used[field.name] ?? -1) + 1)] ?? field.value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function stored(key: string): Draft | null {
  try {
    const draft = JSON.parse(localStorage.getItem(key) ?? "null") as Draft | null;
    return draft && Date.now() - draft.at < KEEP_MS ? draft : null;
  } catch {
    return null;
  }
}

/** `form[data-draft="publish"]`: words typed survive a lost session; sending clears them, `[data-draft-note]` tells. */
export function drafts(root: ParentNode): void {
  for (const form of take<HTMLFormElement>(root, "form[data-draft]", "draft")) {
    const key = PREFIX + form.dataset.draft;
    const found = stored(key);
    const blank = JSON.stringify(read(form));
    if (found && JSON.stringify(found.fields) !== blank && !form.hasAttribute("data-draft-off")) {
      write(form, found.fields);
      form.querySelector("[data-draft-note]")?.removeAttribute("hidden");
    }
    const forget = (): void => localStorage.removeItem(key);
    form.addEventListener("input", () => {
      try {
        localStorage.setItem(key, JSON.stringify({ at: Date.now(), fields: read(form) } satisfies Draft));
      } catch {
        // A full or closed store only means there is no draft.
      }
    });
    form.querySelector("[data-draft-drop]")?.addEventListener("click", () => {
      forget();
      form.reset();
      form.querySelector("[data-draft-note]")?.setAttribute("hidden", "");
    });
  }
}

/** The answer to a sent form says it was taken by `<… data-draft-done="publish">`; only then is the draft dropped. */
export function forgetDone(root: ParentNode): void {
  for (const element of root.querySelectorAll<HTMLElement>("[data-draft-done]")) {
    localStorage.removeItem(PREFIX + element.dataset.draftDone);
  }
}

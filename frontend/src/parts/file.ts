import { one, take } from "./dom";

/** `[data-file]`: a file field says the name of what was chosen in `[data-file-name]`; without script only that it was. */
export function files(root: ParentNode): void {
  for (const field of take(root, "[data-file]", "file")) {
    const input = one<HTMLInputElement>(field, "input[type=file]")!;
    const name = one<HTMLElement>(field, "[data-file-name]")!;
    const chosen = name.textContent;
    input.addEventListener("change", () => {
      name.textContent = input.files?.[0]?.name ?? chosen;
    });
  }
}

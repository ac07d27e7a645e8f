import { take } from "./dom";

/** `input[data-code="6"]`: digits only (full-width too), and the form goes off when the last one is in. */
export function codeInputs(root: ParentNode): void {
  for (const input of take<HTMLInputElement>(root, "input[data-code]", "code")) {
    const length = Number(input.dataset.code);
    let sent = "";
    input.addEventListener("input", () => {
      const digits = input.value.normalize("NFKC").replace(/\D/g, "").slice(0, length);
      if (input.value !== digits) input.value = digits;
      if (digits.length === length && digits !== sent) {
        sent = digits;
        input.form?.requestSubmit();
      }
    });
  }
}

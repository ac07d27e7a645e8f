import { one, take } from "./dom";

/** `form[data-pad="6"]`: the seller's number pad. It fills the field `code`, which only works with it. */
export function pads(root: ParentNode): void {
  for (const form of take<HTMLFormElement>(root, "form[data-pad]", "pad")) {
    const size = Number(form.dataset.pad);
    const field = one<HTMLInputElement>(form, 'input[type="hidden"][name="code"]');
    const slots = one<HTMLElement>(form, ".pad-slots");
    if (!field || !slots) continue;
    const none = slots.getAttribute("aria-label") ?? "";
    const show = (code: string) => {
      field.value = code;
      slots.setAttribute("aria-label", code ? [...code].join(" ") : none);
      [...slots.children].forEach((slot, at) => {
        slot.textContent = code[at] ?? "";
        slot.classList.toggle("on", at === code.length);
      });
    };
    const press = (digit: string) => {
      if (field.value.length >= size) return;
      show(field.value + digit);
      navigator.vibrate?.(8);
    };
    const back = () => show(field.value.slice(0, -1));
    field.disabled = false;
    show("");
    form.addEventListener("click", (event) => {
      const button = (event.target as Element).closest<HTMLButtonElement>("button");
      if (button?.dataset.digit) press(button.dataset.digit);
      else if (button?.hasAttribute("data-pad-back")) back();
      else if (button?.hasAttribute("data-pad-clear")) show("");
    });
    form.addEventListener("keydown", (event) => {
      if (/^\d$/.test(event.key)) press(event.key);
      else if (event.key === "Backspace") back();
      else return;
      event.preventDefault();
    });
  }
}

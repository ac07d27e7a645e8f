import Alpine from "@alpinejs/csp";

/** The CSP build runs no expression of its own making: pages name a component, the behaviour is here. */
export function startAlpine(): void {
  Alpine.data("counter", counter);
  Alpine.data("pad", pad);
  Alpine.data("net", net);
  Alpine.start();
}

/** A field's letters as a person counts them: code points, not UTF-16 units. */
function counter(): object {
  return {
    length: 0,
    init(this: { $el: HTMLElement; count: () => void }) {
      this.count();
    },
    count(this: { $root: HTMLElement; length: number }) {
      const field = this.$root.querySelector<HTMLInputElement | HTMLTextAreaElement>("input, textarea");
      this.length = [...(field?.value ?? "")].length;
    },
  };
}

type Pad = { code: string; size: number; $root: HTMLElement; slots: () => string[]; press: (digit: string) => void };

/** The seller's number pad; it fills the plain field that works without script, and sends the full code. */
function pad(): object {
  return {
    code: "",
    size: 6,
    init(this: Pad) {
      this.size = Number(this.$root.dataset.size ?? 6);
    },
    slots(this: Pad) {
      return Array.from({ length: this.size }, (_, index) => this.code[index] ?? "");
    },
    slot(this: Pad, index: number) {
      return this.code[index] ?? "";
    },
    press(this: Pad, digit: string) {
      if (this.code.length >= this.size) return;
      this.code += digit;
      navigator.vibrate?.(8);
    },
    back(this: Pad) {
      this.code = this.code.slice(0, -1);
    },
    clear(this: Pad) {
      this.code = "";
    },
    full(this: Pad) {
      return this.code.length === this.size;
    },
    key(this: Pad & { back: () => void }, event: KeyboardEvent) {
      if (/^\d$/.test(event.key)) this.press(event.key);
      else if (event.key === "Backspace") this.back();
      else return;
      event.preventDefault();
    },
  };
}

type Net = { net: string; $root: HTMLElement };

/** "到手 ¥…" while typing: rate in parts per million and the most it takes in minor units come from the server's policy. */
function net(): object {
  return {
    net: "",
    init(this: Net & { work: () => void }) {
      this.work();
    },
    work(this: Net) {
      const { rate = "0", cap = "", places = "2", lang = "zh-CN", currency = "CNY" } = this.$root.dataset;
      const typed = this.$root.querySelector<HTMLInputElement>("input")?.value.normalize("NFKC").trim() ?? "";
      if (!/^\d{1,9}(\.\d{0,2})?$/.test(typed)) {
        this.net = "";
        return;
      }
      const [whole = "0", part = ""] = typed.split(".");
      const minor = Number(whole) * 10 ** Number(places) + Number(part.padEnd(Number(places), "0").slice(0, Number(places)));
      const fee = Math.min(cap === "" ? Infinity : Number(cap), Math.round((minor * Number(rate)) / 1_000_000));
      this.net = new Intl.NumberFormat(lang, { style: "currency", currency, currencyDisplay: "narrowSymbol" }).format(
        Math.max(0, minor - fee) / 10 ** Number(places),
      );
    },
  };
}

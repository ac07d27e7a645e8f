import { say, take } from "./dom";
import { toast } from "./toast";

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** `[data-copy="text"]` copies; `[data-share="address"]` opens the phone's own sheet where there is one. */
export function shareAndCopy(root: ParentNode): void {
  for (const button of take<HTMLButtonElement>(root, "[data-copy]", "copy")) {
    button.addEventListener("click", async () => {
      const done = await copy(button.dataset.copy ?? "");
      toast(done ? say(button, "done") : say(button, "failed"));
    });
  }
  for (const button of take<HTMLButtonElement>(root, "[data-share]", "share")) {
    button.hidden = !("share" in navigator);
    button.addEventListener("click", () => {
      void navigator.share({ url: button.dataset.share, title: button.dataset.shareTitle }).catch(() => undefined);
    });
  }
}

import { one, say, take } from "./dom";
import { toast } from "./toast";

// About a kilometre: what leaves the browser is never more exact than the grid it ends up in.
const DECIMALS = 2;

/**
 * `[data-place]` holds hidden `lat` and `lon` inputs (names may end in `.lat`, `.lon`) and a hidden button
 * `[data-place-ask]`; pressing it asks the browser once. A form is sent at once, a part of a form is only filled.
 */
export function places(root: ParentNode): void {
  for (const box of take(root, "[data-place]", "place")) {
    const ask = one<HTMLButtonElement>(box, "[data-place-ask]");
    const lat = one<HTMLInputElement>(box, 'input[name$="lat"]');
    const lon = one<HTMLInputElement>(box, 'input[name$="lon"]');
    if (!ask || !lat || !lon) continue;
    ask.hidden = !("geolocation" in navigator);
    if (ask.hidden) continue;
    ask.addEventListener("click", () => {
      ask.setAttribute("aria-busy", "true");
      navigator.geolocation.getCurrentPosition(
        (found) => {
          ask.removeAttribute("aria-busy");
          lat.value = found.coords.latitude.toFixed(DECIMALS);
          lon.value = found.coords.longitude.toFixed(DECIMALS);
          if (box instanceof HTMLFormElement) box.requestSubmit();
          else toast(say(ask, "done"));
        },
        () => {
          ask.removeAttribute("aria-busy");
          toast(say(ask, "failed"));
        },
        { maximumAge: 600_000, timeout: 10_000 },
      );
    });
  }
}

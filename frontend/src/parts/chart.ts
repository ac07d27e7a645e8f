import { take } from "./dom";

/**
 * `[data-chart]` holds points `[day, low, middle, high, trades]` in minor units. The drawing library is fetched when
 * the plot comes near the screen; until then, and without script, the table beside it says the same.
 */
export function charts(root: ParentNode): void {
  for (const plot of take(root, "[data-chart]", "chart")) {
    plot.dataset.drawn = "";
    const seen = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        seen.disconnect();
        void import("./plot").then(({ draw }) => draw(plot));
      },
      { rootMargin: "200px" },
    );
    seen.observe(plot);
  }
}

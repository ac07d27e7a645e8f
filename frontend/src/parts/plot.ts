// The one module that knows the drawing library. It draws on a canvas, and its tip is drawn too: the page's policy
// allows no style in markup.
import { LineChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([LineChart, GridComponent, TooltipComponent, CanvasRenderer]);

type Point = [day: string, low: number, middle: number, high: number, trades: number];

/** Draw the median with the band of the middle half, in the colours of the theme, now and whenever either changes. */
export function draw(plot: HTMLElement): void {
  const points = JSON.parse(plot.dataset.chart ?? "[]") as Point[];
  const chart = init(plot, null, { renderer: "canvas" });
  const show = () => chart.setOption(option(points, plot.dataset), true);
  new ResizeObserver(() => chart.resize()).observe(plot);
  new MutationObserver(show).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
  show();
}

function option(points: Point[], said: DOMStringMap): Parameters<ReturnType<typeof init>["setOption"]>[0] {
  const { currency = "CNY" } = said;
  const amount = new Intl.NumberFormat(document.documentElement.lang, {
    style: "currency",
    currency,
    currencyDisplay: "narrowSymbol",
    maximumFractionDigits: 0,
  });
  const day = new Intl.DateTimeFormat(document.documentElement.lang, { month: "short", day: "numeric" });
  const [ink, faint, line, card, mark] = ["--ink", "--ink-faint", "--line", "--card", "--price"].map(colour);
  const plain = { type: "line", symbol: "none", silent: true, animation: false } as const;
  return {
    animation: false,
    grid: { left: 4, right: 12, top: 12, bottom: 4, containLabel: true },
    xAxis: {
      type: "category",
      data: points.map(([at]) => at),
      boundaryGap: false,
      axisLine: { lineStyle: { color: line } },
      axisTick: { show: false },
      axisLabel: { color: faint, hideOverlap: true, formatter: (at: string) => day.format(new Date(at)) },
    },
    yAxis: {
      type: "value",
      scale: true,
      splitNumber: 4,
      axisLabel: { color: faint, formatter: (minor: number) => amount.format(minor / 100) },
      splitLine: { lineStyle: { color: line } },
    },
    tooltip: {
      trigger: "axis",
      renderMode: "richText",
      confine: true,
      backgroundColor: card,
      borderColor: line,
      textStyle: { color: ink },
      formatter: (hit: unknown) => tip(points[(hit as { dataIndex: number }[])[0]?.dataIndex ?? 0], said, amount, day),
    },
    series: [
      { ...plain, data: points.map(([, low]) => low), stack: "band", lineStyle: { opacity: 0 } },
      {
        ...plain,
        data: points.map(([, low, , high]) => high - low),
        stack: "band",
        lineStyle: { opacity: 0 },
        areaStyle: { color: mark, opacity: 0.16 },
      },
      { ...plain, data: points.map(([, , middle]) => middle), lineStyle: { color: mark, width: 2 } },
    ],
  };
}

function tip(point: Point | undefined, said: DOMStringMap, amount: Intl.NumberFormat, day: Intl.DateTimeFormat): string {
  if (!point) return "";
  const [at, low, middle, high, trades] = point;
  const money = (minor: number) => amount.format(minor / 100);
  return [
    day.format(new Date(at)),
    `${said.sayMiddle} ${money(middle)}`,
    `${said.saySpread} ${money(low)}–${money(high)}`,
    `${said.sayTrades} ${trades}`,
  ].join("\n");
}

/** A colour of the theme in a form that the library can read; the tokens are in OKLCH. */
function colour(token: string): string {
  const brush = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  if (!brush) return "#888";
  brush.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(token).trim();
  brush.fillRect(0, 0, 1, 1);
  const [red, green, blue] = brush.getImageData(0, 0, 1, 1).data;
  return `rgb(${red}, ${green}, ${blue})`;
}

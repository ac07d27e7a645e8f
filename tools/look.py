"""Takes pictures of the kitchen pages in Chromium and runs axe over them.

    python tools/look.py [--pages feed,thing] [--quick]

Writes `frontend/kitchen/out/shots/<page>-<width>-<theme>-<lang>.png`; prints what axe, the console and the
content security policy complain of, and the layout shift of each page; ends with 1 when there is anything.
"""

from __future__ import annotations

import argparse
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "frontend/kitchen/out"
ASSETS = ROOT / "src/xianji/web/assets"
AXE = ROOT / "frontend/node_modules/axe-core/axe.min.js"
POLICY = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SHIFT = """() => new Promise(done => { let sum = 0;
  const add = e => { if (!e.hadRecentInput) sum += e.value; };
  new PerformanceObserver(list => list.getEntries().forEach(add))
    .observe({type: 'layout-shift', buffered: true}); setTimeout(() => done(sum), 150); })"""
MOST_SHIFT = 0.02


class Handler(SimpleHTTPRequestHandler):
    def translate_path(self, path: str) -> str:
        clean = path.split("?")[0].lstrip("/")
        base = ASSETS.parent if clean.startswith("assets/") else OUT
        return str(base / clean)

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


def look_at(page: Page, address: str, shot: str) -> list[str]:
    found: list[str] = []
    page.on("console", lambda m: found.append(f"console: {m.text[:300]}") if m.type == "error" else None)
    page.on("pageerror", lambda e: found.append(f"script: {e}"))
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=str(OUT / "shots" / f"{shot}.png"), full_page=True)
    shift = page.evaluate(SHIFT)
    if shift > MOST_SHIFT:
        found.append(f"layout shift {shift:.3f}")
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if wide > 0:
        found.append(f"scrolls sideways by {wide} px")
    page.evaluate(AXE.read_text())
    result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    for violation in result["violations"]:
        nodes = " | ".join(node["html"][:140] for node in violation["nodes"][:3])
        found.append(f"axe {violation['id']} ×{len(violation['nodes'])}: {nodes}")
    return found


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pages", default="")
    parser.add_argument("--quick", action="store_true", help="light, Chinese only")
    args = parser.parse_args()
    names = args.pages.split(",") if args.pages else sorted(p.stem for p in (OUT / "zh-CN").glob("*.html"))
    (OUT / "shots").mkdir(exist_ok=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    looks = [("light", "zh-CN")] if args.quick else [("light", "zh-CN"), ("dark", "zh-CN"), ("light", "en")]
    bad = 0
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for width, height in ((390, 844), (1280, 900)):
            for theme, lang in looks:
                context = browser.new_context(
                    viewport={"width": width, "height": height}, color_scheme=theme, locale=lang
                )
                for name in names:
                    page = context.new_page()
                    shot = f"{name}-{width}-{theme}-{lang}"
                    address = f"http://127.0.0.1:{server.server_port}/{lang}/{name}.html"
                    for line in look_at(page, address, shot):
                        bad += 1
                        print(f"{shot}: {line}")
                    page.close()
                context.close()
        browser.close()
    server.shutdown()
    print("look: nothing to mend" if not bad else f"look: {bad} findings")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

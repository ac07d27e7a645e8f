"""Looks at the screens that `tools/scenes.py` wrote down: pictures at phone and desk, light and dark, Chinese and
English; and everything axe, the console, the policy and the layout complain of.

    python tools/look.py scenes.json /tmp/shots [--only orders,me] [--looks 390-light-zh,1280-dark-en] [--sheet]

`--sheet` also lays the pictures side by side, eight to a sheet. Ends with 1 when there is anything to mend.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw
from playwright.sync_api import Browser, BrowserContext, Page, TimeoutError, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
AXE = ROOT / "frontend/node_modules/axe-core/axe.min.js"
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
WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
FIND = """async () => (await axe.run(document, {resultTypes: ['violations']})).violations
  .map(v => `axe ${v.id} ×${v.nodes.length}: ` + v.nodes.slice(0, 2).map(n => n.html.slice(0, 140)).join(' | '))"""
MOST_SHIFT = 0.02
HEIGHTS = {390: 844, 1280: 900}
USUAL = "390-light-zh,1280-light-zh,390-dark-en,1280-dark-en"
CELL = (380, 820)


def window(browser: Browser, known: dict[str, Any], who: str, look: str) -> BrowserContext:
    """A browser of this person with this look ("390-dark-en")."""
    width, theme, language = look.split("-")
    context = browser.new_context(
        viewport={"width": int(width), "height": HEIGHTS[int(width)]},
        color_scheme="dark" if theme == "dark" else "light",
        locale="zh-CN" if language == "zh" else "en-GB",
        reduced_motion="reduce",
        bypass_csp=True,  # for axe alone; the pages' own policy is held by tests/web
    )
    context.set_default_timeout(10_000)
    context.add_cookies(known["cookies"][who])
    context.add_cookies([{"name": "lang", "value": language, "url": known["address"]}])
    if who != "nobody":  # members have their language in their settings
        page = context.new_page()
        page.goto(known["address"] + "/settings")
        page.locator("select[name=language]").select_option(language)
        page.locator("button.btn-primary").click()
        page.wait_for_url("**ok=saved*")
        page.close()
    return context


def walk(page: Page, steps: list[list[str]]) -> None:
    """What is typed and pressed before looking; the browser's own checks step aside so that ours show."""
    for verb, where, value in steps:
        spot = page.locator(where).first
        if verb == "fill":
            spot.fill(value)
        elif verb == "files":
            spot.set_input_files(value.split("|"))
        elif verb == "wait":
            page.wait_for_selector(where)
        elif verb == "code":  # the form goes off with the last digit
            with page.expect_navigation():
                spot.press_sequentially(value)
        else:
            spot.evaluate("button => { button.form.noValidate = true; }")
            with page.expect_navigation():
                spot.click()


def judge(page: Page, address: str, steps: list[list[str]], file: Path) -> list[str]:
    """Take the picture; say what is wrong."""
    found: list[str] = []
    page.on("pageerror", lambda e: found.append(f"script: {e}"))
    page.goto(address, wait_until="load")
    try:
        walk(page, steps)
    except TimeoutError as late:
        found.append(f"steps: {late}".splitlines()[0])
    page.wait_for_timeout(150)
    page.screenshot(path=str(file), full_page=True)
    shift = page.evaluate(SHIFT)
    if shift > MOST_SHIFT:
        found.append(f"layout shift {shift:.3f}")
    if (wide := page.evaluate(WIDE)) > 0:
        found.append(f"scrolls sideways by {wide} px")
    page.evaluate(AXE.read_text())
    return found + list(page.evaluate(FIND))


def sheets(files: list[Path], folder: Path) -> None:
    """The pictures side by side, eight to a sheet."""
    for start in range(0, len(files), 8):
        sheet = Image.new("RGB", (CELL[0] * 4, (CELL[1] + 18) * 2), "white")
        for at, file in enumerate(files[start : start + 8]):
            shown = Image.open(file).convert("RGB")
            width = CELL[0] - 6
            shown = shown.resize((width, max(1, shown.height * width // shown.width))).crop((0, 0, width, CELL[1]))
            x, y = at % 4 * CELL[0], at // 4 * (CELL[1] + 18)
            ImageDraw.Draw(sheet).text((x + 4, y + 3), file.stem, "black")
            sheet.paste(shown, (x, y + 18))
        sheet.save(folder / f"sheet-{start // 8:02d}-{files[start].stem}.png")


def main() -> int:
    """Look at everything asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("scenes", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--looks", default=USUAL)
    parser.add_argument("--sheet", action="store_true")
    args = parser.parse_args()
    known = json.loads(args.scenes.read_text())
    only = {name for name in args.only.split(",") if name}
    screens = [one for one in known["screens"] if not only or one["name"] in only]
    args.folder.mkdir(parents=True, exist_ok=True)
    bad = 0
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for look in args.looks.split(","):
            files = []
            for who in known["cookies"]:
                context = window(browser, known, who, look)
                for one in (one for one in screens if one["who"] == who):
                    page = context.new_page()
                    files.append(args.folder / f"{one['name']}-{look}.png")
                    found = judge(page, known["address"] + one["path"], one.get("steps", []), files[-1])
                    bad += len(found)
                    print(*(f"{files[-1].stem}: {line}" for line in found), sep="\n", end="\n" if found else "")
                    page.close()
                context.close()
            if args.sheet:
                sheets(files, args.folder)
        browser.close()
    print("look: nothing to mend" if not bad else f"look: {bad} findings")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

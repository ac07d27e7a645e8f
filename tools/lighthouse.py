"""Runs Lighthouse (phone preset) over the pages that decide and prints the table of `docs/performance.md`.

    npm install --prefix /tmp/lighthouse --no-save lighthouse
    python tools/lighthouse.py http://127.0.0.1:8000 /tmp/lighthouse [--only note,item] [--slowdown 1]

Full reports stay in `<folder>/reports`. Pages are found from the front page on, so any town will do. Lighthouse slows
the processor down four times to play a middling phone on a fast desk (benchmark index 1,500 and more); on a slow or
busy machine say less with `--slowdown`. The index of each run is printed, so that a reader can judge it.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx

CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
FIGURES = ("largest-contentful-paint", "total-blocking-time", "cumulative-layout-shift")
FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run"


def pages(address: str) -> dict[str, str]:
    """Which address shows what, found by following links."""

    def first(path: str, pattern: str) -> str:
        found = re.search(rf'href="({pattern})"', httpx.get(address + path, trust_env=False, timeout=60).text)
        assert found, f"nothing like {pattern} on {path}"
        return found[1]

    item = first("/market", r"/items/itm_\w+")
    note = first("/", r"/notes/nte_\w+")
    profile = first(item, r"/u/\w+")
    return {"home": "/", "note": note, "item": item, "market": "/market", "profile": profile, "sign-in": "/sign-in"}


def run(address: str, folder: Path, name: str, slowdown: float) -> dict[str, Any]:
    """One page's report."""
    out = folder / "reports" / f"{name}.json"
    command = [str(folder / "node_modules/.bin/lighthouse"), address, "--quiet", "--output=json"]
    command += [f"--output-path={out}", f"--chrome-flags={FLAGS}", f"--only-categories={','.join(CATEGORIES)}"]
    command += [f"--throttling.cpuSlowdownMultiplier={slowdown:g}"]
    subprocess.run(command, check=True, env={**os.environ, "CHROME_PATH": "/usr/bin/chromium"})
    return json.loads(out.read_text())  # type: ignore[no-any-return]


def main() -> int:
    """Run and print; ends with 1 when a score is under 95."""
    parser = argparse.ArgumentParser()
    parser.add_argument("address")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--slowdown", type=float, default=4)
    args = parser.parse_args()
    (args.folder / "reports").mkdir(parents=True, exist_ok=True)
    low = []
    print("| page | performance | accessibility | best practices | SEO | largest paint | blocked | shift | index |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, path in pages(args.address).items():
        if args.only and name not in args.only.split(","):
            continue
        report = run(args.address + path, args.folder, name, args.slowdown)
        scores = [round(100 * report["categories"][one]["score"]) for one in CATEGORIES]
        figures = [report["audits"][one]["displayValue"].replace("\u00a0", " ") for one in FIGURES]
        print(
            f"| {name} | {' | '.join([*map(str, scores), *figures])} | {report['environment']['benchmarkIndex']:.0f} |",
            flush=True,
        )
        low += [name] if min(scores) < 95 else []
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(main())

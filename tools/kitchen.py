"""Renders every macro with sample data into static pages, to be looked at by `tools/look.py`.

Strict undefined: a macro that reads an attribute its comment does not promise fails here.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import kitchen_samples as samples  # noqa: E402

TEMPLATES = ROOT / "src/xianji/web/templates"
DIST = ROOT / "src/xianji/web/assets/dist"
KITCHEN = ROOT / "frontend/kitchen"
OUT = KITCHEN / "out"
SIGNS = {"CNY": "¥", "USD": "$"}
ENTRIES = {
    "main.js": "src/main.ts",
    "style.css": "src/styles/main.css",
    "icons.svg": "build/icons.svg",
    "favicon.svg": "build/favicon.svg",
}


def money(amount: Any) -> Markup:
    """What the site's `money` filter prints: small sign, no empty minor part."""
    whole, minor = divmod(amount.amount, 100)
    tail = f'<span class="money-minor">.{minor:02d}</span>' if minor else ""
    sign = SIGNS[amount.currency]
    return Markup(f'<span class="money"><span class="money-sign">{sign}</span>{whole:,}{tail}</span>')


def ago_in(lang: str) -> Any:
    def ago(at: datetime) -> str:
        minutes = int((samples.NOW - at).total_seconds() // 60)
        if minutes < 60:
            return f"{minutes} 分钟前" if lang == "zh-CN" else f"{minutes} min ago"
        return f"{minutes // 60} 小时前" if lang == "zh-CN" else f"{minutes // 60} h ago"

    return ago


def exact_in(lang: str) -> Any:
    days = "一二三四五六日"

    def exact(at: datetime) -> str:
        here = at + timedelta(hours=8)
        if lang == "zh-CN":
            return f"{here.month}月{here.day}日 周{days[here.weekday()]} {here:%H:%M}"
        return f"{here:%a %-d %b, %H:%M}"

    return exact


def environment(lang: str, words: dict[str, str]) -> Environment:
    env = Environment(
        loader=FileSystemLoader([TEMPLATES, KITCHEN]),
        undefined=StrictUndefined,
        autoescape=True,
        extensions=["jinja2.ext.i18n"],
    )

    def gettext(text: str) -> str:
        return words.get(text, text) if lang == "en" else text

    env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext, lambda one, many, n: gettext(one), newstyle=True
    )
    manifest = json.loads((DIST / "manifest.json").read_text())
    env.globals["asset"] = lambda name: "/assets/dist/" + manifest[ENTRIES[name]]["file"]
    env.globals["money_sign"] = lambda: "¥"
    env.filters.update(money=money, ago=ago_in(lang), exact=exact_in(lang))
    return env


def main() -> None:
    """Write `out/<lang>/<page>.html` for every page template of the kitchen."""
    words = json.loads((KITCHEN / "en.json").read_text())
    samples.draw_pictures(OUT / "pics", ROOT / "frontend/node_modules/@twemoji/svg")
    for lang in ("zh-CN", "en"):
        env = environment(lang, words)
        folder = OUT / lang
        folder.mkdir(parents=True, exist_ok=True)
        context = samples.make(lang)
        for page in sorted(KITCHEN.glob("*.html")):
            html = env.get_template(page.name).render(**context, site=SimpleNamespace(name=context["site_name"]))
            (folder / page.name).write_text(html)
    print(f"kitchen: {OUT}")


if __name__ == "__main__":
    main()

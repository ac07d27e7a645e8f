"""View structs into pages. Templates are strict: a name that is not given is an error, not a blank."""

import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import jinja2
import msgspec
from babel import Locale
from litestar import Response

from xianji.kernel.words import LANGUAGES, Language

from . import filters, kept, shapes, texts
from .visit import Visit

_HERE = Path(__file__).parent
ASSETS = _HERE / "assets" / "dist"


def environments(assets: Path = ASSETS) -> dict[str, jinja2.Environment]:
    """One strict environment per language; Chinese is the source language of the templates."""
    return {language: _environment(language, assets) for language in LANGUAGES}


def _environment(language: Language, assets: Path) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE / "templates"),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        auto_reload=False,  # looking whether a file has changed costs more than rendering a small part
    )
    say, count = texts.speakers(language)
    environment.install_gettext_callables(say, count, newstyle=True)  # type: ignore[attr-defined]
    environment.filters.update(filters.for_language(language))
    asset = _Assets(assets).url
    environment.globals.update(
        say=say,
        _=texts.marked(say),
        language=language,
        asset=asset,
        draw_icon=kept.icons(asset),
        once=kept.Kept(),
        money_sign=filters.money_sign,
    )
    return environment


_SOURCES = {
    "main.js": "src/main.ts",
    "style.css": "src/styles/main.css",
    "icons.svg": "build/icons.svg",
    "favicon.svg": "build/favicon.svg",
}


class _Assets:
    """Names of built files from Vite's manifest, read once."""

    def __init__(self, folder: Path) -> None:
        manifest = folder / "manifest.json"
        built: dict[str, Any] = msgspec.json.decode(manifest.read_bytes()) if manifest.exists() else {}
        self._urls = {name: f"/assets/dist/{built[source]['file']}" for name, source in _SOURCES.items() if built}

    def url(self, name: str) -> str:
        """Where the browser finds a built file by its plain name, e.g. "main.js"."""
        return self._urls[name]


def html(visit: Visit, template: str, **context: Any) -> str:
    """The text of a template for this visit, inside the frame every page shares."""
    filters.MOMENT.set(visit.database.clock.now())
    filters.ZONE.set(visit.zone)
    filters.CURRENCY.set(visit.house.here.currency)
    return visit.house.templates[visit.language].get_template(template).render(**_frame(visit), **context)


def _frame(visit: Visit) -> dict[str, Any]:
    """What `layout/base.html` needs of the visitor."""
    badge = visit.badge
    return {
        "lang": "zh-CN" if visit.language == "zh" else "en",
        "theme": visit.theme,
        "csrf_token": visit.csrf,
        "csrf_header": "x-csrftoken",
        "path": visit.path.partition("?")[0],
        "full_path": visit.path,
        "site": {"name": "闲集" if visit.language == "zh" else "Xianji"},
        "viewer": shapes.person(badge) if badge else None,
        "counts": {"messages": visit.waiting},
        "notice": _notice(visit),
        "form_key": secrets.token_urlsafe(12),
    }


# What a page says once after something was done; the address it was sent to ends with `?ok=<word>`.
_DONE = {
    "carted": "放进购物车了",
    "saved": "保存好了",
    "picture": "头像换好了",
    "verified": "实名认证通过了",
    "removed": "已经删掉了",
    "signed_out": "那台设备已退出登录",
    "password": "密码设好了，其他设备已退出登录",
    "phone": "手机号换好了，其他设备已退出登录",
    "passkey": "通行密钥加好了",
    "totp": "两步验证已经关掉",
    "sent": "重新提交好了",
    "decided": "处理好了",
    "appealed": "申诉收到了，会换一个人来看",
    "left": "账号已经删掉了。谢谢你来过。",
}


def _notice(visit: Visit) -> dict[str, str] | None:
    word = parse_qs(visit.path.partition("?")[2]).get("ok", [""])[0]
    if word not in _DONE:
        return None
    href, action = ("/cart", translate(visit, "去结算")) if word == "carted" else ("", "")
    return {"text": translate(visit, _DONE[word]), "href": href, "action": action}


def page(visit: Visit, template: str, status: int = 200, **context: Any) -> Response[str]:
    """A page. `context` must hold every name the template uses."""
    return Response(html(visit, template, **context), status_code=status, media_type="text/html")


def sheet(
    visit: Visit, template: str, *, title: str, back: str = "/", status: int = 200, aside: str = "", **context: Any
) -> Response[str]:
    """A page of one focused flow (`layout/sheet.html`). `title` is the Chinese text, translated here."""
    spoken = translate(visit, title)
    return page(visit, template, status, title=spoken, back=back, aside=aside, **context)


def translate(visit: Visit, text: str, **facts: Any) -> str:
    """A sentence of ours in the visitor's language; `text` is the Chinese source, facts as %(name)s."""
    say = visit.house.templates[visit.language].globals["say"]
    return str(say(text) % facts if facts else say(text))  # type: ignore[operator]


def territories(language: Language) -> dict[str, str]:
    """The names of countries and regions in this language, by ISO 3166 code."""
    found = Locale(language)
    return dict(found.territories)


def json(view: Any, status: int = 200) -> Response[bytes]:
    """A view struct as JSON."""
    return Response(msgspec.json.encode(view), status_code=status, media_type="application/json")

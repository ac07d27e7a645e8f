"""View structs into pages. Templates are strict: a name that is not given is an error, not a blank."""

import secrets
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import jinja2
import msgspec
from babel import Locale
from litestar import Response
from markupsafe import escape

from xianji.kernel.words import LANGUAGES, Language

from . import answers, drawn, filters, shapes, templating, texts
from .kept import Kept, icons
from .known import Told
from .visit import Reader, Visit

_HERE = Path(__file__).parent
ASSETS = _HERE / "assets" / "dist"
_LONGEST_KEPT = timedelta(hours=1)
_encode = msgspec.msgpack.Encoder().encode


def environments(assets: Path = ASSETS, compiled: Path | None = None) -> dict[str, jinja2.Environment]:
    """One strict environment per language; Chinese is the source language of the templates.

    `compiled` is a folder in which compiled templates outlive the process.
    """
    if compiled is not None:
        compiled.mkdir(mode=0o700, parents=True, exist_ok=True)
    return {language: _environment(language, assets, compiled) for language in LANGUAGES}


def load_all(templates: Mapping[str, jinja2.Environment]) -> None:
    """Load every template now, so that no visitor waits for it."""
    for environment in templates.values():
        for name in environment.list_templates():
            environment.get_template(name)


def _environment(language: Language, assets: Path, compiled: Path | None) -> jinja2.Environment:
    said = msgspec.json.encode((texts.english(), _built(assets)))
    environment = templating.Templates(
        loader=jinja2.FileSystemLoader(_HERE / "templates"),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        bytecode_cache=templating.Compiled(compiled, language, said) if compiled else None,
        cache_size=-1,  # there are as many as there are, and each is found without being moved to the front
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
        draw_icon=icons(asset),
        once=Kept(),
        money_sign=filters.money_sign,
    )
    return environment


_SOURCES = {
    "main.js": "src/main.ts",
    "style.css": "src/styles/main.css",
    "sw.js": "src/sw.ts",
    "icons.svg": "build/icons.svg",
    "favicon.svg": "build/favicon.svg",
}


def _built(folder: Path) -> dict[str, Any]:
    """Vite's manifest; empty before the first build."""
    manifest = folder / "manifest.json"
    return dict(msgspec.json.decode(manifest.read_bytes())) if manifest.exists() else {}


class _Assets:
    """Names of built files from Vite's manifest, read once."""

    def __init__(self, folder: Path) -> None:
        built = _built(folder)
        self._urls = {name: f"/assets/dist/{built[source]['file']}" for name, source in _SOURCES.items() if built}

    def url(self, name: str) -> str:
        """Where the browser finds a built file by its plain name, e.g. "main.js"."""
        return self._urls[name]


def html(visit: Visit, template: str, **context: Any) -> str:
    """The text of a template for this visit, inside the frame every page shares."""
    return _draw(visit, _own(visit), template, context)


def _draw(reader: Reader, own: Mapping[str, str], template: str, context: Mapping[str, Any]) -> str:
    now = reader.house.database.clock.now()
    filters.MOMENT.set(now)
    filters.UNTIL.set(now + _LONGEST_KEPT)
    filters.ZONE.set(reader.zone)
    filters.CURRENCY.set(reader.house.here.currency)
    return reader.house.templates[reader.language].get_template(template).render(**_frame(reader), **own, **context)


def _frame(reader: Reader) -> dict[str, Any]:
    """What `layout/base.html` needs of the reader."""
    return {
        "lang": "zh-CN" if reader.language == "zh" else "en",
        "theme": reader.theme,
        "csrf_header": "x-csrftoken",
        "path": reader.path.partition("?")[0],
        "full_path": reader.path,
        "site": {"name": "闲集" if reader.language == "zh" else "Xianji"},
        "viewer": reader.signed_in,
        "notice": _notice(reader),
    }


def _own(visit: Visit) -> dict[str, str]:
    """What of a page belongs to this one visit: the fillings of `drawn.HOLES`."""
    own = {**dict.fromkeys(drawn.HOLES, ""), "csrf_token": visit.csrf, "form_key": secrets.token_urlsafe(12)}
    return own if visit.badge is None else own | _of(visit.badge, visit.waiting, visit.house.templates[visit.language])


@lru_cache(maxsize=2048)
def _of(badge: Any, waiting: int, templates: jinja2.Environment) -> dict[str, str]:
    """Face and counts in the frame, which look the same on every page of a member."""
    shell: Any = templates.get_template("parts/shell.html").module
    viewer = shapes.person(badge)
    own = {"viewer_face": shell.viewer_face(viewer), "viewer_href": escape(viewer["href"])}
    if waiting:
        own |= {"waiting_top": shell.count(waiting), "waiting_tab": shell.count(waiting, True)}
    return own


# What a page says once after something was done; the address it was sent to ends with `?ok=<word>`.
_DONE = {
    "carted": "放进购物车了",
    "less": "记下了，往后少给你看",
    "taken_back": "撤回了，照常给你看",
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


# Where it leads on from there.
_NEXT = {"carted": ("/cart", "去结算"), "less": ("/me/views#less", "少看的")}


def _notice(reader: Reader) -> dict[str, str] | None:
    query = reader.path.partition("?")[2]
    word = parse_qs(query).get("ok", [""])[0] if query else ""
    if word not in _DONE:
        return None
    href, action = _NEXT.get(word, ("", ""))
    return {"text": translate(reader, _DONE[word]), "href": href, "action": translate(reader, action)}


def page(visit: Visit, template: str, status: int = 200, **context: Any) -> Response[str]:
    """A page. `context` must hold every name the template uses."""
    return Response(html(visit, template, **context), status_code=status, media_type="text/html")


def kept(
    visit: Visit, template: str, show: Callable[..., dict[str, Any]], told: Told[Any], *facts: Any
) -> Response[Any]:
    """A page that shows what was `told` and `facts`: `show(reader, told.said, *facts)` makes the context.

    The reader holds nothing of the visitor, so whatever of a page depends on who looks must be among the two.
    """
    reader = visit.reader
    manner = (reader.language, reader.zone, reader.theme, reader.path, reader.signed_in, reader.house.here)
    key = (template, *manner, told.packed, _encode(facts))
    drawings, now = visit.house.drawings, visit.database.clock.now()
    drawing = drawings.find(key, now)
    if drawing is None:
        text = _draw(reader, drawn.MARKS, template, show(reader, told.said, *facts))
        drawing = drawings.keep(key, drawn.Drawing(text, filters.UNTIL.get()))
    own = _own(visit)
    body = drawing.packed(own) if visit.packs else drawing.plain(own)
    return answers.Finished(body, answers.HTML, packed=visit.packs)


def sheet(
    visit: Visit, template: str, *, title: str, back: str = "/", status: int = 200, aside: str = "", **context: Any
) -> Response[str]:
    """A page of one focused flow (`layout/sheet.html`). `title` is the Chinese text, translated here."""
    spoken = translate(visit, title)
    return page(visit, template, status, title=spoken, back=back, aside=aside, **context)


def translate(reader: Reader, text: str, **facts: Any) -> str:
    """A sentence of ours in the reader's language; `text` is the Chinese source, facts as %(name)s."""
    say = reader.house.templates[reader.language].globals["say"]
    return str(say(text) % facts if facts else say(text))  # type: ignore[operator]


def territories(language: Language) -> dict[str, str]:
    """The names of countries and regions in this language, by ISO 3166 code."""
    found = Locale(language)
    return dict(found.territories)


def json(view: Any, status: int = 200) -> Response[bytes]:
    """A view struct as JSON."""
    return Response(msgspec.json.encode(view), status_code=status, media_type="application/json")

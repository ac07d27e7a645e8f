"""Rules, fees, safety, openness: written from the configuration in force, so that they cannot say anything else."""

from typing import Any

from litestar import Response, get
from litestar.types import ControllerRouterHandler

from xianji.domains import items, moderation, notes, screening
from xianji.domains.fees import POLICY
from xianji.domains.screening import Rule, RuleBook, Texts
from xianji.kernel.config import Key
from xianji.web import fee_words, render
from xianji.web.rulings import words_of
from xianji.web.visit import Req, Visit, visit_of


@get("/rules", include_in_schema=False)
async def rules(request: Req) -> Response[Any]:
    """What may not be sold or said, the rules by which reports are decided, and the deadlines of an order."""
    visit = visit_of(request)
    async with visit.look() as look:
        hours = {name: look.config.get(Key.declared[f"orders.{name}"]) for name in _TIMES}
    book = screening.rules()
    return render.sheet(
        visit,
        "pages/rules.html",
        title="规则公开",
        times=hours,
        rules=[f"{words.code} {words_of(visit, words)}" for words in moderation.policy().rules.values()],
        version=book.version,
        classes=[_class_of(visit, book, number, texts) for number, texts in book.classes.items()],
        changes=[{"version": change.version, "words": words_of(visit, change)} for change in book.change],
    )


_ACTIONS = {"block": ("amber", "不能发"), "hold": ("slate", "先看一看"), "warn": ("", "提醒一下")}


def _class_of(visit: Visit, book: RuleBook, number: str, texts: Texts) -> dict[str, Any]:
    return {
        "title": words_of(visit, texts),
        "rules": [_rule(visit, rule) for rule in book.rule if str(rule.class_number) == number],
    }


def _rule(visit: Visit, rule: Rule) -> dict[str, Any]:
    kind, action = _ACTIONS[rule.action]
    return {
        "id": rule.id,
        "words": words_of(visit, rule),
        "kind": kind,
        "action": render.translate(visit, action),
        "talk": rule.in_talk,
        "terms": rule.terms,
        "exceptions": rule.exceptions,
    }


_TIMES = ("pay_minutes", "ship_hours", "ship_grace_hours", "receive_hours", "inspect_hours", "meet_hours")


@get("/fees", include_in_schema=False)
async def fees(request: Req) -> Response[Any]:
    """What the platform keeps of a sale, now and from when it is announced to change."""
    visit = visit_of(request)
    async with visit.look() as look:
        policy, coming = look.config.get(POLICY), look.config.coming(POLICY)
    return render.sheet(
        visit,
        "pages/fees.html",
        title="费用说明",
        sentences=fee_words.sentences(visit, policy),
        coming=[{"at": at, "sentences": fee_words.sentences(visit, later)} for at, later in coming],
    )


@get("/safety", include_in_schema=False)
async def safety(request: Req) -> Response[Any]:
    """How to trade without being cheated."""
    return render.sheet(visit_of(request), "pages/safety.html", title="安全交易")


@get("/open", include_in_schema=False)
async def openness(request: Req) -> Response[Any]:
    """Source, data, interface, and what moderation did lately."""
    visit = visit_of(request)
    async with visit.look() as look:
        figures = await moderation.figures(look)
    return render.sheet(visit, "pages/open.html", title="开源与数据", figures=figures)


@get("/robots.txt", include_in_schema=False)
async def robots(request: Req) -> Response[str]:
    """Public pages may be read by machines; rooms that belong to somebody may not."""
    text = "User-agent: *\n" + "".join(f"Disallow: {path}\n" for path in _CLOSED)
    text += f"Sitemap: {visit_of(request).house.settings.base_url}/sitemap.xml\n"
    return Response(text, media_type="text/plain; charset=utf-8")


_CLOSED = (
    "/me",
    "/settings",
    "/orders",
    "/messages",
    "/console",
    "/api/",
    "/resume/",
    "/sign-in?",
    "/sign-in/",
    "/publish",
    "/drafts",
    "/saved",
    "/report",
)
_OPEN = ("/", "/market", "/circles", "/rules", "/fees", "/safety", "/open")


@get("/sitemap.xml", include_in_schema=False)
async def sitemap(request: Req) -> Response[str]:
    """Every public page for search engines: what is on sale, notes, and the pages of the house."""
    visit = visit_of(request)
    async with visit.look() as look:
        most = look.config.get(SITEMAP_MOST)
        rooms = [("items", await items.public_items(look, most)), ("notes", await notes.public_notes(look, most))]
    base = visit.house.settings.base_url
    lines = [f"<url><loc>{base}{path}</loc></url>" for path in _OPEN]
    lines += [
        f"<url><loc>{base}/{room}/{one}</loc><lastmod>{changed:%Y-%m-%d}</lastmod></url>"
        for room, found in rooms
        for one, changed in found
    ]
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{_SITEMAPS}">' + "\n".join(lines) + "</urlset>"
    headers = {"cache-control": "public, max-age=3600"}
    return Response(text, media_type="application/xml; charset=utf-8", headers=headers)


_SITEMAPS = "http://www.sitemaps.org/schemas/sitemap/0.9"
SITEMAP_MOST = Key("web.sitemap_most", 20_000, "things, and as many notes, that the map for search engines names")


@get("/manifest.webmanifest", include_in_schema=False)
async def manifest(request: Req) -> Response[bytes]:
    """What a phone needs to put the site on its home screen."""
    visit = visit_of(request)
    name = "闲集" if visit.language == "zh" else "Xianji"
    icon = visit.house.templates[visit.language].globals["asset"]("favicon.svg")  # type: ignore[operator]
    found = {
        "name": name,
        "short_name": name,
        "start_url": "/",
        "display": "standalone",
        "background_color": "#faf8f4",
        "theme_color": "#faf8f4",
        "icons": [{"src": icon, "sizes": "any", "type": "image/svg+xml"}],
    }
    return render.json(found)


@get("/sw.js", include_in_schema=False)
async def service_worker(request: Req) -> Response[bytes]:
    """The script that keeps meeting pages for places without a network; at the root, so that it may see them."""
    built = visit_of(request).house.templates["zh"].globals["asset"]("sw.js")  # type: ignore[operator]
    script = (render.ASSETS / built.removeprefix("/assets/dist/")).read_bytes()
    return Response(script, media_type="text/javascript; charset=utf-8", headers={"cache-control": "no-cache"})


ROUTES: list[ControllerRouterHandler] = [rules, fees, safety, openness, robots, sitemap, manifest, service_worker]

"""Rules, fees, safety, openness: written from the configuration in force, so that they cannot say anything else."""

from typing import Any

from litestar import Response, get
from litestar.types import ControllerRouterHandler

from xianji.domains import moderation
from xianji.domains.fees import POLICY
from xianji.kernel.config import Key
from xianji.web import fee_words, render
from xianji.web.visit import Req, visit_of


@get("/rules", include_in_schema=False)
async def rules(request: Req) -> Response[Any]:
    """The rules by which reports are decided, and the deadlines of an order."""
    visit = visit_of(request)
    async with visit.look() as look:
        hours = {name: look.config.get(Key.declared[f"orders.{name}"]) for name in _TIMES}
    named = [
        f"{words.code} {words.zh if visit.language == 'zh' else words.en}"
        for words in moderation.policy().rules.values()
    ]
    return render.sheet(visit, "pages/rules.html", title="规则公开", times=hours, rules=named)


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
    del request
    closed = ("/me", "/settings", "/orders", "/messages", "/console", "/api/", "/resume/", "/sign-in")
    text = "User-agent: *\n" + "".join(f"Disallow: {path}\n" for path in closed)
    return Response(text, media_type="text/plain; charset=utf-8")


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


ROUTES: list[ControllerRouterHandler] = [rules, fees, safety, openness, robots, manifest]

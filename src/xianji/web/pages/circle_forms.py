"""Founding a circle, changing what it says of itself, and its rules."""

from typing import Any
from urllib.parse import quote

from litestar import Response, get
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from xianji.domains import circles
from xianji.domains.circles import (
    CirclePage,
    EditCircle,
    FoundCircle,
    NewHost,
    NewMeetingPlace,
    RemoveMeetingPlace,
    SetRules,
)
from xianji.kernel.errors import NOT_FOUND, SIGN_IN_FIRST, Refusal
from xianji.web import circle_rules, forms, render, shapes
from xianji.web.commands import Command
from xianji.web.forms import Pairs, Typed
from xianji.web.going import see_other
from xianji.web.typed import errors_of, gather, kept_pictures, status_of, typed_in
from xianji.web.visit import Req, Visit, visit_of

from .circles import circle_name, tabs_of

_KINDS = (("interest", "兴趣"), ("place", "地方"), ("campus", "校园"), ("fandom", "同好"))


@get("/circles/new", include_in_schema=False)
async def new_circle(request: Req) -> Response[Any]:
    """The empty sheet of a new circle."""
    visit = visit_of(request)
    if visit.actor.member is None:
        return see_other("/sign-in?to=/circles/new")
    async with visit.look() as look:
        if not circles.may_found(look):
            raise NOT_FOUND()
    return await _sheet(visit, Typed([("kind", "interest")]))


@get("/circles/{circle:str}/edit", include_in_schema=False)
async def edit_circle(request: Req, circle: FromPath[str]) -> Response[Any]:
    """The sheet filled with a circle of mine."""
    visit, page = await _mine(request, circle)
    pairs = [(name, str(getattr(page, name) or "")) for name in ("name", "name_en", "description", "city", "cover")]
    return await _sheet(visit, Typed([*pairs, ("version", str(page.version))]), page=page)


@get("/circles/{circle:str}/rules", include_in_schema=False)
async def show_rules(request: Req, circle: FromPath[str]) -> Response[Any]:
    """The rules as sentences, when each began, and what was before."""
    visit = visit_of(request)
    async with visit.look() as look:
        page = await circles.circle_page(look, circle)
        versions = await circles.rule_versions(look, page)
        tabs = await tabs_of(visit, look, page, "rules")
    return render.page(
        visit,
        "pages/circle_rules.html",
        circle=page,
        name=circle_name(visit, page),
        tabs=tabs,
        rules=circle_rules.shown(visit, look, page, versions),
        manages=manages(visit, page),
    )


@get("/circles/{circle:str}/rules/edit", include_in_schema=False)
async def edit_rules(request: Req, circle: FromPath[str]) -> Response[Any]:
    """The rules as a form, for hosts."""
    visit, page = await _mine(request, circle)
    now = page.rules
    pairs = [("house_rules", "\n".join(now.house_rules)), ("guest_stalls", now.guest_stalls)]
    pairs += [("who_posts", now.who_posts), ("commercial_share", str(now.commercial_share))]
    pairs += [("kinds_welcome", kind) for kind in now.kinds_welcome]
    return _rules_sheet(visit, page, Typed(pairs))


@get("/circles/{circle:str}/places", include_in_schema=False)
async def edit_places(request: Req, circle: FromPath[str]) -> Response[Any]:
    """The public places that the circle suggests for meeting, and a form for one more; for hosts."""
    visit, page = await _mine(request, circle)
    return await _places_sheet(visit, page, Typed())


def manages(visit: Visit, page: CirclePage) -> bool:
    """Whether this visitor may change the circle: its hosts and operators."""
    return page.role == "host" or bool(visit.actor.roles & {"moderator", "admin"})


async def _mine(request: Req, circle: str) -> tuple[Visit, CirclePage]:
    visit = visit_of(request)
    if visit.actor.member is None:
        raise SIGN_IN_FIRST()
    async with visit.look() as look:
        page = await circles.circle_page(look, circle)
    if not manages(visit, page):
        raise NOT_FOUND()
    return visit, page


async def _sheet(
    visit: Visit, typed: Typed, refusal: Refusal | None = None, page: CirclePage | None = None
) -> Response[Any]:
    return render.sheet(
        visit,
        "pages/circle_edit.html",
        title="编辑圈子" if page else "开一个圈子",
        back=f"/circles/{page.slug}" if page else "/circles",
        status=status_of(refusal),
        circle=page,
        typed=typed,
        errors=errors_of(visit, refusal),
        kept=await kept_pictures(visit, typed, "cover"),
        kinds=[{"value": kind, "text": shapes.say(visit, text)} for kind, text in _KINDS],
        address=visit.house.settings.base_url + "/circles/",
    )


def _rules_sheet(visit: Visit, page: CirclePage, typed: Typed, refusal: Refusal | None = None) -> Response[Any]:
    return render.sheet(
        visit,
        "pages/circle_rules_edit.html",
        title="设定圈子规则",
        back=f"/circles/{page.slug}/rules",
        status=status_of(refusal),
        circle=page,
        typed=typed,
        errors=errors_of(visit, refusal),
        kinds=[{"value": kind, "text": shapes.say(visit, text)} for kind, text in circle_rules.KINDS.items()],
        stalls=_options(visit, circle_rules.STALLS, {"allow": "欢迎", "approve": "楼主点头才行", "forbid": "不开放"}),
        posters=_options(visit, circle_rules.POSTERS, {"members": "成员都能发", "hosts": "只有圈主发"}),
        days=page.rules.commercial_days,
    )


async def _places_sheet(visit: Visit, page: CirclePage, typed: Typed, refusal: Refusal | None = None) -> Response[Any]:
    async with visit.look() as look:
        places = await circles.meeting_places_of(look, page.id)
    return render.sheet(
        visit,
        "pages/circle_places.html",
        title="面交地点",
        back=f"/circles/{page.slug}",
        status=status_of(refusal),
        circle=page,
        places=places,
        typed=typed,
        errors=errors_of(visit, refusal),
    )


def _shape_place(pairs: Pairs, currency: str) -> NewMeetingPlace:
    """A point that was not given is left out."""
    given = [pair for pair in pairs if pair[1].strip() or pair[0] not in ("lat", "lon")]
    return forms.fill(NewMeetingPlace, given, currency)


def _options(visit: Visit, notes: dict[str, str], titles: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "value": value,
            "title": shapes.say(visit, title),
            "note": shapes.say(visit, notes[value]),
            "disabled": False,
            "chip": "",
        }
        for value, title in titles.items()
    ]


def _shape_rules(pairs: Pairs, currency: str) -> SetRules:
    """One rule in words a line, as people write them."""
    lines = [line for name, value in pairs if name == "house_rules" for line in value.splitlines() if line.strip()]
    rest = [pair for pair in pairs if pair[0] != "house_rules"]
    return forms.fill(SetRules, [*rest, *(("house_rules", line) for line in lines)], currency)


async def _again_new(request: Req, refusal: Refusal, fields: Typed) -> Response[Any]:
    return await _sheet(visit_of(request), typed_in(request, fields), refusal)


async def _again_edit(request: Req, refusal: Refusal, fields: Typed, circle: str) -> Response[Any]:
    if refusal.code is NOT_FOUND:
        raise refusal
    visit, page = await _mine(request, circle)
    return await _sheet(visit, typed_in(request, fields), refusal, page)


async def _again_rules(request: Req, refusal: Refusal, fields: Typed, circle: str) -> Response[Any]:
    if refusal.code is NOT_FOUND:
        raise refusal
    visit, page = await _mine(request, circle)
    return _rules_sheet(visit, page, fields, refusal)


async def _again_places(request: Req, refusal: Refusal, fields: Typed, circle: str) -> Response[Any]:
    if refusal.code is NOT_FOUND:
        raise refusal
    visit, page = await _mine(request, circle)
    return await _places_sheet(visit, page, fields, refusal)


async def _again_host(request: Req, refusal: Refusal, fields: Typed, circle: str) -> Response[Any]:
    if refusal.code is NOT_FOUND:
        raise refusal
    visit, page = await _mine(request, circle)
    pairs = [(name, str(getattr(page, name) or "")) for name in ("name", "name_en", "description", "city", "cover")]
    return await _sheet(visit, Typed([*pairs, ("version", str(page.version)), *fields.pairs]), refusal, page)


def _to(_: Any, circle: str) -> str:
    return f"/circles/{quote(circle)}?ok=saved"


def _to_places(_: Any, circle: str) -> str:
    return f"/circles/{quote(circle)}/places"


COMMANDS: list[Command] = [
    Command(
        "found_circle_form",
        "/circles/new",
        circles.found_circle,
        FoundCircle,
        then=lambda made: f"/circles/{made}",
        again=_again_new,
        gather=gather,
        api=False,
    ),
    Command(
        "edit_circle_form",
        "/circles/{circle}/edit",
        circles.edit_circle,
        EditCircle,
        then=_to,
        again=_again_edit,
        gather=gather,
        shape=lambda pairs, currency: forms.fill(EditCircle, [("city", ""), *pairs], currency),
        api=False,
    ),
    Command(
        "name_host_form",
        "/circles/{circle}/hosts",
        circles.name_host,
        NewHost,
        then=_to,
        again=_again_host,
        api=False,
    ),
    Command(
        "add_meeting_place_form",
        "/circles/{circle}/meeting-places",
        circles.add_meeting_place,
        NewMeetingPlace,
        then=_to_places,
        again=_again_places,
        shape=_shape_place,
        api=False,
    ),
    Command(
        "remove_meeting_place_form",
        "/circles/{circle}/meeting-places/remove",
        circles.remove_meeting_place,
        RemoveMeetingPlace,
        then=_to_places,
        again=_again_places,
        api=False,
    ),
    Command(
        "set_circle_rules_form",
        "/circles/{circle}/rules",
        circles.set_circle_rules,
        SetRules,
        then=lambda _, circle: f"/circles/{circle}/rules?ok=saved",
        again=_again_rules,
        shape=_shape_rules,
        api=False,
    ),
]

ROUTES: list[ControllerRouterHandler] = [edit_circle, edit_places, edit_rules, new_circle, show_rules]

"""A member's public page: what they sell, what they write, and the ties to them."""

from collections.abc import Sequence
from typing import Any

from litestar import Response, get
from litestar.params import FromPath, FromQuery
from litestar.types import ControllerRouterHandler

from xianji.domains import items, members, notes
from xianji.domains.members import MemberCard, MemberPage
from xianji.kernel.pages import Page
from xianji.web import render, shapes
from xianji.web.paths import topic_address
from xianji.web.visit import Req, Visit, visit_of

_SHOWN: tuple[Any, ...] = ("live", "sold")


@get("/u/{who:str}", include_in_schema=False)
async def market(request: Req, who: FromPath[str], cursor: FromQuery[str] = "") -> Response[Any]:
    """The market tab: things on sale and sold."""
    visit = visit_of(request)
    async with visit.look() as look:
        shown = await members.member_page(look, who)
        things = await items.seller_items(look, shown.card.id, _SHOWN, cursor or None)
    here = f"/u/{shown.card.handle}"
    cards = [shapes.item_card(visit, thing) for thing in things.items]
    more = f"{here}?cursor={things.next_cursor}" if things.next_cursor else None
    if visit.htmx and cursor:
        return render.page(visit, "pages/profile_cells.html", cards=cards, more_href=more)
    return render.page(
        visit,
        "pages/profile.html",
        member=header(visit, shown),
        about=shown,
        here=here,
        tabs=_tabs(visit, here, "market"),
        cards=cards,
        more_href=more,
    )


@get("/u/{who:str}/notes", include_in_schema=False)
async def written(request: Req, who: FromPath[str], cursor: FromQuery[str] = "") -> Response[Any]:
    """The notes tab: what the member writes."""
    visit = visit_of(request)
    async with visit.look() as look:
        shown = await members.member_page(look, who)
        found = await notes.feed(look, author=shown.card.id, cursor=cursor or None)
    home = f"/u/{shown.card.handle}"
    cards = [shapes.note_card(visit, card) for card in found.items]
    more = f"{home}/notes?cursor={found.next_cursor}" if found.next_cursor else None
    if visit.htmx and cursor:
        return render.page(visit, "pages/profile_cells.html", cards=cards, more_href=more)
    return render.page(
        visit,
        "pages/profile.html",
        member=header(visit, shown),
        about=shown,
        here=f"{home}/notes",
        tabs=_tabs(visit, home, "notes"),
        cards=cards,
        more_href=more,
    )


def header(visit: Visit, shown: MemberPage) -> dict[str, Any]:
    """A member's page for `member.member_header`."""
    say = render.translate
    card, here = shown.card, f"/u/{shown.card.handle}"
    figures = [
        {"label": say(visit, "在卖"), "value": str(shown.items_live), "href": here},
        {"label": say(visit, "卖出"), "value": str(card.sold_count), "href": ""},
        {"label": say(visit, "粉丝"), "value": str(shown.followers), "href": f"{here}/followers"},
        {"label": say(visit, "在关注"), "value": str(shown.following), "href": f"{here}/following"},
    ]
    return {
        **shapes.seller(visit, card),
        "place": card.city,
        "id": card.id,
        "handle": card.handle,
        "bio": shown.bio,
        "figures": figures,
        "is_self": shown.is_me,
        "following": shown.followed_by_me,
        "blocked": shown.blocked_by_me,
        "ties": f"/members/{card.id}",
        "edit_href": "/settings",
    }


def _tabs(visit: Visit, here: str, on: str) -> list[dict[str, Any]]:
    rows = (("market", here, "宝贝"), ("notes", f"{here}/notes", "笔记"))
    return [
        {"text": render.translate(visit, text), "href": href, "on": name == on, "count": None}
        for name, href, text in rows
    ]


@get("/u/{who:str}/followers", include_in_schema=False)
async def followers(request: Req, who: FromPath[str], cursor: FromQuery[str] = "") -> Response[Any]:
    """Who follows this member."""
    visit = visit_of(request)
    async with visit.look() as look:
        shown = await members.member_page(look, who)
        found = await members.followers(look, shown.card.id, cursor or None)
    here = f"/u/{shown.card.handle}"
    return people(visit, found, "粉丝", here, f"{here}/followers")


@get("/u/{who:str}/following", include_in_schema=False)
async def following(request: Req, who: FromPath[str], cursor: FromQuery[str] = "") -> Response[Any]:
    """Whom this member follows; of topics only they themselves read."""
    visit = visit_of(request)
    async with visit.look() as look:
        shown = await members.member_page(look, who)
        found = await members.following(look, shown.card.id, cursor or None)
        topics = await notes.followed_topics(look) if shown.is_me and not cursor else []
    here = f"/u/{shown.card.handle}"
    chips = [
        {"text": f"#{topic.shown}", "href": topic_address(topic.name), "on": False, "count": topic.notes}
        for topic in topics
    ]
    return people(visit, found, "在关注", here, f"{here}/following", topics=chips)


@get("/settings/blocks", include_in_schema=False)
async def blocks(request: Req, cursor: FromQuery[str] = "") -> Response[Any]:
    """Whom I block, with the way to end it."""
    visit = visit_of(request)
    async with visit.look() as look:
        found = await members.blocks(look, cursor or None)
    return people(visit, found, "拉黑的人", "/settings", "/settings/blocks", unblock=True)


def people(
    visit: Visit,
    found: Page[MemberCard],
    title: str,
    back: str,
    here: str,
    unblock: bool = False,
    topics: Sequence[dict[str, Any]] = (),
) -> Response[Any]:
    """A list of members, below the chips of topics."""
    return render.sheet(
        visit,
        "pages/people.html",
        title=title,
        back=back,
        topics=topics,
        people=[{**shapes.seller(visit, card), "ties": f"/members/{card.id}"} for card in found.items],
        more_href=f"{here}?cursor={found.next_cursor}" if found.next_cursor else None,
        unblock=unblock,
    )


def after_tie(_result: Any, member: str) -> str:
    """Where a browser goes after following or blocking somebody."""
    return f"/u/{member}"


ROUTES: list[ControllerRouterHandler] = [market, written, followers, following, blocks]

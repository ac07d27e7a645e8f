"""My settings: the profile, and the way to the other rooms."""

from typing import Any
from zoneinfo import available_timezones

from babel.dates import get_timezone_location
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.types import ControllerRouterHandler

from xianji.domains import members
from xianji.domains.members import EditProfile, Me
from xianji.kernel.errors import Refusal
from xianji.web import forms, render, shapes
from xianji.web.api.media import FILE_MISSING, take_upload
from xianji.web.errors import beside
from xianji.web.forms import Pairs
from xianji.web.refused import STATUS
from xianji.web.visit import Req, Visit, visit_of

_FIELDS = ("name", "bio", "city", "handle", "language", "zone")
# What the list offers; a member who lives elsewhere finds their own zone in it too, because it is added.
_ZONES = (
    "Asia/Shanghai",
    "Asia/Hong_Kong",
    "Asia/Taipei",
    "Asia/Urumqi",
    "Asia/Singapore",
    "Asia/Kuala_Lumpur",
    "Asia/Tokyo",
    "Asia/Seoul",
    "Asia/Bangkok",
    "Asia/Dubai",
    "Europe/London",
    "Europe/Paris",
    "Europe/Berlin",
    "America/New_York",
    "America/Chicago",
    "America/Los_Angeles",
    "America/Vancouver",
    "America/Toronto",
    "Australia/Sydney",
    "Pacific/Auckland",
)


@get("/settings", include_in_schema=False)
async def show(request: Req) -> Response[Any]:
    """The profile as it is."""
    return await _page(visit_of(request), None, None)


async def again(request: Req, refusal: Refusal, typed: dict[str, str]) -> Response[Any]:
    """The profile as it was typed, with the refusal beside its field."""
    return await _page(visit_of(request), typed, refusal)


def saved(_result: Any) -> str:
    """Where a browser goes after saving."""
    return "/settings?ok=saved"


def wish(pairs: Pairs, _currency: str) -> EditProfile:
    """The edit a form asks for: here an emptied field means an empty text, not one left out."""
    sent = {name: value for name, value in pairs if name in _FIELDS or name == "version"}
    return forms.converted(EditProfile, sent)


@post("/settings/picture", include_in_schema=False)
async def change_picture(request: Req) -> Response[Any]:
    """Take a new profile picture; works without script."""
    visit = visit_of(request)
    visit.actor.me  # noqa: B018  refuse strangers before reading the file
    try:
        file = (await request.form()).get("file")
        if not isinstance(file, UploadFile) or not file.filename:
            raise FILE_MISSING()
        picture = await take_upload(visit, file)
        async with visit.work() as work:
            version = (await members.me(work)).version
            await members.edit_profile(work, EditProfile(version, avatar=picture.id))
    except Refusal as refusal:
        return await _page(visit, None, refusal)
    return Response(None, status_code=303, headers={"Location": "/settings?ok=picture"})


async def _page(visit: Visit, typed: dict[str, str] | None, refusal: Refusal | None) -> Response[Any]:
    async with visit.look() as look:
        mine = await members.me(look)
    values = typed or _values(mine)
    return render.sheet(
        visit,
        "pages/settings.html",
        title="设置",
        back="/me",
        status=STATUS[refusal.code.kind] if refusal else 200,
        me=shapes.person(mine.card),
        # A form that came back because somebody else had saved may be saved over it now that the person knows.
        version=mine.version,
        typed=values,
        errors=beside(visit, refusal, {*_FIELDS, "file"}),
        zones=_zones(visit, values.get("zone") or mine.zone),
        verified=mine.card.verified,
    )


def _values(mine: Me) -> dict[str, str]:
    plain = {"bio": mine.bio, "language": mine.language, "zone": mine.zone}
    return plain | {"name": mine.card.name, "city": mine.card.city, "handle": mine.card.handle}


def _zones(visit: Visit, current: str) -> list[dict[str, str]]:
    locale = "zh_CN" if visit.language == "zh" else "en_US"
    names = dict.fromkeys([current, *_ZONES] if current in available_timezones() else _ZONES)
    return [{"value": name, "text": get_timezone_location(name, locale=locale)} for name in names]


ROUTES: list[ControllerRouterHandler] = [show, change_picture]

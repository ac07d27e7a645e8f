"""My addresses: a list, and a form whose lines follow the country."""

from typing import Any

from litestar import Response, get
from litestar.params import FromPath, FromQuery
from litestar.types import ControllerRouterHandler

from xianji.domains import members
from xianji.domains.members import Address
from xianji.kernel.errors import NOT_FOUND, Refusal
from xianji.web import render
from xianji.web.errors import beside
from xianji.web.refused import STATUS
from xianji.web.visit import Req, Visit, visit_of

_COUNTRIES = ("CN", "HK", "MO", "TW", "SG", "MY", "JP", "KR", "US", "CA", "GB", "DE", "FR", "AU", "NZ")
_LINES = {
    "province": "省 / 直辖市",
    "city": "城市",
    "district": "区 / 县",
    "detail": "街道、小区、门牌号",
    "line1": "地址第一行",
    "line2": "地址第二行",
    "state": "州",
    "zip": "邮编",
    "region": "地区",
    "postcode": "邮编",
}


@get("/settings/addresses", include_in_schema=False)
async def show_all(request: Req) -> Response[Any]:
    """My addresses, the default one first."""
    visit = visit_of(request)
    async with visit.look() as look:
        kept = await members.list_addresses(look)
    rows = [{"id": one.id, "is_default": one.is_default, "who": one.name, "text": in_one_line(one)} for one in kept]
    return render.sheet(visit, "pages/addresses.html", title="收货地址", back="/settings", addresses=rows)


@get("/settings/addresses/new", include_in_schema=False)
async def ask_new(request: Req, country: FromQuery[str] = "CN") -> Response[Any]:
    """An empty form for this country."""
    visit = visit_of(request)
    visit.actor.me  # noqa: B018  an address belongs to somebody
    return await _form(visit, "", {"country": country}, None)


@get("/settings/addresses/{address:str}", include_in_schema=False)
async def ask_change(request: Req, address: FromPath[str], country: FromQuery[str] = "") -> Response[Any]:
    """The form with an address in it."""
    visit = visit_of(request)
    async with visit.look() as look:
        kept = await members.address_for(look, address, visit.actor)
    typed = {"name": kept.name, "phone": kept.phone, "country": country or kept.country}
    typed |= {f"lines.{name}": text for name, text in kept.lines.items()}
    return await _form(visit, address, typed | ({"is_default": "on"} if kept.is_default else {}), None)


async def again(request: Req, refusal: Refusal, typed: dict[str, str], address: str = "") -> Response[Any]:
    """The form with what was typed and the refusal."""
    return await _form(visit_of(request), address, dict(typed), refusal)


async def _form(visit: Visit, address: str, typed: dict[str, str], refusal: Refusal | None) -> Response[Any]:
    country = typed.get("country", "CN")
    async with visit.look() as look:
        forms = look.config.get(members.ADDRESS_FORMS)
    form = forms.get(country) or forms.get("")
    if form is None:
        raise NOT_FOUND()
    lines = [(f"lines.{field.name}", _label(visit, field.name), field.required) for field in form]
    here = f"/settings/addresses/{address or 'new'}"
    return render.sheet(
        visit,
        "pages/address.html",
        title="改地址" if address else "新地址",
        back="/settings/addresses",
        status=STATUS[refusal.code.kind] if refusal else 200,
        address=address,
        typed=typed,
        lines=lines,
        here=here,
        countries=_countries(visit, country),
        errors=beside(visit, refusal, {"name", "phone", "country", *(name for name, _, _ in lines)}),
    )


def _label(visit: Visit, name: str) -> str:
    return render.translate(visit, _LINES[name]) if name in _LINES else name


def _countries(visit: Visit, current: str) -> list[dict[str, str]]:
    names = render.territories(visit.language)
    return [{"value": code, "text": names.get(code, code)} for code in dict.fromkeys([*_COUNTRIES, current])]


def in_one_line(address: Address) -> str:
    """The lines as people write them: large to small in China without gaps, with commas elsewhere."""
    gap = "" if address.country == "CN" else ", "
    return gap.join(line for line in address.lines.values() if line)


def done(_result: Any, _address: str = "") -> str:
    """Where a browser goes after saving an address."""
    return "/settings/addresses?ok=saved"


def removed(_result: Any, _address: str) -> str:
    """Where a browser goes after deleting one."""
    return "/settings/addresses?ok=removed"


ROUTES: list[ControllerRouterHandler] = [show_all, ask_new, ask_change]

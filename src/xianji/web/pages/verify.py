"""The real name, and the checklist that opens selling."""

from random import SystemRandom
from typing import Any

from litestar import Response, get
from litestar.types import ControllerRouterHandler

from xianji.domains import members
from xianji.domains.members import Condition
from xianji.kernel.errors import Refusal
from xianji.kernel.words import catalogue
from xianji.web import render
from xianji.web.errors import beside
from xianji.web.refused import STATUS
from xianji.web.visit import Req, Visit, visit_of

# GB 11643: the weights of the first 17 digits and the check characters by remainder.
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


@get("/verify", include_in_schema=False)
async def ask_name(request: Req) -> Response[Any]:
    """The form of the real name, or that it is done."""
    return await _page(visit_of(request), {}, None)


async def again(request: Req, refusal: Refusal, typed: dict[str, str]) -> Response[Any]:
    """The form once more, with what was typed."""
    return await _page(visit_of(request), typed, refusal)


def done(may_sell: bool) -> str:
    """Where a browser goes when the name is confirmed: the sheet one came for, or what is still missing for it."""
    return "/publish?ok=verified" if may_sell else "/sell-check?ok=verified"


async def _page(visit: Visit, typed: dict[str, str], refusal: Refusal | None) -> Response[Any]:
    async with visit.look() as look:
        mine = await members.me(look)
    return render.sheet(
        visit,
        "pages/verify.html",
        title="实名认证",
        back="/me",
        status=STATUS[refusal.code.kind] if refusal else 200,
        verified=mine.card.verified,
        typed=typed,
        errors=beside(visit, refusal, {"name", "id_number"}),
        example=example_number() if visit.house.settings.demo else "",
    )


def example_number() -> str:
    """A number that is well formed and belongs to an adult, for trying a demo site; most likely nobody's."""
    dice = SystemRandom()
    born = f"{dice.randint(1970, 1999)}{dice.randint(1, 12):02d}{dice.randint(1, 28):02d}"
    body = f"110101{born}{dice.randint(0, 999):03d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True))
    return body + _CHECKS[total % 11]


@get("/sell-check", include_in_schema=False)
async def sell_check(request: Req) -> Response[Any]:
    """What is met and what is missing before one may sell, with the next step."""
    visit = visit_of(request)
    async with visit.look() as look:
        found = await members.selling_conditions(look, look.actor.me)
    items = [_line(visit, condition) for condition in found]
    return render.sheet(
        visit,
        "pages/sell_check.html",
        title="开卖条件",
        back="/me",
        items=items,
        open=all(condition.met for condition in found),
    )


def _line(visit: Visit, condition: Condition) -> dict[str, Any]:
    text = catalogue("conditions")[condition.code][visit.language].format(**condition.facts)
    return {
        "text": text,
        "met": condition.met,
        "note": "",
        "href": "" if condition.met else condition.action_url,
        "action": render.translate(visit, "去完成"),
    }


ROUTES: list[ControllerRouterHandler] = [ask_name, sell_check]

"""The town's people come in by the same doors as everybody: a code to the phone, a profile, perhaps a real name."""

from datetime import date, timedelta

from xianji.demo.build import build
from xianji.demo.model import Member
from xianji.domains import members
from xianji.kernel.db import Database
from xianji.kernel.errors import Refusal
from xianji.kernel.work import NOBODY, SYSTEM, Actor

from .past import Past

OPERATOR_NAME = "站长 Operator"
# The first numbers of the town; no member of the town has another one.
_FIRST_PHONE = 8_613_800_138_000
# The code of a whole province, which no identity card carries, so the numbers belong to nobody.
_REGION = "110000"
_BORN = date(1990, 1, 1)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


# Whom the start of the installation introduces, and what there is to see as them.
_SHOWN = {
    "linxi_packs": "离京清仓的毕业生：一篇笔记二十五件 · moving out, 25 things in one note",
    "chaguan_lao": "地摊帖的摊主：评论区摆满了摊 · host of a stall note, guests sell in its comments",
    "mumu_studio": "同城的买家：附近就有清仓 · a buyer nearby",
    "emma_bj": "English-speaking neighbour in Beijing",
}


def shown() -> list[tuple[str, int, str]]:
    """(name, number of the resident, what there is to see), for the greeting at the start."""
    handles = [member.handle for member in build().members]
    return [(f"@{handle}", handles.index(handle), what) for handle, what in _SHOWN.items()]


def phone(number: int) -> str:
    """The phone of the town's resident number 0, 1, …; the last three digits count."""
    return f"+{_FIRST_PHONE + number}"


def id_number(number: int) -> str:
    """An identity number with a right check character (GB 11643) that nobody can have."""
    born = _BORN + timedelta(days=number)
    body = f"{_REGION}{born:%Y%m%d}{number % 1000:03d}"
    return body + _CHECKS[sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True)) % 11]


async def come_in(database: Database, past: Past, number: int) -> str:
    """Sign in with the demo code; the first time makes the member. Returns the id."""
    wish = members.RequestCode(phone(number))
    origin = f"town {number}"
    try:
        async with database.work(NOBODY) as work:
            await members.request_code(work, wish, origin, demo=True)
    except Refusal as refused:
        # An earlier load was cut short right behind the code: wait as long as a person would have to.
        past.moment += timedelta(seconds=refused.facts["wait_seconds"])
        async with database.work(NOBODY) as work:
            await members.request_code(work, wish, origin, demo=True)
    came = await members.sign_in(database, members.SignIn(wish.phone, members.DEMO_CODE), origin)
    return came.member


async def settle_in(database: Database, actor: Actor, number: int, member: Member, avatar: str, verified: bool) -> None:
    """The profile, the kind of seller and the real name. Doing it twice changes nothing."""
    async with database.work(actor) as work:
        await members.edit_profile(
            work,
            members.EditProfile(
                version=(await members.me(work)).version,
                handle=member.handle,
                name=member.name,
                bio=member.bio,
                city=member.place.city,
                language=member.language,
                avatar=avatar,
            ),
        )
    async with database.work(SYSTEM) as work:
        await members.set_seller_type(work, actor.me, member.seller_type)
        await members.set_response_minutes(work, actor.me, member.reply_minutes)
    async with database.look(actor) as look:
        already = (await members.me(look)).card.verified
    if verified and not already:
        wish = members.VerifyRealName(name=member.name, id_number=id_number(number))
        await members.verify_real_name(database, actor, wish, members.DevIdentityProvider())

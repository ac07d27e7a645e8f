"""Small builders that make test data through real actions, as a person would."""

from datetime import date, timedelta

from xianji.domains import members
from xianji.kernel.db import Database
from xianji.kernel.work import NOBODY, SYSTEM, Actor

_phones = iter(range(10_000_000))
_people = iter(range(10_000_000))


def a_phone() -> str:
    """A mainland mobile number that no other call has returned."""
    return f"138{next(_phones):08d}"


async def signed_in(database: Database, phone: str, device: str = "") -> members.SignedIn:
    """Ask for a demo code and come in with it."""
    async with database.work(NOBODY) as work:
        await members.request_code(work, members.RequestCode(phone), demo=True)
    return await members.sign_in(database, members.SignIn(phone, members.DEMO_CODE, device))


async def a_member(database: Database, phone: str = "") -> Actor:
    """Somebody who has just signed up, as an actor with a session."""
    came = await signed_in(database, phone or a_phone())
    async with database.look(NOBODY) as look:
        session = await members.load_session(look, came.token)
    assert session is not None
    return session.actor


def an_id_number() -> str:
    """A well-formed identity number of a grown-up that no other call has returned."""
    one = next(_people)
    day = date(1960, 1, 1) + timedelta(days=one // 999)
    plain = f"110105{day:%Y%m%d}{one % 999:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return plain + "10X98765432"[sum(weight * int(digit) for weight, digit in zip(weights, plain, strict=True)) % 11]


async def a_seller(database: Database) -> Actor:
    """A member whose real name is confirmed and who may sell."""
    return await verified(database, await a_member(database))


async def verified(database: Database, actor: Actor) -> Actor:
    """The same member with a confirmed real name."""
    wish = members.VerifyRealName("王小满", an_id_number())
    await members.verify_real_name(database, actor, wish, members.DevIdentityProvider())
    return actor


async def long_here(database: Database) -> None:
    """Everybody who has signed up so far came a season ago, so that nothing waits for them as newcomers."""
    async with database.work(SYSTEM) as work:
        await work.db.execute("update members set joined_at = $1", work.now - timedelta(days=90))

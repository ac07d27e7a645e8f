"""Small builders that make test data through real actions, as a person would."""

from xianji.domains import members
from xianji.kernel.db import Database
from xianji.kernel.work import NOBODY, Actor

_phones = iter(range(10_000_000))


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

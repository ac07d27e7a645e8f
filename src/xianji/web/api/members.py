"""Members: my own view and profile, the real name, other people, ties."""

from typing import Annotated, Any

from litestar.params import FromPath, QueryParameter
from litestar.types import ControllerRouterHandler

from xianji.domains import members
from xianji.domains.members import Condition, EditProfile, Me, MemberCard, MemberPage, VerifyRealName
from xianji.kernel.ids import MemberId
from xianji.kernel.pages import PAGE_SIZE, Page
from xianji.kernel.work import Look
from xianji.web.answers import reads
from xianji.web.commands import Command, checked
from xianji.web.pages import profile, settings, verify
from xianji.web.visit import Req, Visit, visit_of

Cursor = Annotated[str | None, QueryParameter()]
Limit = Annotated[int, QueryParameter(ge=1, le=100)]


@reads("/api/v1/me", operation_id="me", tags=["me"])
async def me(request: Req) -> Me:
    """My own view: profile, version for an edit, what is set up, whether I may sell."""
    async with visit_of(request).look() as look:
        return await members.me(look)


@reads("/api/v1/me/selling", operation_id="selling_conditions", tags=["me"])
async def selling(request: Req) -> list[Condition]:
    """What opens selling for me, line by line."""
    async with visit_of(request).look() as look:
        return await members.selling_conditions(look, look.actor.me)


@reads("/api/v1/me/blocks", operation_id="my_blocks", tags=["me"])
async def blocks(request: Req, cursor: Cursor = None, limit: Limit = PAGE_SIZE) -> Page[MemberCard]:
    """Whom I block."""
    async with visit_of(request).look() as look:
        return await members.blocks(look, cursor, limit)


@reads("/api/v1/members/{member:str}", operation_id="get_member", tags=["members"])
async def member_page(request: Req, member: FromPath[str]) -> MemberPage:
    """A member's public page, by id or handle."""
    async with visit_of(request).look() as look:
        return await members.member_page(look, member)


@reads("/api/v1/members/{member:str}/followers", operation_id="list_followers", tags=["members"])
async def followers(
    request: Req, member: FromPath[str], cursor: Cursor = None, limit: Limit = PAGE_SIZE
) -> Page[MemberCard]:
    """Who follows this member."""
    wanted = checked({"member": MemberId}, {"member": member})["member"]
    async with visit_of(request).look() as look:
        return await members.followers(look, wanted, cursor, limit)


@reads("/api/v1/members/{member:str}/following", operation_id="list_following", tags=["members"])
async def following(
    request: Req, member: FromPath[str], cursor: Cursor = None, limit: Limit = PAGE_SIZE
) -> Page[MemberCard]:
    """Whom this member follows."""
    wanted = checked({"member": MemberId}, {"member": member})["member"]
    async with visit_of(request).look() as look:
        return await members.following(look, wanted, cursor, limit)


async def verify_me(visit: Visit, wish: VerifyRealName) -> bool:
    """Check my real name with the identity provider; number and name are sealed, never an image is kept."""
    await members.verify_real_name(visit.database, visit.actor, wish, visit.house.ports.identity)
    async with visit.look() as look:
        return (await members.me(look)).can_sell


async def _my_view(look: Look, _result: Any) -> Me:
    return await members.me(look)


async def _their_view(look: Look, _result: Any, member: str) -> MemberPage:
    return await members.member_page(look, member)


def _tie(name: str, verb: Any) -> Command:
    """One of the four verbs between two members, answered with the fresh page."""
    return Command(
        f"{name}_member",
        f"/members/{{member}}/{name}",
        verb,
        view=_their_view,
        returns=MemberPage,
        then=profile.after_tie,
        tag="members",
    )


COMMANDS: list[Command] = [
    Command(
        "edit_me",
        "/me",
        members.edit_profile,
        EditProfile,
        view=_my_view,
        returns=Me,
        then=settings.saved,
        again=settings.again,
        shape=settings.wish,
        method="PATCH",
        tag="me",
    ),
    Command(
        "verify_me",
        "/me/verification",
        verify_me,
        VerifyRealName,
        view=_my_view,
        returns=Me,
        then=verify.done,
        again=verify.again,
        outside=True,
        tag="me",
    ),
    _tie("follow", members.follow),
    _tie("unfollow", members.unfollow),
    _tie("block", members.block),
    _tie("unblock", members.unblock),
]
ROUTES: list[ControllerRouterHandler] = [me, selling, blocks, member_page, followers, following]

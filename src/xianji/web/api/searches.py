"""Saved searches over the API."""

from litestar.types import ControllerRouterHandler

from xianji.domains import search
from xianji.domains.search import EditSavedSearch, SavedSearch, SaveSearch
from xianji.kernel.work import Look
from xianji.web.answers import reads
from xianji.web.commands import Command
from xianji.web.visit import Req, visit_of


async def _mine(look: Look, *_: object) -> list[SavedSearch]:
    return await search.saved_searches(look)


COMMANDS: list[Command] = [
    Command(
        "save_search",
        "/me/searches",
        search.save_search,
        SaveSearch,
        view=_mine,
        returns=list[SavedSearch],
        status=201,
        tag="search",
    ),
    Command(
        "edit_saved_search",
        "/me/searches/{saved}",
        search.edit_saved_search,
        EditSavedSearch,
        view=_mine,
        returns=list[SavedSearch],
        method="PATCH",
        tag="search",
    ),
    Command("delete_saved_search", "/me/searches/{saved}", search.remove_saved_search, method="DELETE", tag="search"),
    Command(
        "remove_saved_search",
        "/me/searches/{saved}/remove",
        search.remove_saved_search,
        then=lambda _, __: "/me/searches?ok=removed",
        tag="search",
    ),
]


@reads("/api/v1/me/searches", operation_id="list_saved_searches", tags=["search"])
async def list_saved_searches(request: Req) -> list[SavedSearch]:
    """What I look for again and again, the last saved first."""
    async with visit_of(request).look() as look:
        return await search.saved_searches(look)


ROUTES: list[ControllerRouterHandler] = [list_saved_searches]

"""The search index from outside the worker: `xianji reindex`, and what the doctor says about it."""

from collections.abc import Callable, Mapping

from . import settings
from .domains import search
from .host.doctor import Finding
from .kernel.db import Database

__all__ = ["examine", "reindex"]

_MANY_BEHIND = 1000


async def reindex(dsn: str, environment: Mapping[str, str], progress: Callable[[int, int], None]) -> int:
    """Build the index anew while the old one serves, then switch. Returns its documents. Raises `search.IndexBusy`."""
    here = settings.read(environment)
    database = await Database(dsn, here.keys()).open(readers=1, writers=1)
    try:
        return await search.build(database, search.Folder(here.search_folder), progress)
    finally:
        await database.close()


async def examine(dsn: str, environment: Mapping[str, str]) -> Finding:
    """How large the index of this node is and how far behind."""
    here = settings.read(environment)
    database = await Database(dsn, here.keys()).open(readers=1, writers=1)
    try:
        found = await search.state_of(database, search.Folder(here.search_folder))
    finally:
        await database.close()
    if found is None:
        zh, en = "搜索索引还没有，后台任务会自己建", "No search index of use yet; the worker builds it by itself"
        return Finding("search", "warn", zh, en, "xianji reindex")
    size, behind = found
    zh, en = f"搜索索引 {size} 条，落后 {behind} 个事件", f"Search index: {size} documents, {behind} events behind"
    return Finding("search", "warn" if behind > _MANY_BEHIND else "ok", zh, en, "xianji worker")

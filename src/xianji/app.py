"""Builds the web application: the only file that knows every room."""

import gc
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from litestar import Litestar
from litestar.config.compression import CompressionConfig
from litestar.datastructures import CacheControlHeader
from litestar.handlers import HTTPRouteHandler
from litestar.middleware import DefineMiddleware
from litestar.middleware.compression import CompressionMiddleware
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme
from litestar.static_files import create_static_files_router

from . import __version__, settings
from .console import routes as console_routes
from .kernel import log, trace
from .kernel.db import Database
from .kernel.errors import MALFORMED
from .kernel.work import NOBODY
from .ports import Ports, open_ports
from .web import api, pages, refused, render
from .web.commands import SHOWS_REFUSALS
from .web.door import STALE_FORM, Door
from .web.house import House
from .web.live import Follower
from .web.openapi import PATH, plugins, router, with_problems
from .web.visit import Req, visit_of


def create_app() -> trace.Asgi:
    """The ASGI application of a web process, configured from the environment."""
    log.configure()
    trace.start("web")
    here = settings.read()
    database = Database(here.database_url, here.keys())
    templates = render.environments(compiled=here.home / "cache" / "templates")
    render.load_all(templates)
    door = build(House(here, database, templates, open_ports(here, database)))
    _spare_the_collector()
    return trace.asgi(door)


def _spare_the_collector() -> None:
    """What stands after the start stands until the end: the garbage collector need not walk through it again.

    A page makes thousands of small objects and hardly a cycle, so it also looks less often than after each 700.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def build(house: House) -> Door:
    """The application around a prepared house, which it opens and closes."""

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        await house.database.open()
        async with house.database.look(NOBODY):
            pass  # reads the configuration, so that the very first page knows where it is
        _end_streams_on_signal(house.live)
        yield
        house.live.stop()
        await house.seen.close()
        await house.support.flush()
        await house.ports.close()
        await house.database.close()
        trace.stop()

    return enter(rooms(lifespan), house)


def enter(application: Litestar, house: House) -> Door:
    """The door into these rooms for one house; a test brings its own house, open already, into rooms built once."""
    house.live = Follower(house.database)
    return Door(application, house)  # type: ignore[arg-type]


def rooms(*lifespan: Callable[[Litestar], AbstractAsyncContextManager[None]]) -> Litestar:
    """Every route there is; whose they are, the door says with each request."""
    return Litestar(
        route_handlers=[*with_problems(api.routes()), *pages.routes(), *console_routes(), _assets()],
        lifespan=lifespan,
        before_request=_raise_what_the_door_found,
        exception_handlers={Exception: refused.answer},
        openapi_config=_openapi(),
        logging_config=None,
        request_max_body_size=None,  # the door judges every body; uploads are judged by media
        debug=False,
    )


def _end_streams_on_signal(live: Follower) -> None:
    """The server waits for open responses before it stops, so streams must end when the signal comes."""
    for number in (signal.SIGINT, signal.SIGTERM):
        before = signal.getsignal(number)

        def end(received: int, frame: Any, before: Any = before) -> None:
            live.stop()
            if callable(before):
                before(received, frame)

        try:
            signal.signal(number, end)
        except ValueError:  # not the main thread: a test, which stops its streams itself
            return


async def _raise_what_the_door_found(request: Req) -> None:
    visit = visit_of(request)
    refusal = visit.refusal
    if refusal is None:
        # Only a route that takes files may read the one kind of body the door has not judged.
        if visit.api and request.content_type[0] == "multipart/form-data" and not _takes_files(request):
            raise MALFORMED(why="multipart/form-data")
        return
    if refusal.code is STALE_FORM and request.route_handler.opt.get(SHOWS_REFUSALS):
        return  # the form shows itself again with a fresh token and everything that was typed; nothing is done
    raise refusal


def _takes_files(request: Req) -> bool:
    return isinstance(request.route_handler, HTTPRouteHandler) and bool(
        request.route_handler.resolve_request_max_body_size()
    )


def _assets() -> Any:
    return create_static_files_router(
        path="/assets/dist",
        directories=[render.ASSETS],
        middleware=[DefineMiddleware(CompressionMiddleware, config=CompressionConfig(backend="gzip"))],
        include_in_schema=False,
        cache_control=CacheControlHeader(public=True, max_age=31_536_000, immutable=True),
    )


def _openapi() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Xianji 闲集",
        version=__version__,
        path=PATH,
        render_plugins=plugins(),
        openapi_router=router(_raise_what_the_door_found),
        components=Components(
            security_schemes={"bearer": SecurityScheme(type="http", scheme="bearer")},
        ),
        security=[{"bearer": []}, {}],
    )


__all__ = ["Ports", "build", "create_app"]

"""Screens: they compose views of several domains and hold what only a screen needs."""

from litestar.types import ControllerRouterHandler

from . import me, profile, settings, sign_in, verify


def routes() -> list[ControllerRouterHandler]:
    """Every page."""
    return [*me.ROUTES, *profile.ROUTES, *settings.ROUTES, *sign_in.ROUTES, *verify.ROUTES]

"""Screens: they compose views of several domains and hold what only a screen needs."""

from litestar.types import ControllerRouterHandler

from . import sign_in


def routes() -> list[ControllerRouterHandler]:
    """Every page."""
    return [*sign_in.ROUTES]

"""Screens: they compose views of several domains and hold what only a screen needs."""

from litestar.types import ControllerRouterHandler

from . import order_steps, orders, sign_in


def routes() -> list[ControllerRouterHandler]:
    """Every page."""
    return [*order_steps.ROUTES, *orders.ROUTES, *sign_in.ROUTES]

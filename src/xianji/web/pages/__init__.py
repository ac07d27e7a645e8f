"""Screens: they compose views of several domains and hold what only a screen needs."""

from types import ModuleType

from litestar.types import ControllerRouterHandler

from . import (
    addresses,
    me,
    order_steps,
    orders,
    privacy,
    profile,
    resume,
    security,
    settings,
    sign_in,
    verify,
)

ROOMS: tuple[ModuleType, ...] = (
    addresses,
    me,
    order_steps,
    orders,
    privacy,
    profile,
    resume,
    security,
    settings,
    sign_in,
    verify,
)


def routes() -> list[ControllerRouterHandler]:
    """Every page."""
    return [route for room in ROOMS for route in room.ROUTES]

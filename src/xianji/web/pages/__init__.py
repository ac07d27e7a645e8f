"""Screens: they compose views of several domains and hold what only a screen needs."""

from litestar.types import ControllerRouterHandler

from . import addresses, me, privacy, profile, resume, security, settings, sign_in, verify


def routes() -> list[ControllerRouterHandler]:
    """Every page."""
    return [
        *addresses.ROUTES,
        *me.ROUTES,
        *privacy.ROUTES,
        *profile.ROUTES,
        *resume.ROUTES,
        *security.ROUTES,
        *settings.ROUTES,
        *sign_in.ROUTES,
        *verify.ROUTES,
    ]

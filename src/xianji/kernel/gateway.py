"""The address of a gateway that does something for us outside, as the environment says it."""

from collections.abc import Mapping

import msgspec

KINDS = ("SMS", "IDENTITY")


class GatewayNotSet(Exception):
    """Outside demo mode these variables must be set; it names the missing ones."""


class Gateway(msgspec.Struct, frozen=True):
    """Where requests go and the secret that signs them. Printing it does not show the secret."""

    url: str
    secret: str

    def __repr__(self) -> str:
        return f"Gateway({self.url!r})"


def read(environment: Mapping[str, str], kind: str) -> Gateway | None:
    """The gateway of this kind ("SMS", "IDENTITY"); None when it is not set."""
    url, secret = environment.get(f"XIANJI_{kind}_URL", ""), environment.get(f"XIANJI_{kind}_SECRET", "")
    return Gateway(url, secret) if url and secret else None


def missing(environment: Mapping[str, str]) -> list[str]:
    """The variables that must still be set before the site may run for real; none in demo mode."""
    if environment.get("XIANJI_DEMO") == "1":
        return []
    names = [f"XIANJI_{kind}_{part}" for kind in KINDS for part in ("URL", "SECRET")]
    return [name for name in names if not environment.get(name)]

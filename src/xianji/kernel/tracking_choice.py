"""Who is asked where parcels are, and where its account lies: read the same by host and settings."""

from collections.abc import Mapping
from pathlib import Path

TRACKING = "XIANJI_TRACKING"
KEYS = "XIANJI_TRACKING_KEYS"
SANDBOX, KUAIDI100 = "sandbox", "kuaidi100"


def chosen(env: Mapping[str, str]) -> str:
    """The service by name; "" asks nobody. Demonstration takes the sandbox's carrier unless told otherwise."""
    return env.get(TRACKING) or (SANDBOX if env.get("XIANJI_DEMO") == "1" else "")


def account(env: Mapping[str, str], home: Path) -> Path:
    """The file with what the service issued; the sandbox's lies among its keys."""
    if chosen(env) == SANDBOX:
        return Path(env.get("XIANJI_SANDBOX_KEYS") or home / "sandbox" / "keys") / "carrier.json"
    return Path(env.get(KEYS) or home / "keys" / chosen(env)) / "account.json"

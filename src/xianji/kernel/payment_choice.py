"""Which way of paying this installation chose, and where its credentials lie: read the same by host and settings."""

from collections.abc import Mapping
from pathlib import Path

PROVIDER = "XIANJI_PAYMENT_PROVIDER"
KEYS = "XIANJI_PAYMENT_KEYS"
SANDBOX, OFFLINE = "sandbox", "offline"

# What each institution's folder must hold; a name that ends in "/" is a folder with at least one file.
CREDENTIALS: dict[str, tuple[str, ...]] = {
    "wechat": ("account.json", "private.pem", "apiv3.key", "public/"),
    "alipay": ("account.json", "private.pem", "alipay_public.pem"),
    "stripe": ("account.json", "secret.key", "webhook.key"),
}


def chosen(env: Mapping[str, str]) -> str:
    """The provider by name; "" when nobody has chosen. Demonstration takes the sandbox unless told otherwise."""
    return env.get(PROVIDER) or (SANDBOX if env.get("XIANJI_DEMO") == "1" else "")


def folder(env: Mapping[str, str], home: Path) -> Path:
    """Where the chosen provider's credentials are."""
    return Path(env.get(KEYS) or home / "keys" / chosen(env))

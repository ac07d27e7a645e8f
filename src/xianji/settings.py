"""What the machine says at start: folders, addresses, switches. What the trade says is kernel configuration."""

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from .kernel import bucket, gateway, payment_choice, tracking_choice
from .kernel.bucket import Bucket
from .kernel.crypto import Keys, load_ring, read_ring
from .kernel.gateway import Gateway


class Settings(msgspec.Struct, frozen=True):
    """Read once from the environment; see docs/operations.md for every variable."""

    home: Path
    database_url: str
    base_url: str
    demo: bool
    payment_provider: str
    payment_url: str
    payment_keys: Path
    sandbox_keys: Path
    tracking: str
    tracking_account: Path
    bucket: Bucket | None
    sms: Gateway | None
    identity: Gateway | None
    metrics_token: str

    @property
    def key_file(self) -> Path:
        return self.home / "keys" / "ring.json"

    @property
    def search_folder(self) -> Path:
        return self.home / "search"

    @property
    def media_folder(self) -> Path:
        return self.home / "media"

    def keys(self) -> Keys:
        """The key ring of this installation, made at first use, read again when a newer key turns up."""
        return Keys(load_ring(self.key_file), lambda: read_ring(self.key_file))


def read(environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings from environment variables; `xianji run` sets those that it decides itself."""
    home = Path(environment.get("XIANJI_HOME") or Path.home() / ".local" / "share" / "xianji")
    port = environment.get("XIANJI_PORT", "8000")
    return Settings(
        home=home,
        database_url=environment.get("DATABASE_URL", ""),
        base_url=environment.get("XIANJI_URL", f"http://127.0.0.1:{port}").rstrip("/"),
        demo=environment.get("XIANJI_DEMO") == "1",
        payment_provider=payment_choice.chosen(environment),
        payment_keys=payment_choice.folder(environment, home),
        payment_url=environment.get("XIANJI_SANDBOX_URL", ""),
        sandbox_keys=Path(environment.get("XIANJI_SANDBOX_KEYS") or home / "sandbox" / "keys"),
        tracking=tracking_choice.chosen(environment),
        tracking_account=tracking_choice.account(environment, home),
        bucket=bucket.read(environment),
        sms=gateway.read(environment, "SMS"),
        identity=gateway.read(environment, "IDENTITY"),
        metrics_token=environment.get("XIANJI_METRICS_TOKEN", ""),
    )

"""What this house asks of the outside world, behind narrow doors: files, decoding, messages, identity, payment."""

from dataclasses import dataclass

from .domains.media import DecoderPool, LocalStore, Store
from .settings import Settings


@dataclass(slots=True)
class Ports:
    """The outside world of one process. Tests build it with fakes."""

    files: Store
    decoder: DecoderPool

    async def close(self) -> None:
        """End child processes and connections."""
        await self.decoder.close()


def open_ports(settings: Settings) -> Ports:
    """The ports that the settings name."""
    return Ports(files=LocalStore(settings.media_folder, "/files"), decoder=DecoderPool())

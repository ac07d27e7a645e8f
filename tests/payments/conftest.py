"""Keys are slow to make, so every suite of a run shares three."""

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from .conformance import KeyBox


@pytest.fixture(scope="session")
def key_box() -> KeyBox:
    """Ours, the institution's, and a stranger's."""
    return KeyBox(*(rsa.generate_private_key(65537, 2048) for _ in range(3)))

"""The sandbox payment provider: a separate process that plays the licensed split-payment provider.

Buyers pay into a hold in the seller's own account; the platform only sends instructions (release with split,
refund, split return). It moves no real money. It shares nothing with the payments domain but the wire format
of `docs/domains/payments-wire.md`; `engine` is pure (no I/O) so that a simulator can own clock and chance.
"""

from xianji.sandbox.engine import Engine
from xianji.sandbox.model import Limits, SandboxRefused

__all__ = ["Engine", "Limits", "SandboxRefused"]

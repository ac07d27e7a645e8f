"""Adapters to whoever knows where parcels are; all speak the port of `xianji.domains.parcels.provider`."""

from .kuaidi100 import Kuaidi100, Kuaidi100Account

__all__ = ["Kuaidi100", "Kuaidi100Account"]

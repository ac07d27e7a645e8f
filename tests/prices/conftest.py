"""A desk for each test."""

from tests.refunds.conftest import desk

__all__ = ["desk"]

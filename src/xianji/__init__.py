"""Xianji 闲集: second-hand trade inside a content community."""

__version__ = "0.1.0"

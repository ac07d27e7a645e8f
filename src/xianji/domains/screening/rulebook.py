"""The rules, read once from the data file."""

import tomllib
from functools import cache
from importlib.resources import files

import msgspec

from .model import Rule, RuleBook


@cache
def rules() -> RuleBook:
    """Every rule with its words and exceptions, for the public page."""
    text = (files("xianji.domains.screening") / "rules.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), RuleBook)


def rule_of(rule: str) -> Rule | None:
    """The rule with this id; None when the book no longer has it."""
    return next((one for one in rules().rule if one.id == rule), None)

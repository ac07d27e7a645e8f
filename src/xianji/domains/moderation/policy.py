"""The reasons for a report and the rules of a decision, as data with texts in both languages."""

import tomllib
from functools import cache
from importlib.resources import files

import msgspec


class Words(msgspec.Struct, frozen=True):
    """One line of the policy in both languages."""

    code: str
    zh: str
    en: str


class Policy(msgspec.Struct, frozen=True):
    """Everything that can be named in a report or a decision, by code, in the order of the file."""

    reasons: dict[str, Words]
    rules: dict[str, Words]


@cache
def policy() -> Policy:
    """The policy as shipped."""
    stored = tomllib.loads((files("xianji.domains.moderation") / "policy.toml").read_text("utf-8"))
    return Policy(
        {code: Words(code, **texts) for code, texts in stored["reasons"].items()},
        {code: Words(code, **texts) for code, texts in stored["rules"].items()},
    )

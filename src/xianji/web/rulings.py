"""Rules in words: what a refusal, a banner or a case says of the rule it goes by, always with the way to that rule."""

from collections.abc import Iterable
from typing import Any

from markupsafe import Markup

from xianji.domains import moderation, screening
from xianji.domains.screening import SCREENED_OUT
from xianji.kernel.errors import Refusal
from xianji.kernel.words import sentence

from . import render
from .visit import Reader

_LINK = Markup('<span>{words}</span> <a class="quiet-link" href="{href}" target="_blank">{rule}</a>')
_SCREENED = Markup(
    '{said}<label class="choice mt-2 font-normal"><input class="checkbox checkbox-sm" type="checkbox"'
    ' name="second_look" value="on"><span class="grow">{ask}</span></label>'
)


def words_of(reader: Reader, text: Any) -> str:
    """A text that exists in both languages, in the visitor's."""
    return str(text.zh if reader.language == "zh" else text.en)


def why(reader: Reader, rules: Iterable[str]) -> Markup:
    """What these rules say, each with the way to it: rules of screening by their id, of moderation by their code."""
    return Markup(" ").join(_one(reader, rule) for rule in rules if rule)


def _one(reader: Reader, rule: str) -> Markup:
    screened = screening.rule_of(rule)
    if screened is not None:
        return _LINK.format(words=words_of(reader, screened), href=f"/rules#{rule}", rule=rule)
    named = moderation.policy().rules.get(rule)
    if named is not None:
        return _LINK.format(words=words_of(reader, named), href="/rules#moderation", rule=rule)
    return Markup("{}").format(rule)


def said(reader: Reader, refusal: Refusal) -> str:
    """The sentence of a refusal above a form. What a rule blocks is explained, and may be sent to a person instead."""
    if refusal.code is not SCREENED_OUT:
        return sentence(refusal, reader.language)
    ask = render.translate(reader, "觉得拦错了：先不上架，请人看一看再说。")
    return _SCREENED.format(said=explained(reader, refusal), ask=ask)


def explained(reader: Reader, refusal: Refusal) -> Markup:
    """What a rule of screening blocks, and the way to that rule."""
    return Markup("{} {}").format(sentence(refusal, reader.language), why(reader, [refusal.facts["rule"]]))

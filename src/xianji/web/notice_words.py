"""What a member was told, as a sentence in their language. The sentences stand in `words/notices/*.toml`."""

from typing import Any

from xianji.domains.notices import Notice
from xianji.kernel.money import Money
from xianji.kernel.words import catalogue

from . import order_words, render, texts
from .visit import Visit

# What a decision was about, by the prefix of its id; with a title where the thing has one.
_ABOUT = {
    "itm": "你的宝贝「%(title)s」",
    "nte": "你的笔记「%(title)s」",
    "cmt": "你的评论",
    "thk": "你的感谢",
    "mbr": "你的账号",
    "rfd": "你的退款",
}
_UNTITLED = {"itm": "你的宝贝", "nte": "你的笔记"}


def sentence(visit: Visit, told: Notice) -> str:
    """One sentence."""
    facts = {name: _said(visit, fact) for name, fact in told.facts.items()}
    facts |= {"who": _who(visit, told), "title": told.title or render.translate(visit, _nameless(told))}
    if "of" in told.facts:
        facts["what"] = _what(visit, told)
    return catalogue("notices")[told.kind][visit.language].format(**facts)


def _nameless(told: Notice) -> str:
    return "一篇笔记" if told.link.startswith("/notes/") else "一件宝贝"


def _what(visit: Visit, told: Notice) -> str:
    kind = told.facts["of"]
    return render.translate(visit, _ABOUT[kind] if told.title else _UNTITLED.get(kind, _ABOUT[kind]), title=told.title)


def _who(visit: Visit, told: Notice) -> str:
    """The last person by name, and how many there are besides."""
    name = told.person.name if told.person and told.person.name else render.translate(visit, "一位街坊")
    more = told.people - 1
    if more < 1:
        return name
    _, count = texts.speakers(visit.language)
    text = "%(name)s和另外 %(n)s 人"
    return count(text, text, more) % {"name": name, "n": more}


def _said(visit: Visit, fact: Any) -> Any:
    if isinstance(fact, dict) and "amount" in fact:
        return order_words.amount(visit, Money(**fact))
    return fact

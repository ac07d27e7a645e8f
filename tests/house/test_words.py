"""Nobody is left without words: every text of a page has English, every refusal has both, and nothing is left over."""

import ast
import importlib
import pkgutil
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import jinja2
import pytest

import xianji.domains
import xianji.kernel
import xianji.reactions
import xianji.web
from xianji.domains.moderation.model import Verb
from xianji.domains.notices import KINDS
from xianji.kernel.config import Key
from xianji.kernel.errors import Code
from xianji.kernel.words import LANGUAGES, catalogue
from xianji.web.texts import english, speakers

SOURCE = Path(__file__).parents[2] / "src" / "xianji"
PAGES = SOURCE / "words" / "pages"
HAN = re.compile(r"[\u3400-\u9fff]")
PLACEHOLDER = re.compile(r"%\((\w+)\)s")
FACT = re.compile(r"\{(\w+)[^}]*\}")
# This one says its Chinese and English side by side.
BILINGUAL = {"filters.py"}


def in_templates() -> Iterator[tuple[str, str]]:
    environment = jinja2.Environment(extensions=["jinja2.ext.i18n"])
    for file in sorted((SOURCE / "web" / "templates").rglob("*.html")):
        for _line, _function, message in environment.extract_translations(file.read_text("utf-8")):
            parts = [message] if isinstance(message, str) else message or ()
            first = next((part for part in parts if part), None)
            if first:  # a text handed in has its Chinese where it was made
                yield first, file.name


def in_python() -> Iterator[tuple[str, str]]:
    """Every Chinese text in the code of pages and console is the source of a translation, unless it explains code."""
    for file in sorted([*(SOURCE / "web").rglob("*.py"), *(SOURCE / "console").rglob("*.py")]):
        if file.name in BILINGUAL:
            continue
        tree = ast.parse(file.read_text("utf-8"))
        explained = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            said = isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in explained
            if said and HAN.search(node.value) and node.value != "闲集":
                yield node.value, file.name


def forms_of(value: object) -> list[str]:
    return [value] if isinstance(value, str) else list(value)  # type: ignore[call-overload]


def test_every_text_of_a_page_has_english() -> None:
    known = english()
    missing = {f"{place}: {text}" for text, place in [*in_templates(), *in_python()] if text not in known}
    assert not missing, "write their English into words/pages/*.toml:\n" + "\n".join(sorted(missing))


def test_no_english_is_left_over() -> None:
    used = {text for text, _ in [*in_templates(), *in_python()]}
    assert sorted(set(english()) - used) == []


def test_files_agree_on_the_english_of_a_text() -> None:
    seen: dict[str, object] = {}
    for file in sorted(PAGES.glob("*.toml")):
        for text, value in tomllib.loads(file.read_text("utf-8")).items():
            assert seen.setdefault(text, value) == value, f"{file.name}: {text}"


@pytest.mark.parametrize("text", sorted(english()))
def test_english_keeps_the_places_for_facts_and_has_no_chinese(text: str) -> None:
    for form in forms_of(english()[text]):
        assert set(PLACEHOLDER.findall(form)) - {"num"} == set(PLACEHOLDER.findall(text)) - {"num"}
        assert form.strip()
        assert not HAN.search(form.replace("闲集", "").replace("中文", ""))


def test_one_and_several_are_told_apart_in_english_only() -> None:
    _, count = speakers("en")
    pair = english()["%(n)s 件"]
    assert (count("%(n)s 件", "%(n)s 件", 1), count("%(n)s 件", "%(n)s 件", 2)) == tuple(pair)
    assert speakers("zh")[1]("%(n)s 件", "%(n)s 件", 1) == "%(n)s 件"


def import_all() -> None:
    """Codes and settings are declared where they belong, so everything has to be imported once."""
    for place in (xianji.kernel, xianji.domains, xianji.reactions, xianji.web):
        for found in pkgutil.walk_packages(place.__path__, place.__name__ + "."):
            importlib.import_module(found.name)


def every_code() -> list[str]:
    import_all()
    return sorted(name for name, code in Code.catalogue.items() if not name.startswith("test_"))


def test_every_refusal_has_both_languages_and_no_text_is_left_over() -> None:
    texts = catalogue("refusals")
    assert every_code() == sorted(texts)
    for name, text in texts.items():
        assert set(text) == set(LANGUAGES), name
        assert HAN.search(text["zh"]), name
        assert not HAN.search(text["en"]), name


def test_both_languages_of_a_refusal_use_the_same_facts() -> None:
    for name, text in catalogue("refusals").items():
        # A fact may come with its own English, e.g. {carrier} and {carrier_en}.
        facts = [{fact.removesuffix("_en") for fact in FACT.findall(text[language])} for language in LANGUAGES]
        assert facts[0] == facts[1], name


def test_every_kind_of_notice_has_both_languages_with_the_same_facts() -> None:
    texts = catalogue("notices")
    assert sorted(texts) == sorted(KINDS)
    for kind, text in texts.items():
        assert set(text) == set(LANGUAGES), kind
        assert HAN.search(text["zh"]), kind
        assert not HAN.search(text["en"].replace("→", "")), kind
        assert sorted(FACT.findall(text["zh"])) == sorted(FACT.findall(text["en"])), kind


def test_every_setting_says_what_it_is_for_in_both_languages() -> None:
    import_all()
    texts = catalogue("settings")
    assert sorted(name for name in Key.declared if not name.startswith("test")) == sorted(texts)
    for name, text in texts.items():
        assert set(text) == {"zh"}, name
        assert HAN.search(text["zh"]), name
        assert not HAN.search(Key.declared[name].why), name


def test_every_deed_of_the_audit_has_both_languages() -> None:
    written: set[str] = set()
    for file in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "audit.record":
                written.add(ast.unparse(node.args[1]).removeprefix("f").strip("'"))
    by_case = {f"moderation.{verb}" for verb in get_args(Verb)}
    assert "moderation.{decision.verb}" in written
    texts = catalogue("audit")
    assert written - {"moderation.{decision.verb}"} | by_case == set(texts)
    for name, text in texts.items():
        assert set(text) == set(LANGUAGES), name
        assert HAN.search(text["zh"]), name
        assert not HAN.search(text["en"]), name

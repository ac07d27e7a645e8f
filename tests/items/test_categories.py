"""Attribute packs: every answer is checked, and the data itself is whole."""

from datetime import date
from typing import Any

import pytest

from xianji.domains.items import Measure, categories
from xianji.kernel.errors import Refusal

TODAY = date(2026, 3, 2)
ASKED_FOR = {
    "digital", "cameras", "fashion", "luxury", "books", "furniture", "beauty", "maternity", "sports", "fandom",
    "tickets", "other",
}  # fmt: skip


def test_the_pack_is_whole() -> None:
    known = categories.all_categories()
    assert set(known) >= ASKED_FOR
    aliases = [alias.casefold() for category in known.values() for alias in category.aliases]
    assert len(aliases) == len(set(aliases))
    for category in known.values():
        assert category.name.zh
        assert category.name.en
        assert list(category.grades) == ["new", "like_new", "light_wear", "used", "heavy_wear"]
        for attribute in category.attributes.values():
            assert bool(attribute.units) == (attribute.type == "measure")
            assert bool(attribute.choices) == (attribute.type == "choice")
    assert known["books"].grades["light_wear"].zh == "九品"


@pytest.mark.parametrize(
    ("category", "given", "stored"),
    [
        ("books", {"isbn": "7-111-21382-3"}, {"isbn": "9787111213826"}),
        ("books", {"isbn": "978 7 111 21382 6"}, {"isbn": "9787111213826"}),
        ("books", {"isbn": "0-8044-2957-x"}, {"isbn": "9780804429573"}),
        ("furniture", {"width": "120.50 cm"}, {"width": {"value": "120.5", "unit": "cm"}}),
        ("furniture", {"width": 47.5, "depth": Measure("2", "m")},
         {"width": {"value": "47.5", "unit": "cm"}, "depth": {"value": "2", "unit": "m"}}),
        ("beauty", {"expires_on": "2026-03-03", "volume": "50ml"},
         {"expires_on": "2026-03-03", "volume": {"value": "50", "unit": "ml"}}),
        ("cameras", {"shutter_count": "12000", "glass": "dust"}, {"shutter_count": 12000, "glass": "dust"}),
        ("digital", {"warranty_until": "2020-01-01", "model": "  X100 "},
         {"warranty_until": "2020-01-01", "model": "X100"}),
        (None, {}, {}),
    ],
)  # fmt: skip
def test_answers_that_fit(category: str | None, given: dict[str, Any], stored: dict[str, Any]) -> None:
    assert categories.judge(category, given, TODAY, 60) == stored


@pytest.mark.parametrize(
    ("category", "given", "code"),
    [
        ("books", {"isbn": "9787111213827"}, "isbn_not_valid"),
        ("books", {"isbn": "7111213820"}, "isbn_not_valid"),
        ("books", {"isbn": "9777111213826"}, "isbn_not_valid"),
        ("books", {"isbn": ""}, "isbn_not_valid"),
        ("books", {"width": "10"}, "unknown_attribute"),
        (None, {"brand": "x"}, "unknown_attribute"),
        ("nothing", {}, "unknown_category"),
        ("furniture", {"width": "3 parsec"}, "unit_not_known"),
        ("furniture", {"width": "-3 cm"}, "attribute_not_valid"),
        ("furniture", {"width": Measure("nan", "cm")}, "attribute_not_valid"),
        ("furniture", {"width": "0"}, "attribute_not_valid"),
        ("furniture", {"width": "5001"}, "attribute_not_valid"),
        ("beauty", {"expires_on": "2026-03-02"}, "already_expired"),
        ("beauty", {"expires_on": "soon"}, "attribute_not_valid"),
        ("cameras", {"glass": "broken"}, "attribute_not_valid"),
        ("cameras", {"shutter_count": "1e3"}, "attribute_not_valid"),
        ("cameras", {"mount": "x" * 61}, "text_too_long"),
        ("cameras", {"mount": Measure("1", "cm")}, "attribute_not_valid"),
    ],
)
def test_answers_that_do_not_fit(category: str | None, given: dict[str, Any], code: str) -> None:
    with pytest.raises(Refusal) as caught:
        categories.judge(category, given, TODAY, 60)
    assert caught.value.code.name == code

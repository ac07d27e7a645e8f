"""Phones, handles, identity numbers and conditions: every branch of the pure rules."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xianji.domains.members import rules
from xianji.domains.members.model import ADDRESS_FORMS, Condition, Facts, SellingPath, SellingRule
from xianji.kernel.errors import Code, Refusal
from xianji.kernel.words import catalogue

TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


def with_check(head: str) -> str:
    """The number with its check character, worked out by the weights the standard prints."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return head + "10X98765432"[sum(int(d) * w for d, w in zip(head, weights, strict=True)) % 11]


@pytest.mark.parametrize(
    ("number", "problem"),
    [
        ("11010519491231002X", None),  # the example printed in the standard
        ("11010519491231002x", None),
        ("1101 0519 4912 3100 2X", None),
        ("440524188001010014", "date"),
        ("110105194912310021", "checksum"),
        ("110105194912310X2X", "shape"),
        ("110105491231002", "shape"),
        ("", "shape"),
        ("1101051949123100２X", "shape"),
        (with_check("99010519491231002"), "region"),
        (with_check("16010519491231002"), "region"),
        (with_check("11010520000229002"), None),
        (with_check("11010519000229002"), "date"),
        (with_check("11010520010229002"), "date"),
        (with_check("11010520261301002"), "date"),
        (with_check("11010520260303002"), "date"),
        (with_check("11010520080302002"), None),
        (with_check("11010520080303002"), "age"),
        (with_check("11010520260302002"), "age"),
        (with_check("81000019900101001"), None),
    ],
)
def test_an_identity_number(number: str, problem: str | None) -> None:
    assert rules.id_number_problem(rules.normal_id_number(number), TODAY, 18) == problem


def test_all_34_provinces_and_no_other() -> None:
    good = [
        region
        for region in range(10, 100)
        if rules.id_number_problem(with_check(f"{region}010519900101001"), TODAY, 18) is None
    ]
    assert len(good) == 34
    assert {11, 44, 54, 65, 71, 81, 82} <= set(good)


@given(st.integers(0, 16), st.integers(1, 9))
def test_any_single_wrong_digit_is_noticed(place: int, shift: int) -> None:
    number = "11010519491231002X"
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    assert rules.id_number_problem(wrong, TODAY, 18) is not None


@pytest.mark.parametrize(
    ("born", "today", "years"),
    [
        (date(2008, 3, 2), TODAY, 18),
        (date(2008, 3, 3), TODAY, 17),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
    ],
)
def test_full_years(born: date, today: date, years: int) -> None:
    assert rules.full_years(born, today) == years


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("13800138000", "+8613800138000"),
        (" 138-0013-8000 ", "+8613800138000"),
        ("+86 138 0013 8000", "+8613800138000"),
        ("008613800138000", "+8613800138000"),
        ("１３８００１３８０００", "+8613800138000"),
        ("+852 6123 4567", "+85261234567"),
        ("+1 202 555 0123", "+12025550123"),
    ],
)
def test_a_phone_has_one_normal_form(typed: str, normal: str) -> None:
    assert rules.normal_phone(typed, "CN", []) == normal


def code_of(call) -> str:
    with pytest.raises(Refusal) as caught:
        call()
    return caught.value.code.name


@pytest.mark.parametrize("typed", ["010-8888 8888", "12345", "23800138000", "+86 138001380001", "", "手机"])
def test_what_is_no_mobile(typed: str) -> None:
    assert code_of(lambda: rules.normal_phone(typed, "CN", [])) == "phone_not_valid"


def test_a_closed_region() -> None:
    assert code_of(lambda: rules.normal_phone("+12025550123", "CN", ["CN"])) == "phone_region_closed"


@pytest.mark.parametrize(
    ("phone", "shown"),
    [("+8613800138000", "138****8000"), ("+12025550123", "+1 20****0123"), ("+85261234567", "+852 61****67")],
)
def test_a_masked_phone(phone: str, shown: str) -> None:
    assert rules.masked_phone(phone, "CN") == shown


@given(st.integers(0, 2**32 - 1), st.sampled_from(["zh", "en"]))
def test_friendly_names_are_valid_handles(draw: int, language: str) -> None:
    handle, name = rules.friendly_names(draw, language)
    assert rules.normal_handle(handle, []) == handle
    assert 3 <= len(name) <= 24


@pytest.mark.parametrize("handle", ["ab", "1abc", "a-b-c", "a" * 25, "小明", "admin", "", "a b"])
def test_a_bad_handle(handle: str) -> None:
    assert code_of(lambda: rules.normal_handle(handle, ["admin"])) == "handle_not_valid"


def test_a_handle_is_lowered_and_loses_its_at() -> None:
    assert rules.normal_handle("@Maple_Leaf", []) == "maple_leaf"


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaa", "password123", "maple1234ab", "1234567890"])
def test_a_weak_password(password: str) -> None:
    assert code_of(lambda: rules.judge_password(password, 10, ["maple1234"])) == "password_too_weak"


def test_a_good_password() -> None:
    rules.judge_password("correct horse battery", 10, ["maple1234"])


def test_address_lines_follow_the_form() -> None:
    forms = ADDRESS_FORMS.default
    typed = {"detail": " 大宁路 1 号 ", "province": "上海市", "city": "上海市", "district": "静安区"}
    assert list(rules.address_lines(typed, forms["CN"]).items()) == [
        ("province", "上海市"),
        ("city", "上海市"),
        ("district", "静安区"),
        ("detail", "大宁路 1 号"),
    ]
    us = {"line1": "1 Main St", "city": "Springfield", "state": "IL", "zip": "62701"}
    assert rules.address_lines(us, forms["US"]) == us
    assert code_of(lambda: rules.address_lines({"line1": "x"}, forms["CN"])) == "address_line_unknown"
    assert code_of(lambda: rules.address_lines({"province": "上海"}, forms["CN"])) == "text_empty"


def facts(**changes) -> Facts:
    plain = {
        "id": "mbr_a",
        "joined_at": NOW - timedelta(days=10),
        "verified_at": None,
        "has_phone": False,
        "has_avatar": False,
        "badges": frozenset(),
        "restrictions": frozenset(),
    }
    return Facts(**plain | changes)


@pytest.mark.parametrize(
    ("rule", "unmet", "met"),
    [
        (SellingRule("verified"), {}, {"verified_at": NOW}),
        (SellingRule("account_days", days=11), {}, {"joined_at": NOW - timedelta(days=11)}),
        (SellingRule("no_restriction"), {"restrictions": frozenset({"speak"})}, {}),
        (SellingRule("has_phone"), {}, {"has_phone": True}),
        (SellingRule("has_avatar"), {}, {"has_avatar": True}),
        (SellingRule("badge", badge="beta"), {"badges": frozenset({"x"})}, {"badges": frozenset({"beta"})}),
    ],
)
def test_each_condition(rule: SellingRule, unmet: dict, met: dict) -> None:
    paths = [SellingPath("one", [rule])]
    assert [c.met for c in rules.conditions(facts(**unmet), paths, NOW)] == [False]
    assert [c.met for c in rules.conditions(facts(**met), paths, NOW)] == [True]
    assert not rules.may_sell(facts(**unmet), paths, NOW)
    assert rules.may_sell(facts(**met), paths, NOW)


def test_a_condition_carries_its_figures() -> None:
    paths = [SellingPath("one", [SellingRule("account_days", days=180)])]
    assert rules.conditions(facts(), paths, NOW) == [Condition("account_days", False, {"days": 180, "now": 10}, "/me")]


def test_a_selling_restriction_closes_selling_whatever_the_conditions_say() -> None:
    assert not rules.may_sell(facts(restrictions=frozenset({"sell"})), [SellingPath("all", [])], NOW)


def test_the_first_path_whose_cohort_fits_counts() -> None:
    paths = [
        SellingPath("beta", [SellingRule("verified")], cohort="beta"),
        SellingPath("everyone", [SellingRule("verified"), SellingRule("account_days", days=180)]),
    ]
    tester, other = facts(badges=frozenset({"beta"}), verified_at=NOW), facts(verified_at=NOW)
    assert rules.may_sell(tester, paths, NOW)
    assert [c.code for c in rules.conditions(other, paths, NOW)] == ["verified", "account_days"]
    assert [c.code for c in rules.conditions(other, [], NOW)] == ["selling_closed"]
    assert not rules.may_sell(other, [], NOW)


def test_a_percentage_is_stable_and_about_right() -> None:
    path = [SellingPath("tenth", [], percent=10)]
    chosen = [number for number in range(2000) if rules.path_for(facts(id=f"mbr_{number}"), path)]
    assert chosen == [number for number in range(2000) if rules.share_of(f"mbr_{number}") < 10]
    assert 150 <= len(chosen) <= 250


def test_every_refusal_and_condition_has_both_texts() -> None:
    texts = catalogue("refusals")
    assert all(set(texts[name]) == {"zh", "en"} for name in Code.catalogue if name in texts)
    kinds = {"verified", "account_days", "no_restriction", "has_phone", "has_avatar", "badge"}
    assert set(catalogue("conditions")) >= kinds | {"selling_closed", "open_to_all"}

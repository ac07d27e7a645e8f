"""What a card scores, to the point; and what every page keeps, whatever there is to choose from."""

from collections import Counter
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as some

from xianji.domains.feed import rules
from xianji.domains.feed.model import Candidate, Caps, Reader, Weights

CAPS = Caps(
    collect_km=10.0,
    enough=50,
    far_percent=10,
    floor=100,
    fair_every=3,
    seller_most=3,
    commercial=25,
    commercial_in={"cir_strict": 5},
    crowded=3000,
)
WEIGHTS = Weights(
    near=30,
    near_km=4,
    far=40,
    fresh=20,
    fresh_hours=24,
    taste=40,
    taste_half=6,
    follow=18,
    circle=12,
    warm=12,
    fair=25,
    known=0,
    known_half=10,
    crowd=6,
    seller_again=8,
    category_again=3,
)
LOCAL = Reader(cell=1, supply=50, personal=True)


def note(id: str = "a", **more: Any) -> Candidate:
    return Candidate(id, more.pop("author", id), **more)


def parts(one: Candidate, reader: Reader = LOCAL) -> dict[str, float]:
    return rules.score(one, reader, WEIGHTS, CAPS)


def page(found: list[Candidate], reader: Reader = LOCAL, most: int = 10, caps: Caps = CAPS) -> list[str]:
    return [one.candidate.id for one in rules.arrange(found, reader, WEIGHTS, caps, most)]


def test_distance_and_age_halve_their_points() -> None:
    assert parts(note(km=0.0)) == {"near": 30.0, "fresh": 20.0}
    assert parts(note(km=4.0, age_hours=24)) == {"near": 15.0, "fresh": 10.0}
    assert parts(note(km=8.0, age_hours=48)) == {"near": 7.5, "fresh": 5.0}
    assert parts(note(age_hours=24)) == {"fresh": 10.0}


def test_only_what_could_be_collected_loses_by_being_far() -> None:
    assert parts(note(km=12.0, meets=True))["far"] == -40.0
    assert "far" not in parts(note(km=12.0))
    assert "far" not in parts(note(km=10.0, meets=True))


def test_the_strongest_interest_counts_once() -> None:
    reader = Reader(taste={"c:books": 6.0, "t:搬家": 18.0})
    assert parts(note(categories=("books",)), reader)["taste"] == 20.0
    assert parts(note(categories=("books",), topics=("搬家",)), reader)["taste"] == 30.0
    assert "taste" not in parts(note(categories=("cameras",)), reader)


def test_ties_readers_and_the_floor() -> None:
    assert parts(note(sources=frozenset({"follow", "circle"})))["follow"] == 18.0
    assert parts(note(sources=frozenset({"follow", "circle"})))["circle"] == 12.0
    assert parts(note(owed=True, shown=0))["fair"] == 25.0
    assert parts(note(owed=True, shown=60))["fair"] == 10.0
    assert "fair" not in parts(note(owed=True, shown=100))
    assert "fair" not in parts(note(shown=0))
    assert parts(note(shown=400))["crowd"] == -12.0
    assert "crowd" not in parts(note(shown=100))
    assert parts(note(shown=80, opened=18))["warm"] == 12.0  # twice as often as usual: (18 + 2) of (80 + 20)
    assert round(parts(note(shown=80, opened=13))["warm"], 9) == 6.0
    assert "warm" not in parts(note(shown=80, opened=8))


def test_a_followed_topic_gives_and_what_less_is_wanted_of_takes() -> None:
    one = note(author="m1", categories=("cameras",), topics=("ccd", "diy"))
    plain = parts(one)
    follower = msgspec.structs.replace(LOCAL, topics=("diy",))
    assert parts(one, follower) == plain | {"topic": 14.0}
    ranked = rules.arrange([one], follower, Weights(), CAPS, 1)[0]
    assert ("topic", "diy") in [(reason.code, reason.name) for reason in rules.reasons(ranked, follower, 9)]
    for subject in ("c:cameras", "t:ccd", "m:m1"):
        assert parts(one, msgspec.structs.replace(LOCAL, less=frozenset((subject,)))) == plain | {"less": -45.0}
    others = msgspec.structs.replace(LOCAL, less=frozenset(("c:books", "t:cc", "m:m2")))
    assert parts(one, others) == plain
    asked_for = note(shown=5000, sources=frozenset(("topic",)))
    assert page([asked_for, note("b", shown=5000)]) == ["a"]


def test_what_many_have_seen_gives_way() -> None:
    known = msgspec.structs.replace(WEIGHTS, known=40)
    taken = [rules.score(note(shown=n), LOCAL, known, CAPS).get("known") for n in (0, 10, 30)]
    assert taken == [None, -20.0, -30.0]


def test_one_author_and_one_subject_give_way_to_others() -> None:
    many = [note(f"m{n}", author="one", km=0.0, categories=("books",)) for n in range(5)]
    others = [note(f"o{n}", km=4.0, categories=(f"c{n}",)) for n in range(3)]
    assert page([*many, *others], most=6) == ["m0", "m1", "o0", "o1", "o2", "m2"]
    assert page([*many, *others], most=7)[6] == "m3"  # there is nobody else left
    ranked = rules.arrange([*many, *others], LOCAL, WEIGHTS, CAPS, 8)
    assert ranked[1].parts == {"near": 30.0, "fresh": 20.0, "again": -11.0}
    assert ranked[1].score == 39.0


def test_every_third_place_is_for_who_is_owed_readers() -> None:
    good = [note(f"g{n}", km=0.0) for n in range(6)]
    owed = [note(f"w{n}", km=9.9, age_hours=5, owed=True, shown=99) for n in range(2)]
    assert page([*good, *owed]) == ["g0", "g1", "w0", "g2", "g3", "w1", "g4", "g5"]


def test_traders_stay_within_their_share_and_that_of_their_circle() -> None:
    traders = [note(f"t{n}", trader=True, km=0.0) for n in range(9)]
    assert page(traders, most=20) == ["t0", "t1", "t2", "t3", "t4"]
    strict = [note(f"s{n}", trader=True, circle="cir_strict", km=0.0) for n in range(9)]
    assert page([*strict, *traders], most=20) == ["s0", "t0", "t1", "t2", "t3"]


def test_what_is_far_waits_until_most_of_its_readers_could_collect_it() -> None:
    fresh = note(km=12.0, meets=True)
    known = msgspec.structs.replace(fresh, placed=19, near=19)
    assert page([fresh]) == []
    assert page([known]) == ["a"]
    assert page([msgspec.structs.replace(known, near=17)]) == []
    assert page([fresh], Reader(cell=1, supply=49)) == ["a"]
    assert page([msgspec.structs.replace(fresh, meets=False)]) == ["a"]
    far = [note(f"f{n}", km=12.0, meets=True, placed=99, near=99) for n in range(9)]
    assert page(far, most=20) == ["f0", "f1"]


def test_what_thousands_saw_is_left_to_those_who_asked_for_it() -> None:
    assert page([note(shown=3000)]) == []
    assert page([note(shown=3000, sources=frozenset({"follow"}))]) == ["a"]


def test_the_reasons_are_the_largest_parts() -> None:
    reader = Reader(cell=1, taste={"c:books": 6.0})
    one = note(km=4.04, categories=("books",), owed=True, age_hours=48)
    told = rules.reasons(rules.arrange([one], reader, WEIGHTS, CAPS, 1)[0], reader)
    assert [(reason.code, reason.km, reason.name) for reason in told] == [
        ("fair", None, ""),
        ("taste", None, "c:books"),
    ]
    near = rules.reasons(rules.arrange([note(km=1.24)], LOCAL, WEIGHTS, CAPS, 1)[0], LOCAL)
    assert [(reason.code, reason.km) for reason in near] == [("near", 1.2), ("fresh", None)]
    old = rules.arrange([note(age_hours=900)], LOCAL, WEIGHTS, CAPS, 1)[0]
    assert [reason.code for reason in rules.reasons(old, LOCAL)] == ["fresh"]


_notes = some.lists(
    some.builds(
        Candidate,
        id=some.uuids().map(str),
        author=some.sampled_from("abcd"),
        circle=some.sampled_from([None, "cir_strict", "cir_other"]),
        age_hours=some.floats(0, 500),
        km=some.none() | some.floats(0, 40),
        sources=some.frozensets(some.sampled_from(["near", "follow", "circle"])),
        categories=some.lists(some.sampled_from(["x", "y"]), max_size=2, unique=True).map(tuple),
        meets=some.booleans(),
        trader=some.booleans(),
        owed=some.booleans(),
        shown=some.integers(0, 5000),
        placed=some.integers(0, 200),
        near=some.integers(0, 200),
        opened=some.integers(0, 500),
    ),
    max_size=40,
    unique_by=lambda one: one.id,
)


@given(_notes, some.sampled_from([0, 50]), some.integers(1, 24))
def test_whatever_there_is_a_page_keeps_its_promises(found: list[Candidate], supply: int, most: int) -> None:
    reader = Reader(cell=1, supply=supply, taste={"c:x": 3.0})
    ranked = rules.arrange(found, reader, WEIGHTS, CAPS, most)
    shown = [one.candidate for one in ranked]
    assert len({one.id for one in shown}) == len(shown) <= most
    times = Counter(one.author for one in shown)
    plain = [one for one in found if rules.may_show(one, reader, CAPS) and not one.trader and not is_far(one, supply)]
    if any(count > 3 for count in times.values()):
        assert all(one in shown or times[one.author] >= 3 for one in plain)
    assert sum(one.trader for one in shown) <= most * 25 // 100
    assert sum(one.trader and one.circle == "cir_strict" for one in shown) <= most * 5 // 100
    far = [one for one in shown if is_far(one, supply)]
    assert len(far) <= most // 10
    assert all((one.placed - one.near + 1) * 100 <= 10 * (one.placed + 1) for one in far)
    assert all(one.shown < 3000 or one.sources & {"follow", "circle"} for one in shown)
    for one in ranked:
        before = rules.score(one.candidate, reader, WEIGHTS, CAPS)
        assert one.score == sum(one.parts.values())
        assert {name: points for name, points in one.parts.items() if name != "again"} == before


def is_far(one: Candidate, supply: int) -> bool:
    """Too far to collect, for a reader with enough close by."""
    return one.meets and one.km is not None and one.km > 10 and supply >= 50


@given(some.integers(0, 20), some.integers(0, 20))
def test_who_is_owed_readers_gets_its_places_as_long_as_somebody_is(good: int, owed: int) -> None:
    known = [note(f"g{n:02}", km=0.0) for n in range(good)]
    waiting = [note(f"w{n:02}", km=9.0, age_hours=90, owed=True, shown=99) for n in range(owed)]
    shown = page([*known, *waiting], most=12)
    assert len(shown) == min(12, good + owed)
    assert sum(id.startswith("w") for id in shown) == max(min(owed, len(shown) // 3), len(shown) - good)

"""The demo town must feel real: enough of everything, nothing said twice, nothing implausible."""

import re
from collections import Counter
from pathlib import Path

import pytest

from xianji.demo import rules
from xianji.demo.build import MENTION, TOPIC, build
from xianji.demo.model import Demo
from xianji.demo.palettes import PALETTES

CONTACT = re.compile(r"\d{6,}|[\w.]+@[\w-]+\.\w+|https?://|微信|威信|[vV][xX]|加我?[vV]|[qQ]{2}\s*\d|手机号")
PROHIBITED = Path(__file__).with_name("prohibited.txt").read_text(encoding="utf-8").split()
UNTOUCHED = ("没拆", "未拆", "没开封", "吊牌还在", "没剪", "多买了一套，没动过")
BROKEN = ("故障", "裂口", "缺一片", "卡住", "断了", "破了", "狗啃")


@pytest.fixture(scope="module")
def demo() -> Demo:
    return build()


def repeated(texts: list[str]) -> dict[str, int]:
    return {text: count for text, count in Counter(texts).items() if count > 1}


def test_there_is_enough_of_everything(demo: Demo) -> None:
    assert len(demo.members) >= 60
    assert len(demo.circles) >= 12
    assert len(demo.notes) >= 300
    assert len(demo.items()) >= 800
    assert {note.kind for note in demo.notes} == {"share", "sale", "stall", "wanted", "giveaway", "warning"}
    assert {circle.kind for circle in demo.circles} == {"place", "campus", "interest", "fandom"}
    assert {item.category for item in demo.items()} == set(rules.PRICE_BANDS)
    assert {member.place.city for member in demo.members} == {"北京", "上海", "成都", "临江"}


def test_the_same_seed_gives_the_same_town(demo: Demo) -> None:
    assert build() == demo
    assert build(seed=2) != demo


def test_nothing_is_said_twice(demo: Demo) -> None:
    comments = [c.text for n in demo.notes for c in n.comments if c.text not in demo.quick_replies]
    assert repeated(comments) == {}
    assert repeated([note.title for note in demo.notes]) == {}
    assert repeated([note.body for note in demo.notes]) == {}
    assert repeated([item.title for item in demo.items()]) == {}
    assert repeated([item.description for item in demo.items()]) == {}
    assert repeated([member.name for member in demo.members]) == {}
    assert repeated([member.bio for member in demo.members]) == {}
    assert repeated([member.handle for member in demo.members]) == {}
    assert repeated([circle.slug for circle in demo.circles]) == {}


def test_prices_fit_the_category_and_the_wear(demo: Demo) -> None:
    for item in demo.items():
        low, high = rules.PRICE_BANDS[item.category]
        assert item.price_fen == 0 or low * 100 <= item.price_fen <= min(high, 10_000) * 100, item.title
        assert item.price_fen % 100 == 0
        assert item.stock >= 1
        if item.original_price_fen is not None and "collectible" not in item.attributes:
            worth = item.original_price_fen * rules.WORTH_PERCENT[item.condition] // 100
            assert item.price_fen <= worth, item.title
        for step in item.price_steps:
            assert 0 <= step.price_fen <= item.price_fen


def test_free_things_are_given_in_giveaways_only(demo: Demo) -> None:
    for note in demo.notes:
        assert all((item.price_fen == 0) == (note.kind == "giveaway") for item in note.items), note.title


def test_words_agree_with_the_grade(demo: Demo) -> None:
    for item in demo.items():
        text = item.title + item.description
        if any(word in text for word in BROKEN):
            assert item.condition in ("used", "heavy_wear", "light_wear"), text
        if any(word in item.description for word in UNTOUCHED):
            assert item.condition in ("new", "like_new"), text
        if "全新" in text:
            assert item.condition == "new", text


def test_everything_named_exists(demo: Demo) -> None:
    handles = {member.handle for member in demo.members}
    circles = {circle.slug for circle in demo.circles}
    for note in demo.notes:
        assert note.author in handles
        assert note.circle is None or note.circle in circles
        assert set(note.mentions) <= handles
        assert set(note.mentions) == set(MENTION.findall(note.body))
        assert set(note.topics) == set(TOPIC.findall(note.body))
        assert set(note.likes) <= handles - {note.author}
        assert set(note.saves) <= set(note.likes)
        assert note.pictures
        for index, comment in enumerate(note.comments):
            assert comment.author in handles
            assert 0 < comment.after_minutes < note.minutes_ago
            assert comment.parent is None or comment.parent < index
            assert comment.parent is None or note.comments[comment.parent].parent is None
    assert {handle for pair in demo.follows for handle in pair} <= handles
    assert all(a != b for a, b in demo.follows)
    assert len(set(demo.follows)) == len(demo.follows)
    assert all(handle in handles and slug in circles for handle, slug in demo.memberships)


def test_every_member_and_every_circle_is_alive(demo: Demo) -> None:
    voices = {note.author for note in demo.notes} | {c.author for n in demo.notes for c in n.comments}
    assert voices == {member.handle for member in demo.members}
    assert {note.circle for note in demo.notes} - {None} == {circle.slug for circle in demo.circles}


def test_the_moving_out_note_has_twenty_five_things(demo: Demo) -> None:
    (note,) = [note for note in demo.notes if "离京清仓" in note.title]
    assert len(note.items) == 25
    assert note.kind == "sale"
    assert len(note.comments) >= 12
    assert all(item.deadline_in_days and item.price_steps for item in note.items)


def test_the_stall_thread_is_busy(demo: Demo) -> None:
    (note,) = [note for note in demo.notes if note.kind == "stall"]
    guests = [c for c in note.comments if c.item is not None]
    assert len(note.comments) >= 30
    assert len(guests) >= 12
    assert len({c.author for c in guests} - {note.author}) >= 8


def test_english_neighbours_have_a_circle(demo: Demo) -> None:
    english = [note for note in demo.notes if note.circle == "expats"]
    assert len(english) >= 10
    assert len({note.author for note in english}) >= 6
    assert all(sum(char.isascii() for char in note.title) > len(note.title) * 0.9 for note in english)


def test_no_contact_data_and_no_prohibited_goods(demo: Demo) -> None:
    texts = [note.title + "\n" + MENTION.sub("", note.body) for note in demo.notes]
    texts += [comment.text for note in demo.notes for comment in note.comments]
    things = [item.title + item.description for item in demo.items()]
    bios = [member.bio for member in demo.members]
    assert [text for text in texts + things + bios if CONTACT.search(text)] == []
    assert [text for text in things if any(word in text for word in PROHIBITED)] == []
    assert [text for text in texts if any(word in text for word in PROHIBITED)] == []


def test_restricted_goods_carry_their_proof(demo: Demo) -> None:
    for item in demo.items():
        if item.category in ("phones", "luxury"):
            assert item.attributes.get("proof"), item.title
        if item.category == "tickets":
            assert item.original_price_fen is not None
            assert item.price_fen <= item.original_price_fen


def test_there_are_many_different_pictures_in_known_colours(demo: Demo) -> None:
    faces = {member.avatar for member in demo.members}
    assert len(demo.pictures() - faces) >= 200
    assert len(faces) >= 60
    assert {recipe.palette for recipe in demo.pictures()} <= set(PALETTES)
    assert all(item.pictures for item in demo.items())

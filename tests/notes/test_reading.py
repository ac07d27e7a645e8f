"""Cutting a text into pieces: nothing is ever lost, and limits hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.notes.build import refused
from xianji.domains.notes import rules
from xianji.kernel.errors import Refusal
from xianji.kernel.states import Machine

PIECES = st.lists(
    st.one_of(
        st.sampled_from(["#", "＃", "@", " ", "\n", "https://", "http://a.cn/#x", "@mai_01", "#搬家#", "#a#b", "C#"]),
        st.text(max_size=8),
    ),
    max_size=30,
).map("".join)


def cut(text: str) -> list[tuple[str, str, str]]:
    return [(piece.kind, piece.text, piece.target) for piece in rules.read(text, 10, 20, 20).segments]


@given(PIECES)
def test_the_pieces_joined_are_the_text(text: str) -> None:
    found = rules.read(text, 1000, 20, 1000)
    assert "".join(piece.text for piece in found.segments) == text
    assert all(piece.text for piece in found.segments)
    plain = rules.only_known(found.segments, [])
    assert "".join(piece.text for piece in plain) == text
    assert {piece.target for piece in found.segments if piece.kind == "topic"} == set(found.topics)
    assert not any(piece.kind == "mention" for piece in plain)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("#搬家 出书", [("topic", "#搬家", "搬家"), ("text", " 出书", "")]),
        ("#搬家#出书", [("topic", "#搬家#", "搬家"), ("text", "出书", "")]),
        ("收＃Lolita裙＃", [("text", "收", ""), ("topic", "＃Lolita裙＃", "lolita裙")]),
        ("C#语言", [("text", "C#语言", "")]),
        ("第#3 件", [("text", "第#3 件", "")]),
        ("#" + "长" * 21, [("text", "#" + "长" * 21, "")]),
        ("问@Mai_01吧", [("text", "问", ""), ("mention", "@Mai_01", "mai_01"), ("text", "吧", "")]),
        ("a@mai.cn", [("text", "a@mai.cn", "")]),
        ("看https://a.cn/x?y=1#z。", [
            ("text", "看", ""),
            ("link", "https://a.cn/x?y=1#z", "https://a.cn/x?y=1#z"),
            ("text", "。", ""),
        ]),
        ("(http://a.cn).", [("text", "(", ""), ("link", "http://a.cn", "http://a.cn"), ("text", ").", "")]),
        ("javascript:alert(1)", [("text", "javascript:alert(1)", "")]),
    ],
)  # fmt: skip
def test_what_is_a_topic_a_mention_a_link(text: str, pieces: list[tuple[str, str, str]]) -> None:
    assert cut(text) == pieces


def test_ten_thousand_topics_are_refused_and_ten_are_not() -> None:
    assert len(rules.read(" ".join(f"#话题{n}" for n in range(10)) + " #话题0", 10, 20, 20).topics) == 10
    with pytest.raises(Refusal) as error:
        rules.read(" ".join(f"#话题{n}" for n in range(10_000)), 10, 20, 20)
    assert refused(error) == ("too_many_topics", {"most": 10})


def test_too_many_mentions_are_refused() -> None:
    with pytest.raises(Refusal) as error:
        rules.read(" ".join(f"@member{n}" for n in range(21)), 10, 20, 20)
    assert refused(error) == ("too_many_mentions", {"most": 20})


NOTE_MOVES = {
    ("draft", "publish", "author"): "live",
    ("draft", "hold", "system"): "hidden",
    ("draft", "remove", "author"): "removed",
    ("live", "remove", "author"): "removed",
    ("removed", "bring_back", "author"): "live",
    ("live", "hide", "operator"): "hidden",
    ("live", "hide", "system"): "hidden",
    ("removed", "hide", "operator"): "hidden",
    ("removed", "hide", "system"): "hidden",
    ("hidden", "restore", "operator"): "live",
}
COMMENT_MOVES = {
    ("live", "remove", "author"): "removed",
    ("live", "remove", "host"): "removed",
    ("live", "remove", "operator"): "removed",
    ("live", "hide", "operator"): "hidden",
    ("live", "hide", "system"): "hidden",
    ("hidden", "restore", "operator"): "live",
}
STALL_MOVES = {
    ("waiting", "approve", "host"): "shown",
    ("waiting", "approve", "operator"): "shown",
    ("refused", "approve", "host"): "shown",
    ("refused", "approve", "operator"): "shown",
    ("waiting", "refuse", "host"): "refused",
    ("waiting", "refuse", "operator"): "refused",
    ("shown", "refuse", "host"): "refused",
    ("shown", "refuse", "operator"): "refused",
}


@pytest.mark.parametrize(
    ("machine", "moves"),
    [(rules.NOTE, NOTE_MOVES), (rules.COMMENT, COMMENT_MOVES), (rules.STALL, STALL_MOVES)],
    ids=["note", "comment", "stall"],
)
def test_the_machines_are_exactly_these(machine: Machine, moves: dict[tuple[str, str, str], str]) -> None:
    verbs = {row.verb for row in machine.moves}
    roles = {"author", "host", "guest", "operator", "system", "reader"}
    for state in machine.states:
        for verb in verbs:
            for role in roles:
                wanted = moves.get((state, verb, role))
                if wanted:
                    assert machine.decide(state, verb, role).to == wanted
                else:
                    with pytest.raises(Refusal):
                        machine.decide(state, verb, role)

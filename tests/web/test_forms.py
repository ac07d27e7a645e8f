"""What a form got wrong is said so that whoever filled it in knows what to do."""

from typing import Annotated

import msgspec
import pytest
from msgspec import Meta

from xianji.kernel.errors import Refusal
from xianji.kernel.words import sentence
from xianji.web import forms


class Wish(msgspec.Struct):
    title: str
    days: Annotated[int, Meta(ge=1, le=30)] = 1


@pytest.mark.parametrize(
    ("pairs", "field", "said"),
    [
        ([("title", "  "), ("days", "3")], "title", "这里还没有填写。"),
        ([("title", "灯"), ("days", "31")], "days", "最多填 30。"),
        ([("title", "灯"), ("days", "0")], "days", "最少填 1。"),
        ([("title", "灯"), ("days", "三天")], "days", "这里的写法看不懂，检查一下再试。"),
    ],
)
def test_the_sentence_says_what_to_do(pairs: forms.Pairs, field: str, said: str) -> None:
    with pytest.raises(Refusal) as refused:
        forms.fill(Wish, pairs, "CNY")
    assert (refused.value.facts["field"], sentence(refused.value, "zh")) == (field, said)
    assert forms.fill(Wish, [("title", "灯"), ("days", "30")], "CNY") == Wish("灯", 30)

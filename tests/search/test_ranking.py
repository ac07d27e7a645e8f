"""Examples that pin what stands before what, and that every share of a score is named."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xianji.domains.search import analysis, ranking
from xianji.domains.search.ranking import Question

_TITLES = (
    "索尼A7M4单机身 在保",
    "佳能IXUS卡片机 银色",
    "富士微单套机 带镜头",
    "苹果iPhone 13 128G 午夜色",
    "苹果iPhone 15 Pro 256G 原色钛",
    "烟台红富士苹果 十斤",
    "戴森V8吸尘器 配吸头",
    "小米无线吸尘器 轻量",
    "优衣库连帽衫 灰色",
    "排球少年 徽章 影山",
    "夏威夷果 500g 奶油味",
    "宜家书柜 白色 自提",
)


def _asked(text: str, titles: tuple[str, ...] = _TITLES) -> Question:
    fields = [analysis.read(title).fields for title in titles]

    def count(field: str, term: str) -> int:
        return sum(term in one[field].split() for one in fields)

    asked = analysis.ask(text, lambda unit: not count("chars", unit))
    return ranking.question(asked, count, len(titles))


def _order(text: str, *titles: str) -> list[str]:
    traces = [analysis.read(title).trace for title in titles]
    scores = ranking.judge(_asked(text, (*_TITLES, *titles)), traces, np.zeros(len(titles))).scores
    return [titles[at] for at in np.argsort(-scores, kind="stable")]


@pytest.mark.parametrize(
    ("asked", "better", "worse"),
    [
        ("iphone 15 pro", "iPhone15Pro 256G", "iPhone 13 Pro 256G"),  # another model is worse
        ("iphone 15", "苹果手机 15 国行", "iPhone 13 国行"),
        ("a7m4 机身", "索尼 A7 M4 机身", "索尼 A7 M3 机身"),
        ("a7iv", "索尼A7M4", "索尼A7C 银色"),
        ("256gb 手机", "手机 256 G", "手机 128 G"),
        ("ccd", "佳能卡片机 银色", "佳能打印机 银色"),  # other names of the thing
        ("吧唧", "影山 徽章", "影山 海报"),
        ("卫衣", "优衣库连帽衫", "优衣库牛仔裤"),
        ("索尼耳机", "sony 降噪耳机", "bose 降噪耳机"),  # brands in both scripts; a rival does not do
        ("戴森吸尘器", "dyson V8 吸尘器", "小米吸尘器 V8"),
        ("坚果", "夏威夷果 500g", "夏威夷衬衫 蓝"),  # a sort of it
        ("相机包", "佳能 相机包", "佳能相机 送包 原包装"),  # together before apart
        ("书柜 白色", "宜家书柜 白色", "白色 书 柜门拉手"),
        ("手机壳", "iPhone 手机壳", "手机 带壳"),
        ("繁體字帖", "繁体字帖", "字帖 行楷"),
        ("帕曼莎沙发", "帕蔓莎 沙发", "沙发 真皮 帕"),  # the wrong character sounds right
        ("耐克旗舰店", "耐克 跑鞋", "旗舰店 手机"),  # what says nothing weighs little
        ("吉他", "卡马吉他 初学", "木吉他指板贴纸 吉他配件 琴颈装饰"),  # what belongs to a thing is not the thing
        ("iphone 13", "苹果 13 128G 国行 iPhone13 自用", "iPhone13 适用 透明 保护套"),
        ("手机", "红米Note12 8+256", "手持挂烫机 白"),  # a sort of it stands before its characters apart
        ("游戏机", "Switch OLED 白色", "掌机收纳包"),
        ("相机", "尼康 D90 单机", "相机包 帆布"),
        ("相机", "尼康相机 送相机包", "佳能相机 相机包 单肩斜挎"),  # what is given along counts for nothing
    ],
)
def test_the_better_title_stands_first(asked: str, better: str, worse: str) -> None:
    assert _order(asked, worse, better) == [better, worse]


def test_what_is_typed_in_pinyin_finds_characters() -> None:
    question = _asked("xichenqi")
    assert {(one.field, one.term) for one in ranking.clauses(question)} >= {
        ("sounds", "xi'chen"),
        ("sounds", "chen'qi"),
    }
    assert _order("xichenqi", "戴森吹风机", "戴森吸尘器") == ["戴森吸尘器", "戴森吹风机"]


def test_letters_nobody_wrote_are_looked_for_as_initials() -> None:
    assert ranking.Clause("initials", "xcq", ranking.settings()["retrieval"]["initials"]) in ranking.clauses(
        _asked("xcq")
    )


def test_no_clause_comes_twice_and_none_is_blank() -> None:
    clauses = ranking.clauses(_asked("苹果 苹果 iphone15 谷子 \x00 *:* AND"))
    assert len(set(clauses)) == len(clauses)
    assert all(one.term.strip() and one.weight > 0 for one in clauses)


def test_the_shares_are_the_score() -> None:
    question, read = _asked("索尼 卡片机 128g"), analysis.read("Sony CCD 相机 64G")
    shares = ranking.explain(question, read.trace, 3.0)
    assert list(shares) == list(ranking.FEATURES)
    assert sum(shares.values()) == pytest.approx(ranking.judge(question, [read.trace], np.array([3.0])).scores[0])
    assert shares["clash"] == 0
    assert shares["sense"] > 0


def test_every_feature_has_a_weight() -> None:
    assert list(ranking.settings()["weights"]) == list(ranking.FEATURES)


@given(st.text(max_size=60), st.lists(st.text(max_size=120), min_size=1, max_size=4))
def test_every_pair_has_a_finite_score(text: str, titles: list[str]) -> None:
    question = _asked(text)
    if question.asked.empty:
        return
    scores, covered = ranking.judge(question, [analysis.read(title).trace for title in titles], np.ones(len(titles)))
    assert scores.shape == covered.shape == (len(titles),)
    assert np.isfinite(scores).all()
    assert ((covered >= 0) & (covered <= 1)).all()

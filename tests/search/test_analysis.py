"""What is read in titles and questions: exact terms for tricky strings, and nothing that is typed can break it."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypinyin import Style, lazy_pinyin

from bench import listings
from xianji.domains.search import analysis, lexicon, phrases, sounds
from xianji.domains.search.analysis import MOST_ASKED, MOST_SENSES, MOST_UNITS


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("ＩＰＨＯＮＥ　１５", "iphone 15"),
        ("256GB / 1 TB", "256g / 1t"),
        ("手機殼 螢幕", "手机壳 屏幕"),
        ("程序 软件", "程序 软件"),
        ("Café Chloé", "cafe chloe"),
        ("①号 ㎏", "1号 kg"),
        ("a\x00b\ud83d c", "a\x00b c"),
    ],
)
def test_one_form_for_what_means_the_same(written: str, read: str) -> None:
    assert analysis.plain(written) == read


@pytest.mark.parametrize(
    ("written", "units"),
    [
        ("Sony A7M4", ["sony", "a", "7", "m", "4"]),
        ("sony a7 m4", ["sony", "a", "7", "m", "4"]),
        ("SK-II神仙水", ["sk", "ii", "神", "仙", "水"]),
        ("4.5寸,1,200元", ["4.5", "寸", "1", "200", "元"]),
        ("かな 한글 🎀", ["か", "な", "한", "글"]),
        ("！？…——", []),
    ],
)
def test_units(written: str, units: list[str]) -> None:
    assert analysis.units(written) == units


def test_the_fields_of_a_title() -> None:
    assert analysis.read("索尼A7M4 單機").fields == {
        "chars": "索 尼 a 7 m 4 单 机",
        "grams": "索_尼 尼_a a_7 7_m m_4 4_单 单_机",
        "words": "索尼 a7m4 单机",
        "senses": "索尼 a7m4 单机",
        "kinds": "品牌 相机",
        "models": "a7 a7m a7m4 7m 7m4 m4",
        "sounds": "suo'ni dan'ji shan'ji",
        "initials": "sn dj",
    }


def test_a_trace_is_units_then_senses_then_kinds() -> None:
    codes = struct.unpack("<5I", analysis.read("榛子ab").trace)
    units = (ord("榛"), ord("子"), analysis.code("ab"))
    assert codes == (*units, analysis.sense_code("榛子"), analysis.kind_code("坚果"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SK-II", "skii"),
        ("sk2", "SK-II"),
        ("ccd", "卡片机"),
        ("吧唧", "徽章"),
        ("谷子", "周边"),
        ("卫衣", "连帽衫"),
        ("ohlins", "欧林斯"),
        ("Type-C", "typec"),
        ("New Balance", "新百伦"),
        ("a7iv", "a7m4"),
    ],
)
def test_names_of_one_thing_share_a_sense(one: str, other: str) -> None:
    senses = [{sense.name for sense in analysis.ask(name).senses} for name in (one, other)]
    assert senses[0] & senses[1]


def test_apple_the_fruit_is_not_a_phone() -> None:
    assert "iphone" not in {sense.name for sense in analysis.ask("苹果 水果").senses}
    assert {sense.name for sense in analysis.ask("苹果手机").senses} == {"iphone"}


def test_a_thing_is_a_sort_of_its_kind() -> None:
    assert "坚果" in analysis.read("夏威夷果 500g").fields["kinds"].split()
    assert "品牌" in analysis.read("尼康 D90").fields["kinds"].split()


def test_names_are_read_from_behind() -> None:
    spans = {sense.name: sense.span for sense in analysis.ask("护颈枕头套").senses}
    assert spans == {"护颈": (0, 2), "枕套": (2, 5)}


def test_words_that_say_nothing_are_known_unless_there_is_nothing_else() -> None:
    assert analysis.ask("耐克旗舰店").noise == {2, 3, 4}
    assert analysis.ask("旗舰店").noise == frozenset()
    assert analysis.ask("收 纳盒").noise == {0}
    assert analysis.ask("收纳盒").noise == frozenset()


def test_pinyin_is_read_only_where_nobody_wrote_the_letters() -> None:
    assert analysis.ask("xiangji").units == ("xiangji",)
    assert analysis.ask("索尼xiangji", lambda unit: unit == "xiangji").units == ("索", "尼", "'xiang", "'ji")
    assert analysis.ask("superbx", lambda unit: unit not in ("super", "bx")).units == ("super", "bx")


@pytest.mark.parametrize(
    ("letters", "syllables"),
    [
        ("xiangji", ("xiang", "ji")),
        ("xian", ("xian",)),
        ("changxiu", ("chang", "xiu")),
        ("nvxie", ("nv", "xie")),
        ("sony", ()),
        ("", ()),
        ("a" * 500, ()),
    ],
)
def test_syllables(letters: str, syllables: tuple[str, ...]) -> None:
    assert sounds.syllables(letters) == syllables


def test_the_lexicon_says_each_thing_once() -> None:
    table = lexicon.table()
    for lines in (table["same"], table["brands"]):
        groups = [line.split() for line in lines.splitlines() if line and line[0] != "#"]
        assert [group for group in groups if len(set(group)) < len(group)] == []
        firsts = [group[0] for group in groups]
        assert sorted({first for first in firsts if firsts.count(first) > 1}) == []
    assert all(analysis.units(name) for line in table["kinds"].values() for name in line.split())


@given(st.text(st.characters(), max_size=600))
def test_nothing_that_is_typed_breaks_it(text: str) -> None:
    plain = analysis.plain(text)
    assert analysis.plain(plain) == plain
    read, asked = analysis.read(text), analysis.ask(text, lambda _unit: True)
    assert len(read.trace) <= 4 * (MOST_UNITS + 2 * MOST_SENSES)
    assert len(asked.units) <= MOST_ASKED
    assert all(0 <= start < end <= len(asked.units) for start, end in asked.words)
    assert asked.empty == (not asked.words)


@given(
    st.lists(st.sampled_from(["旗舰店", "卡片机", "SK-II", "a7m4", "🎀", "‮", "\x00", "谷子", " AND ", '"', "(", "*:"]))
)
def test_hostile_syntax_is_only_text(pieces: list[str]) -> None:
    read = analysis.read("".join(pieces))
    assert all(
        term.strip() and "\x00" not in term for terms in read.fields.values() for term in terms.split(" ") if terms
    )


def test_a_phrase_sounds_as_pinyin_reads_it_whole() -> None:
    """Its pieces are read from memory; reading it at once says the same."""
    titles = [row[1] for row in listings.rows(60, seed=9)] + [
        "重庆火锅 长袖 iPhone 15 Pro",
        "行长在银行 256g",
        "〇号〡ㄅ",
    ]
    told = {term for title in titles for term in phrases.of(analysis.read(title))}
    names = {term.split(phrases.MARK)[2] for term in told}
    assert len(names) > 100
    for name in names:
        plain = analysis.plain(name)
        spelled = "".join(lazy_pinyin(plain)).replace(" ", "")
        short = "".join(lazy_pinyin(plain, style=Style.FIRST_LETTER)).replace(" ", "")
        said = {plain, spelled, short} if any("㐀" <= letter <= "鿿" for letter in plain) else {plain}
        assert {f"{one}{phrases.MARK}words{phrases.MARK}{name}{phrases.MARK}" for one in said} <= told, name


@pytest.mark.parametrize(
    ("title", "owner"),
    [
        ("佳能相机包", {"相", "机"}),  # all of an accessory's name but its last word
        ("手表表带", {"手", "表"}),  # and the thing named right before it
        ("掌机底座 黑", {"掌", "机", "底"}),
        ("佳能相机包邮", set()),  # no bag at all
        ("佳能相机 包装齐全", set()),
        ("佳能相机", set()),
    ],
)
def test_what_only_owns_an_accessory_is_marked(title: str, owner: set[str]) -> None:
    parts, read = analysis.units(title), analysis.read(title)
    codes = struct.unpack(f"<{len(read.trace) // 4}I", read.trace)[: len(parts)]
    marked = {part for part, number in zip(parts, codes, strict=True) if number & analysis.OWNER}
    assert marked == owner
    assert [number & ~analysis.OWNER for number in codes] == [analysis.code(part) for part in parts]


def test_what_is_given_along_makes_no_accessory_of_a_title() -> None:
    assert lexicon.ACCESSORY in analysis.read("佳能 相机包").fields["kinds"].split()
    assert lexicon.ACCESSORY not in analysis.read("佳能相机 送相机包").fields["kinds"].split()


def test_what_a_thing_is_filed_under_says_its_sort_when_it_is_one_name() -> None:
    assert "相机" in analysis.read("老蛙 广角附加镜", "相机").fields["kinds"].split()
    assert analysis.read("胶卷收纳册", "手机数码").fields == analysis.read("胶卷收纳册").fields
    assert "相机" not in analysis.read("皮质相机背带", "相机").fields["kinds"].split()  # an accessory is none

"""What the rules find, what they let pass, and where they stand in the way."""

import pytest

from tests.build import a_seller
from xianji.domains import items, notes
from xianji.domains.screening import SCREENED_OUT, check_text, judge, rules
from xianji.kernel.db import Database
from xianji.kernel.errors import Refusal
from xianji.kernel.money import Money
from xianji.kernel.words import sentence
from xianji.kernel.work import SYSTEM


def met(text: str, category: str | None = None) -> list[tuple[str, str]]:
    return [(finding.rule, finding.matched) for finding in judge(text, category)]


def test_every_class_has_rules_and_every_term_is_found() -> None:
    book = rules()
    assert sorted({rule.class_number for rule in book.rule}) == list(range(1, 17))
    assert len({rule.id for rule in book.rule}) == len(book.rule)
    for rule in book.rule:
        for term in rule.terms:
            assert (rule.id, term) in met(f"出 {term}，便宜"), term
        for word in rule.exceptions:
            assert rule.id not in [name for name, _ in met(f"出{word}，便宜")], word


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("高 仿 包", [("replica", "高 仿")]),
        ("高★仿包", [("replica", "高★仿")]),
        ("Ａ货表", [("replica", "Ａ货")]),
        ("高訪包", [("replica", "高訪")]),
        ("收 USDT", [("gambling-and-money", "USDT")]),
        ("电子煙", [("tobacco", "电子煙")]),
        ("说得高。仿佛昨日", []),
        ("NVA货架", []),
        ("象牙白的杯子", []),
        ("象牙白的杯子和象牙筷", [("wildlife", "象牙")]),
        ("微笑气质裙", []),
        ("老香烟广告画", []),
        ("高\u200b仿包", [("replica", "高\u200b仿")]),
        ("高亻方包", [("replica", "高亻方")]),
        ("а货手袋", [("replica", "а货")]),
        ("Ⓐ貨", [("replica", "Ⓐ貨")]),
        ("gao仿手表", [("replica", "gao仿")]),
        ("电子yan", [("tobacco", "电子yan")]),
        ("出 WX 号", [("papers-and-accounts", "出 WX 号")]),
        ("1：1复刻鞋", [("replica", "1：1复刻")]),
        ("微信转我", [("pay-elsewhere", "微信转我")]),
    ],
)
def test_tricks_and_everyday_words(text: str, expected: list[tuple[str, str]]) -> None:
    assert met(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "乔丹11复刻 43码", "AJ 11复刻", "第11复刻版画册", "想走私下聊也行，但付款走平台", "刷单词用的卡片机",
        "电动牙刷单支",
        "大象牙签筒", "给对象牙套盒", "宝宝小象牙胶", "A货架和B货架一起出", "拇指虎口护腕", "放假证明照着写的模板",
        "办证大厅旁边自提", "狗狗已办证", "洗车气枪配件", "火警用的锤子", "严禁书写的提示牌", "防雷管 十只",
        "没有香烟味", "檀香烟熏炉", "出土文物图录一套", "虎骨架拼装模型", "比安眠药还管用的枕头", "张伟哥哥送的杯子",
        "请不要私下转账，都走平台", "gf送的包", "wxx 牌水杯号码 3", "GF 系列胶片", "高方桌", "高仿真娃娃",
    ],
)  # fmt: skip
def test_everyday_sentences_are_not_in_the_way(text: str) -> None:
    assert met(text) == []


def test_collectors_are_not_in_the_way() -> None:
    assert met("八十年代香烟壳一套") == [("tobacco", "香烟")]
    assert met("八十年代香烟壳一套", "fandom") == []
    assert check_text("普通的书桌") == []


async def test_a_blocked_thing_is_refused_with_rule_part_and_remedy(database: Database) -> None:
    seller = await a_seller(database)
    with pytest.raises(Refusal) as refused:
        async with database.work(seller) as work:
            await items.publish_item(work, items.NewItem("高 仿 手表", Money(100)))
    assert refused.value.code is SCREENED_OUT
    assert (refused.value.facts["rule"], refused.value.facts["matched"]) == ("replica", "高 仿")
    said = sentence(refused.value, "zh"), sentence(refused.value, "en")
    assert said[0] == "“高 仿”不能在这里出现，请删掉或改写（规则 replica）。觉得拦错了，可以向站方申诉。"
    assert refused.value.facts["zh"] == "仿冒的东西不能卖；是正品就写明来处，别用这样的字眼。"
    assert "rule replica" in said[1]
    async with database.work(seller) as work:
        draft = await items.publish_item(work, items.NewItem("高仿手表", Money(100), draft=True))
        item = await items.publish_item(work, items.NewItem("手表", Money(100)))
    for verb in (
        lambda work: items.take_from_draft(work, draft),
        lambda work: items.edit_item(work, item, items.EditItem(1, description="支持过验货")),
        lambda work: notes.publish_note(work, notes.NewNote(title="求一只高仿包", kind="wanted")),
    ):
        with pytest.raises(Refusal) as refused:
            async with database.work(seller) as work:
                await verb(work)
        assert refused.value.code is SCREENED_OUT
    async with database.work(seller) as work:
        results = await items.publish_many(work, [items.NewItem("弹簧刀", Money(1)), items.NewItem("书", Money(1))])
    assert [(row.code, row.item is None) for row in results] == [("screened_out", True), (None, False)]
    async with database.look(SYSTEM) as look:
        rows = await look.db.fetch("select title, state, version from items order by id")
        assert await look.db.fetchval("select count(*) from notes") == 0
    assert sorted(map(tuple, rows)) == [("书", "live", 1), ("手表", "live", 1), ("高仿手表", "draft", 1)]


async def test_people_may_warn_of_fakes_but_not_offer_accounts(database: Database) -> None:
    member = await a_seller(database)
    async with database.work(member) as work:
        note = await notes.publish_note(work, notes.NewNote(title="小心，这家卖高仿", kind="warning"))
        await notes.add_comment(work, note, notes.NewComment(body="我也买到过高仿"))
    with pytest.raises(Refusal) as refused:
        async with database.work(member) as work:
            await notes.add_comment(work, note, notes.NewComment(body="长期出 微 信 号，实名手机号也有"))
    assert refused.value.facts["matched"] in ("出 微 信 号", "实名手机号")
    async with database.look(SYSTEM) as look:
        assert await look.db.fetchval("select count(*) from comments") == 1


async def test_a_held_thing_waits_for_a_person(database: Database) -> None:
    seller = await a_seller(database)
    async with database.work(seller) as work:
        held = await items.publish_item(work, items.NewItem("日抛美瞳两盒", Money(100)))
        shown = await items.publish_item(work, items.NewItem("美瞳盒", Money(100)))
    async with database.work(SYSTEM) as work:
        states = await work.db.fetch("select id, state from items")
        await items.pass_screening(work, held, "sealed")
    assert {row["id"]: row["state"] for row in states} == {held: "screening", shown: "live"}
    async with database.look(SYSTEM) as look:
        assert await look.db.fetchval("select state from items where id = $1", held) == "live"


async def test_a_member_may_ask_for_a_second_look_a_few_times_a_day(database: Database) -> None:
    seller = await a_seller(database)
    wish = items.NewItem("高仿手表，电影道具", Money(100), second_look=True)
    for _ in range(5):
        async with database.work(seller) as work:
            item = await items.publish_item(work, wish)
    with pytest.raises(Refusal) as refused:
        async with database.work(seller) as work:
            await items.publish_item(work, wish)
    assert refused.value.code.name == "too_many_requests"
    async with database.work(seller) as work:  # what no rule blocks costs no second look
        plain = await items.publish_item(work, items.NewItem("手表", Money(100), second_look=True))
    async with database.look(seller) as look:
        page = await items.item_page(look, item)
        assert (page.state, page.why) == ("screening", "replica")
        assert (await items.item_page(look, plain)).state == "live"
        assert await look.db.fetchval("select count(*) from items") == 6

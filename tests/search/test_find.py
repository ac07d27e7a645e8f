from tests.items.build import a_member, an_item, thing
from xianji.domains import search
from xianji.kernel.work import NOBODY


async def ids(bench, actor=NOBODY, cursor=None, limit=24, **wish):
    async with bench.database.look(actor) as look:
        found = await search.find(look, bench.reader, search.Ask(**wish), cursor, limit)
    return [card.id for card in found.items]


async def found(bench, actor=NOBODY, cursor=None, limit=24, **wish):
    async with bench.database.look(actor) as look:
        return await search.find(look, bench.reader, search.Ask(**wish), cursor, limit)


async def test_a_thing_is_found_by_its_words(database, bench) -> None:
    lin = await a_member(database, "lin")
    desk = await an_item(database, lin, thing("折叠书桌"))
    await an_item(database, lin, thing("佳能CCD相机"))
    await bench.catch_up()
    assert await ids(bench, text="书桌") == [desk]
    assert await ids(bench, text="shuzhuo") == [desk]
    print(await found(bench, text="书桌"))
    print(await found(bench, text="冰箱"))
    async with database.look(NOBODY) as look:
        print(search.suggest(look, bench.reader, "shu"), search.suggest(look, bench.reader, "卖"))
    assert (await found(bench, text="")).count == 2

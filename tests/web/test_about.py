"""The public pages say what the configuration says."""

from xianji.kernel import config
from xianji.kernel.work import SYSTEM


async def test_rules_follow_the_configuration(visitor, database) -> None:  # type: ignore[no-untyped-def]
    assert "30 分钟" in (await visitor.get("/rules", headers={"accept-language": "zh"})).text
    async with database.work(SYSTEM) as work:
        await config.set_value(work, "orders.pay_minutes", 45, "节日")
    database.book.forget()
    assert "45 分钟" in (await visitor.get("/rules", headers={"accept-language": "zh"})).text
    for path in ("/fees", "/safety", "/open", "/robots.txt"):
        assert (await visitor.get(path)).status_code == 200

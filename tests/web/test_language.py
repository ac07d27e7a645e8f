"""A visitor without an account chooses the language and stays on the page."""

import httpx


async def test_the_choice_is_kept_and_leads_back(visitor: httpx.AsyncClient) -> None:
    before = (await visitor.get("/market?kind=sale")).text
    assert 'name="to" value="/market?kind=sale"' in before
    answer = await visitor.post("/language", data={"lang": "en", "to": "/market?kind=sale"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/market?kind=sale")
    assert '<html lang="en"' in (await visitor.get("/rules", headers={"accept-language": "zh"})).text
    await visitor.post("/language", data={"lang": "zh", "to": "/"})
    assert '<html lang="zh-CN"' in (await visitor.get("/rules", headers={"accept-language": "en"})).text


async def test_nobody_is_led_elsewhere_and_no_other_language_is_kept(visitor: httpx.AsyncClient) -> None:
    away = await visitor.post("/language", data={"lang": "en", "to": "//evil.example"})
    assert away.headers["location"] == "/"
    wrong = await visitor.post("/language", data={"lang": "xx"})
    assert (wrong.status_code, "set-cookie" in wrong.headers) == (422, False)

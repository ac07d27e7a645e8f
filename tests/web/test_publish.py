"""Writing a note with many things, with and without script; what is missing before one may sell."""

import io
import re
from typing import Any

from PIL import Image

from tests.build import an_id_number
from tests.media.conftest import film
from xianji.kernel import config
from xianji.kernel.work import NOBODY, SYSTEM

from .browse import a_seller_in_browser, csrf, in_browser


def a_picture(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (400, 300), colour).save(out, "JPEG")
    return out.getvalue()


async def test_without_script_pictures_come_with_the_form(site: Any, database: Any) -> None:
    browser = await a_seller_in_browser(site)
    form = {"title": "红碗", "price": "8", "_csrf_token": await csrf(browser)}
    done = await browser.post(
        "/publish", data=form, files={"media_files": ("bowl.jpg", a_picture("red"), "image/jpeg")}
    )
    assert done.status_code == 303, done.text
    seen = (await browser.get("/api/v1" + done.headers["location"])).json()
    assert len(seen["media"]) == 1
    refused = await browser.post(
        "/publish", data={**form, "price": "x"}, files={"media_files": ("bowl.jpg", a_picture("blue"), "image/jpeg")}
    )
    assert refused.status_code == 422
    assert 'name="media" value="med_' in refused.text
    broken = await browser.post("/publish", data=form, files={"media_files": ("bowl.jpg", b"no picture", "image/jpeg")})
    assert broken.status_code == 422
    assert "红碗" in broken.text


async def test_a_film_goes_up_with_the_note_and_plays_there(site: Any, database: Any) -> None:
    browser = await in_browser(site)
    form = {"title": "早市", "body": "人不多", "kind": "share", "_csrf_token": await csrf(browser)}
    sheet = (await browser.get("/publish/note")).text
    assert 'accept="image/*,video/mp4,video/quicktime"' in sheet
    made = await browser.post("/publish/note", data=form, files={"media_files": ("walk.mp4", film(), "video/mp4")})
    assert made.status_code == 303, made.text
    page = (await browser.get(made.headers["location"])).text
    found = re.search(r'<video class="gallery-film" src="([^"]+)" poster="([^"]+)"', page)
    assert found
    served = [(await browser.get(address)).headers["content-type"] for address in found.groups()]
    assert served == ["video/mp4", "image/webp"]


async def test_one_more_thing_keeps_what_was_typed(site: Any, database: Any) -> None:
    browser = await a_seller_in_browser(site)
    token = await csrf(browser)
    form = {
        "title": "出清",
        "body": "都要走",
        "kind": "stall",
        "items.0.title": "灯",
        "items.0.price": "5",
        "_csrf_token": token,
    }
    more = await browser.post("/publish/note/more", data=form)
    assert more.status_code == 200
    assert all(word in more.text for word in ('value="灯"', "都要走", 'name="items.1.title"'))
    assert 'name="items.1.title"' in (await browser.get("/publish/note/block", params={"n": 1})).text
    form |= {"items.3.title": "凳", "items.3.price": "0"}
    wrong = await browser.post("/publish/note", data=form)
    assert wrong.status_code == 422
    assert 'id="f-items.1.price-error"' in wrong.text
    done = await browser.post("/publish/note", data={**form, "items.3.price": "6.50"})
    assert done.status_code == 303
    async with database.look(NOBODY) as look:
        rows = await look.db.fetch("select title, price from items order by price")
    assert [tuple(row) for row in rows] == [("灯", 500), ("凳", 650)]


async def test_the_first_sheet_asks_for_the_real_name_and_loses_nothing(site: Any, database: Any) -> None:
    browser = await in_browser(site)
    assert 'action="/publish/first"' in (await browser.get("/publish")).text
    form = {"title": "想卖的书", "price": "5", "_csrf_token": await csrf(browser)}
    unnamed = await browser.post("/publish", data=form)
    assert (unnamed.status_code, "想卖的书" in unnamed.text, 'name="id_number"' in unnamed.text) == (403, True, True)
    wrong = await browser.post("/publish/first", data=form | {"name": "王小满", "id_number": "110101199001011234"})
    assert (wrong.status_code, 'id="f-id_number-error"' in wrong.text) == (422, True)
    proof = {"name": "王小满", "id_number": an_id_number()}
    dear = await browser.post("/publish/first", data=form | proof | {"price": "10000.01"})
    assert (dear.status_code, 'action="/publish"' in dear.text, "想卖的书" in dear.text) == (422, True, True)
    async with database.look(NOBODY) as look:
        assert await look.db.fetchval("select count(*) from items") == 0
    done = await browser.post("/publish/first", data=form | proof)
    assert done.status_code == 303
    async with database.look(NOBODY) as look:
        assert await look.db.fetchval("select state from items") == "live"


async def test_who_lacks_more_than_the_name_sees_all_that_is_missing(site: Any, database: Any) -> None:
    async with database.work(SYSTEM) as work:
        paths = [{"name": "all", "conditions": [{"kind": "verified"}, {"kind": "has_avatar"}]}]
        await config.set_value(work, "members.selling_paths", paths, "试试")
    database.book.forget()
    browser = await in_browser(site)
    assert "/sell-check" in (await browser.get("/publish")).text


async def test_the_questions_of_a_category_come_with_and_without_script(site: Any) -> None:
    browser = await a_seller_in_browser(site)
    asked = await browser.get("/publish/questions", params={"category": "cameras"})
    assert 'name="attributes.shutter_count"' in asked.text
    form = {"title": "相机", "category": "cameras", "_csrf_token": await csrf(browser)}
    stepped = await browser.post("/publish/step", data=form)
    assert 'name="attributes.shutter_count"' in stepped.text
    assert 'value="相机"' in stepped.text


async def test_many_pictures_make_many_things_once(site: Any, database: Any) -> None:
    browser = await a_seller_in_browser(site)
    token = await csrf(browser)
    files = [("media_files", (f"{colour}.jpg", a_picture(colour), "image/jpeg")) for colour in ("red", "green")]
    named = await browser.post("/publish/batch/name", data={"_csrf_token": token}, files=files)
    ids = re.findall(r'name="items\.\d\.media" value="(med_[a-z0-9]+)"', named.text)
    assert len(ids) == 2
    form = {"_csrf_token": token, "_key": "once", "items.0.media": ids[0], "items.0.title": "红", "items.0.price": "3"}
    form |= {"items.1.media": ids[1], "items.1.title": "绿", "items.1.price": "0"}
    for _ in range(2):
        told = await browser.post("/publish/batch", data=form)
        assert told.status_code == 200
        assert (told.text.count("已上架"), told.text.count("没有上架")) == (1, 1)
    async with database.look(NOBODY) as look:
        assert [row["title"] for row in await look.db.fetch("select title from items")] == ["红"]


async def test_a_table_by_form_answers_row_by_row(site: Any) -> None:
    browser = await a_seller_in_browser(site)
    table = "名称,价格\n伞,12\n坏,abc\n".encode()
    form = {"columns": "title=名称,price=价格"}
    told = await browser.post("/publish/import", data=form, files={"file": ("a.csv", table, "text/csv")})
    assert (told.text.count("已上架"), told.text.count("没有上架")) == (1, 1)
    wrong = await browser.post("/publish/import", data={"columns": "nonsense=1"}, files={"file": ("a.csv", table)})
    assert wrong.status_code == 422
    assert 'value="nonsense=1"' in wrong.text


async def test_a_thing_is_kept_as_a_draft_and_published_from_there(site: Any, visitor: Any) -> None:
    browser = await a_seller_in_browser(site)
    token = await csrf(browser)
    kept = await browser.post("/publish", data={"title": "旧相机", "price": "80", "draft": "on", "_csrf_token": token})
    item = kept.headers["location"]
    assert 'data-rate="0"' in (await browser.get("/publish")).text
    assert (await visitor.get(item)).status_code == 404
    assert item in (await browser.get("/drafts?shown=items")).text
    assert item not in (await browser.get("/drafts")).text
    assert (await browser.post(item + "/publish", data={"_csrf_token": token})).headers["location"] == item
    assert (await visitor.get(item)).status_code == 200
    assert item not in (await browser.get("/drafts?shown=items")).text


async def test_the_sheet_says_what_is_left_by_the_policy_in_force(site: Any, database: Any) -> None:
    async with database.work(SYSTEM) as work:
        policy = {"name": "six", "rate_ppm": 6000, "cap": 300}
        await config.set_value(work, "fees.policy", policy, "a fee for the test")
    database.book.forget()
    browser = await a_seller_in_browser(site)
    assert 'data-rate="6000" data-cap="300"' in (await browser.get("/publish")).text


async def test_an_edit_keeps_every_price_step_and_clears_place_and_serial(site: Any, database: Any) -> None:
    browser = await a_seller_in_browser(site)
    token = await csrf(browser)
    form = {"title": "手机", "price": "900", "serial": "490154203237518", "_csrf_token": token}
    form |= {"place.lat": "31.2", "place.lon": "121.4", "place_label": "徐汇"}
    for number in range(5):
        form |= {f"price_steps.{number}.at": f"2026-03-1{number}T10:00"}
        form |= {f"price_steps.{number}.price": str(800 - number)}
    made = await browser.post("/publish", data=form)
    assert made.status_code == 303, made.text
    item = made.headers["location"]
    sheet = (await browser.get(item + "/edit")).text
    assert all(f'name="price_steps.{number}.at" value="2026' in sheet for number in range(5))
    assert 'name="price_steps.5.at"' not in sheet
    keep = {"version": "1", "title": "手机", "price": "900", "place_label": "静安", "_csrf_token": token}
    assert (await browser.post(item + "/edit", data=keep)).status_code == 303
    async with database.look(NOBODY) as look:
        row = await look.db.fetchrow("select cell, place_label, serial_kind, version from items")
    assert (row["cell"] is not None, row["place_label"], row["serial_kind"]) == (True, "静安", "imei")
    clear = {**keep, "version": str(row["version"]), "clear_place": "1", "clear_serial": "1"}
    assert (await browser.post(item + "/edit", data=clear)).status_code == 303
    async with database.look(NOBODY) as look:
        row = await look.db.fetchrow("select cell, place_label, serial_kind, serial_digest from items")
    assert tuple(row) == (None, None, None, None)


async def test_a_thing_in_a_note_says_its_kind(site: Any, database: Any) -> None:
    browser = await a_seller_in_browser(site)
    form = {"title": "出清", "items.0.title": "书桌", "items.0.price": "50", "items.0.category": "furniture"}
    form |= {"items.0.condition": "used", "_csrf_token": await csrf(browser)}
    assert 'name="items.0.category"' in (await browser.get("/publish/note")).text
    assert (await browser.post("/publish/note", data=form)).status_code == 303
    async with database.look(NOBODY) as look:
        rows = await look.db.fetch("select title, category, condition from items")
    assert [tuple(row) for row in rows] == [("书桌", "furniture", "used")]


async def test_a_refused_stall_keeps_its_pictures(site: Any, database: Any) -> None:
    browser = await a_seller_in_browser(site)
    token = await csrf(browser)
    note = (await browser.post("/publish/note", data={"title": "来摆摊", "_csrf_token": token})).headers["location"]
    form = {"item.title": "红碗", "item.price": "贵", "_csrf_token": token}
    files = {"item.media_files": ("bowl.jpg", a_picture("red"), "image/jpeg")}
    refused = await browser.post(note + "/comments", data=form, files=files)
    assert refused.status_code == 422
    assert 'name="item.media" value="med_' in refused.text


async def test_a_things_category_asks_its_own_questions_in_its_block(site: Any, database: Any) -> None:
    browser = await a_seller_in_browser(site)
    form = {
        "title": "出清",
        "body": "都要走",
        "kind": "stall",
        "items.0.title": "手机",
        "items.0.price": "500",
        "items.0.category": "digital",
        "items.1.title": "凳",
        "items.1.price": "6",
        "_csrf_token": await csrf(browser),
    }
    asked = await browser.post("/publish/note/more", params={"room": 0}, data=form)
    names = re.findall(r'name="(items\.\d\.attributes\.\w+)"', asked.text)
    assert names
    assert all(name.startswith("items.0.") for name in names)
    assert 'name="items.2.title"' not in asked.text
    fragment = await browser.get("/publish/questions", params={"prefix": "items.7.", "items.7.category": "digital"})
    assert [name.replace("items.7.", "items.0.") for name in re.findall(r'name="([^"]+)"', fragment.text)] == names
    typed = form | {"items.0.attributes.storage": "128 GB", "items.0.shipping": "12"}
    done = await browser.post("/publish/note", data=typed)
    assert done.status_code == 303, done.text
    board = (await browser.get("/api/v1" + done.headers["location"])).json()["board"]["things"]
    first = (await browser.get(f"/api/v1/items/{board[0]['card']['id']}")).json()
    assert (first["category"], first["shipping"]["amount"]) == ("digital", 1_200)
    assert first["attributes"] == {"storage": {"value": "128", "unit": "GB"}}

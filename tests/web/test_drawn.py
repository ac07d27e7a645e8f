"""Whole pages kept with holes: drawn once for equal facts, holding nothing of a visitor, never stale."""

import gzip
import re
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.conftest import START, FakeClock
from xianji.web import drawn
from xianji.web.drawn import MARKS, Drawing, Drawings
from xianji.web.house import House

from .browse import a_seller, csrf, in_browser
from .conftest import browser, signed_in

ANN, BEA, SELLER = "13800138000", "13900139000", "13700137000"
LIST = "/?kind=sale"  # what was opened does not come again on the home tab


@pytest.fixture
async def host(site: Any) -> tuple[httpx.AsyncClient, dict[str, Any]]:
    """The seller everybody else comes to, and their session."""
    return await a_seller(site, SELLER)


@pytest.fixture
async def note(host: Any) -> str:
    """A note with a thing."""
    seller, _ = host
    thing = {"title": "台灯", "price": {"amount": 3000, "currency": "CNY"}}
    made = await seller.post(
        "/api/v1/notes", json={"kind": "sale", "title": "搬家", "body": "都要走", "items": [thing]}
    )
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def named(site: Any, phone: str, name: str) -> httpx.AsyncClient:
    client = await in_browser(site, phone)
    me = (await client.get("/api/v1/me")).json()
    token = await csrf(client, "/")
    answer = await client.patch(
        "/api/v1/me", json={"version": me["version"], "name": name}, headers={"x-csrftoken": token}
    )
    assert answer.status_code == 200, answer.text
    return client


async def thing_of(client: httpx.AsyncClient, note: str) -> str:
    found = (await client.get(f"/api/v1/notes/{note}")).json()
    return str(found["board"]["things"][0]["card"]["id"])


def times(house: House) -> int:
    return len(house.drawings._kept)


# --- one drawing for everybody whose facts are equal, with nothing of theirs in it --------------------------------


async def test_two_members_share_a_drawing_and_nothing_else(site: Any, house: House, note: str) -> None:
    ann, bea = await named(site, ANN, "安安"), await named(site, BEA, "贝贝")
    tokens = [await csrf(ann), await csrf(bea)]
    assert tokens[0] != tokens[1]
    for path in ("/", f"/notes/{note}", f"/items/{await thing_of(ann, note)}"):
        first = (await ann.get(path)).text
        before = times(house)
        second = (await bea.get(path)).text
        assert times(house) == before, "the second page was drawn anew"
        for mine, theirs, mark, other, token, wrong in (
            (first, second, "安", "贝", *tokens),
            (second, first, "贝", "安", *reversed(tokens)),
        ):
            assert f'<span class="face" aria-hidden="true">{mark}</span>' in mine
            assert f'<span class="face" aria-hidden="true">{other}</span>' not in mine
            assert (token in mine, wrong in mine, wrong in theirs) == (True, False, True)
        assert set(re.findall(r'name="_csrf_token" value="([^"]*)"', first)) == {tokens[0]}
        assert set(re.findall(r'name="_csrf_token" value="([^"]*)"', second)) == {tokens[1]}


async def test_nothing_of_anybody_is_in_what_is_kept(site: Any, house: House, note: str) -> None:
    ann = await named(site, ANN, "安安")
    me = (await ann.get("/api/v1/me")).json()
    for path in ("/", f"/notes/{note}", f"/items/{await thing_of(ann, note)}"):
        await ann.get(path)
    kept = [b"".join(drawing._parts) for drawing, _ in house.drawings._kept.values()]
    keys = [b"".join(part for part in key if isinstance(part, bytes)) for key in house.drawings._kept]
    assert len(kept) >= 3
    session = ann.cookies["xianji_session"].encode()
    for secret in ((await csrf(ann)).encode(), session, me["card"]["handle"].encode(), "安安".encode()):
        assert not [text for text in kept + keys if secret in text], secret


async def test_nobody_gets_no_token_and_no_face_after_a_member(site: Any, note: str) -> None:
    ann = await named(site, ANN, "安安")
    token = await csrf(ann)
    for path in ("/", f"/notes/{note}"):
        await ann.get(path)
        seen = (await browser(site).get(path)).text
        assert token not in seen
        assert 'class="face" aria-hidden="true">安' not in seen
        assert "/sign-out" not in seen
        assert 'href="/sign-in' in seen


async def test_every_form_has_a_key_of_its_own(site: Any, note: str) -> None:
    ann = await in_browser(site, ANN)
    keys = [re.findall(r'name="_key" value="([^"]+)"', (await ann.get(f"/notes/{note}")).text)[0] for _ in range(3)]
    assert len(set(keys)) == 3


async def test_what_waits_is_told_to_whom_it_waits_for(site: Any, host: Any, note: str) -> None:
    seller, session = host
    guest, _ = await a_seller(site, ANN)
    thing = {"title": "小凳", "price": {"amount": 900, "currency": "CNY"}}
    version = (await seller.get(f"/api/v1/notes/{note}")).json()["version"]
    edited = await seller.patch(f"/api/v1/notes/{note}", json={"version": version, "guest_stalls": "approve"})
    assert edited.status_code == 200, edited.text
    made = await guest.post(f"/api/v1/notes/{note}/comments", json={"body": "我也有", "item": thing})
    assert made.status_code == 201, made.text
    hosts, bea = await in_browser(site, session=session), await in_browser(site, BEA)
    for client, shown in ((hosts, 2), (bea, 0), (hosts, 2)):
        assert (await client.get("/")).text.count('<span class="count">1') == shown


async def test_language_theme_and_notice_belong_to_their_reader(site: Any) -> None:
    pages = {
        "zh": await browser(site).get("/"),
        "en": await browser(site).get("/", headers={"accept-language": "en"}),
        "dark": await browser(site).get("/", headers={"cookie": "theme=dark"}),
        "told": await browser(site).get("/?ok=saved"),
        "again": await browser(site).get("/"),
    }
    assert [name for name, page in pages.items() if '<html lang="en"' in page.text] == ["en"]
    assert [name for name, page in pages.items() if 'data-theme="dark"' in page.text] == ["dark"]
    assert [name for name, page in pages.items() if "保存好了" in page.text] == ["told"]
    assert pages["again"].text == pages["zh"].text


async def test_liked_and_saved_are_of_the_one_who_did_it(site: Any, note: str) -> None:
    ann, bea = await in_browser(site, ANN), await in_browser(site, BEA)
    for client in (ann, bea):
        await client.get(f"/notes/{note}")
    await ann.post(f"/notes/{note}/like", data={"_csrf_token": await csrf(ann)})
    await ann.post(f"/notes/{note}/save", data={"_csrf_token": await csrf(ann)})
    hers, theirs = (await ann.get(f"/notes/{note}")).text, (await bea.get(f"/notes/{note}")).text
    assert (f"/notes/{note}/unlike" in hers, f"/notes/{note}/unsave" in hers) == (True, True)
    assert (f"/notes/{note}/unlike" in theirs, f"/notes/{note}/unsave" in theirs) == (False, False)
    assert "喜欢，现有 1" in hers
    assert "喜欢，现有 1" in theirs


async def test_a_comment_is_mine_to_its_author_only(site: Any, note: str) -> None:
    ann, bea = await in_browser(site, ANN), await in_browser(site, BEA)
    await ann.post(f"/notes/{note}/comments", files={"body": (None, "还在吗"), "_csrf_token": (None, await csrf(ann))})
    hers, theirs = (await ann.get(f"/notes/{note}")).text, (await bea.get(f"/notes/{note}")).text
    assert ("还在吗" in hers, "还在吗" in theirs) == (True, True)
    removing = re.compile(rf"/notes/{note}/comments/cmt_\w+/remove")
    assert (bool(removing.search(hers)), bool(removing.search(theirs))) == (True, False)
    assert ("/report?subject=cmt_" in hers, "/report?subject=cmt_" in theirs) == (False, True)


async def test_the_seller_sees_the_handles_of_their_thing_alone(site: Any, host: Any, note: str) -> None:
    seller, ann = await in_browser(site, session=host[1]), await in_browser(site, ANN)
    path = f"/items/{await thing_of(ann, note)}"
    assert f'action="{path}/pause"' in (await seller.get(path)).text
    assert f'action="{path}/pause"' not in (await ann.get(path)).text
    assert f'href="{path}/buy"' in (await browser(site).get(path)).text


async def test_what_an_address_asks_of_market_and_board_is_of_that_address(site: Any, house: House, note: str) -> None:
    nobody = browser(site)
    narrow = (await nobody.get("/market?low=9000")).text
    assert ("台灯" in narrow, 'value="9000"' in narrow) == (False, True)
    wide = (await nobody.get("/market")).text
    assert ("台灯" in wide, 'value="9000"' in wide) == (True, False)
    dear = (await nobody.get(f"/notes/{note}?low=9000")).text
    assert ("没有合适的" in dear, "台灯" in dear) == (True, False)
    whole = (await nobody.get(f"/notes/{note}")).text
    assert ("没有合适的" in whole, "台灯" in whole) == (False, True)
    before = times(house)
    assert "这里写个数，比如 50" in (await nobody.get("/market?low=abc")).text
    assert times(house) == before, "what could not be read was kept"


async def test_nearest_first_asks_for_a_place_only_from_those_without_one(site: Any, note: str) -> None:
    placed = browser(site)
    assert (await placed.post("/here", data={"lat": "31.22", "lon": "121.45"})).status_code < 400
    assert placed.cookies["cell"]
    for path in ("/market?sort=near", f"/notes/{note}?sort=near"):
        for client, lost in ((browser(site), True), (placed, False), (browser(site), True)):
            assert ("还不知道你在哪儿" in (await client.get(path)).text) is lost


# --- never stale --------------------------------------------------------------------------------------------------


async def test_a_change_shows_at_once_to_everybody(site: Any, host: Any, note: str) -> None:
    seller, ann, nobody = await in_browser(site, session=host[1]), await in_browser(site, ANN), browser(site)
    path = f"/items/{await thing_of(ann, note)}"
    for client in (ann, nobody):
        assert "卖家暂时不卖了" not in (await client.get(path)).text
    await seller.post(f"{path}/pause", data={"_csrf_token": await csrf(seller)})
    for client in (ann, nobody):
        assert "卖家暂时不卖了" in (await client.get(path)).text
    await seller.post(f"{path}/remove", data={"_csrf_token": await csrf(seller)})
    for client in (ann, nobody):
        assert (await client.get(path)).status_code == 404


async def test_a_block_hides_at_once_from_the_blocked_alone(site: Any, host: Any, note: str) -> None:
    seller, _ = host
    _, anns = await signed_in(site, ANN)
    ann, bea = await in_browser(site, session=anns), await in_browser(site, BEA)
    for client in (ann, bea):
        assert (await client.get(f"/notes/{note}")).status_code == 200
        assert f"/notes/{note}" in (await client.get(LIST)).text
    blocked = await seller.post(f"/api/v1/members/{anns['member']['id']}/block")
    assert blocked.status_code < 300, blocked.text
    assert ((await ann.get(f"/notes/{note}")).status_code, (await bea.get(f"/notes/{note}")).status_code) == (404, 200)
    assert f"/notes/{note}" not in (await ann.get(LIST)).text
    assert f"/notes/{note}" in (await bea.get(LIST)).text


async def test_times_go_on_and_a_kept_page_is_drawn_anew_for_them(
    site: Any, house: House, note: str, clock: FakeClock
) -> None:
    nobody = browser(site)
    path = f"/notes/{note}"
    for seconds, words in ((0, "刚刚"), (59, "刚刚"), (1, "1 分钟前"), (59, "1 分钟前"), (1, "2 分钟前")):
        clock.move(seconds=seconds)
        assert f"data-ago>{words}</time>" in (await nobody.get(path)).text
    assert times(house) == 1


# --- packing ------------------------------------------------------------------------------------------------------


async def test_packed_and_plain_are_the_same_page(site: Any, note: str) -> None:
    ann = await in_browser(site, ANN)
    for client in (ann, browser(site)):
        for path in ("/", f"/items/{await thing_of(ann, note)}"):
            packed = await client.get(path, headers={"accept-encoding": "gzip"})
            plain = await client.get(path, headers={"accept-encoding": "identity"})
            assert (packed.headers["content-encoding"], "content-encoding" in plain.headers) == ("gzip", False)
            assert packed.text == plain.text
            assert int(packed.headers["content-length"]) < int(plain.headers["content-length"]) / 2
            assert packed.headers["vary"] == "accept-encoding"


def own(**given: str) -> dict[str, str]:
    return {**dict.fromkeys(drawn.HOLES, ""), **given}


def test_a_drawing_is_filled_plain_and_packed() -> None:
    text = f"<p>{MARKS['csrf_token']}</p>{'好' * 400}{MARKS['viewer_face']}{MARKS['csrf_token']}"
    drawing = Drawing(text, START)
    for given in (
        own(csrf_token="a-1"),
        own(csrf_token="a-2"),
        own(csrf_token="b" * 24, viewer_face="i"),
        own(csrf_token="b" * 3000, viewer_face="<b>甲</b>"),
        own(),
    ):
        whole = f"<p>{given['csrf_token']}</p>{'好' * 400}{given['viewer_face']}{given['csrf_token']}".encode()
        assert drawing.plain(given) == whole
        assert gzip.decompress(drawing.packed(given)) == whole
        assert drawing.packed(given) == drawing.packed(dict(given))


def test_what_is_alike_before_and_after_a_token_is_packed_once() -> None:
    """Parts refer to each other across a token, never to the token: any other one of its length fits in its place."""
    form = f'<form><input value="{MARKS["csrf_token"]}"><button>喜欢，现有 3</button></form>'
    drawing = Drawing(f"<header>{MARKS['viewer_face']}</header>" + form * 40, START)
    tokens = ["x" * 24, "<form><input value=喜欢", "qwertyuiopasdfghjklzxcvb"]
    for token in tokens:
        given = own(csrf_token=token, viewer_face="<b>甲</b>")
        assert gzip.decompress(drawing.packed(given)) == drawing.plain(given)
    alone = len(gzip.compress(form.encode())) + 40 * (len(tokens[0]) + 30)
    assert len(drawing.packed(own(csrf_token=tokens[0]))) < alone


def test_the_length_of_a_packed_page_says_nothing_of_a_token() -> None:
    drawing = Drawing(f"csrf=abcdefgh{'x' * 2000}{MARKS['csrf_token']}", START)
    assert len(drawing.packed(own(csrf_token="abcdefgh"))) == len(drawing.packed(own(csrf_token="q7w8e9r1")))


def test_a_template_that_looks_into_a_hole_is_a_mistake() -> None:
    with pytest.raises(AssertionError, match="looked into a hole"):
        Drawing(MARKS["csrf_token"].upper().replace("[", "(").lower(), START)


def test_what_is_longest_unused_is_forgotten_when_room_runs_out() -> None:
    """A drawing of 1,000 bytes counts twice, for it is kept packed too; its key of one letter counts once."""
    later = START + timedelta(hours=1)
    drawings = Drawings(most_bytes=4002)
    for name in "ab":
        drawings.keep((name,), Drawing("x" * 1000, later))
    assert drawings.find(("a",), START) is not None
    drawings.keep(("c",), Drawing("x" * 1000, later))
    assert [name for name in "abc" if drawings.find((name,), START)] == ["a", "c"]
    drawings.keep(("d", b"y" * 2000), Drawing("x" * 1000, later))
    assert [key for key in (("a",), ("c",), ("d", b"y" * 2000)) if drawings.find(key, START)] == [("d", b"y" * 2000)]
    assert drawings._bytes == 4001
    assert drawings.find(("d", b"y" * 2000), later) is None
    assert drawings._bytes == 0

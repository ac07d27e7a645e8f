"""Whatever people write is shown as words: nothing runs, nothing leads where it does not say, nothing is altered."""

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest

from xianji.kernel.work import NOBODY

from .browse import a_seller
from .conftest import signed_in

HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)>",
    'https://evil.example/"onmouseover="alert(3)',
    "javascript:alert(4) data:text/html,<b>x</b> //evil.example HTTPS://EVIL.example",
    "#<svg/onload=alert(5)> @<b>x</b> #话题{{7*7}} %(title)s {title}",
    "https://a.example/路?x=<y>&z='\"#片段",
    "zero\u200bwidth\u200djoin and \u0627\u0644\u0633\u0639\u0631 5",
    "哈" * 900,
    "W" * 900,
    "🧑‍🤝‍🧑" * 100,
)


class Seen(HTMLParser):
    """Elements that could run or lead somewhere, and the text of `.prose`."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.outside: list[dict[str, str | None]] = []
        self.prose: list[str] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = dict(attrs)
        self.wrong += [f"{tag} {name}" for name in facts if name.startswith("on")]
        if tag == "script" and not facts.get("src", "").startswith("/assets/"):  # type: ignore[union-attr]
            self.wrong.append("script")
        href = facts.get("href") or ""
        if tag == "a" and "://" in href and not href.startswith("http://xianji.test/"):
            self.outside.append(facts)
        if re.match(r"\s*(javascript|data|vbscript):", href, re.IGNORECASE):
            self.wrong.append(href)
        if tag == "p" and facts.get("class") == "prose":
            self.inside = True
            self.prose.append("")

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "p"

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.prose[-1] += data


def read(page: str) -> Seen:
    seen = Seen()
    seen.feed(page)
    return seen


@pytest.mark.parametrize("text", HOSTILE)
async def test_notes_comments_and_things_are_shown_as_written(site: Any, visitor: httpx.AsyncClient, text: str) -> None:
    seller, _ = await a_seller(site)
    thing = {"title": text[:60], "description": text, "price": {"amount": 100, "currency": "CNY"}}
    made = await seller.post(
        "/api/v1/notes", json={"title": text[:40], "body": text, "kind": "share", "items": [thing]}
    )
    assert made.status_code == 201, made.text
    note, item = made.json()["id"], made.json()["board"]["things"][0]["card"]["id"]
    said = await seller.post(f"/api/v1/notes/{note}/comments", json={"body": text[:1000]})
    assert said.status_code == 201, said.text
    assert "".join(part["text"] for part in made.json()["segments"]) == text
    for path, times in ((f"/notes/{note}", 2), (f"/items/{item}", 1)):
        page = await visitor.get(path)
        seen = read(page.text)
        assert seen.wrong == []
        assert seen.prose == [text] * times
        assert "default-src 'self'" in page.headers["content-security-policy"]
        for link in seen.outside:
            assert link["href"] in (unescape(text) + " " + text)
            assert set(str(link["rel"]).split()) >= {"nofollow", "noopener", "ugc"}
    for path in ("/", "/market"):
        assert read((await visitor.get(path)).text).wrong == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("价格 \u202e 99 元", "text_turns_direction"),
        ("\u2066\u2067", "text_turns_direction"),
        ("\u200b\u200d\ufeff\u3164", "comment_empty"),
        ("e" + "\u0301" * 7, "text_stacks_marks"),
        (" ".join(f"#t{n}" for n in range(11)), "too_many_topics"),
    ],
)
async def test_what_plays_with_the_reader_is_refused(site: Any, body: str, code: str) -> None:
    host, _ = await signed_in(site)
    note = (await host.post("/api/v1/notes", json={"title": "聊聊", "body": "都行"})).json()["id"]
    answer = await host.post(f"/api/v1/notes/{note}/comments", json={"body": body})
    assert answer.json()["code"] == code
    assert (await host.get(f"/api/v1/notes/{note}/comments")).json()["items"] == []


async def test_ten_thousand_topics_are_refused_at_once(site: Any, database: Any) -> None:
    host, _ = await signed_in(site)
    topics = "".join(f"#{n}" for n in range(3_000))
    for body in (topics, topics[:3_000], "#" * 3_000, "@a" * 1_500):
        answer = await host.post("/api/v1/notes", json={"title": "话题", "body": body})
        assert answer.status_code in (201, 422)
        if answer.status_code == 422:
            assert answer.json()["code"] in ("text_too_long", "too_many_topics")
    async with database.look(NOBODY) as look:
        assert await look.db.fetchval("select count(*) from topics") <= 10


async def test_a_name_nobody_can_see_is_no_name(site: Any) -> None:
    seller, _ = await a_seller(site)
    thing = {"title": "\u200b\u3164\ufeff", "price": {"amount": 100, "currency": "CNY"}}
    answer = await seller.post("/api/v1/items", json=thing)
    assert (answer.status_code, answer.json()["code"]) == (422, "text_empty")
    made = await seller.post("/api/v1/items", json=thing | {"title": "\ufeff 台灯\u200b"})
    assert made.json()["title"] == "台灯"

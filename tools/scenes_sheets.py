"""The sheets for `tools/scenes.py` that only show after something was typed: refused forms, results, codes, the page of
somebody suspended. A screen of these has steps: `look.py` goes to its path, takes them, and looks then.
"""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scenes_trade import a_photo

if TYPE_CHECKING:
    from scenes import Person

SUSPENDED, APPEALED = "+8613700000002", "+8613700000003"
TABLE = """title,price,stock,condition,category
宜家白色书架 80 × 28,120,1,used,furniture
,35,1,,
三脚架,很便宜,1,,
一箱旧书,60,0,,
露营椅两把,180,2,used,sports
仿品名牌包,900,1,,
"""
GO = ["press", "main form .btn-primary >> visible=true", ""]


def circle(host: Person) -> str:
    """A circle of this host, with rules that were changed once; returns its address."""
    slug = f"lamps-{host.browser.get('/api/v1/circles').elapsed.microseconds}"
    typed = {"name": "台灯与夜读", "kind": "interest", "slug": slug, "description": "晚睡的人交换灯和书。"}
    host.press("/circles/new", **typed)
    made = f"/circles/{host.browser.get(f'/api/v1/circles/{slug}').json()['id']}"
    rules = {
        "house_rules": "好好说话，不催不骂\n灯泡瓦数写清楚",
        "who_posts": "members",
        "kinds_welcome": ["share", "sale"],
    }
    rules |= {"commercial_share": "60", "guest_stalls": "approve", "reason": "大家说想多看看夜读笔记"}
    host.press(f"{made}/rules", **rules)
    return made


def made(address: str, folder: Path, people: dict[str, Person]) -> list[dict[str, Any]]:
    """Bring the people into these states; returns the screens."""
    person = type(people["seller"])
    for phone in (SUSPENDED, APPEALED):
        suspend(people["operator"], person(address).come_in(phone))
    appeal(person(address), APPEALED)
    desk = people["operator"].browser
    cases = re.findall(r"/console/cases/cse_\w+", desk.get("/console").text)
    open_case = next(case for case in cases if 'name="verb"' in desk.get(case).text)
    return plan(folder, circle(people["seller"]), open_case)


def appeal(suspended: Person, phone: str) -> None:
    """Somebody who may not sign in finds it wrong; a code is sent again after a minute only."""
    time.sleep(61)
    suspended.browser.post("/sign-in/code", data={"phone": phone})
    page = suspended.browser.post("/sign-in", data={"phone": phone, "code": "000000"}).text
    token = re.search(r'name="appeal_pass" value="([^"]+)"', page)
    form = re.search(r'name="_csrf_token" value="([^"]*)"', page)
    assert token, page[:300]
    data = {
        "appeal_pass": token[1],
        "text": "账号借给表弟用了一晚，已经改了密码。",
        "_csrf_token": form[1] if form else "",
    }
    assert suspended.browser.post("/auth/appeals", data=data).status_code == 303


def suspend(operator: Person, newcomer: Person) -> None:
    """This member may not sign in for a week."""
    typed = {
        "member": newcomer.browser.get("/api/v1/me").json()["card"]["id"],
        "kind": "sign_in",
        "rule": "R5",
        "days": "7",
    }
    typed |= {"reason": "一天里在三十多篇笔记下留了同样的广告。", "evidence": "晚上八点到九点，九条一样的评论。"}
    operator.press("/console/members/restrict", **typed)


def _typed(**fields: str) -> list[list[str]]:
    return [["fill", f"[name='{name}']", value] for name, value in fields.items()]


def _enter(phone: str, code: str = "000000") -> list[list[str]]:
    return [*_typed(phone=phone), GO, ["code", "[name='code']", code]]


def _named(*things: tuple[str, str]) -> list[list[str]]:
    return [
        step
        for at, (title, price) in enumerate(things)
        for step in _typed(**{f"items.{at}.title": title, f"items.{at}.price": price})
    ]


def plan(folder: Path, circle: str, case: str) -> list[dict[str, Any]]:
    """Screens with their steps; `folder` keeps the files that are picked."""
    table, photo = folder / "things.csv", folder / "photo.jpg"
    table.write_text(TABLE, "utf-8")
    photo.write_bytes(a_photo()[1])
    pictures = ["files", "[data-upload] input[type=file]", f"{photo}|{photo}|{photo}"]
    wait = ["wait", "[data-upload-tile][data-state=done] >> nth=2", ""]
    named = _named(("小台灯", "45"), ("一摞旧书", "30"), ("三脚架", "88"))
    wrong = _typed(title="", price="88888888")
    moved, unsure = _typed(phone="13700000009"), [*_typed(code="123456"), ["code", "[name=old_code]", "123456"]]
    refused = [["press", "form[action$=restrict] button", ""]]
    account = _typed(account="zhanzhang", password="不是这个密码")
    minutes = "/console/config/orders.pay_minutes"
    rows: list[tuple[str, str, str, list[list[str]]]] = [
        ("sheet-import", "seller", "/publish/import", [["files", "[name=file]", str(table)]]),
        ("sheet-import-none", "seller", "/publish/import", [["files", "[name=file]", str(photo)], GO]),
        ("sheet-import-done", "seller", "/publish/import", [["files", "[name=file]", str(table)], GO]),
        ("sheet-publish-wrong", "seller", "/publish", [*wrong, GO]),
        ("sheet-note-wrong", "seller", "/publish/note", [GO]),
        ("sheet-batch", "seller", "/publish/batch", [pictures, wait, GO]),
        ("sheet-batch-wrong", "seller", "/publish/batch", [pictures, wait, GO, *named[:3], GO]),
        ("sheet-batch-done", "seller", "/publish/batch", [pictures, wait, GO, *named, GO]),
        ("sheet-suspended", "nobody", "/sign-in", _enter(SUSPENDED)),
        ("sheet-appealed", "nobody", "/sign-in", _enter(APPEALED)),
        ("sheet-phone", "buyer", "/settings/phone", moved),
        ("sheet-phone-codes", "buyer", "/settings/phone", [*moved, GO]),
        ("sheet-phone-wrong", "seller", "/settings/phone", [*_typed(phone="13700000019"), GO, *unsure]),
        ("sheet-code", "nobody", "/sign-in", [*_typed(phone="13700000011"), GO]),
        ("sheet-code-wrong", "nobody", "/sign-in", _enter("13700000012", "123456")),
        ("sheet-sign-in-wrong", "nobody", "/sign-in", [*_typed(phone="12"), GO]),
        ("sheet-password-wrong", "nobody", "/sign-in/password", [*account, GO]),
        ("sheet-verify-wrong", "newcomer", "/verify", [*_typed(name="林夕", id_number="110101199003070000"), GO]),
        ("circle-edit", "seller", f"{circle}/edit", []),
        ("circle-edit-wrong", "seller", f"{circle}/edit", [*_typed(name=""), GO]),
        ("circle-rules", "seller", f"{circle}/rules", []),
        ("circle-rules-edit", "seller", f"{circle}/rules/edit", []),
        ("circle-rules-wrong", "seller", f"{circle}/rules/edit", [*_typed(commercial_share="900"), GO]),
        ("desk-case", "operator", case, []),
        ("desk-case-wrong", "operator", case, [["press", "main button[value]", ""]]),
        ("desk-member-wrong", "operator", "/console/members?q=linxi_packs", refused),
        ("desk-setting-wrong", "operator", minutes, [*_typed(value='"ten"', reason="试"), GO]),
        ("desk-policy", "operator", "/console/config/fees.policy", []),
    ]  # fmt: skip
    return [dict(zip(("name", "who", "path", "steps"), row, strict=True)) for row in rows]

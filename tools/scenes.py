"""Brings a running demo into the states a screen is rarely seen in: orders of every state, a report decided, an empty
newcomer, a refused form. Everything is done through the pages and the API, as people would.

    python tools/scenes.py http://127.0.0.1:8000 scenes.json [an operator's one-time password [and handle]]

The file then says who (cookies) sees what (name, path), for `tools/look.py`.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import httpx
import pyotp
import scenes_sheets
import scenes_trade

SELLER, BUYER, ASKER, NEWCOMER = "+8613800138000", "+8613800138005", "+8613800138006", "+8613700000001"
SELLER_PAGE = "/u/linxi_packs"
PASSWORD = "灯塔照着晚风和纸船 9"
PLAIN = {
    "home": "/",
    "nearby": "/?tab=nearby",
    "following": "/?tab=following",
    "market": "/market",
    "circles": "/circles",
    "profile": SELLER_PAGE,
    "rules": "/rules",
    "fees": "/fees",
    "safety": "/safety",
    "open": "/open",
    "api": "/api/v1",
    "sign-in": "/sign-in",
    "sign-in-password": "/sign-in/password",
    "gone": "/items/itm_00000000000000000000000000",
    "sign-in-first": "/orders",
}
MINE = {
    "me": "/me",
    "messages": "/messages",
    "orders": "/orders",
    "money": "/money",
    "saved": "/saved",
    "drafts": "/drafts",
    "cases": "/me/cases",
    "reports": "/me/reports",
    "settings": "/settings",
    "security": "/settings/security",
    "sessions": "/settings/sessions",
    "privacy": "/settings/privacy",
    "addresses": "/settings/addresses",
    "address-new": "/settings/addresses/new",
    "blocks": "/settings/blocks",
    "verify": "/verify",
    "sell-check": "/sell-check",
    "publish": "/publish",
    "publish-note": "/publish/note",
    "publish-batch": "/publish/batch",
    "publish-import": "/publish/import",
}
DESK = {
    "desk": "/console",
    "desk-members": "/console/members?q=linxi",
    "desk-config": "/console/config",
    "desk-setting": "/console/config/orders.pay_minutes",
    "desk-audit": "/console/audit",
    "desk-machine": "/console/machine",
}


class Person:
    """Somebody with a browser."""

    def __init__(self, address: str) -> None:
        self.browser = httpx.Client(base_url=address, timeout=60, trust_env=False)
        self.token: dict[str, str] = {}
        self.header: dict[str, str] = {}

    def come_in(self, phone: str) -> Person:
        """By phone code."""
        self.browser.post("/sign-in/code", data={"phone": phone})
        came = self.browser.post("/sign-in", data={"phone": phone, "code": "000000"})
        assert came.status_code == 303, came.text[:300]
        return self.settle()

    def settle(self) -> Person:
        """Remember the token of our own forms."""
        found = re.search(r'name="csrf" content="([^"]+)"', self.browser.get("/").text)
        assert found
        self.token, self.header = {"_csrf_token": found[1]}, {"x-csrftoken": found[1]}
        return self

    def press(self, path: str, **typed: Any) -> str:
        """Send a form; returns where it leads."""
        answer = self.browser.post(path, data=self.token | typed)
        assert answer.status_code == 303, (path, answer.status_code, re.sub(r"<[^>]+>|\s+", " ", answer.text)[-600:])
        return str(answer.headers["location"])

    def cookies(self) -> list[dict[str, str]]:
        """As Playwright takes them."""
        base = str(self.browser.base_url).rstrip("/")
        return [{"name": one.name, "value": one.value or "", "url": base} for one in self.browser.cookies.jar]


def buy(buyer: Person, item: str, handover: str) -> str:
    """An order that is not paid yet; returns its address."""
    fresh = {"fresh.name": "木木", "fresh.phone": "13800138003", "fresh.lines.province": "北京市"}
    fresh |= {
        "fresh.lines.city": "北京市",
        "fresh.lines.district": "通州区",
        "fresh.lines.detail": "九棵树东路 12 号院 3-402",
    }
    typed = {"handover": handover, "quantity": "1"} | ({"address": "new"} | fresh if handover == "ship" else {})
    return buyer.press(f"{item}/buy", **typed)


def pay(buyer: Person, order: str) -> None:
    """On the provider's own page; the way back asks the provider when its callback is slow."""
    away = buyer.press(f"{order}/payment")
    page = httpx.get(away, timeout=60, trust_env=False).text
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    httpx.post(away, data=hidden | {"result": "success"}, timeout=60, trust_env=False)
    for _ in range(50):
        if buyer.browser.get(f"{order}/paid").status_code == 303:
            return
    raise AssertionError("the payment did not arrive")


def things(seller: Person) -> tuple[str, list[str]]:
    """The note with most things of this seller, and eight things like those on it, put out for the scenes."""
    notes = set(re.findall(r"/notes/(nte_\w+)", seller.browser.get(f"{SELLER_PAGE}/notes").text))
    boards = {note: seller.browser.get(f"/api/v1/notes/{note}").json()["board"]["things"] for note in notes}
    note = max(boards, key=lambda one: len(boards[one]))
    made = []
    for card in [thing["card"] for thing in boards[note]][:9]:
        wish = {"title": card["title"], "price": {"amount": 12_900, "currency": "CNY"}, "handover": ["meet", "ship"]}
        wish |= {"condition": card["condition"], "media": [card["picture"]["id"]] if card["picture"] else []}
        answer = seller.browser.post("/api/v1/items", json=wish, headers=seller.header)
        assert answer.status_code == 201, answer.text
        made.append(f"/items/{answer.json()['id']}")
    return note, made


def trade(seller: Person, buyer: Person) -> dict[str, str]:
    """One order in every state; returns their addresses by state."""
    note, (item, *found) = things(seller)
    ways = {"to-meet": "meet", "agreed": "meet"}
    names = ("to-ship", "shipped", "done", "off", "unpaid", "closed", *ways)
    orders = {name: buy(buyer, one, ways.get(name, "ship")) for name, one in zip(names, found, strict=True)}
    for name, order in orders.items():
        if name not in ("unpaid", "closed"):
            pay(buyer, order)
    for name in ("shipped", "done"):
        seller.press(f"{orders[name]}/ship", carrier="sf", waybill="SF1234567890123")
    buyer.press(f"{orders['done']}/confirm")
    buyer.press(f"{orders['off']}/cancel", reason="买重了，不好意思")
    buyer.press(f"{orders['closed']}/cancel", reason="先不买了")
    buyer.press(f"{orders['agreed']}/meeting", place="国贸地铁站 C 口", at="2030-05-01T18:30")
    more = deposits(seller, buyer) | after(seller, buyer, orders["done"])
    return orders | more | {"item": item, "note": f"/notes/{note}"}


EARNEST = {"kind": "earnest", "percent": 20, "hours": 48, "silent": "forfeit", "understood": True}
REFUNDABLE = {"kind": "refundable", "percent": 10, "hours": 48}


def keep(seller: Person, buyer: Person, item: str, terms: dict[str, Any]) -> str:
    """An order for the deposit that the seller offers now, paid so far; returns its address."""
    answer = seller.browser.put(f"/api/v1{item}/deposit", json=terms, headers=seller.header)
    assert answer.status_code == 200, answer.text
    order = buyer.press(f"{item}/buy", handover="meet", quantity="1", deposit="on", understood="on")
    pay(buyer, order)
    return order


def deposits(seller: Person, buyer: Person) -> dict[str, str]:
    """Things kept for a part of their price, and how that ends."""
    wish = {
        "title": "索尼 A6000 套机",
        "price": {"amount": 168_000, "currency": "CNY"},
        "stock": 9,
        "handover": ["meet"],
    }
    answer = seller.browser.post("/api/v1/items", json=wish, headers=seller.header)
    assert answer.status_code == 201, answer.text
    item = f"/items/{answer.json()['id']}"
    orders = {name: keep(seller, buyer, item, EARNEST) for name in ("earnest", "given-up", "broken")}
    orders["deposit"] = keep(seller, buyer, item, REFUNDABLE)
    buyer.press(f"{orders['given-up']}/forfeit", reason="临时要出差")
    seller.press(f"{orders['broken']}/cancel", reason="摔坏了，实在抱歉")
    return orders | {"kept-item": item}


def after(seller: Person, buyer: Person, order: str) -> dict[str, str]:
    """A word of thanks from both sides, and what was bought put up again."""
    buyer.press(f"{order}/thanks", words="包得很仔细，比想的还新，谢谢你")
    seller.press(f"{order}/thanks", words="爽快，祝用得开心", named="on")
    draft = buyer.press(f"{order}/resell").removesuffix("/edit")
    return {"draft": draft}


def bargain(seller: Person, asker: Person, other: Person) -> dict[str, str]:
    """The trade's deeper scenes; returns their addresses by name."""
    note, found = things(seller)
    states = scenes_trade.offers(seller, asker, other, found[:5])
    _, more = things(seller)
    orders = [buy(asker, item, "ship") for item in more[:6]]
    for order in orders:
        pay(asker, order)
        seller.press(f"{order}/ship", carrier="sf", waybill=f"SF{next(scenes_trade.WAYBILLS)}")
    states |= scenes_trade.refunds(seller, asker, orders)
    board = seller.browser.get(f"/api/v1/notes/{note}").json()["board"]["things"]
    listed = [f"/items/{one['card']['id']}" for one in board]
    free = [item for item in listed if "buy" in asker.browser.get(f"/api/v1{item}").json()["actions"]]
    return states | scenes_trade.basket(seller, asker, f"/notes/{note}", free[-5:])


def operator(address: str, once: str, handle: str = "zhanzhang") -> Person:
    """An operator at an open desk: own password, authenticator, awake roles."""
    person = Person(address)
    person.browser.post("/sign-in/password", data={"account": handle, "password": once, "to": "/console"})
    person.settle().press("/me/password", password=PASSWORD)
    begun = person.browser.post("/settings/totp", data=person.token).text
    secret = re.search('name="secret" value="([^"]+)"', begun)
    assert secret
    person.browser.post("/settings/totp/confirm", data=person.token | {"code": pyotp.TOTP(secret[1]).now()})
    return person


def report(reporter: Person, subject: str) -> None:
    """Somebody finds a note wrong."""
    reporter.press("/reports", subject=subject, reason="other", words="说好自提，去了又不给看。")


def plan(states: dict[str, str]) -> list[tuple[str, str, str]]:
    """(name, who, path) of every screen."""
    item, note, orders = states["item"], states["note"], [name for name in states if "/orders/" in states[name]]
    rows = [(name, "nobody", path) for name, path in PLAIN.items()]
    rows += [("item", "nobody", item), ("note", "nobody", note)]
    rows += [(f"new-{name}", "newcomer", path) for name, path in MINE.items()]
    rows += [(name, "seller", path) for name, path in MINE.items()] + [("own-item", "seller", item)]
    rows += [(f"bought-{name}", "buyer", states[name]) for name in orders]
    rows += [(f"sold-{name}", "seller", states[name]) for name in orders]
    rows += [("buy", "buyer", f"{item}/buy"), ("agreed", "buyer", states["done"] + "/agreed")]
    rows += [("bought", "buyer", "/orders"), ("sold", "seller", "/orders?role=seller"), ("waits", "buyer", "/messages")]
    rows += [
        ("ship-form", "seller", states["to-ship"] + "/ship"),
        ("meeting-form", "buyer", states["to-meet"] + "/meeting"),
    ]
    rows += [("code", "buyer", states["to-meet"] + "/meet"), ("pad", "seller", states["to-meet"] + "/meet")]
    rows += [
        ("cancel-form", "buyer", states["to-ship"] + "/cancel"),
        ("confirm", "buyer", states["shipped"] + "/confirm"),
    ]
    kept = states["kept-item"]
    rows += [("deposit-form", "seller", f"{kept}/deposit"), ("buy-kept", "newcomer", f"{kept}/buy")]
    rows += [
        ("forfeit-form", "buyer", states["earnest"] + "/forfeit"),
        ("break-form", "seller", states["earnest"] + "/cancel"),
    ]
    rows += [("thanks-form", "buyer", states["done"] + "/thanks"), ("draft", "buyer", states["draft"])]
    rows += [("draft-edit", "buyer", states["draft"] + "/edit")]
    rows += [("report", "buyer", f"/report?subject={note.rpartition('/')[2]}"), ("thanks", "buyer", "/report/thanks")]
    rows += [(name, "operator", path) for name, path in DESK.items()]
    return rows


def main() -> int:
    """Make the scenes and write them down."""
    address, file = sys.argv[1], Path(sys.argv[2])
    people = {"nobody": Person(address)}
    people |= {
        name: Person(address).come_in(phone)
        for name, phone in (("seller", SELLER), ("buyer", BUYER), ("asker", ASKER), ("newcomer", NEWCOMER))
    }
    states = trade(people["seller"], people["buyer"])
    deep = bargain(people["seller"], people["asker"], people["newcomer"])
    report(people["newcomer"], states["note"].rpartition("/")[2])
    sheets: list[dict[str, Any]] = []
    if len(sys.argv) > 3:
        people["operator"] = operator(address, *sys.argv[3:])
        sheets = scenes_sheets.made(address, file.parent, people)
    rows = plan(states) + scenes_trade.plan(deep)
    screens = [{"name": name, "who": who, "path": path} for name, who, path in rows if who in people] + sheets
    cookies = {name: person.cookies() for name, person in people.items()}
    file.write_text(
        json.dumps({"address": address, "cookies": cookies, "screens": screens}, ensure_ascii=False, indent=1)
    )
    print(f"{len(screens)} screens in {file}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

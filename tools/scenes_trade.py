"""The trade's deeper scenes for `tools/scenes.py`: offers in every state, private links, a bundle, a cart and its
checkout, a price that was lowered, refunds in every state, and what operators see of them.
"""

from __future__ import annotations

import io
import itertools
import re
import time
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from scenes import Person

WAYBILLS = itertools.count(int(time.time() * 1000))  # 13 digits, not used by an earlier run
PLACE = {"name": "林夕", "phone": "13800138000", "lines.province": "北京市", "lines.city": "北京市"}
PLACE |= {"lines.district": "海淀区", "lines.detail": "学院路 30 号 9 号楼 414"}


def a_photo() -> tuple[str, bytes, str]:
    """As a telephone would take it."""
    file = io.BytesIO()
    Image.linear_gradient("L").resize((900, 1200)).convert("RGB").save(file, "JPEG")
    return "photo.jpg", file.getvalue(), "image/jpeg"


def offers(seller: Person, buyer: Person, other: Person, things: list[str]) -> dict[str, str]:
    """One offer in every state; things have a price of ¥129."""
    names = ("waiting", "countered", "agreed", "declined")
    made = {
        f"offer-{name}": buyer.press(f"{item}/offers", amount=str(99 + at), message="今晚就能来取，方便吗")
        for at, (name, item) in enumerate(zip(names, things, strict=False))
    }
    seller.press(made["offer-countered"] + "/counter", amount="118", message="刚换过电池，118 可以吗")
    seller.press(made["offer-agreed"] + "/accept")
    seller.press(made["offer-declined"] + "/decline", message="先不出啦")
    other.press(f"{things[0]}/offers", amount="110", message="")
    seller.press(f"{things[1]}/floor", amount="100")
    return made | {"prices": f"{things[1]}/prices", "offer-form": f"{things[4]}/offer"}


def basket(seller: Person, buyer: Person, note: str, found: list[str]) -> dict[str, str]:
    """A cart over two sellers, and a checkout that waits to be paid."""
    seller.press(f"{note}/bundle", count="3", percent="10")
    for item in found[:3]:
        buyer.press(f"{item}/cart", quantity="1", back="cart")
    cart = buyer.browser.get("/api/v1/cart").json()
    lines = [line["item"] for one in cart["sellers"] for line in one["lines"]][:2]
    typed = {f"lines.{at}.item": item for at, item in enumerate(lines)}
    typed |= {f"handovers.{one['seller']}": "meet" for one in cart["sellers"]}
    checkout = buyer.press("/checkout", **typed)
    for item in found[3:]:
        buyer.press(f"{item}/cart", quantity="1", back="cart")
    return {"checkout-page": checkout, "cart": "/cart", "checkout": "/checkout"}


def refunds(seller: Person, buyer: Person, shipped: list[str]) -> dict[str, str]:
    """One refund in every state a person waits in; `shipped` are orders on their way."""
    seller.press("/me/addresses", **PLACE)
    names = ("asked", "countered", "to-return", "returning", "refused", "disputed")
    made = {}
    for name, order in zip(names, shipped, strict=True):
        typed = {"kind": "return", "reason": "not_as_described", "words": "背面有一道划痕，图里没有"}
        made[f"refund-{name}"] = show(buyer, f"{order}/refunds", **typed)
    seller.press(made["refund-countered"] + "/counter", kind="partial", amount="30", words="退 30 块，东西你留着行吗")
    for name in ("to-return", "returning"):
        seller.press(made[f"refund-{name}"] + "/agree")
    show(buyer, made["refund-returning"] + "/ship-back", carrier="sf", waybill=f"SF{next(WAYBILLS)}")
    for name in ("refused", "disputed"):
        seller.press(made[f"refund-{name}"] + "/refuse", reason="发出前拍过视频，没有划痕")
    buyer.press(made["refund-disputed"] + "/escalate", reason="他的视频没有拍到背面")
    return made


def show(person: Person, path: str, **typed: str) -> str:
    """Send a form with one picture; returns where it leads."""
    own = {"origin": str(person.browser.base_url).rstrip("/")}  # as browsers send it
    answer = person.browser.post(path, data=person.token | typed, files={"evidence_files": a_photo()}, headers=own)
    assert answer.status_code == 303, (path, answer.status_code, re.sub(r"<[^>]+>|\s+", " ", answer.text)[-600:])
    return str(answer.headers["location"])


def plan(states: dict[str, str]) -> list[tuple[str, str, str]]:
    """(name, who, path) of every screen."""
    rows = [(name, "asker", path) for name, path in states.items() if name != "prices"]
    rows += [(f"got-{name}", "seller", path) for name, path in states.items() if name.startswith(("offer-", "refund-"))]
    rows += [("prices", "seller", states["prices"]), ("counter", "seller", states["offer-waiting"] + "/counter")]
    for role in ("buyer", "seller"):
        rows += [
            (f"offers-{role}", role, f"/offers?role={role}"),
            (f"over-{role}", role, f"/offers?role={role}&tab=over"),
        ]
    asked, returning = states["refund-asked"], states["refund-returning"]
    rows += [(f"refund-{step}", "seller", f"{asked}/{step}") for step in ("agree", "counter", "refuse")]
    rows += [
        ("refund-received", "seller", f"{returning}/refuse-received"),
        ("refund-receive", "seller", f"{returning}/receive"),
    ]
    rows += [("refund-ship-back", "asker", states["refund-to-return"] + "/ship-back")]
    rows += [("refund-escalate", "asker", states["refund-refused"] + "/escalate")]
    rows += [("desk-refunds", "operator", "/console/refunds"), ("desk-money", "operator", "/console/money")]
    return [*rows, ("desk-refund", "operator", "/console" + states["refund-disputed"])]

"""One thing: its page for those who may want it and for the one who sells it."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from litestar import Response, get
from litestar.params import FromPath, QueryParameter
from litestar.types import ControllerRouterHandler
from markupsafe import Markup

from xianji.domains import items, offers, orders, payments, prices
from xianji.domains.items import ItemCard, ItemPage
from xianji.domains.offers import LinkView, OfferView
from xianji.domains.orders import DepositView, History
from xianji.domains.prices import PriceContext
from xianji.kernel.config import Key
from xianji.kernel.errors import NOT_FOUND, Refusal
from xianji.kernel.money import as_text
from xianji.kernel.work import Look
from xianji.web import after_words, deposit_words, price_words, render, rulings, shapes, sharing
from xianji.web.api.items import Asked, ask_for, known
from xianji.web.commands import Command
from xianji.web.forms import Typed
from xianji.web.here import cell_of
from xianji.web.known import Question
from xianji.web.questions import LONG_AGO, NEVER
from xianji.web.saw import saw
from xianji.web.typed import errors_of, status_of
from xianji.web.visit import Reader, Req, visit_of

_MORE_SHOWN = 6


class _Facts(msgspec.Struct, frozen=True):
    """What the page of a thing shows one viewer.

    `operates`: the viewer has a role, and is told what holds the thing as its seller is. `private` is the price that a
    link names for the viewer, `mine` are the viewer's own offers on the thing, `asked` is who would like the gift,
    `like` is what things like it were sold for.
    """

    page: ItemPage
    others: list[ItemCard]
    asked: list[items.GiftRequest]
    longest: int
    operates: bool
    private: LinkView | None
    mine: list[OfferView]
    past: History | None
    keeps: DepositView | None
    like: PriceContext | None


async def _read(look: Look, item: str, cell: int | None, link: str) -> _Facts:
    private = await offers.link_for(look, link) if link else None
    if private is not None and private.item != item:
        raise NOT_FOUND()
    mine = await offers.offers_on(look, item) if look.actor.member else []
    page = await items.item_page(look, item, cell)
    others = await items.seller_items(look, page.seller.id, limit=_MORE_SHOWN + 1)
    past = await orders.history_of(look, item) if page.has_history else None
    asked = await items.gift_requests(look, page.id) if page.mine and page.kind == "giveaway" else None
    longest = look.config.get(Key.declared["items.request_reason_longest"])
    operates = bool(look.actor.roles)
    on_sale = page.state == "live" and page.kind == "sale" and page.left > 0 and private is None
    keeps = await orders.deposit_offered(look, item, page.price) if on_sale else None
    like = await _price_of_like(look, page) if page.kind == "sale" else None
    gifts = asked.items if asked else []
    return _Facts(page, others.items, gifts, longest, operates, private, mine, past, keeps, like)


async def _price_of_like(look: Look, page: ItemPage) -> PriceContext | None:
    return await prices.price_context(look, page.title, page.category, page.attributes, page.condition)


# Offers and links end by the clock, and a history lies in orders without naming them: such a page is read each time.
_FACTS = Question(_read, until=lambda facts: LONG_AGO if facts.private or facts.mine or facts.past else NEVER)


@get("/items/{item:str}", include_in_schema=False)
async def show_item(
    request: Req, item: FromPath[str], link: Annotated[str, QueryParameter(max_length=80)] = ""
) -> Response[Any]:
    """The page of one thing; what it says of state, price and stock is always true now.

    With a private link it is the page for the one member the link names, and no page for anybody else.
    """
    return await _show(request, known("itm", item), link=link)


async def _show(
    request: Req, item: str, typed: Typed | None = None, refusal: Refusal | None = None, link: str = ""
) -> Response[Any]:
    """The page of one thing with what somebody wrote who asks for it."""
    visit = visit_of(request)
    told = await visit.ask(_FACTS, item, cell_of(request), link)
    saw(request, (item,), opened=True)
    if refusal is None:
        return render.kept(visit, "pages/item.html", _shown, told)
    answer = {"typed": typed or Typed(), "errors": errors_of(visit, refusal)}
    return render.page(visit, "pages/item.html", status_of(refusal), **(_shown(visit, told.said) | answer))


def _shown(reader: Reader, facts: _Facts) -> dict[str, Any]:
    page = facts.page
    shown = [card for card in facts.others if card.id != page.id][:_MORE_SHOWN]
    return {
        "item": page,
        "typed": Typed(),
        "errors": {},
        "reason_most": facts.longest,
        "gift": _gift(reader, page),
        "private": facts.private,
        "keeps": deposit_words.keeps(reader, facts.keeps),
        "deal": _mine_in(facts.mine, "accepted"),
        "talks": _mine_in(facts.mine, "open", "countered"),
        "gallery": shapes.gallery(page.media, page.title),
        "seller": shapes.seller(reader, page.seller),
        "others": [shapes.item_tile(reader, card) for card in shown],
        "facts": details(reader, page),
        "handover": handover(reader, page),
        "trust": trust(reader, page),
        "state": _state(reader, page, page.mine or facts.operates),
        "asked": facts.asked,
        "like": price_words.context(reader, facts.like),
        "past": after_words.history(reader, facts.past) if facts.past else None,
        "like_gift": _like_gift(reader, page),
        "share": sharing.share_panel(reader, page.share),
        "graph": sharing.open_graph(reader, page.share, page.description, page.media[0] if page.media else None),
    }


def _mine_in(found: list[OfferView], *states: str) -> OfferView | None:
    """The viewer's own offer as a buyer, when it is in one of these states."""
    return next((one for one in found if one.role == "buyer" and one.state in states), None)


# What a state means to anybody who came by an old link: kind of banner, words, what happens next.
_STATES: dict[str, tuple[str, str, str]] = {
    "draft": ("slate", "这是草稿，只有你看得到。", "发布以后才会出现在集市里。"),
    "screening": ("amber", "等管理员看一眼再上架。", "一般当天会有结果，到时会通知你。"),
    "rejected": ("amber", "这件没有通过，还没上架。", "改好以后可以再交一次，也可以在账号状态里申诉。"),
    "paused": ("slate", "卖家暂时不卖了。", "可以先收藏，恢复了再来。"),
    "sold": ("slate", "已经卖出。", "看看同一位卖家的其他宝贝。"),
    "expired": ("slate", "到期下架了。", "卖家可以一键重新上架。"),
}


def _state(reader: Reader, page: ItemPage, told: bool) -> tuple[str, str, str] | None:
    if page.state not in _STATES:
        return None
    kind, words, then = _STATES[page.state]
    why = rulings.why(reader, page.why.split(",")) if page.why and told else Markup()
    return kind, shapes.say(reader, words), Markup("{} {}").format(why, shapes.say(reader, then)).lstrip()


_WAYS = {
    "pick": "想要的人留句话，送的人来挑。",
    "draw": "想要的人都报上名，到时抽一位。",
    "first_come": "先到先得，说一声就是你的。",
}
# What became of my asking: kind of banner and words.
_ASKED = {
    "waiting": ("amber", "已经告诉对方了，等 TA 决定。"),
    "chosen": ("jade", "已经留给你了，去领。"),
    "taken": ("jade", "这件你已经领了，进度在订单里。"),
    "passed_over": ("slate", "这次给了别人，下次会轮到你的。"),
    "no_show": ("amber", "说好了没来领，这件放回去了。下次有事提前说一声。"),
}


def _gift(reader: Reader, page: ItemPage) -> dict[str, Any] | None:
    """How a gift finds its way, and where this viewer's asking stands."""
    if page.kind != "giveaway":
        return None
    kind, words = _ASKED.get(page.asked or "", ("", ""))
    return {"way": shapes.say(reader, _WAYS[page.way or "pick"]), "kind": kind, "words": shapes.say(reader, words)}


def _like_gift(reader: Reader, page: ItemPage) -> dict[str, str] | None:
    """The hint that a thing looks like a gift, in words for the seller or for others who may know."""
    if page.like_gift is None:
        return None
    words = (
        "最近领来的东西拿来卖，送的人和管理员会看到这条提示。不是同一件就不用管，写进描述里更清楚。"
        if page.mine
        else "只是标题像，是不是同一件由人来看，不影响购买。"
    )
    return {
        "title": shapes.say(reader, "和不久前领到的「%(title)s」很像", title=page.like_gift.title),
        "words": shapes.say(reader, words),
    }


async def _ask_again(request: Req, refusal: Refusal, fields: Typed, item: str) -> Response[Any]:
    if refusal.code is NOT_FOUND:
        raise refusal
    return await _show(request, item, fields, refusal)


COMMANDS: list[Command] = [
    Command(
        "ask_for_item_form",
        "/items/{item}/requests",
        ask_for,
        Asked,
        then=lambda _, item: f"/items/{item}",
        again=_ask_again,
        api=False,
    ),
]


def details(reader: Reader, page: ItemPage) -> list[dict[str, Any]]:
    """What is known of the thing, one line each; nothing is guessed."""
    category = items.all_categories().get(page.category or "")
    rows = [("成色", shapes.condition(reader.language, page.condition, page.category))]
    if category:
        rows.append(("分类", _word(reader, category.name)))
    found = [{"label": shapes.say(reader, label), "value": value} for label, value in rows if value]
    for code, value in page.attributes.items():
        attribute = category.attributes.get(code) if category else None
        if attribute is not None:
            found.append({"label": _word(reader, attribute.name), "value": attribute_text(reader, attribute, value)})
    if page.stock > 1:
        left = shapes.say(reader, "%(n)s 件", n=page.left)
        found.append({"label": shapes.say(reader, "还有"), "value": left})
    if page.place_label or page.distance_km is not None:
        where = shapes.where(reader, page.place_label, page.distance_km)
        found.append({"label": shapes.say(reader, "大概位置"), "value": where})
    if page.has_serial:
        found.append({"label": shapes.say(reader, "序列号"), "value": shapes.say(reader, "已登记，只在下单后核对")})
    return found


def attribute_text(reader: Reader, attribute: items.Attribute, value: Any) -> str:
    """A stored attribute as a reader sees it."""
    if isinstance(value, dict):
        return f"{value['value']} {value['unit']}"
    if attribute.type == "choice" and value in attribute.choices:
        return _word(reader, attribute.choices[value])
    return str(value)


def _word(reader: Reader, words: Any) -> str:
    return str(words.zh if reader.language == "zh" else words.en)


_HANDOVER: Mapping[str, tuple[str, str]] = {
    "ship": ("邮寄", "钱先由持牌支付机构托管，你收到、看过没问题再放款。"),
    "meet": ("面交", "当面看货，满意了再给对方看面交码，钱这时才放款。"),
    "digital": ("线上交付", "对方交付后你有时间核对，没问题再确认。"),
}


_NO_HOLD = "这个站点没有支付托管，钱怎么付你们商量。"


def handover(reader: Reader, page: ItemPage) -> list[dict[str, str]]:
    """The ways it can change hands, each with what protects the buyer."""
    ways = page.handover or ["ship", "meet"]
    if reader.house.settings.payment_provider == payments.OFFLINE:
        return [{"title": shapes.say(reader, _HANDOVER[way][0]), "note": shapes.say(reader, _NO_HOLD)} for way in ways]
    return [
        {
            "title": shapes.say(reader, _HANDOVER[way][0]),
            "note": shapes.say(reader, _HANDOVER[way][1]),
            "fact": postage(reader, page) if way == "ship" else "",
        }
        for way in ways
    ]


def postage(reader: Reader, page: ItemPage) -> str:
    """Who pays for sending, how much, and from about where; empty when it is not sent."""
    if page.postage is None:
        return ""
    cost = page.postage.amount
    locale = "zh_CN" if reader.language == "zh" else "en_US"
    paid = (
        shapes.say(reader, "运费 %(cost)s，买家付", cost=as_text(cost.amount, cost.currency, locale))
        if page.postage.payer == "buyer"
        else shapes.say(reader, "包邮，运费卖家付")
    )
    origin = shapes.say(reader, "从%(place)s寄出", place=page.postage.origin) if page.postage.origin else ""
    return " · ".join(part for part in (paid, origin) if part)


_HELD = "钱不进卖家口袋，也不经过本站账户，由持牌支付机构托管到你确认为止。转账、扫码给个人都不受保护。"
_NOT_HELD = "这里没有接支付，钱由你们自己付，本站不经手也不托管。当面看货、一手交钱一手交货最稳妥。"


def trust(reader: Reader, page: ItemPage) -> list[dict[str, Any]]:
    """Why one may trust this: each row explains itself, and says so when something is missing."""
    verified = page.seller.verified
    held = reader.house.settings.payment_provider != payments.OFFLINE
    rows = [
        (
            "lock",
            "付款托管",
            "站内付款才有" if held else "这个站点没有",
            _HELD if held else _NOT_HELD,
            held,
        ),
        (
            "badge-check",
            "卖家身份",
            "已实名" if verified else "还没实名",
            "实名由有资质的机构核验，本站不留证件照片。没实名的卖家也可以交易，但建议当面验货。",
            verified,
        ),
        (
            "scale",
            "有纠纷怎么办",
            "先协商，再评审",
            "付款后任何一步不对都可以申请退款；谈不拢时双方的证据放在一起，由评审决定，可以申诉。",
            True,
        ),
    ]
    if page.has_serial:
        rows.append(("receipt", "序列号", "登记过", "同一个序列号在本站只能挂一件，成交后可以核对。", True))
    return [
        {
            "icon": icon,
            "title": shapes.say(reader, title),
            "say": shapes.say(reader, short),
            "words": shapes.say(reader, words),
            "met": met,
        }
        for icon, title, short, words, met in rows
    ]


ROUTES: list[ControllerRouterHandler] = [show_item]

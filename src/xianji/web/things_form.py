"""What the fields of a thing need to be drawn: choices in the visitor's language, the questions of a category."""

from typing import Any

from babel.numbers import get_currency_precision

from xianji.domains import items, orders
from xianji.domains.items import ItemPage
from xianji.kernel.money import Money, as_text

from . import shapes
from .forms import Typed
from .visit import Reader, Visit


def choices(reader: Reader) -> dict[str, Any]:
    """Categories and ways of handover as options."""
    categories = [{"value": "", "text": shapes.say(reader, "先不选")}]
    categories += [{"value": one.code, "text": _word(reader, one.name)} for one in items.all_categories().values()]
    ways = [("ship", "邮寄"), ("meet", "面交"), ("digital", "线上交付")]
    return {
        "categories": categories,
        "ways": [{"value": way, "text": shapes.say(reader, text)} for way, text in ways],
        "suggests": _suggests(reader),
        "gift_ways": [
            {"value": "pick", "text": shapes.say(reader, "我来挑一位")},
            {"value": "draw", "text": shapes.say(reader, "到时抽一位")},
            {"value": "first_come", "text": shapes.say(reader, "先到先得")},
        ],
    }


def _suggests(reader: Reader) -> dict[str, Any]:
    """Which way fits which price (minor units), and the sentence that says so."""
    database = reader.house.database
    config, currency = database.book.at(database.clock.now()), reader.house.here.currency
    meet, ship = config.get(orders.MEET_BELOW), config.get(orders.SHIP_ABOVE)
    where = "zh_CN" if reader.language == "zh" else "en_US"
    facts = {"meet": as_text(meet, currency, where), "ship": as_text(ship, currency, where)}
    say = shapes.say(reader, "%(meet)s 以下建议面交，%(ship)s 以上建议托管邮寄，随你。", **facts)
    return {"meet": meet, "ship": ship, "say": say}


def grades(reader: Reader, category: str) -> list[dict[str, str]]:
    """The condition grades in the words of a category."""
    found = items.all_categories().get(category)
    words = found.grades if found else items.grade_words()
    return [{"value": code, "text": _word(reader, name)} for code, name in words.items()]


def questions(visit: Visit, category: str, typed: Typed, prefix: str = "") -> list[dict[str, Any]]:
    """The attributes a category asks for, with what was answered already."""
    found = items.all_categories().get(category)
    return [] if found is None else [_question(visit, one, typed, prefix) for one in found.attributes.values()]


def photos(visit: Visit, category: str) -> list[str]:
    """Which pictures help somebody to decide."""
    found = items.all_categories().get(category)
    return [_word(visit, photo) for photo in found.photos] if found else []


def _question(visit: Visit, one: items.Attribute, typed: Typed, prefix: str) -> dict[str, Any]:
    name = f"{prefix}attributes.{one.code}"
    hint = " / ".join(one.units)
    return {
        "name": name,
        "label": _word(visit, one.name),
        "type": {"date": "date", "number": "number"}.get(one.type, "text"),
        "hint": shapes.say(visit, "单位：%(units)s", units=hint) if hint else "",
        "value": typed.get(name, ""),
        "options": [
            {"value": "", "text": "—"},
            *({"value": code, "text": _word(visit, name)} for code, name in one.choices.items()),
        ]
        if one.type == "choice"
        else [],
    }


def typed_of(page: ItemPage, zone: Any) -> Typed:
    """An item as the fields of its form, to be changed."""
    pairs = [("title", page.title), ("price", plain(page.price)), ("stock", str(page.stock))]
    pairs += [("media", one.id) for one in page.media]
    pairs += [("handover", way) for way in page.handover]
    pairs += [
        ("description", page.description),
        ("condition", page.condition or ""),
        ("category", page.category or ""),
        ("original_price", plain(page.original_price) if page.original_price else ""),
        ("shipping", plain(page.shipping) if page.shipping else ""),
        ("place_label", page.place_label or ""),
        ("firm", "" if page.bargain else "1"),
        ("deadline", page.deadline.astimezone(zone).strftime("%Y-%m-%dT%H:%M") if page.deadline else ""),
        ("kind", page.kind),
        ("way", page.way or ""),
    ]
    for number, step in enumerate(page.price_steps):
        at = step.at.astimezone(zone).strftime("%Y-%m-%dT%H:%M")
        pairs += [(f"price_steps.{number}.at", at), (f"price_steps.{number}.price", plain(step.price))]
    for code, value in page.attributes.items():
        text = f"{value['value']} {value['unit']}" if isinstance(value, dict) else str(value)
        pairs.append((f"attributes.{code}", text))
    return Typed(pairs)


def plain(money: Money) -> str:
    """Money as a person types it, without a sign: "12.50", "12"."""
    digits = get_currency_precision(money.currency)
    whole, rest = divmod(money.amount, 10**digits)
    return f"{whole}.{rest:0{digits}d}" if rest else str(whole)


def _word(reader: Reader, words: Any) -> str:
    return str(words.zh if reader.language == "zh" else words.en)

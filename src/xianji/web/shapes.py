"""View structs in the shapes that the template macros ask for (`templates/parts`)."""

from collections.abc import Collection, Iterable
from typing import Any

from xianji.domains import items
from xianji.domains.feed import FeedCard, Less, Reason
from xianji.domains.items import ItemCard
from xianji.domains.media import media_url
from xianji.domains.notes import Board, BoardThing, NoteCard
from xianji.kernel.words import Language

from . import filters
from .visit import Reader

WIDTHS = (320, 640, 1080)
_UNKNOWN_SIDE = 1080


def board(reader: Reader, shown: Board, controls: dict[str, Any], own: Collection[str]) -> dict[str, Any]:
    """The things on a note for `thing.board`; `controls` are what narrows and orders them (`web.board`).

    `own` are the viewer's own things among them, which nobody puts into their own cart.
    """
    return {
        "count": shown.total,
        "unsold": shown.unsold,
        **controls,
        "cells": [board_card(reader, thing, own) for thing in shown.things],
    }


def board_card(reader: Reader, thing: BoardThing, own: Collection[str]) -> dict[str, Any]:
    """One thing on a note for `thing.board_card`."""
    card = thing.card
    return {
        **item_tile(reader, card),
        "id": card.id,
        "sold": card.state in ("sold", "expired"),
        "reserved": card.state == "live" and card.left < 1,
        "pick": card.state == "live"
        and card.left > 0
        and card.kind != "giveaway"
        and thing.state == "shown"
        and card.id not in own,
        "guest": card.seller.name if thing.guest else "",
        "waiting": thing.state == "waiting",
        "refused": thing.state == "refused",
        "actions": thing.actions,
        "note": " · ".join(
            part for part in (where(reader, card.place_label, card.distance_km), _handover(reader, card)) if part
        ),
    }


def condition(language: Language, grade: str | None, category: str | None = None) -> str:
    """A condition grade in the words of its category; empty when nothing was said."""
    if grade is None:
        return ""
    found = items.all_categories().get(category or "")
    words = (found.grades if found else items.grade_words())[grade]
    return words.zh if language == "zh" else words.en


def gallery(shown: Iterable[Any], alt: str) -> list[dict[str, Any]]:
    """Pictures and films for `picture.gallery`; `film` is where a film plays, empty for a picture."""
    return [picture(one, alt) | {"film": media_url(one.id, 0, "mp4") if one.kind == "video" else ""} for one in shown]


def item_card(reader: Reader, card: ItemCard) -> dict[str, Any]:
    """A thing for `card.item_card`."""
    return {
        **item_tile(reader, card),
        "shape": "item",
        "id": card.id,
        "was": card.original_price,
        "condition": condition(reader.language, card.condition, card.category),
        "where": where(reader, card.place_label or card.seller.city, card.distance_km),
        "seller": person(card.seller),
        "response": response(reader, card.seller.response_minutes),
        "sold": card.state in ("sold", "expired"),
        "mark": say(reader, "免费送") if card.kind == "giveaway" else "",
        "why": "",
        "hide_href": "",
    }


def item_tile(reader: Reader, card: ItemCard) -> dict[str, Any]:
    """A thing in one line for `card.item_tile`."""
    note = say(reader, "已售出") if card.state == "sold" else where(reader, card.place_label, card.distance_km)
    return {
        "href": f"/items/{card.id}",
        "title": card.title,
        "picture": picture(card.picture, card.title),
        "price": card.price,
        "note": note,
    }


_WHY = {
    "new": "刚刚发布",
    "fresh": "刚刚发布",
    "fair": "刚发布，先让大家看到",
    "follow": "你关注的人发的",
    "warm": "附近的人常点开",
    "following": "你关注的人发的",
    "followed_topic": "来自你关注的话题",
    "topic": "和你看的话题有关",
    "circle": "来自你看的圈子",
}


def note_card(reader: Reader, card: NoteCard) -> dict[str, Any]:
    """A note for `card.note_card`."""
    return {
        "shape": "note",
        "id": card.id,
        "href": f"/notes/{card.id}",
        "title": card.title or card.excerpt or say(reader, "没有标题的笔记"),
        "picture": picture(card.cover, card.title),
        "count": card.items if card.items > 1 else 0,
        "low": card.low,
        "high": card.high,
        "author": person(card.author),
        "likes": card.likes,
        "place": where(reader, card.place_label, card.distance_km),
        "why": why(reader, card),
        "label": card.label if isinstance(card, FeedCard) else "",
        "hide_href": f"/notes/{card.id}/less" if isinstance(card, FeedCard) and reader.signed_in else "",
    }


def person(member: Any) -> dict[str, Any]:
    """A member for `member.face` and the frame: name, address of the page, small picture or None."""
    return {
        "name": member.name,
        "href": f"/u/{member.handle}",
        "face": {"src": media_url(member.avatar, 320)} if member.avatar else None,
    }


def picture(shown: Any, alt: str) -> dict[str, Any]:
    """A picture for `picture.picture`; None is an empty place."""
    if shown is None:
        return {"src": "", "alt": alt, "webp": "", "avif": "", "width": 4, "height": 4, "tiny": ""}
    return {
        "id": shown.id,
        "src": media_url(shown.id, 640),
        "alt": alt,
        "webp": srcset(shown.id, "webp", WIDTHS),
        "avif": srcset(shown.id, "avif", WIDTHS[1:]),
        "width": shown.width or _UNKNOWN_SIDE,
        "height": shown.height or _UNKNOWN_SIDE,
        "tiny": shown.placeholder or "",
    }


def response(reader: Reader, minutes: int | None) -> str:
    """How fast somebody usually answers, as people say it; empty when not known."""
    if minutes is None:
        return ""
    if minutes < 60:
        return say(reader, "约 %(n)s 分钟回", n=max(1, minutes))
    return say(reader, "约 %(n)s 小时回", n=round(minutes / 60)) if minutes < 1440 else say(reader, "一天左右回")


def say(reader: Reader, text: str, **facts: Any) -> str:
    """A sentence of ours in the reader's language; `text` is the Chinese source, facts as %(name)s."""
    spoken = str(reader.house.templates[reader.language].globals["say"](text))  # type: ignore[operator]
    return spoken % facts if facts else spoken


def seller(reader: Reader, member: Any) -> dict[str, Any]:
    """A member beside what they sell for `member.seller_row`."""
    sold = say(reader, "卖出 %(n)s 件", n=member.sold_count) if member.sold_count else ""
    return {
        **person(member),
        "verified": member.verified,
        "kind": member.seller_type,
        "response": response(reader, member.response_minutes),
        "place": " · ".join(part for part in (member.city, sold) if part),
    }


def why(reader: Reader, card: NoteCard) -> str:
    """Why a note is shown, in the reader's words; empty where the list says it itself."""
    if isinstance(card, FeedCard) and card.label:
        return say(reader, "活动支持：%(name)s", name=card.label)
    told = card.reasons if isinstance(card, FeedCard) else [Reason(card.why, card.distance_km)]  # type: ignore[arg-type]
    return "；".join(part for part in (_because(reader, one) for one in told) if part)


def _because(reader: Reader, one: Reason) -> str:
    if one.code in ("near", "nearby"):
        if not one.km:
            return say(reader, "就在你附近")
        return say(reader, "离你 %(far)s", far=filters.distance(one.km, reader.language))
    if one.code == "circle" and one.name:
        name = one.name_en if reader.language == "en" and one.name_en else one.name
        return say(reader, "你加入的圈子「%(name)s」", name=name)
    if one.code == "topic" and one.name:
        return say(reader, "你关注的话题「%(name)s」", name=one.name)
    if one.code == "taste":
        return say(reader, "你看过、喜欢过「%(name)s」", name=_subject(reader, one.name))
    return say(reader, _WHY[one.code]) if one.code in _WHY else ""


def _subject(reader: Reader, name: str) -> str:
    """A category ("c:cameras") or a topic ("t:相机") in the reader's words."""
    kind, _, key = name.partition(":")
    found = items.all_categories().get(key) if kind == "c" else None
    return (found.name.zh if reader.language == "zh" else found.name.en) if found else key


_LESS = {"n": "这一篇「%(name)s」", "m": "%(name)s 发的", "c": "分类「%(name)s」", "t": "话题「%(name)s」"}


def less(reader: Reader, one: Less) -> str:
    """Something a reader may want less of, in their words."""
    kind = one.subject[0]
    name = _subject(reader, one.subject) if kind == "c" else one.name
    return say(reader, _LESS[kind], name=name) if name else say(reader, "已经看不到了")


def where(reader: Reader, label: str | None, kilometres: float | None) -> str:
    """A coarse place and how far it is: "徐汇 · 3 km"."""
    far = "" if kilometres is None else filters.distance(kilometres, reader.language)
    return " · ".join(part for part in (label or "", far) if part)


def _handover(reader: Reader, card: ItemCard) -> str:
    words = {"ship": "邮寄", "meet": "面交", "digital": "线上交付"}
    return " / ".join(say(reader, words[way]) for way in card.handover)


def srcset(media: str, extension: str, widths: tuple[int, ...]) -> str:
    """The widths of a picture as the attribute lists them."""
    return ", ".join(f"/media/{media}/{width}.{extension} {width}w" for width in widths)

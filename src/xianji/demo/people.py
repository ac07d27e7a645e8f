"""Members and circles, read from their pages."""

import random

from xianji.demo import view
from xianji.demo.model import Circle, CircleKind, Member, Place, Recipe, SellerType, Spot
from xianji.demo.places import place
from xianji.demo.script import cells, lines

SELLERS: dict[str, SellerType] = {
    "banjia_zhou": "professional",
    "jingji_used": "professional",
    "huayu_shop": "merchant",
    "jiuzhi_press": "merchant",
}
KINDS: dict[str, CircleKind] = {
    "place": "place",
    "campus": "campus",
    "interest": "interest",
    "fandom": "fandom",
}
VERIFIED_SHARE = 0.86


def members(dice: random.Random) -> tuple[tuple[Member, ...], dict[str, str]]:
    """All members and, by handle, the palette that is theirs."""
    found: list[Member] = []
    palettes: dict[str, str] = {}
    for line in lines("people.txt"):
        handle, name, city, district, palette, face, language, joined, reply, bio = cells(line)
        seller = SELLERS.get(handle, "individual")
        palettes[handle] = palette
        found.append(
            Member(
                handle=handle,
                name=name,
                bio=bio,
                place=place(city, district),
                joined_days_ago=int(joined),
                verified=seller != "individual" or dice.random() < VERIFIED_SHARE,
                seller_type=seller,
                reply_minutes=int(reply),
                language="en" if language == "en" else "zh",
                avatar=view.avatar(face, palette),
            )
        )
    return tuple(found), palettes


def circles() -> tuple[tuple[Circle, ...], dict[str, str]]:
    """All circles and, by slug, their palette."""
    found: list[Circle] = []
    known = _spots()
    palettes: dict[str, str] = {}
    for line in lines("circles.txt"):
        slug, zh, en, kind, city, palette, emoji, description, rules = cells(line)
        palettes[slug] = palette
        found.append(
            Circle(
                slug=slug,
                name_zh=zh,
                name_en=en,
                kind=KINDS[kind],
                description=description,
                rules=tuple(rules.split(";")),
                city=None if city == "-" else city,
                cover=Recipe(view.split(emoji), palette, "hill", 1, 1200, 600),
                spots=tuple(spot for spot in known if spot.place.city == city),
            )
        )
    return tuple(found), palettes


def _spots() -> list[Spot]:
    """Where the people of the cities and the campus meet."""
    found = []
    for line in lines("meeting_places.txt"):
        city, district, name, how, lat, lon = cells(line)
        found.append(Spot(name, how, Place(city, district, float(lat), float(lon))))
    return found

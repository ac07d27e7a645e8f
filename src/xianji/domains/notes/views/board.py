"""The board of a note: which things, in which order, open to which verbs."""

from collections.abc import Sequence
from typing import Any

from xianji.domains.items import ItemCard
from xianji.domains.notes import rules
from xianji.domains.notes.model import BoardFilter
from xianji.kernel.money import Money
from xianji.kernel.work import Look

from .shapes import Board, BoardThing

_BUYABLE = "live"


def board_of(
    look: Look, author: str, rows: Sequence[dict[str, Any]], cards: Sequence[ItemCard], wanted: BoardFilter
) -> Board:
    """Join the board's rows with the cards this viewer may see, count all, and keep what passes the filter."""
    found = {card.id: card for card in cards}
    things = [thing_of(look, author, row, found[row["item"]]) for row in rows if row["item"] in found]
    shown = [thing for thing in things if thing.state == "shown"]
    prices = [thing.card.price for thing in shown if thing.card.state == _BUYABLE]
    kept = [thing for thing in things if _passes(thing, wanted)]
    return Board(
        things=_in_order(kept, wanted),
        total=len(shown),
        unsold=sum(_unsold(thing.card) for thing in shown),
        guests=sum(thing.guest for thing in shown),
        waiting=sum(thing.state == "waiting" for thing in things),
        low=min(prices, key=_amount, default=None),
        high=max(prices, key=_amount, default=None),
    )


def thing_of(look: Look, author: str, row: dict[str, Any], card: ItemCard) -> BoardThing:
    """One thing on the board as this viewer sees it."""
    guest = row["owner"] != author
    who = "host" if look.actor.member == author else "operator" if look.actor.roles & {"moderator", "admin"} else ""
    actions = list(rules.STALL.open_to(row["state"], who)) if guest and who else []
    return BoardThing(card, guest, row["way"], row["state"], row["comment"], actions)


def _unsold(card: ItemCard) -> bool:
    return card.state == _BUYABLE and card.left > 0


def _amount(money: Money) -> int:
    return money.amount


def _passes(thing: BoardThing, wanted: BoardFilter) -> bool:
    card = thing.card
    if wanted.unsold and not _unsold(card):
        return False
    if wanted.low is not None and card.price.amount < wanted.low:
        return False
    if wanted.high is not None and card.price.amount > wanted.high:
        return False
    if wanted.near_km is not None and (card.distance_km is None or card.distance_km > wanted.near_km):
        return False
    return wanted.guests is None or thing.guest == wanted.guests


def _in_order(things: list[BoardThing], wanted: BoardFilter) -> list[BoardThing]:
    """Stable sorts: equal things keep the board's own order."""
    if wanted.sort == "price_asc":
        return sorted(things, key=lambda thing: thing.card.price.amount)
    if wanted.sort == "price_desc":
        return sorted(things, key=lambda thing: -thing.card.price.amount)
    if wanted.sort == "near":
        far = float("inf")
        return sorted(things, key=lambda thing: far if thing.card.distance_km is None else thing.card.distance_km)
    return things

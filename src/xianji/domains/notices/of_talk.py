"""What notes, gifts and people tell whom. Pure: from an event to tellings."""

from xianji.domains import items, members, notes
from xianji.kernel.work import Event

from .model import Telling
from .of_trade import Hear


def _on_note(kind: str, to: str, note: str, by: str, place: str = "") -> Telling:
    return Telling(kind=kind, to=(to,), subject=note, link=f"/notes/{note}{place}", person=by, note=note)


def _commented(told: notes.CommentAdded) -> list[Telling]:
    """Who was answered hears of an answer, the host of a comment; who is both hears once."""
    place = f"#{told.comment}"
    answer = [_on_note("answered", told.answered, told.note, told.author, place)] if told.answered else []
    return answer + (
        [_on_note("commented", told.host, told.note, told.author, place)] if told.host != told.answered else []
    )


def _guest(kind: str, told: notes.GuestItemWaiting | notes.GuestItemMoved, to: str, by: str) -> Telling:
    link = f"/notes/{told.note}"
    return Telling(kind=kind, to=(to,), subject=told.item, link=link, person=by, item=told.item, note=told.note)


def _guest_moved(told: notes.GuestItemMoved) -> list[Telling]:
    kind = "guest_shown" if told.verb == "approve" else "guest_refused"
    return [_guest(kind, told, told.guest, told.host)]


def _gift(kind: str, item: str, to: str, by: str) -> list[Telling]:
    return [Telling(kind=kind, to=(to,), subject=item, link=f"/items/{item}", person=by, item=item)]


def _promised(told: items.GiftPromised) -> list[Telling]:
    """Who came first knows it at once."""
    return [] if told.way == "first_come" else _gift("gift_promised", told.item, told.member, told.seller)


HEARD: dict[type[Event], Hear] = {
    notes.CommentAdded: _commented,
    notes.MemberMentioned: lambda told: [
        _on_note("mentioned", told.member, told.note, told.by, f"#{told.comment}" if told.comment else "")
    ],
    notes.NoteLiked: lambda told: [_on_note("note_liked", told.author, told.note, told.member)],
    notes.NoteSaved: lambda told: [_on_note("note_saved", told.author, told.note, told.member)],
    notes.GuestItemWaiting: lambda told: [_guest("guest_waiting", told, told.host, told.guest)],
    notes.GuestItemMoved: _guest_moved,
    items.GiftAskedFor: lambda told: _gift("gift_asked_for", told.item, told.seller, told.member),
    items.GiftPromised: _promised,
    items.GiftUnpromised: lambda told: _gift("gift_taken_back", told.item, told.member, told.seller),
    items.WantedAnswered: lambda told: [
        Telling(
            kind="wanted_answered",
            to=(told.asker,),
            subject=told.wanted,
            link=f"/items/{told.item}",
            person=told.seller,
            item=told.item,
        )
    ],
    members.MemberFollowed: lambda told: [
        Telling(
            kind="followed",
            to=(told.followed,),
            subject=told.followed,
            link=f"/u/{told.followed}/followers",
            person=told.member,
        )
    ],
    members.RestrictionEnded: lambda told: [
        Telling(kind="restriction_ended", to=(told.member,), subject=told.restriction, link="/me/cases")
    ],
}

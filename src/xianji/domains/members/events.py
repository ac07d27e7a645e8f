"""What happened to members. Bodies hold ids only: an outbox row outlives the account it speaks of."""

from xianji.kernel.work import Event


class MemberJoined(Event, frozen=True, tag="members.joined.v1"):
    member: str


class ProfileEdited(Event, frozen=True, tag="members.profile_edited.v1"):
    member: str


class StandingChanged(Event, frozen=True, tag="members.standing_changed.v1"):
    """What buyers weigh of a seller is another now: the kind of seller, or how fast they answer."""

    member: str


class MemberVerified(Event, frozen=True, tag="members.verified.v1"):
    member: str


class PhoneChanged(Event, frozen=True, tag="members.phone_changed.v1"):
    member: str


class MemberFollowed(Event, frozen=True, tag="members.followed.v1"):
    member: str
    followed: str


class MemberBlocked(Event, frozen=True, tag="members.blocked.v1"):
    member: str
    blocked: str


class MemberRestricted(Event, frozen=True, tag="members.restricted.v1"):
    member: str
    restriction: str
    kind: str
    rule: str


class RestrictionLifted(Event, frozen=True, tag="members.restriction_lifted.v1"):
    member: str
    restriction: str


class RestrictionEnded(Event, frozen=True, tag="members.restriction_ended.v1"):
    """Its time was over."""

    member: str
    restriction: str
    kind: str


class SignedInAnew(Event, frozen=True, tag="members.signed_in.v1"):
    """A new session was opened; higher domains may tell the member about an unknown device."""

    member: str
    session: str
    way: str


class MemberDeleted(Event, frozen=True, tag="members.deleted.v1"):
    """The person is scrubbed here; every other domain scrubs when it hears this."""

    member: str

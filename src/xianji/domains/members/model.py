"""The words of membership: wishes people send, what they get back, limits with units, refusal codes."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from xianji.kernel.config import Key
from xianji.kernel.errors import Code, Kind
from xianji.kernel.ids import MediaId
from xianji.kernel.rates import Rate
from xianji.kernel.text import Body, Line
from xianji.kernel.work import Actor

Purpose = Literal["sign_in", "old_phone", "new_phone", "set_password"]
SellerType = Literal["individual", "professional", "merchant"]
Role = Literal["admin", "moderator", "finance", "campaigns", "support"]
RestrictionKind = Literal["sell", "buy", "speak", "sign_in"]
Appeal = Literal["none", "asked", "upheld", "overturned"]
Tie = Literal["follows", "followed_by", "blocks", "blocked_by"]
Language = Literal["zh", "en"]
ShortText = Annotated[str, Meta(max_length=200)]


# --- configuration ---------------------------------------------------------------------------------------------


class AddressField(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of a postal address in some country: its name, whether it must be there, its longest length."""

    name: str
    required: bool = True
    longest: int = 80


class SellingRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One condition for selling; `days` belongs to account_days, `badge` to badge."""

    kind: Literal["verified", "account_days", "no_restriction", "has_phone", "has_avatar", "badge"]
    days: int = 0
    badge: str = ""


class SellingPath(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A way to selling: open to holders of badge `cohort` (if named) and `percent` of all members (stable by id)."""

    name: str
    conditions: list[SellingRule]
    percent: int = 100
    cohort: str = ""


_CN = [AddressField("province"), AddressField("city"), AddressField("district"), AddressField("detail", longest=160)]
_US = [
    AddressField("line1", longest=120),
    AddressField("line2", False, 120),
    AddressField("city"),
    AddressField("state", longest=40),
    AddressField("zip", longest=10),
]
_ELSEWHERE = [
    AddressField("line1", longest=120),
    AddressField("line2", False, 120),
    AddressField("city"),
    AddressField("region", False),
    AddressField("postcode", False, 16),
]
_EVERYONE = [SellingPath("everyone", [SellingRule("verified")])]

PHONE_REGIONS = Key[list[str]](
    "members.phone_regions",
    ["CN", "HK", "MO", "TW", "SG", "MY", "JP", "KR", "US", "CA", "GB", "AU", "NZ", "DE", "FR"],
    "countries whose mobile numbers may sign in; empty means all",
    list[str],
)
CODE_MINUTES = Key("members.code_minutes", 10, "how long a phone code is good")
CODE_TRIES = Key("members.code_tries", 5, "wrong tries before a phone code is spent")
TEXT_TRIES = Key("members.text_tries", 5, "how often a text message is handed to the sender before it is given up")
TEXT_RETRY_SECONDS = Key("members.text_retry_seconds", 10, "the pause before the second try; it doubles each time")
CODE_RESEND_SECONDS = Key("members.code_resend_seconds", 60, "the pause before another code may be sent")
CODE_RATE_PHONE = Key("members.code_rate_phone", Rate(8, 86_400), "codes sent to one phone")
CODE_RATE_ORIGIN = Key("members.code_rate_origin", Rate(60, 3_600), "codes asked for from one network address")
SIGN_IN_RATE_ACCOUNT = Key("members.sign_in_rate_account", Rate(20, 3_600), "sign-in attempts on one account")
SIGN_IN_RATE_ORIGIN = Key("members.sign_in_rate_origin", Rate(300, 3_600), "sign-in attempts from one network address")
SESSION_DAYS = Key("members.session_days", 30, "a session ends when it was not used for so long")
SESSION_TOUCH_MINUTES = Key("members.session_touch_minutes", 60, "how often the use of a session is written down")
OPERATOR_HOURS = Key("members.operator_hours", 12, "how long a session keeps its operator roles after a TOTP code")
OPERATORS_NEED_TOTP = Key("members.operators_need_totp", True, "operator roles sleep until a TOTP code was given")
PASSWORD_SHORTEST = Key("members.password_shortest", 10, "characters of a password, at least")
ONE_TIME_HOURS = Key("members.one_time_hours", 24, "how long an operator's first password is good")
CHALLENGE_MINUTES = Key("members.challenge_minutes", 5, "how long a passkey challenge is good")
MOST_PASSKEYS = Key("members.most_passkeys", 10, "passkeys of one member")
PASSKEY_NAME_LONGEST = Key("members.passkey_name_longest", 60, "characters of a passkey's name")
RECOVERY_CODES = Key("members.recovery_codes", 10, "recovery codes handed out with TOTP")
NAME_LONGEST = Key("members.name_longest", 24, "characters of a display name")
BIO_LONGEST = Key("members.bio_longest", 300, "characters of a profile text")
CITY_LONGEST = Key("members.city_longest", 40, "characters of a city name")
HANDLE_DAYS = Key("members.handle_days", 30, "days between two changes of the handle")
RESERVED_HANDLES = Key[list[str]](
    "members.reserved_handles",
    ["admin", "administrator", "root", "system", "xianji", "support", "help", "official", "security", "staff", "me"],
    "handles nobody may take",
    list[str],
)
MOST_FOLLOWS = Key("members.most_follows", 2_000, "members one member may follow")
MOST_BLOCKS = Key("members.most_blocks", 2_000, "members one member may block")
MOST_ADDRESSES = Key("members.most_addresses", 20, "addresses one member may keep")
ADDRESS_FORMS = Key[dict[str, list[AddressField]]](
    "members.address_forms",
    {"CN": _CN, "US": _US, "": _ELSEWHERE},
    "the lines of an address per country; the empty name serves every other country",
    dict[str, list[AddressField]],
)
REAL_NAME_AGE = Key("members.real_name_age", 18, "full years a member must have for the real-name check")
REAL_NAME_SHARES = Key("members.real_name_shares", 1, "accounts one identity number may verify")
REAL_NAME_RATE = Key("members.real_name_rate", Rate(5, 86_400), "real-name attempts of one member")
REAL_NAME_LONGEST = Key("members.real_name_longest", 100, "characters of a name on an identity card")
APPEAL_PASS_MINUTES = Key(
    "members.appeal_pass_minutes", 30, "how long somebody suspended may appeal after proving who they are"
)
REASON_LONGEST = Key("members.reason_longest", 2_000, "characters of the reason of a restriction")
SELLING_PATHS = Key[list[SellingPath]](
    "members.selling_paths",
    _EVERYONE,
    "what opens selling; the first path whose cohort a member belongs to counts",
    list[SellingPath],
)

# --- refusals --------------------------------------------------------------------------------------------------

PHONE_NOT_VALID = Code("phone_not_valid", Kind.MALFORMED, field="phone")
PHONE_REGION_CLOSED = Code("phone_region_closed", Kind.MALFORMED, field="phone")
PROVE_YOURSELF = Code("prove_yourself", Kind.CONFLICT, field="old_code")
PHONE_TAKEN = Code("phone_taken", Kind.CONFLICT, field="phone")
CODE_SENT_RECENTLY = Code("code_sent_recently", Kind.LIMIT, field="phone")
CODE_NOT_RIGHT = Code("code_not_right", Kind.CONFLICT, field="code")
PASSWORD_NOT_RIGHT = Code("password_not_right", Kind.CONFLICT, field="password")
PASSWORD_TOO_WEAK = Code("password_too_weak", Kind.MALFORMED, field="password")
APPEAL_PASS_OVER = Code("appeal_pass_over", Kind.FORBIDDEN)
PASSKEY_NOT_RIGHT = Code("passkey_not_right", Kind.CONFLICT)
TOO_MANY_PASSKEYS = Code("too_many_passkeys", Kind.LIMIT)
TOTP_NOT_RIGHT = Code("totp_not_right", Kind.CONFLICT, field="code")
TOTP_ALREADY_SET = Code("totp_already_set", Kind.CONFLICT)
SIGN_IN_SUSPENDED = Code("sign_in_suspended", Kind.FORBIDDEN)
RESTRICTED = Code("restricted", Kind.FORBIDDEN)
PROFILE_CHANGED = Code("profile_changed", Kind.CONFLICT)
HANDLE_NOT_VALID = Code("handle_not_valid", Kind.MALFORMED, field="handle")
HANDLE_TAKEN = Code("handle_taken", Kind.CONFLICT, field="handle")
HANDLE_CHANGED_RECENTLY = Code("handle_changed_recently", Kind.LIMIT, field="handle")
ZONE_NOT_VALID = Code("zone_not_valid", Kind.MALFORMED, field="zone")
NOT_WITH_YOURSELF = Code("not_with_yourself", Kind.CONFLICT)
TOO_MANY_FOLLOWS = Code("too_many_follows", Kind.LIMIT)
TOO_MANY_BLOCKS = Code("too_many_blocks", Kind.LIMIT)
COUNTRY_NOT_VALID = Code("country_not_valid", Kind.MALFORMED, field="country")
ADDRESS_LINE_UNKNOWN = Code("address_line_unknown", Kind.MALFORMED, field="lines")
TOO_MANY_ADDRESSES = Code("too_many_addresses", Kind.LIMIT)
ID_NUMBER_NOT_VALID = Code("id_number_not_valid", Kind.MALFORMED, field="id_number")
TOO_YOUNG = Code("too_young", Kind.CONFLICT, field="id_number")
REAL_NAME_NOT_CONFIRMED = Code("real_name_not_confirmed", Kind.CONFLICT)
IDENTITY_NOT_REACHED = Code("identity_not_reached", Kind.BUSY)
ALREADY_VERIFIED = Code("already_verified", Kind.CONFLICT)
CANNOT_SELL_YET = Code("cannot_sell_yet", Kind.FORBIDDEN)
OWN_ADMIN_ROLE_STAYS = Code("own_admin_role_stays", Kind.CONFLICT)
RESTRICTION_ENDS_BEFORE = Code("restriction_ends_before", Kind.MALFORMED, field="until")
CONFIRM_WITH_HANDLE = Code("confirm_with_handle", Kind.MALFORMED, field="confirm")
BUSINESS_STILL_OPEN = Code("business_still_open", Kind.CONFLICT)


# --- wishes ----------------------------------------------------------------------------------------------------


class RequestCode(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Send a code to this phone."""

    phone: ShortText
    purpose: Purpose = "sign_in"


class SignIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Come in with the code; `device` is what the list of sessions will call this place.

    A new member speaks `language`, or the installation's.
    """

    phone: ShortText
    code: ShortText
    device: ShortText = ""
    language: Language | None = None


class SignInWithPassword(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Come in with a password; `account` is a phone or a handle."""

    account: ShortText
    password: Line
    device: ShortText = ""


class SetPassword(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Set the password. When there is one: prove it by `current` or by a `code` of purpose set_password."""

    password: Line
    current: Line = ""
    code: ShortText = ""


class AskPhoneCodes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The number the account is to move to; codes go there and, without a password, to the present number."""

    phone: ShortText


class ChangePhone(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Move the account to another phone: `code` proves the new one; `password` or `old_code` proves the member."""

    phone: ShortText
    code: ShortText
    old_code: ShortText = ""
    password: Line = ""


class TotpCode(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Six digits of the authenticator, or one recovery code."""

    code: ShortText


class TotpSetup(msgspec.Struct, frozen=True):
    """What an authenticator needs: the secret in base 32 and the same as an otpauth address for a QR picture."""

    secret: str
    uri: str


class PasskeyChallenge(msgspec.Struct, frozen=True):
    """`options` go to navigator.credentials as they are; `id` comes back with the answer."""

    id: str
    options: dict[str, Any]


class FinishPasskey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The browser's answer (the JSON of PublicKeyCredential) to a challenge of ours."""

    challenge: ShortText
    credential: dict[str, Any]
    name: ShortText = ""


class Site(msgspec.Struct, frozen=True):
    """Where passkeys belong: relying party id (host), full origin, name."""

    rp_id: str
    origin: str
    name: str = "闲集"


class EditProfile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to change, and the version it was read at; fields not sent stay."""

    version: int
    name: Line | UnsetType = UNSET
    bio: Body | UnsetType = UNSET
    city: Line | UnsetType = UNSET
    avatar: MediaId | UnsetType | None = UNSET
    language: Language | UnsetType = UNSET
    zone: ShortText | UnsetType = UNSET
    handle: ShortText | UnsetType = UNSET


class PutAddress(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An address as typed. `lines` follow the form of the country (configuration `members.address_forms`).

    Without a country it is the installation's.
    """

    name: Line
    phone: ShortText
    lines: dict[str, Line]
    country: Annotated[str, Meta(pattern="^([A-Z]{2})?$")] = ""
    is_default: bool = False


class VerifyRealName(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Name and identity number as printed on the card. Never a picture of it."""

    name: Line
    id_number: ShortText


class Restrict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sanction's effect: always with the rule, the evidence, an end, and words for the member."""

    member: str
    kind: RestrictionKind
    rule: ShortText
    reason: Body
    evidence: dict[str, Any]
    until: datetime


class DeleteAccount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`confirm` repeats the member's own handle."""

    confirm: ShortText


# --- answers ---------------------------------------------------------------------------------------------------


class SignedIn(msgspec.Struct, frozen=True):
    """The session token (shown once), whose it is, and whether the account was made just now."""

    token: str
    member: str
    new: bool


class MemberBadge(msgspec.Struct, frozen=True):
    """What every page needs to know about the one who looks."""

    id: str
    handle: str
    name: str
    avatar: str | None
    language: str
    zone: str
    verified: bool
    can_sell: bool
    unread_messages: int = 0
    unread_notices: int = 0


class Session(msgspec.Struct, frozen=True):
    """A session in force. `roles_asleep` wait for a TOTP code; `stale` asks the door to call `touch_session`.

    `until` is when the clock alone makes something of this untrue.
    """

    id: str
    actor: Actor
    badge: MemberBadge
    roles_asleep: frozenset[str]
    stale: bool
    until: datetime


class Facts(msgspec.Struct, frozen=True):
    """What the selling conditions look at."""

    id: str
    joined_at: datetime
    verified_at: datetime | None
    has_phone: bool
    has_avatar: bool
    badges: frozenset[str]
    restrictions: frozenset[str]


class Condition(msgspec.Struct, frozen=True):
    """One line of the checklist: its code (texts in words/conditions), whether met, facts, where to meet it."""

    code: str
    met: bool
    facts: dict[str, Any]
    action_url: str

"""Members: who somebody is, how they come in, and what they may do.

The package promises: a phone makes at most one member; answers never tell whether a phone is known; phones, names and
numbers of identity cards are sealed at rest and searchable only by keyed hash, never an image is kept; operator roles
sleep until the session has shown a TOTP code; a restriction always has a rule, evidence, an end and an appeal; a
deleted account leaves its figures but no personal text.
"""

from .actions.entry import (
    DEMO_CODE,
    SEND_CODE,
    request_code,
    revoke_others,
    revoke_session,
    sign_out,
    touch_session,
)
from .actions.profile import (
    award_badge,
    count_live_items,
    edit_profile,
    record_sale,
    set_response_minutes,
    set_seller_type,
    withdraw_badge,
)
from .model import (
    ChangePhone,
    Condition,
    EditProfile,
    MemberBadge,
    RequestCode,
    Session,
    SignedIn,
    SignIn,
)
from .outside import SmsSender, change_phone, send_code, sign_in
from .views import (
    Me,
    MemberCard,
    MemberPage,
    SessionLine,
    blocks,
    blocks_between,
    cards,
    followers,
    following,
    list_sessions,
    load_actor,
    load_session,
    me,
    member_page,
    selling_conditions,
)

__all__ = [
    "DEMO_CODE",
    "SEND_CODE",
    "ChangePhone",
    "Condition",
    "EditProfile",
    "Me",
    "MemberBadge",
    "MemberCard",
    "MemberPage",
    "RequestCode",
    "Session",
    "SessionLine",
    "SignIn",
    "SignedIn",
    "SmsSender",
    "award_badge",
    "blocks",
    "blocks_between",
    "cards",
    "change_phone",
    "count_live_items",
    "edit_profile",
    "followers",
    "following",
    "list_sessions",
    "load_actor",
    "load_session",
    "me",
    "member_page",
    "record_sale",
    "request_code",
    "revoke_others",
    "revoke_session",
    "selling_conditions",
    "send_code",
    "set_response_minutes",
    "set_seller_type",
    "sign_in",
    "sign_out",
    "touch_session",
    "withdraw_badge",
]

"""What is asked of authenticators, and judging their answers, by WebAuthn.

It stands apart because the library takes a quarter of a second to import, which only the first passkey needs.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import webauthn
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from xianji.domains.members.model import Site

_WRONG = (WebAuthnException, ValueError, KeyError, TypeError)


class Made(NamedTuple):
    """A passkey as its authenticator made it."""

    credential_id: bytes
    public_key: bytes
    sign_count: int


def options_to_make(site: Site, member: str, handle: str, name: str, challenge: bytes, known: Sequence[bytes]) -> str:
    """JSON for the browser: make a passkey for this member that is none of the known ones."""
    options = webauthn.generate_registration_options(
        rp_id=site.rp_id,
        rp_name=site.name,
        user_name=handle,
        user_id=member.encode(),
        user_display_name=name,
        challenge=challenge,
        # The key must carry the member id: that is how a sign-in finds the member without asking for a name.
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=credential) for credential in known],
    )
    return webauthn.options_to_json(options)


def made(site: Site, credential: dict[str, Any], challenge: bytes) -> Made | None:
    """The passkey that an answer to this challenge brings; None when the answer is not right."""
    try:
        found = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.rp_id,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except _WRONG:
        return None
    return Made(found.credential_id, found.credential_public_key, found.sign_count)


def options_to_enter(site: Site, challenge: bytes) -> str:
    """JSON for the browser: come in with any passkey of this site."""
    options = webauthn.generate_authentication_options(
        rp_id=site.rp_id, challenge=challenge, user_verification=UserVerificationRequirement.REQUIRED
    )
    return webauthn.options_to_json(options)


def shown(site: Site, credential: dict[str, Any], challenge: bytes, public_key: bytes, sign_count: int) -> int | None:
    """The authenticator's new count of signatures; None when the answer is not right."""
    try:
        found = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.rp_id,
            expected_origin=site.origin,
            credential_public_key=public_key,
            credential_current_sign_count=sign_count,
            require_user_verification=True,
        )
    except _WRONG:
        return None
    return found.new_sign_count

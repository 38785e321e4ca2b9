"""WebAuthn as we use it: what is offered to a browser and what its answer must hold. All of the cryptography is the library's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import options_to_json_dict, parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from identity.security.errors import PasskeyInvalid

NAME = "Rivermouth"
# What the library lets through when an answer is not what its parsers expect.
_BROKEN = (WebAuthnException, ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError)


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Who a passkey is for: the host it is bound to, and the only page that may use it."""

    id: str
    origin: str


def registration_options(
    party: RelyingParty, *, challenge: bytes, handle: bytes, account: str, name: str, known: Sequence[bytes]
) -> dict[str, Any]:
    """For `navigator.credentials.create`: a passkey the device can find by itself and unlocks by finger, face or PIN."""
    return options_to_json_dict(
        generate_registration_options(
            rp_id=party.id,
            rp_name=NAME,
            user_id=handle,
            user_name=account,
            user_display_name=name or account,
            challenge=challenge,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=credential) for credential in known],
        )
    )


def authentication_options(party: RelyingParty, *, challenge: bytes, known: Sequence[bytes]) -> dict[str, Any]:
    """For `navigator.credentials.get`; with nothing `known` the person chooses among the passkeys of the device."""
    return options_to_json_dict(
        generate_authentication_options(
            rp_id=party.id,
            challenge=challenge,
            allow_credentials=[PublicKeyCredentialDescriptor(id=credential) for credential in known],
            user_verification=UserVerificationRequirement.REQUIRED,
        )
    )


def registered(party: RelyingParty, credential: dict[str, Any], *, challenge: bytes) -> VerifiedRegistration:
    """What a device made.

    Raises:
        PasskeyInvalid: not the answer to this challenge, of this page, by a device that knows its owner.
    """
    try:
        return verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    except _BROKEN:
        raise PasskeyInvalid from None


def credential_id(credential: dict[str, Any]) -> bytes:
    """Which passkey an answer says it is of; not believed yet.

    Raises:
        PasskeyInvalid: there is none in it.
    """
    try:
        return bytes(parse_authentication_credential_json(credential).raw_id)
    except _BROKEN:
        raise PasskeyInvalid from None


def authenticated(
    party: RelyingParty, credential: dict[str, Any], *, challenge: bytes, public_key: bytes, sign_count: int
) -> VerifiedAuthentication:
    """What a device answered with a passkey that we know.

    Raises:
        PasskeyInvalid: as for a registration; or its counter went back, which a copied device does.
    """
    try:
        return verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=public_key,
            credential_current_sign_count=sign_count,
            require_user_verification=True,
        )
    except _BROKEN:
        raise PasskeyInvalid from None

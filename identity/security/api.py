"""Routes of an account's own security: second factors, step-up, the password."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import SecretStr

from identity.auth import Principal, requires
from identity.permissions import Permission
from identity.security import factors, passkeys, password_change, step_up
from identity.security.errors import (
    PasskeyInvalid,
    PasskeyKnown,
    PasskeysNotConfigured,
    PasswordTooWeak,
    SecondFactorInvalid,
    SecondFactorLocked,
    SecondFactorMissing,
    StepUpRequired,
    TooManyPasskeys,
)
from identity.security.factors import Proof
from identity.security.passkey_queries import PasskeyRow
from identity.security.schemas import (
    ConfirmIn,
    FactorsOut,
    NewPasskeyIn,
    NewPasskeyOut,
    PasskeyOfferOut,
    PasskeyOut,
    PasswordIn,
    RecoveryCodesOut,
    StepUpIn,
    TotpOut,
)
from identity.security.webauthn_rules import RelyingParty
from identity.sessions.errors import InvalidCredentials, LoginBusy, TooManyAttempts
from kernel import origin
from kernel.crypto import MasterKeyMissing
from kernel.errors import NotFound
from kernel.http import problem_responses
from kernel.settings import settings

router = APIRouter(prefix="/v1", tags=["identity"])
Owner = Annotated[Principal, requires(Permission.SECURITY_WRITE)]
ProvenOwner = Annotated[Principal, requires(Permission.SECURITY_WRITE, proven=True)]


def text_of(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()


def passkeys_offered() -> bool:
    """Whether this deployment knows its own address, to which passkeys are bound; in a sandbox it is the page's."""
    return settings().public_url is not None or settings().sandbox


def relying_party(request: Request) -> RelyingParty:
    """Who passkeys are for here: never what a request says of itself, but in a sandbox.

    Raises:
        PasskeysNotConfigured: a production that does not tell its address.
    """
    if not passkeys_offered():
        raise PasskeysNotConfigured
    origin = settings().public_url
    if origin is None:
        origin = f"{request.url.scheme}://{request.headers.get('host', '')}"
    parts = urlsplit(origin)
    return RelyingParty(id=parts.hostname or "", origin=f"{parts.scheme}://{parts.netloc}")


Party = Annotated[RelyingParty, Depends(relying_party)]


@router.get("/mfa", operation_id="second_factors")
def show(principal: Owner) -> FactorsOut:
    """Which second factors are enrolled."""
    found = factors.enrolled(tenant=principal.tenant_id, principal=principal.id)
    keys = passkeys.every(tenant=principal.tenant_id, principal=principal.id)
    return FactorsOut(
        totp=found.totp, recovery_codes_left=found.recovery_codes_left, passkeys=[_out(row) for row in keys]
    )


def _out(row: PasskeyRow) -> PasskeyOut:
    return PasskeyOut(id=row.id, name=row.name, created_at=row.created_at, last_used_at=row.last_used_at)


@router.post(
    "/mfa/passkeys",
    status_code=201,
    operation_id="offer_passkey",
    responses=problem_responses(StepUpRequired, TooManyPasskeys, PasskeysNotConfigured),
)
def offer_passkey(principal: ProvenOwner, party: Party) -> PasskeyOfferOut:
    """Begin to register a passkey."""
    offer = passkeys.offer(
        tenant=principal.tenant_id, principal=principal.id, account=principal.email, name=principal.name, party=party
    )
    return PasskeyOfferOut(challenge_id=offer.challenge_id, options=offer.options)


@router.post(
    "/mfa/passkeys/confirm",
    status_code=201,
    operation_id="register_passkey",
    responses=problem_responses(StepUpRequired, PasskeyInvalid, PasskeyKnown, TooManyPasskeys, PasskeysNotConfigured),
)
def register_passkey(body: NewPasskeyIn, response: Response, principal: ProvenOwner, party: Party) -> NewPasskeyOut:
    """The device has made it: from now on it opens the account, and a login by password alone needs a second factor."""
    made = passkeys.register(
        tenant=principal.tenant_id,
        principal=principal.id,
        session_id=principal.session_id,
        challenge_id=body.challenge_id,
        credential=body.credential,
        name=body.name,
        party=party,
    )
    response.headers["Cache-Control"] = "no-store"
    return NewPasskeyOut(**_out(made.passkey).model_dump(), recovery_codes=made.recovery_codes)


@router.delete(
    "/mfa/passkeys/{id}",
    status_code=204,
    operation_id="remove_passkey",
    responses=problem_responses(StepUpRequired, NotFound),
)
def remove_passkey(id: UUID, principal: ProvenOwner) -> None:  # noqa: A002  the name of the path's parameter
    """It opens nothing any more. Other sessions end; for a day no key can be made."""
    passkeys.remove(tenant=principal.tenant_id, principal=principal.id, session_id=principal.session_id, passkey=id)


@router.post(
    "/step-up/passkey",
    status_code=201,
    operation_id="offer_step_up",
    responses=problem_responses(NotFound, PasskeysNotConfigured),
)
def offer_step_up(principal: Owner, party: Party) -> PasskeyOfferOut:
    """Begin a step-up by passkey; its answer goes to `POST /v1/step-up`."""
    offer = passkeys.step_up_offer(tenant=principal.tenant_id, principal=principal.id, party=party)
    return PasskeyOfferOut(challenge_id=offer.challenge_id, options=offer.options)


@router.post(
    "/mfa/totp",
    status_code=201,
    operation_id="offer_totp",
    responses=problem_responses(StepUpRequired, MasterKeyMissing),
)
def offer_totp(response: Response, principal: ProvenOwner) -> TotpOut:
    """A secret for an authenticator app. It counts once a code is confirmed; asking again makes another one."""
    offer = factors.offer_totp(tenant=principal.tenant_id, principal=principal.id, account=principal.email)
    response.headers["Cache-Control"] = "no-store"
    return TotpOut(secret=offer.secret, address=offer.address, qr=offer.qr)


@router.post(
    "/mfa/totp/confirm",
    operation_id="confirm_totp",
    responses=problem_responses(StepUpRequired, SecondFactorMissing, SecondFactorInvalid, SecondFactorLocked),
)
def confirm_totp(body: ConfirmIn, response: Response, principal: ProvenOwner) -> RecoveryCodesOut:
    """The app works: from now on a login needs its code. Keep the recovery codes where the telephone is not."""
    codes = factors.confirm_totp(
        tenant=principal.tenant_id,
        principal=principal.id,
        session_id=principal.session_id,
        code=body.totp.get_secret_value(),
    )
    response.headers["Cache-Control"] = "no-store"
    return RecoveryCodesOut(recovery_codes=codes)


@router.delete(
    "/mfa/totp",
    status_code=204,
    operation_id="remove_totp",
    responses=problem_responses(StepUpRequired, SecondFactorMissing),
)
def remove_totp(principal: ProvenOwner) -> None:
    """The password alone opens again. Other sessions end; for a day no key can be made."""
    factors.remove_totp(tenant=principal.tenant_id, principal=principal.id, session_id=principal.session_id)


@router.post(
    "/mfa/recovery-codes",
    status_code=201,
    operation_id="renew_recovery_codes",
    responses=problem_responses(StepUpRequired, SecondFactorMissing),
)
def renew_recovery_codes(response: Response, principal: ProvenOwner) -> RecoveryCodesOut:
    """Ten new recovery codes; the old ones are worthless. Other sessions end; for a day no key can be made and nothing withdrawn."""
    codes = factors.renew_recovery_codes(
        tenant=principal.tenant_id, principal=principal.id, session_id=principal.session_id
    )
    response.headers["Cache-Control"] = "no-store"
    return RecoveryCodesOut(recovery_codes=codes)


@router.post(
    "/step-up",
    status_code=204,
    operation_id="step_up",
    responses=problem_responses(
        StepUpRequired,
        SecondFactorInvalid,
        SecondFactorLocked,
        PasskeyInvalid,
        PasskeysNotConfigured,
        InvalidCredentials,
        TooManyAttempts,
        LoginBusy,
    ),
)
def prove(request: Request, body: StepUpIn, principal: Owner) -> None:
    """Prove again who you are; for ten minutes this session may do what is dangerous."""
    if body.passkey is not None:
        try:
            passkeys.prove(
                tenant=principal.tenant_id,
                principal=principal.id,
                session_id=principal.session_id,
                challenge_id=body.passkey.challenge_id,
                credential=body.passkey.credential,
                party=relying_party(request),
            )
        except PasskeyInvalid as refusal:
            step_up.note_refusal(principal.tenant_id, principal.id, principal.session_id, refusal)
            raise
        return
    step_up.prove(
        tenant=principal.tenant_id,
        principal=principal.id,
        session_id=principal.session_id,
        email=principal.email,
        totp=principal.totp,
        passkey=principal.passkey,
        proof=Proof(totp=text_of(body.totp), recovery_code=text_of(body.recovery_code)),
        password=text_of(body.password),
        address=origin.address_of(request),
    )


@router.post(
    "/me/password",
    status_code=204,
    operation_id="change_password",
    responses=problem_responses(StepUpRequired, PasswordTooWeak, InvalidCredentials, TooManyAttempts, LoginBusy),
)
def change_password(request: Request, body: PasswordIn, principal: ProvenOwner) -> None:
    """A new password. Other sessions end; for a day no key can be made."""
    password_change.change(
        tenant=principal.tenant_id,
        principal=principal.id,
        session_id=principal.session_id,
        email=principal.email,
        name=principal.name,
        current=body.current_password.get_secret_value(),
        new=body.new_password.get_secret_value(),
        address=origin.address_of(request),
    )

"""Routes of an account's own security: second factors, step-up, the password."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import SecretStr

from identity.auth import Principal, requires
from identity.permissions import Permission
from identity.security import factors, password_change, step_up
from identity.security.errors import (
    PasswordTooWeak,
    SecondFactorInvalid,
    SecondFactorLocked,
    SecondFactorMissing,
    StepUpRequired,
)
from identity.security.factors import Proof
from identity.security.schemas import ConfirmIn, FactorsOut, PasswordIn, RecoveryCodesOut, StepUpIn, TotpOut
from identity.sessions.errors import InvalidCredentials, LoginBusy, TooManyAttempts
from kernel.crypto import MasterKeyMissing
from kernel.http import problem_responses

router = APIRouter(prefix="/v1", tags=["identity"])
Owner = Annotated[Principal, requires(Permission.SECURITY_WRITE)]
ProvenOwner = Annotated[Principal, requires(Permission.SECURITY_WRITE, proven=True)]


def text_of(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


@router.get("/mfa", operation_id="second_factors")
def show(principal: Owner) -> FactorsOut:
    """Which second factors are enrolled."""
    found = factors.enrolled(tenant=principal.tenant_id, principal=principal.id)
    return FactorsOut(totp=found.totp, recovery_codes_left=found.recovery_codes_left)


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
    """Ten new recovery codes; the old ones are worthless."""
    codes = factors.renew_recovery_codes(tenant=principal.tenant_id, principal=principal.id)
    response.headers["Cache-Control"] = "no-store"
    return RecoveryCodesOut(recovery_codes=codes)


@router.post(
    "/step-up",
    status_code=204,
    operation_id="step_up",
    responses=problem_responses(
        StepUpRequired, SecondFactorInvalid, SecondFactorLocked, InvalidCredentials, TooManyAttempts, LoginBusy
    ),
)
def prove(request: Request, body: StepUpIn, principal: Owner) -> None:
    """Prove again who you are; for ten minutes this session may do what is dangerous."""
    step_up.prove(
        tenant=principal.tenant_id,
        principal=principal.id,
        session_id=principal.session_id,
        email=principal.email,
        guarded=principal.second_factor,
        proof=Proof(totp=text_of(body.totp), recovery_code=text_of(body.recovery_code)),
        password=text_of(body.password),
        address=_address(request),
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
        address=_address(request),
    )

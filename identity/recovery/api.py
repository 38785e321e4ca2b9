"""Routes of recovery: what a mailbox can do for the account it belongs to."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from identity.auth import Principal, public, requires
from identity.mail_links.errors import LinkInvalid, MailLinksNotConfigured
from identity.permissions import Permission
from identity.principals.errors import EmailTaken
from identity.recovery import service
from identity.recovery.errors import EmailUnchanged
from identity.recovery.schemas import EmailConfirmedOut, ResetIn
from identity.registration.errors import EmailInvalid
from identity.registration.schemas import EmailIn, MailSentOut, TokenIn
from identity.security.errors import (
    PasswordTooWeak,
    SecondFactorInvalid,
    SecondFactorLocked,
    SecondFactorRequired,
    StepUpRequired,
)
from identity.security.factors import Proof
from identity.sessions.errors import LoginBusy, TooManyAttempts
from kernel.http import problem_responses
from kernel.rates import Rate

router = APIRouter(prefix="/v1", tags=["identity"])


@router.post(
    "/password-resets",
    status_code=202,
    dependencies=[public(rate=Rate.LOGINS)],
    operation_id="ask_for_password_reset",
    responses=problem_responses(EmailInvalid, TooManyAttempts, MailLinksNotConfigured),
)
def ask_for_reset(body: EmailIn) -> MailSentOut:
    """Forgot the password: a mail with a link, if the address has an account. The answer does not say."""
    service.ask_for_reset(email=body.email)
    return MailSentOut()


@router.post(
    "/password-resets/confirm",
    status_code=204,
    dependencies=[public(rate=Rate.LOGINS)],
    operation_id="reset_password",
    responses=problem_responses(
        LinkInvalid, PasswordTooWeak, SecondFactorRequired, SecondFactorInvalid, SecondFactorLocked, LoginBusy
    ),
)
def reset(body: ResetIn) -> None:
    """A new password by the link of the mail. All sessions end; for a day no key can be made."""
    service.reset(
        token=body.token.get_secret_value(),
        password=body.password.get_secret_value(),
        proof=Proof(
            totp=body.totp.get_secret_value() if body.totp else None,
            recovery_code=body.recovery_code.get_secret_value() if body.recovery_code else None,
        ),
    )


@router.post(
    "/me/email",
    status_code=202,
    operation_id="ask_for_email_change",
    responses=problem_responses(StepUpRequired, EmailInvalid, EmailUnchanged, TooManyAttempts, MailLinksNotConfigured),
)
def ask_for_email(
    body: EmailIn, principal: Annotated[Principal, requires(Permission.SECURITY_WRITE, proven=True)]
) -> MailSentOut:
    """Move to another e-mail: a link goes to the present address and one to the new one; both must be used."""
    service.ask_for_email(tenant=principal.tenant_id, principal=principal.id, email=body.email)
    return MailSentOut()


@router.post(
    "/email-changes/confirm",
    dependencies=[public(rate=Rate.LOGINS)],
    operation_id="confirm_email_change",
    responses=problem_responses(LinkInvalid, EmailTaken),
)
def confirm_email(body: TokenIn) -> EmailConfirmedOut:
    """Say yes from one of the two mailboxes. With the second yes all sessions end; for a day no key can be made."""
    return EmailConfirmedOut(done=service.confirm_email(body.token.get_secret_value()))


@router.post(
    "/account-freezes",
    status_code=204,
    dependencies=[public(rate=Rate.LOGINS)],
    operation_id="freeze_account",
    responses=problem_responses(LinkInvalid),
)
def freeze(body: TokenIn) -> None:
    """It was not me: shut my account. Sessions and keys end at once; no order and no money is touched; staff opens it again."""
    service.freeze(body.token.get_secret_value())

"""Routes of registering. All are public, and none tells who has an account."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from identity.auth import public
from identity.mail_links.errors import LinkInvalid
from identity.principals.errors import EmailTaken
from identity.registration import service
from identity.registration.errors import EmailInvalid, RegistrationClosed, RegistrationPasswordWrong
from identity.registration.schemas import EmailIn, MailSentOut, RegistrationIn, RegistrationOfferOut, VerifyIn
from identity.security.errors import PasswordTooWeak
from identity.sessions.errors import LoginBusy, TooManyAttempts
from kernel.http import problem_responses
from kernel.rates import Rate

router = APIRouter(prefix="/v1/registrations", tags=["identity"], dependencies=[public(rate=Rate.LOGINS)])


def _house(request: Request) -> UUID:
    return service.house_of(request.headers.get("host", ""))


House = Annotated[UUID, Depends(_house)]


@router.get("/offer", operation_id="registration_offer")
def offer(house: House) -> RegistrationOfferOut:
    """Whether one can register here at all."""
    return RegistrationOfferOut(open=service.offered(house))


@router.post(
    "",
    status_code=202,
    operation_id="register",
    responses=problem_responses(RegistrationClosed, EmailInvalid, PasswordTooWeak, TooManyAttempts, LoginBusy),
)
def register(body: RegistrationIn, house: House) -> MailSentOut:
    """Ask for an account. The answer is the same for every address; what it may do stands in a mail to it."""
    password = body.password.get_secret_value()
    service.ask(house=house, email=body.email, password=password, name=body.name, language=body.locale)
    return MailSentOut()


@router.post(
    "/resend",
    status_code=202,
    operation_id="resend_registration_mail",
    responses=problem_responses(RegistrationClosed, EmailInvalid, TooManyAttempts),
)
def resend(body: EmailIn, house: House) -> MailSentOut:
    """Send the mail again, if there is one to send; the answer does not say."""
    service.ask_again(house=house, email=body.email)
    return MailSentOut()


@router.post(
    "/verify",
    status_code=204,
    operation_id="verify_registration",
    responses=problem_responses(LinkInvalid, RegistrationPasswordWrong, EmailTaken, LoginBusy),
)
def verify(body: VerifyIn) -> None:
    """Use the link of the mail, with the password of the registration: the account exists from now on."""
    service.verify(body.token.get_secret_value(), password=body.password.get_secret_value())

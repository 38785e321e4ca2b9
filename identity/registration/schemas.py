"""Shapes of the routes of registering."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from identity.security.schemas import NewPassword

Email = Annotated[str, Field(min_length=3, max_length=254, examples=["ann@mail.example"])]
LinkToken = Annotated[SecretStr, Field(min_length=1, max_length=100)]
Name = Annotated[str, Field(max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$", examples=["Ann Example"])]


class _In(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")


class RegistrationIn(_In):
    """`locale`: the language of the mails."""

    email: Email
    password: NewPassword
    name: Name = ""
    locale: Literal["en", "zh"] = "en"


class EmailIn(_In):
    email: Email


class TokenIn(_In):
    """What stands behind the `#` of a link in a mail."""

    token: LinkToken


class VerifyIn(TokenIn):
    """`password`: the one of the registration, once more. Whoever reads the mail and did not register does not know it."""

    password: Annotated[SecretStr, Field(min_length=1, max_length=256)]


class MailSentOut(BaseModel):
    """The same words to everybody: whether the address has an account is told to the address alone."""

    message: Literal["If this address can be written to, a mail is on its way. Look there."] = (
        "If this address can be written to, a mail is on its way. Look there."
    )


class RegistrationOfferOut(BaseModel):
    """Whether people may register themselves here."""

    open: bool

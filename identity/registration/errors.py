"""Why nobody can register like this; none of it depends on who has an account."""

from __future__ import annotations

from typing import ClassVar

from kernel.errors import DomainError


class RegistrationClosed(DomainError):
    """This house does not take registrations."""

    code: ClassVar[str] = "registration_closed"
    status: ClassVar[int] = 403


class RegistrationPasswordWrong(DomainError):
    """The registration that this mail belongs to was made with another password, so perhaps by somebody else. Register again."""

    code: ClassVar[str] = "registration_password_wrong"
    status: ClassVar[int] = 403


class EmailInvalid(DomainError):
    """This is not an e-mail address that a mail can be sent to."""

    code: ClassVar[str] = "email_invalid"
    status: ClassVar[int] = 400

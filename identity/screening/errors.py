"""Why a list cannot be imported, or a screening not be decided."""

from __future__ import annotations

from typing import ClassVar

from kernel.errors import DomainError


class ListInvalid(DomainError):
    """A list is a CSV file in UTF-8 with the columns ref, name, aliases, born, note; each ref once, no name empty."""

    code: ClassVar[str] = "list_invalid"
    status: ClassVar[int] = 400


class ScreeningClosed(DomainError):
    """This was decided already, or the customer has been compared again since."""

    code: ClassVar[str] = "screening_closed"
    status: ClassVar[int] = 409

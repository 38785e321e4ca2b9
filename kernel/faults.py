"""Everything that is wrong with something somebody is typing, each fault with its field: all of it is told at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kernel.errors import DomainError


@dataclass(frozen=True, slots=True)
class Fault:
    field: str
    error: DomainError

    @property
    def plain(self) -> dict[str, str]:
        return {"field": self.field, "code": self.error.code, "message": self.error.detail}


def refuse(found: Sequence[Fault]) -> None:
    """Raise the first of them, with all of them told.

    Raises:
        DomainError: as the fault says.
    """
    if found:
        first = found[0]
        raise type(first.error)(
            f"{first.field}: {first.error.detail}", field=first.field, errors=[one.plain for one in found]
        )

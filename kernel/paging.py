"""Lists in pages: `{items, next_cursor}`. A cursor is where the last page ended (keyset), opaque to the caller.

It holds the sort key of the last item as JSON in base64url, and nothing secret: what a caller may see is decided by the query, so a
forged cursor shows no more than an honest one. Whatever cannot be read back is refused.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel

from kernel.errors import DomainError

T = TypeVar("T")
R = TypeVar("R")
Part = str | int | UUID | datetime
MAX_CURSOR = 512


class InvalidCursor(DomainError):
    """The cursor is not one that this list gave out."""

    code: ClassVar[str] = "invalid_cursor"
    status: ClassVar[int] = 400


class Page(BaseModel, Generic[T]):
    """One page of a list; `next_cursor` is null on the last one, however full that is."""

    items: list[T]
    next_cursor: str | None = None


def cut(found: Sequence[R], limit: int, place: Callable[[R], Part | tuple[Part, ...]]) -> tuple[list[R], str | None]:
    """The page, and the cursor to the next one, of what was read with `limit + 1`: the one too many says that something follows.

    Args:
        place: where an item stands in the order of the list.
    """
    page = list(found[:limit])
    if len(found) <= limit:
        return page, None
    last = place(page[-1])
    return page, encode_cursor(*last) if isinstance(last, tuple) else encode_cursor(last)


def encode_cursor(*parts: Part) -> str:
    values = [part.isoformat() if isinstance(part, datetime) else _plain(part) for part in parts]
    text = json.dumps(values, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _plain(part: Part) -> str | int:
    return part if isinstance(part, int) else str(part)


def decode_cursor(cursor: str, *kinds: type[Part]) -> Any:
    """What a cursor was encoded from, in these types: one value for at most one type, else a tuple.

    Raises:
        InvalidCursor: it was made up, cut, or given out by another list.
    """
    if len(cursor) > MAX_CURSOR:
        raise InvalidCursor
    try:
        raw = base64.b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        values = json.loads(raw)
        parts = tuple(_READERS[kind](value) for kind, value in zip(kinds or (str,), values, strict=True))
    except (ValueError, TypeError, AttributeError, RecursionError, OverflowError, binascii.Error):
        raise InvalidCursor from None
    return parts if len(kinds) > 1 else parts[0]


def _read_str(value: object) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise ValueError(value)
    value.encode()  # half a surrogate pair is no text
    return value


def _read_int(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not -(2**63) <= value < 2**63:
        raise ValueError(value)
    return value


def _read_time(value: object) -> datetime:
    moment = datetime.fromisoformat(_read_str(value))
    if moment.tzinfo is None:
        raise ValueError(value)
    return moment


def _read_uuid(value: object) -> UUID:
    return UUID(_read_str(value))


_READERS: dict[type, Callable[[object], Part]] = {
    str: _read_str,
    int: _read_int,
    datetime: _read_time,
    UUID: _read_uuid,
}

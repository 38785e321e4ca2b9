"""The parameters of one request, from query and form, each read strictly; what would be ignored is refused where it could cost money."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qsl

from broker.compat.errors import Refusal, malformed, missing
from kernel.money import InvalidAmount, parse_amount

_NUMBER = re.compile(r"\d{1,18}", re.ASCII)
_COID = re.compile(r"[.A-Z:/a-z0-9_-]{1,36}", re.ASCII)
_MOST_FIELDS = 50
_LATEST_MS = 253_402_300_799_000  # the end of the year 9999
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SIGNING = frozenset({"timestamp", "recvWindow", "signature"})


@dataclass(frozen=True, slots=True)
class Parameters:
    """Name → text, every name once."""

    given: Mapping[str, str]

    @classmethod
    def read(cls, query: str, form: str) -> Parameters:
        """From the raw texts of a request.

        Raises:
            Refusal: too many, or one of them twice.
        """
        try:
            pairs = [
                pair
                for text in (query, form)
                for pair in parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
            ]
        except ValueError:
            raise Refusal(-1101, "Too many parameters; expected fewer than 50.") from None
        given = dict(pairs)
        if len(given) != len(pairs):
            raise Refusal(-1101, "Duplicate values for a parameter detected.")
        return cls(given)

    def only(self, allowed: Iterable[str]) -> None:
        """A parameter that we would not read could be the one that matters.

        Raises:
            Refusal: there is another one.
        """
        rest = set(self.given) - set(allowed) - SIGNING
        if rest:
            read = len(self.given) - len(rest)
            raise Refusal(
                -1104,
                f"Not all sent parameters were read; read '{read}' parameter(s) but was sent '{len(self.given)}'.",
            )

    def text(self, name: str) -> str | None:
        return self.given.get(name) or None

    def must(self, name: str) -> str:
        found = self.text(name)
        if found is None:
            raise missing(name)
        return found

    def number(self, name: str) -> int | None:
        found = self.text(name)
        if found is None:
            return None
        if not _NUMBER.fullmatch(found):
            raise malformed(name)
        return int(found)

    def must_number(self, name: str) -> int:
        found = self.number(name)
        if found is None:
            raise missing(name)
        return found

    def limit(self, usual: int, most: int) -> int:
        found = self.number("limit")
        if found is None:
            return usual
        if found < 1:
            raise Refusal(-1130, "Data sent for parameter 'limit' is not valid.")
        return min(found, most)

    def moment(self, name: str) -> datetime | None:
        """Milliseconds since 1970, as a time."""
        found = self.number(name)
        if found is None:
            return None
        if found > _LATEST_MS:
            raise malformed(name)
        return _EPOCH + timedelta(milliseconds=found)

    def amount(self, name: str) -> Decimal | None:
        """A decimal above zero."""
        found = self.text(name)
        if found is None:
            return None
        try:
            value = parse_amount(found)
        except InvalidAmount:
            raise malformed(name) from None
        if value <= 0:
            raise Refusal(-1013, f"Invalid {name}.")
        return value

    def client_order_id(self, name: str) -> str | None:
        found = self.text(name)
        if found is not None and not _COID.fullmatch(found):
            raise malformed(name)
        return found

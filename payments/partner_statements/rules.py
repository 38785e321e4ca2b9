"""Reading a partner's statement and finding its lines in our journal: text and decimals in, lines and matches out.

The file is read line by line and may be as long as it likes. Amounts are exact: what cannot be read exactly is refused with its line
number, and nothing of that file is kept.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from kernel.money import InvalidAmount, fits_scale, parse_amount
from payments.reconciliation.errors import StatementInvalid

NEAR = timedelta(days=3)
NAMED_WITHIN = timedelta(days=92)  # a partner shows what it names later than that as something new
REQUIRED = ("reference", "booked_at", "amount")
_KNOWN = (*REQUIRED, "asset", "note")
_MAX_FIELD = 2000


@dataclass(frozen=True, slots=True)
class TheirLine:
    """`amount` counts what we own there: plus is more for us. `original` is the line's amount as it was written."""

    line: int
    reference: str
    at: datetime
    amount: Decimal
    original: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class OurLine:
    """What one journal did to the account, counted as what we own there."""

    journal_id: UUID
    reference: str | None
    at: datetime
    amount: Decimal


def whole_days(first: datetime, last: datetime) -> tuple[datetime, datetime]:
    """What a statement covers: its days in UTC, also the hours before its first line and after its last."""
    start = datetime.combine(first.astimezone(UTC).date(), time(), UTC)
    return start, datetime.combine(last.astimezone(UTC).date(), time(), UTC) + timedelta(days=1)


def read_csv(text: Iterable[str], *, asset: str, scale: int) -> Iterator[TheirLine]:
    """The lines of a statement with a header `reference,booked_at,amount[,asset][,note]`, one at a time.

    Raises:
        StatementInvalid: with the number of the line that cannot be read.
    """
    rows = csv.reader(text, strict=True)
    columns: dict[str, int] | None = None
    number = 0
    try:
        for row in rows:
            if columns is None:
                columns = _columns(row)
            elif row:
                number += 1
                yield _line(row, columns, number, asset=asset, scale=scale)
    except csv.Error as error:
        raise StatementInvalid(f"line {rows.line_num}: {error}") from None
    if columns is None or number == 0:
        raise StatementInvalid("the statement has no lines")


def _columns(row: list[str]) -> dict[str, int]:
    names = [name.strip().lower().removeprefix("\ufeff") for name in row]
    if any(name not in names for name in REQUIRED) or len(set(names)) != len(names):
        raise StatementInvalid(f"the header must name {', '.join(REQUIRED)} once each")
    return {name: place for place, name in enumerate(names) if name in _KNOWN}


def _line(row: list[str], columns: Mapping[str, int], number: int, *, asset: str, scale: int) -> TheirLine:
    def field(name: str) -> str:
        place = columns.get(name)
        return row[place].strip() if place is not None and place < len(row) else ""

    reference, written = field("reference"), field("amount")
    if not 1 <= len(reference) <= 200 or not reference.isprintable():
        raise StatementInvalid(f"line {number}: a reference has 1 to 200 printable characters")
    if field("asset") not in {"", asset}:
        raise StatementInvalid(f"line {number}: this account is in {asset}")
    try:
        amount = parse_amount(written.removeprefix("+"))
    except InvalidAmount:
        raise StatementInvalid(f"line {number}: the amount is not a plain decimal number") from None
    if amount == 0:
        raise StatementInvalid(f"line {number}: the amount is zero")
    if not fits_scale(amount, scale):
        raise StatementInvalid(f"line {number}: {asset} has {scale} decimals")
    return TheirLine(number, reference, _moment(field("booked_at"), number), amount, written, _printable(field("note")))


def _moment(text: str, number: int) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or not 1970 <= moment.year <= 9998:
        raise StatementInvalid(f"line {number}: booked_at is an RFC 3339 time with its zone")
    return moment


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text[:_MAX_FIELD]).encode("utf-8", "replace").decode()


def match(theirs: Sequence[TheirLine], ours: Iterable[OurLine]) -> Mapping[int, OurLine]:
    """Line number → our journal, each used once: by reference first, then by exact amount, the nearest in time within three days."""
    free = {line.journal_id: line for line in sorted(ours, key=lambda o: (o.at, o.journal_id))}
    named: dict[str, list[OurLine]] = {}
    for line in free.values():
        if line.reference is not None:
            named.setdefault(line.reference, []).append(line)
    found: dict[int, OurLine] = {}
    for their in theirs:
        candidates = [o for o in named.get(their.reference, ()) if o.journal_id in free]
        if candidates:
            best = min(candidates, key=lambda o: (o.amount != their.amount, abs(o.at - their.at)))
            found[their.line] = free.pop(best.journal_id)
    by_amount: dict[Decimal, list[OurLine]] = {}
    for line in free.values():
        if line.reference is None:
            by_amount.setdefault(line.amount, []).append(line)
    for their in theirs:
        if their.line in found:
            continue
        near = [o for o in by_amount.get(their.amount, ()) if o.journal_id in free and abs(o.at - their.at) <= NEAR]
        if near:
            found[their.line] = free.pop(min(near, key=lambda o: abs(o.at - their.at)).journal_id)
    return found

"""Drawing on a funding line and paying it back, as steps of a loan; what a line costs, day by day.

Whoever touches a line first books the days that have passed since it was last touched: the money drawn was the same on all of them, so
each day's cost is exact however late it is booked. The line's row is locked after the loan and before the ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, timedelta
from decimal import Decimal
from uuid import UUID

from kernel import db, outbox
from kernel.day_count import DayCount
from kernel.db import AnyRow, Tx
from kernel.ids import uuid7
from kernel.money import canonical, fits_scale
from lending.funding import errors, events, postings, queries, rules
from lending.funding.queries import Line, Move
from lending.funding.sources import SOURCES
from lending.funding.states import Adapter, MoveKind, MoveStatus
from payments.assets import service as assets
from payments.errors import AmountTooFine

__all__ = [
    "Line", "Move", "Wish", "accrue", "change", "check", "check_limit", "cost_owed", "draw", "drawn", "ensure", "find", "lines_of",
    "lines_to_accrue", "not_known", "open_line", "rate", "refused", "repay", "returned", "story", "taken",
]  # fmt: skip

SUBJECT = "funding"
_SHOWN_DAYS, _SHOWN_MOVES = timedelta(days=92), 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A line as staff describe it. `source` is the partner's name, or the venue of the money; `rate` is a yearly fraction."""

    name: str
    adapter: Adapter
    source: str
    asset: str
    limit: Decimal
    rate: Decimal
    day_count: DayCount = DayCount.ACTUAL_365


def check(tx: Tx, wish: Wish) -> None:
    """Whether such a line could be opened now. Step.

    Raises:
        FundingLineTaken, FundingSourceUnfit, AssetUnknown, AmountTooFine: as they say.
    """
    _demand_scale(wish.asset, wish.limit)
    if wish.adapter not in SOURCES or (wish.adapter is not Adapter.LEDGER and wish.source != wish.adapter.value):
        raise errors.FundingSourceUnfit
    if any(line.name == wish.name for line in queries.lines(tx)):
        raise errors.FundingLineTaken(name=wish.name)


def open_line(tx: Tx, wish: Wish, *, line_id: UUID | None = None) -> UUID:
    """A new line, nothing drawn on it. Step.

    Raises:
        FundingLineTaken, FundingSourceUnfit, AssetUnknown, AmountTooFine: as they say.
    """
    check(tx, wish)
    line_id = line_id or uuid7()
    row = {
        "id": line_id,
        "name": wish.name,
        "adapter": wish.adapter.value,
        "source": wish.source,
        "asset": wish.asset,
        "limit": wish.limit,
        "rate": wish.rate,
        "day_count": wish.day_count.value,
    }
    if not queries.insert(tx, row):
        raise errors.FundingLineTaken(name=wish.name)
    return line_id


def ensure(tx: Tx, wish: Wish) -> UUID:
    """The line of this name, opened where there is none. Step."""
    known = next((line.id for line in queries.lines(tx) if line.name == wish.name), None)
    return known or open_line(tx, wish)


def change(tx: Tx, line_id: UUID, *, limit: Decimal | None, rate: Decimal | None) -> None:
    """Another limit or rate from today on; the days before cost what they cost. Step.

    Raises:
        FundingLineNotFound, FundingLimitTooLow, AmountTooFine: as they say.
    """
    line = _touch(tx, line_id)
    if limit is not None:
        check_limit(line, limit)
        queries.change(tx, line_id, line_limit=limit)
    if rate is not None:
        queries.change(tx, line_id, rate=rate)


def check_limit(line: Line, limit: Decimal) -> None:
    """Whether the line may have this limit now.

    Raises:
        FundingLimitTooLow, AmountTooFine: as they say.
    """
    _demand_scale(line.asset, limit)
    if limit < line.drawn + line.asked:
        raise errors.FundingLimitTooLow(drawn=canonical(line.drawn + line.asked))


def find(tx: Tx, line_id: UUID) -> Line:
    """One line as it stands; its cost is booked up to `accrued_through`.

    Raises:
        FundingLineNotFound: as it says.
    """
    line = queries.get(tx, line_id)
    if line is None:
        raise errors.FundingLineNotFound
    return line


def cost_owed(line: Line) -> Decimal:
    """What is booked and not yet paid to the source."""
    return rules.payable(line.accrued, assets.scale(line.asset))


# ------------------------------------------------------------------------------------------------------------------------- for staff


def lines_of(tenant: UUID) -> list[Line]:
    with db.read_only(tenant=tenant) as tx:
        return queries.lines(tx)


def story(tenant: UUID, line_id: UUID) -> tuple[Line, list[Move], Sequence[AnyRow]]:
    """A line, its newest moves, and its days of late.

    Raises:
        FundingLineNotFound: as it says.
    """
    with db.read_only(tenant=tenant) as tx:
        line = find(tx, line_id)
        since = tx.now.astimezone(UTC).date() - _SHOWN_DAYS
        return line, queries.moves(tx, line_id, limit=_SHOWN_MOVES), queries.cost_by_day(tx, line_id, since=since)


# ------------------------------------------------------------------------------------------------------------------------ for a loan


def _demand_scale(asset: str, amount: Decimal) -> None:
    scale = assets.scale(asset)
    if not fits_scale(amount, scale):
        raise AmountTooFine(asset=asset, scale=scale)


def rate(tx: Tx, line_id: UUID, on: date) -> Decimal:
    """What a year costs from a day on that is not yet booked: one rate stands until it is changed.

    Raises:
        FundingLineNotFound: as it says.
    """
    line = find(tx, line_id)
    assert on >= line.accrued_through, "a day that is booked cost what it cost then"
    return line.rate


def draw(tx: Tx, *, line_id: UUID, loan_id: UUID, amount: Decimal) -> bool:
    """Money for a loan. Step.

    Returns:
        True: it is here and booked. False: it was asked for outside; `lending.funding_drawn.v1` or `…_refused.v1` follows.

    Raises:
        FundingLineNotFound, FundingExhausted: as they say.
    """
    line = _touch(tx, line_id)
    if amount > line.free:
        raise errors.FundingExhausted(asset=line.asset)
    move_id = uuid7()
    queries.add_move(
        tx, move_id=move_id, line_id=line_id, loan_id=loan_id, kind=MoveKind.DRAW, amount=amount, status=MoveStatus.ASKED
    )  # fmt: skip
    here = SOURCES[line.adapter].draw(tx, line, move_id=move_id, amount=amount)
    if here:
        _book_draw(tx, line, move_id=move_id, loan_id=loan_id, amount=amount)
    return here


def repay(tx: Tx, *, line_id: UUID, loan_id: UUID, amount: Decimal) -> None:
    """Principal of a loan back to the source, and with it what the line has cost until today. Step.

    At most what was drawn for this loan goes back: a fee that was added to the principal never came from the source.

    Raises:
        FundingLineNotFound: as it says.
    """
    line = _touch(tx, line_id)
    amount = min(amount, queries.outstanding(tx, line_id, loan_id))
    if not amount:
        return
    move_id = uuid7()
    queries.add_move(
        tx, move_id=move_id, line_id=line_id, loan_id=loan_id, kind=MoveKind.REPAY, amount=amount, status=MoveStatus.ASKED
    )  # fmt: skip
    back = SOURCES[line.adapter].repay(tx, line, move_id=move_id, loan_id=loan_id, amount=amount)
    if back:
        _book_repayment(tx, line, move_id=move_id, loan_id=loan_id, amount=amount)


def drawn(tx: Tx, move_id: UUID) -> None:
    """What was asked for outside is here. Step; harmless when it is told again."""
    move, line = _waiting(tx, move_id, MoveKind.DRAW)
    if move is not None and line is not None and move.loan_id is not None:
        _book_draw(tx, line, move_id=move_id, loan_id=move.loan_id, amount=move.amount)
        outbox.publish(tx, events.FundingDrawn(line.id, move.loan_id, move.amount), key=str(move.loan_id))


def refused(tx: Tx, move_id: UUID) -> None:
    """It will not come. Step; harmless when it is told again."""
    move, line = _waiting(tx, move_id, MoveKind.DRAW)
    if move is not None and line is not None and move.loan_id is not None:
        queries.settle_move(tx, move_id, to=MoveStatus.REFUSED)
        outbox.publish(tx, events.FundingRefused(line.id, move.loan_id, move.amount), key=str(move.loan_id))


def returned(tx: Tx, draw_id: UUID, ref: str) -> None:
    """What was taken under this number is back at the venue; with the last of a loan its repayments are booked. Step; may be told again."""
    first = queries.move(tx, draw_id)
    assert first is not None, "what is returned was drawn"
    assert first.loan_id is not None, "and for a loan"
    _touch(tx, first.line_id)
    queries.note_returned(tx, draw_id, ref)
    if queries.taken_for(tx, first.line_id, first.loan_id):
        return
    for move in queries.waiting_repayments(tx, first.line_id, first.loan_id):
        line = _touch(tx, first.line_id)
        _book_repayment(tx, line, move_id=move.id, loan_id=first.loan_id, amount=move.amount)


def taken(tx: Tx, move_id: UUID, *, bid_ref: str, taken_refs: Sequence[str]) -> None:
    """Which bid this draw became at the venue, and under which numbers its money is returned. Step."""
    queries.note_taken(tx, move_id, bid_ref=bid_ref, taken_refs=taken_refs)


def not_known(tx: Tx, move_id: UUID) -> None:
    """There was no trustworthy answer; it is asked about until there is one. Step."""
    queries.settle_move(tx, move_id, to=MoveStatus.UNKNOWN)


def lines_to_accrue(tx: Tx, *, today: date) -> Sequence[tuple[UUID, UUID]]:
    """(tenant, line) of those with days before today that are not booked."""
    return queries.to_accrue(tx, today=today)


def accrue(tx: Tx, line_id: UUID) -> Line:
    """Book what the line has cost on every day before today. Step.

    Raises:
        FundingLineNotFound: as it says.
    """
    return _touch(tx, line_id)


def _touch(tx: Tx, line_id: UUID) -> Line:
    """The line, locked, its cost booked up to today."""
    if not queries.lock(tx, line_id):
        raise errors.FundingLineNotFound
    line = queries.get(tx, line_id)
    assert line is not None, "it is locked"
    today = tx.now.astimezone(UTC).date()
    costs = rules.daily_costs(
        drawn=line.drawn,
        rate=line.rate,
        day_count=line.day_count,
        accrued=line.accrued,
        start=line.accrued_through,
        end=today,
        scale=assets.scale(line.asset),
    )
    for day in costs:
        posted = None
        if day.booked:
            posted = postings.cost(tx, line=line.id, day=day.day, asset=line.asset, amount=day.booked)
        queries.book_day(tx, kind=SUBJECT, subject=line.id, day=day.day, amount=day.booked, journal_id=posted)
        line = replace(line, accrued=day.accrued)
    if line.accrued_through < today:
        line = replace(line, accrued_through=today)
        queries.change(tx, line.id, accrued=line.accrued, accrued_through=today)
    return line


def _waiting(tx: Tx, move_id: UUID, kind: MoveKind) -> tuple[Move | None, Line | None]:
    """A move that still waits for its answer, and its line, locked; nothing where it was settled before."""
    first = queries.move(tx, move_id)
    if first is None or first.kind is not kind:
        return None, None
    line = _touch(tx, first.line_id)
    move = queries.move(tx, move_id)
    open_ones = {MoveStatus.ASKED, MoveStatus.UNKNOWN}
    return (move, line) if move is not None and move.status in open_ones else (None, None)


def _book_draw(tx: Tx, line: Line, *, move_id: UUID, loan_id: UUID, amount: Decimal) -> None:
    venue = SOURCES[line.adapter].venue(line)
    posted = postings.drawn(
        tx, line=line.id, move_id=move_id, loan=loan_id, asset=line.asset, venue=venue, amount=amount
    )
    queries.settle_move(tx, move_id, to=MoveStatus.DONE, journal_id=posted)
    queries.change(tx, line.id, drawn=line.drawn + amount)


def _book_repayment(tx: Tx, line: Line, *, move_id: UUID, loan_id: UUID, amount: Decimal) -> None:
    venue = SOURCES[line.adapter].venue(line)
    cost = rules.payable(line.accrued, assets.scale(line.asset))
    posted = postings.repaid(
        tx, line=line.id, move_id=move_id, loan=loan_id, asset=line.asset, venue=venue, amount=amount, cost=cost
    )
    queries.settle_move(tx, move_id, to=MoveStatus.DONE, journal_id=posted)
    if cost:
        queries.add_move(
            tx, move_id=uuid7(), line_id=line.id, loan_id=loan_id, kind=MoveKind.COST, amount=cost, status=MoveStatus.DONE,
            journal_id=posted,
        )  # fmt: skip
    # What was read as a whole unit may have been kept a little less: nothing below zero is left of it.
    left = max(line.accrued - cost, Decimal(0))
    queries.change(tx, line.id, drawn=line.drawn - amount, accrued=left)

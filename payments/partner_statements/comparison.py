"""Source of reconciliation: each line of a partner's statement against our journal, then what we booked and the partner does not show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from kernel.db import AnyRow, Tx
from kernel.paging import decode_cursor, encode_cursor
from payments.partner_statements import queries, rules
from payments.partner_statements.rules import OurLine, TheirLine
from payments.reconciliation.postings import OWN_KINDS
from payments.reconciliation.sources import Observation, Scope, Slice
from payments.reconciliation.states import BreakClass, Level

NEXT_STATEMENT = timedelta(days=1)
_THEIRS, _OURS = 0, 1
_START = UUID(int=0)


class PartnerStatements:
    """Scope: the id of a statement, or a partner. A line is compared once; what was matched stays matched."""

    levels = frozenset(Level)

    def read(self, tx: Tx, scope: Scope, position: str | None, limit: int) -> Slice:
        after, phase, line, journal = (
            decode_cursor(position, UUID, int, int, UUID) if position else (_START, _THEIRS, 0, _START)
        )
        only, partner = _scope(scope.name)
        # Inside a statement the position names it, so the search begins just before it.
        statement = queries.next_statement(
            tx, after=_before(after) if after != _START and phase >= _THEIRS else None, only=only, partner=partner,
            window=scope.window,
        )  # fmt: skip
        if statement is None:
            return Slice([], None)
        if statement.id != after:
            phase, line, journal = _THEIRS, 0, _START
        if phase == _THEIRS:
            return _theirs(tx, scope, statement, line, limit)
        return _ours(tx, scope, statement, journal, limit)


def _scope(name: str | None) -> tuple[UUID | None, str | None]:
    if name is None:
        return None, None
    try:
        return UUID(name), None
    except ValueError:
        return None, name


def _before(statement_id: UUID) -> UUID:
    return UUID(int=statement_id.int - 1)


def _theirs(tx: Tx, scope: Scope, statement: AnyRow, after: int, limit: int) -> Slice:
    rows = queries.lines(tx, statement_id=statement.id, after=after, window=scope.window, limit=limit)
    found = _match(
        tx, statement, [row for row in rows if not row.doubled and not row.repeated and row.journal_id is None]
    )
    seen: list[Observation] = []
    for row in rows:
        if row.repeated:
            continue
        seen.append(_line(statement, row, found.get(row.line)))
        if row.line in found:
            # If this journal was missing on an earlier statement, it is not any more.
            same = found[row.line]
            seen.append(_entry(statement, same.journal_id, same.amount, same.amount, moving=False))
    if len(rows) == limit:
        return Slice(seen, encode_cursor(statement.id, _THEIRS, rows[-1].line, _START))
    return Slice(seen, encode_cursor(statement.id, _OURS, 0, _START))


def _ours(tx: Tx, scope: Scope, statement: AnyRow, after: UUID, limit: int) -> Slice:
    start, end = rules.whole_days(statement.first_at, statement.last_at)
    if scope.window is not None:
        start, end = max(start, scope.window[0]), min(end, scope.window[1])
    rows = queries.unmatched(
        tx, account_id=statement.account_id, start=start, end=end, after=after, own=OWN_KINDS, limit=limit
    )
    seen = [
        _entry(
            statement, row.journal_id, _signed(statement, row.amount), None,
            moving=row.booked_at > statement.last_at - NEXT_STATEMENT, kind=row.kind, reference=row.reference,
        )
        for row in rows
    ]  # fmt: skip
    if len(rows) == limit:
        return Slice(seen, encode_cursor(statement.id, _OURS, 0, rows[-1].journal_id))
    only, partner = _scope(scope.name)
    following = queries.next_statement(tx, after=statement.id, only=only, partner=partner, window=scope.window)
    return Slice(seen, encode_cursor(following.id, _THEIRS, 0, _START) if following is not None else None)


def _match(tx: Tx, statement: AnyRow, rows: Sequence[AnyRow]) -> dict[int, OurLine]:
    if not rows:
        return {}
    theirs = [TheirLine(row.line, row.reference, row.at, row.amount, row.original) for row in rows]
    first = min(line.at for line in theirs)
    free = queries.free_journals(
        tx, account_id=statement.account_id, references=[line.reference for line in theirs], oldest=first - rules.NAMED_WITHIN,
        start=first - rules.NEAR, end=max(line.at for line in theirs) + rules.NEAR, own=OWN_KINDS,
    )  # fmt: skip
    ours = [OurLine(row.journal_id, row.reference, row.booked_at, _signed(statement, row.amount)) for row in free]
    found = dict(rules.match(theirs, ours))
    queries.set_matches(tx, statement_id=statement.id, found=[(line, our.journal_id) for line, our in found.items()])
    return found


def _signed(statement: AnyRow, amount: Decimal) -> Decimal:
    return -amount if statement.normal_side == "debit" else amount


def _line(statement: AnyRow, row: AnyRow, match: OurLine | None) -> Observation:
    ours, journal_id = (match.amount, match.journal_id) if match is not None else (None, row.journal_id)
    if match is None and row.journal_id is not None:
        ours = _signed(statement, row.entry_amount)
    return Observation(
        reference=f"{statement.partner}:{row.reference}:{statement.id}:{row.line}", asset=statement.asset, ours=ours, theirs=row.amount,
        theirs_text=row.original, account_id=statement.account_id, debit_normal=statement.normal_side == "debit",
        hint=BreakClass.DUPLICATE if row.doubled else None,
        raw={"partner": statement.partner, "statement": statement.id, "line": row.line, "reference": row.reference, "at": row.at,
             "amount": row.original, "note": row.note, "journal": journal_id, "our_amount": ours},
    )  # fmt: skip


def _entry(
    statement: AnyRow, journal_id: UUID, ours: Decimal, theirs: Decimal | None, *, moving: bool, kind: str = "",
    reference: str | None = None,
) -> Observation:  # fmt: skip
    return Observation(
        reference=f"{statement.partner}:journal:{journal_id}", asset=statement.asset, ours=ours, theirs=theirs,
        account_id=statement.account_id, debit_normal=statement.normal_side == "debit", moving=moving,
        raw={"partner": statement.partner, "statement": statement.id, "journal": journal_id, "kind": kind, "reference": reference,
             "our_amount": ours},
    )  # fmt: skip

"""One function, one statement on funding lines, what moved on them and what they cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from kernel.day_count import DayCount
from kernel.db import AnyRow, Tx
from lending.funding.states import MOVE, Adapter, MoveKind, MoveStatus

_LINE = """
    id, name, adapter, source, asset, line_limit, rate, day_count, drawn, accrued, accrued_through, created_at,
    (SELECT coalesce(sum(m.amount), 0) FROM lending.funding_moves m
      WHERE m.line_id = lines.id AND m.kind = 'draw' AND m.status IN ('asked', 'unknown')) AS asked"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A funding line. `asked` is on its way from outside; `accrued` is the cost to `accrued_through` that is not paid yet."""

    id: UUID
    name: str
    adapter: Adapter
    source: str
    asset: str
    limit: Decimal
    rate: Decimal
    day_count: DayCount
    drawn: Decimal
    asked: Decimal
    accrued: Decimal
    accrued_through: date
    created_at: datetime

    @property
    def free(self) -> Decimal:
        return self.limit - self.drawn - self.asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    id: UUID
    line_id: UUID
    loan_id: UUID | None
    kind: MoveKind
    amount: Decimal
    status: MoveStatus
    journal_id: UUID | None
    at: datetime


def insert(tx: Tx, row: dict[str, Any]) -> bool:
    """False when the name is taken."""
    return bool(
        tx.execute(
            """INSERT INTO lending.funding_lines
                      (tenant_id, id, name, adapter, source, asset, line_limit, rate, day_count, accrued_through, created_at)
               VALUES (:tenant, :id, :name, :adapter, :source, :asset, :limit, :rate, :day_count, :today, :now)
               ON CONFLICT (tenant_id, name) DO NOTHING""",
            **row, tenant=tx.tenant_id, today=tx.now.astimezone(UTC).date(), now=tx.now,
        ).rowcount
    )  # fmt: skip


def lines(tx: Tx) -> list[Line]:
    found = tx.all(
        f"SELECT {_LINE} FROM lending.funding_lines lines WHERE tenant_id = :tenant ORDER BY name", tenant=tx.tenant_id
    )
    return [_line(row) for row in found]


def get(tx: Tx, line_id: UUID) -> Line | None:
    row = tx.first(
        f"SELECT {_LINE} FROM lending.funding_lines lines WHERE tenant_id = :tenant AND id = :id",
        tenant=tx.tenant_id, id=line_id,
    )  # fmt: skip
    return None if row is None else _line(row)


def to_accrue(tx: Tx, *, today: date) -> Sequence[tuple[UUID, UUID]]:
    """(tenant, line) of those with days that are not booked; of all tenants, as the engine sees them."""
    rows = tx.all(
        "SELECT tenant_id, id FROM lending.funding_lines WHERE accrued_through < :today ORDER BY tenant_id, id",
        today=today,
    )
    return [(row.tenant_id, row.id) for row in rows]


def lock(tx: Tx, line_id: UUID) -> bool:
    """Two statements: what waits on a line is counted after the lock is held, or a draw that just committed would be missed."""
    statement = "SELECT 1 FROM lending.funding_lines WHERE tenant_id = :tenant AND id = :id FOR UPDATE"
    return tx.first(statement, tenant=tx.tenant_id, id=line_id) is not None


def change(tx: Tx, line_id: UUID, **columns: Any) -> None:
    assigned = ", ".join(f"{name} = :{name}" for name in columns)
    tx.execute(f"UPDATE lending.funding_lines SET {assigned} WHERE id = :id", **columns, id=line_id)


def add_move(
    tx: Tx,
    *,
    move_id: UUID,
    line_id: UUID,
    loan_id: UUID | None,
    kind: MoveKind,
    amount: Decimal,
    status: MoveStatus,
    journal_id: UUID | None = None,
) -> None:
    tx.execute(
        """INSERT INTO lending.funding_moves (tenant_id, id, line_id, loan_id, kind, amount, status, journal_id, at)
           VALUES (:tenant, :id, :line, :loan, :kind, :amount, :status, :journal, :now)""",
        tenant=tx.tenant_id, id=move_id, line=line_id, loan=loan_id, kind=kind.value, amount=amount,
        status=status.value, journal=journal_id, now=tx.now,
    )  # fmt: skip


def move(tx: Tx, move_id: UUID) -> Move | None:
    row = tx.first(
        "SELECT id, line_id, loan_id, kind, amount, status, journal_id, at FROM lending.funding_moves WHERE id = :id",
        id=move_id,
    )
    return None if row is None else _move(row)


def moves(tx: Tx, line_id: UUID, *, limit: int) -> list[Move]:
    """Newest first."""
    rows = tx.all(
        """SELECT id, line_id, loan_id, kind, amount, status, journal_id, at FROM lending.funding_moves
            WHERE tenant_id = :tenant AND line_id = :line ORDER BY id DESC LIMIT :limit""",
        tenant=tx.tenant_id, line=line_id, limit=limit,
    )  # fmt: skip
    return [_move(row) for row in rows]


def waits_outside(tx: Tx, adapter: Adapter, asset: str, *, but: UUID) -> bool:
    """Whether a draw of this asset is under way there, on whichever line."""
    return bool(
        tx.scalar(
            """SELECT EXISTS (SELECT FROM lending.funding_moves m JOIN lending.funding_lines l ON l.id = m.line_id
                               WHERE l.tenant_id = :tenant AND l.adapter = :adapter AND l.asset = :asset AND m.kind = 'draw'
                                 AND m.status IN ('asked', 'unknown') AND m.id <> :but)""",
            tenant=tx.tenant_id, adapter=adapter.value, asset=asset, but=but,
        )
    )  # fmt: skip


def lock_adapter(tx: Tx, adapter: Adapter, asset: str) -> None:
    """One draw at a time of an asset where a bid is known by its amount only, on whichever line."""
    tx.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))",
        name=f"lending.funding:{tx.tenant_id}:{adapter.value}:{asset}",
    )


def bids_of(tx: Tx, line_id: UUID) -> list[str]:
    """The numbers of the bids that are known to be other moves' own, the newest of them."""
    rows = tx.all(
        "SELECT bid_ref FROM lending.funding_moves WHERE line_id = :line AND bid_ref IS NOT NULL ORDER BY id DESC LIMIT 200",
        line=line_id,
    )
    return [row.bid_ref for row in rows]


def note_taken(tx: Tx, move_id: UUID, *, bid_ref: str, taken_refs: Sequence[str]) -> None:
    tx.execute(
        """UPDATE lending.funding_moves SET bid_ref = :bid, taken_refs = CAST(:taken AS text[]) WHERE id = :id""",
        id=move_id, bid=bid_ref, taken=list(taken_refs),
    )  # fmt: skip


def taken_for(tx: Tx, line_id: UUID, loan_id: UUID) -> list[tuple[UUID, str]]:
    """(draw, number of what was taken) of a loan, not yet returned."""
    rows = tx.all(
        """SELECT id, unnest(taken_refs) AS ref FROM lending.funding_moves
            WHERE line_id = :line AND loan_id = :loan AND kind = 'draw' AND status = 'done' ORDER BY id""",
        line=line_id, loan=loan_id,
    )  # fmt: skip
    return [(row.id, row.ref) for row in rows]


def note_returned(tx: Tx, move_id: UUID, ref: str) -> int:
    """How much of the draw's takings are still out."""
    left: int = tx.scalar(
        """UPDATE lending.funding_moves SET taken_refs = array_remove(taken_refs, :ref) WHERE id = :id
           RETURNING cardinality(taken_refs)""",
        id=move_id, ref=ref,
    )  # fmt: skip
    return left


def waiting_repayments(tx: Tx, line_id: UUID, loan_id: UUID) -> list[Move]:
    rows = tx.all(
        """SELECT id, line_id, loan_id, kind, amount, status, journal_id, at FROM lending.funding_moves
            WHERE line_id = :line AND loan_id = :loan AND kind = 'repay' AND status IN ('asked', 'unknown') ORDER BY id""",
        line=line_id, loan=loan_id,
    )  # fmt: skip
    return [_move(row) for row in rows]


def settle_move(tx: Tx, move_id: UUID, *, to: MoveStatus, journal_id: UUID | None = None) -> bool:
    """False when it is there already."""
    done = tx.execute(
        """UPDATE lending.funding_moves SET status = :to, journal_id = coalesce(:journal, journal_id)
            WHERE id = :id AND status = ANY(CAST(:sources AS text[]))""",
        id=move_id, to=to.value, journal=journal_id, sources=list(MOVE.sources(to)),
    )  # fmt: skip
    return bool(done.rowcount)


def outstanding(tx: Tx, line_id: UUID, loan_id: UUID) -> Decimal:
    """What was drawn for a loan and neither is back nor on its way back."""
    found: Decimal = tx.scalar(
        """SELECT coalesce(sum(CASE kind WHEN 'draw' THEN amount ELSE -amount END), 0) FROM lending.funding_moves
            WHERE line_id = :line AND loan_id = :loan
              AND (kind = 'draw' AND status = 'done' OR kind = 'repay' AND status <> 'refused')""",
        line=line_id, loan=loan_id,
    )  # fmt: skip
    return found


def book_day(tx: Tx, *, kind: str, subject: UUID, day: date, amount: Decimal, journal_id: UUID | None) -> None:
    """What a day booked; `total` goes on from the last day that did."""
    tx.execute(
        """INSERT INTO lending.accruals (tenant_id, subject_kind, subject_id, day, amount, total, journal_id)
           SELECT :tenant, :kind, :subject, :day, :amount,
                  :amount + coalesce((SELECT total FROM lending.accruals WHERE tenant_id = :tenant AND subject_kind = :kind
                                       AND subject_id = :subject AND day < :day ORDER BY day DESC LIMIT 1), 0), :journal""",
        tenant=tx.tenant_id, kind=kind, subject=subject, day=day, amount=amount, journal=journal_id,
    )  # fmt: skip


def cost_by_day(tx: Tx, line_id: UUID, *, since: date) -> Sequence[AnyRow]:
    return tx.all(
        """SELECT day, amount, total FROM lending.accruals
            WHERE tenant_id = :tenant AND subject_kind = 'funding' AND subject_id = :line AND day >= :since ORDER BY day""",
        tenant=tx.tenant_id, line=line_id, since=since,
    )  # fmt: skip


def _line(row: AnyRow) -> Line:
    return Line(
        id=row.id,
        name=row.name,
        adapter=Adapter(row.adapter),
        source=row.source,
        asset=row.asset,
        limit=row.line_limit,
        rate=row.rate,
        day_count=DayCount(row.day_count),
        drawn=row.drawn,
        asked=row.asked,
        accrued=row.accrued,
        accrued_through=row.accrued_through,
        created_at=row.created_at,
    )


def _move(row: AnyRow) -> Move:
    return Move(
        id=row.id,
        line_id=row.line_id,
        loan_id=row.loan_id,
        kind=MoveKind(row.kind),
        amount=row.amount,
        status=MoveStatus(row.status),
        journal_id=row.journal_id,
        at=row.at,
    )

"""Statements on partners' statements and on our side of the same account."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from kernel.db import AnyRow, Tx
from payments.partner_statements.rules import TheirLine

_STATEMENT = (
    "s.id, s.partner, s.account_id, s.asset, s.lines, s.total, s.first_at, s.last_at, s.uploaded_by, s.uploaded_at"
)


def insert_statement(tx: Tx, row: dict[str, Any]) -> bool:
    """False when this very file was stored before."""
    return (
        tx.first(
            """INSERT INTO payments.recon_statements
                 (id, tenant_id, partner, account_id, asset, sha256, lines, total, first_at, last_at, uploaded_by, uploaded_at)
               VALUES (:id, :tenant, :partner, :account_id, :asset, :sha256, :lines, :total, :first_at, :last_at, :by, :now)
               ON CONFLICT (tenant_id, account_id, sha256) DO NOTHING RETURNING id""",
            tenant=tx.tenant_id, now=tx.now, **row,
        ) is not None
    )  # fmt: skip


def insert_lines(tx: Tx, *, statement_id: UUID, account_id: int, lines: Sequence[TheirLine]) -> None:
    tx.execute(
        """INSERT INTO payments.statement_lines (tenant_id, statement_id, line, account_id, reference, at, amount, original, note)
           SELECT :tenant, :statement, t.* FROM (
               SELECT t.line, CAST(:account AS bigint), t.reference, t.at, t.amount, t.original, t.note
                 FROM unnest(CAST(:lines AS integer[]), CAST(:references AS text[]), CAST(:times AS timestamptz[]),
                             CAST(:amounts AS numeric[]), CAST(:originals AS text[]), CAST(:notes AS text[]))
                      AS t (line, reference, at, amount, original, note)) t""",
        tenant=tx.tenant_id, statement=statement_id, account=account_id,
        lines=[line.line for line in lines], references=[line.reference for line in lines], times=[line.at for line in lines],
        amounts=[line.amount for line in lines], originals=[line.original for line in lines], notes=[line.note for line in lines],
    )  # fmt: skip


def statement_of(tx: Tx, *, account_id: int, sha256: bytes) -> UUID:
    return tx.scalar(  # type: ignore[no-any-return]
        "SELECT id FROM payments.recon_statements WHERE tenant_id = :tenant AND account_id = :account AND sha256 = :sha256",
        tenant=tx.tenant_id, account=account_id, sha256=sha256,
    )  # fmt: skip


def statement(tx: Tx, statement_id: UUID) -> AnyRow | None:
    return tx.first(
        f"""SELECT {_STATEMENT}, a.path, a.normal_side, (SELECT count(*) FROM payments.statement_lines l
                                              WHERE l.statement_id = s.id AND l.journal_id IS NOT NULL) AS matched
              FROM payments.recon_statements s JOIN payments.accounts a USING (account_id)
             WHERE s.tenant_id = :tenant AND s.id = :id""",
        tenant=tx.tenant_id, id=statement_id,
    )  # fmt: skip


def next_statement(
    tx: Tx, *, after: UUID | None, only: UUID | None, partner: str | None, window: tuple[datetime, datetime] | None
) -> AnyRow | None:
    """The next statement that a run looks at, oldest first."""
    return tx.first(
        f"""SELECT {_STATEMENT}, a.normal_side FROM payments.recon_statements s JOIN payments.accounts a USING (account_id)
             WHERE s.tenant_id = :tenant AND (CAST(:after AS uuid) IS NULL OR s.id > :after)
               AND (CAST(:only AS uuid) IS NULL OR s.id = :only) AND (CAST(:partner AS text) IS NULL OR s.partner = :partner)
               AND (CAST(:start AS timestamptz) IS NULL OR (s.first_at < :end AND s.last_at >= :start))
             ORDER BY s.id LIMIT 1""",
        tenant=tx.tenant_id, after=after, only=only, partner=partner, start=window[0] if window else None,
        end=window[1] if window else None,
    )  # fmt: skip


def lines(
    tx: Tx, *, statement_id: UUID, after: int, window: tuple[datetime, datetime] | None, limit: int
) -> list[AnyRow]:
    """The next lines, what we have for those that were matched, and whether an earlier line says the same.

    `doubled`: the same reference and amount stand before it, in this file or at another time; `repeated`: another file had this line.
    """
    return tx.all(
        """SELECT l.line, l.reference, l.at, l.amount, l.original, l.note, l.journal_id,
                  (SELECT sum(e.amount) FROM payments.entries e
                    WHERE e.journal_id = l.journal_id AND e.account_id = l.account_id) AS entry_amount,
                  EXISTS (SELECT FROM payments.statement_lines d
                           WHERE d.account_id = l.account_id AND d.reference = l.reference AND d.amount = l.amount
                             AND (d.statement_id, d.line) < (l.statement_id, l.line)
                             AND (d.statement_id = l.statement_id OR d.at <> l.at)) AS doubled,
                  EXISTS (SELECT FROM payments.statement_lines d
                           WHERE d.account_id = l.account_id AND d.reference = l.reference AND d.amount = l.amount
                             AND d.statement_id < l.statement_id AND d.at = l.at) AS repeated
             FROM payments.statement_lines l
            WHERE l.tenant_id = :tenant AND l.statement_id = :statement AND l.line > :after
              AND (CAST(:start AS timestamptz) IS NULL OR (l.at >= :start AND l.at < :end))
            ORDER BY l.line LIMIT :limit""",
        tenant=tx.tenant_id, statement=statement_id, after=after, limit=limit, start=window[0] if window else None,
        end=window[1] if window else None,
    )  # fmt: skip


_FREE = """
      FROM (SELECT e.journal_id, sum(e.amount) AS amount
              FROM payments.place_of(CAST(:oldest AS timestamptz)) p
              JOIN payments.entries e ON e.account_id = :account AND (e.epoch, e.xid) >= (p.epoch, p.xid)
             WHERE e.tenant_id = :tenant GROUP BY e.journal_id) t
      JOIN payments.journals j ON j.journal_id = t.journal_id
     WHERE t.amount <> 0 AND NOT (j.kind = ANY(CAST(:own AS text[])))
       AND NOT EXISTS (SELECT FROM payments.statement_lines l
                        WHERE l.account_id = :account AND l.journal_id = t.journal_id)"""


def free_journals(
    tx: Tx,
    *,
    account_id: int,
    references: Sequence[str],
    oldest: datetime,
    start: datetime,
    end: datetime,
    own: Sequence[str],
) -> list[AnyRow]:
    """Our journals of the account that no line answers for yet: by these references since `oldest`, or between `start` and `end`."""
    return tx.all(
        f"""SELECT j.journal_id, j.meta ->> 'reference' AS reference, j.booked_at, t.amount {_FREE}
              AND (j.booked_at BETWEEN :start AND :end OR j.meta ->> 'reference' = ANY(CAST(:references AS text[])))""",
        tenant=tx.tenant_id, account=account_id, references=list(references), oldest=oldest, start=start, end=end, own=list(own),
    )  # fmt: skip


def unmatched(
    tx: Tx, *, account_id: int, start: datetime, end: datetime, after: UUID | None, own: Sequence[str], limit: int
) -> list[AnyRow]:
    return tx.all(
        f"""SELECT j.journal_id, j.kind, j.meta ->> 'reference' AS reference, j.booked_at, t.amount {_FREE}
              AND j.booked_at >= :start AND j.booked_at < :end AND (CAST(:after AS uuid) IS NULL OR j.journal_id > :after)
            ORDER BY j.journal_id LIMIT :limit""",
        tenant=tx.tenant_id, account=account_id, oldest=start, start=start, end=end, after=after, own=list(own), limit=limit,
    )  # fmt: skip


def set_matches(tx: Tx, *, statement_id: UUID, found: Sequence[tuple[int, UUID]]) -> None:
    tx.execute_many(
        """UPDATE payments.statement_lines SET journal_id = :journal
            WHERE tenant_id = :tenant AND statement_id = :statement AND line = :line""",
        [{"tenant": tx.tenant_id, "statement": statement_id, "line": line, "journal": journal} for line, journal in found],
    )  # fmt: skip

"""One function, one statement on what days do to loans: interest by product, what fell due, who is late."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from kernel.day_count import DayCount
from kernel.db import AnyRow, Tx
from lending.life.rules import Running
from lending.products.states import RateMode

# ---------------------------------------------------------------------------------------------------------------------- daily interest


def products_to_accrue(tx: Tx, *, yesterday: date) -> Sequence[tuple[UUID, UUID]]:
    """(tenant, product) of those with loans whose interest is not booked up to yesterday; of all tenants, as the engine sees them."""
    rows = tx.all(
        """SELECT DISTINCT p.tenant_id, p.id FROM lending.loan_products p
             LEFT JOIN LATERAL (SELECT max(a.day) AS day FROM lending.accruals a
                                 WHERE a.tenant_id = p.tenant_id AND a.subject_kind = 'product' AND a.subject_id = p.id) done ON true
            WHERE p.published_at IS NOT NULL AND (done.day IS NULL OR done.day < :yesterday)
            ORDER BY p.tenant_id, p.id""",
        yesterday=yesterday,
    )
    return [(row.tenant_id, row.id) for row in rows]


def lock_product(tx: Tx, product_id: UUID) -> AnyRow:
    """The newest version that was published; whoever books the days of a product waits here for whoever else does."""
    return tx.one(
        """SELECT asset, funding_line_id FROM lending.loan_products
            WHERE tenant_id = :tenant AND id = :id AND published_at IS NOT NULL ORDER BY version DESC LIMIT 1 FOR UPDATE""",
        tenant=tx.tenant_id, id=product_id,
    )  # fmt: skip


def accrued(tx: Tx, product_id: UUID) -> AnyRow | None:
    """The last day that was booked, and all that was."""
    return tx.first(
        """SELECT day, total FROM lending.accruals WHERE tenant_id = :tenant AND subject_kind = 'product' AND subject_id = :id
            ORDER BY day DESC LIMIT 1""",
        tenant=tx.tenant_id, id=product_id,
    )  # fmt: skip


def sums(tx: Tx, product_id: UUID) -> AnyRow:
    """Everything about the interest of a product's loans in one statement, so that it speaks of one moment.

    `charged` is in whole units of all loans there ever were; `running` groups those whose interest runs on.
    """
    return tx.one(
        """WITH grouped AS (
               SELECT l.version, l.status IN ('active', 'matured_overdue') AS runs, l.rate, l.interest_from,
                      sum(l.principal) AS principal, sum(l.interest_charged) AS charged, min(l.opened_on) AS first
                 FROM lending.loans l
                WHERE l.tenant_id = :tenant AND l.product_id = :product AND l.status NOT IN ('applied', 'cancelled')
                GROUP BY 1, 2, 3, 4)
           SELECT min(g.first) AS first, coalesce(sum(g.charged), 0) AS charged,
                  coalesce(jsonb_agg(jsonb_build_object('rate_mode', p.terms ->> 'rate_mode', 'day_count', p.terms ->> 'day_count',
                                                        'rate', CAST(g.rate AS text), 'interest_from', g.interest_from,
                                                        'principal', CAST(g.principal AS text)))
                             FILTER (WHERE g.runs AND g.principal > 0), '[]') AS running
             FROM grouped g
             JOIN lending.loan_products p ON p.tenant_id = :tenant AND p.id = :product AND p.version = g.version""",
        tenant=tx.tenant_id, product=product_id,
    )  # fmt: skip


def book_day(
    tx: Tx, product_id: UUID, *, day: date, amount: Decimal, total: Decimal, cost: Decimal, journal_id: UUID | None
) -> None:
    tx.execute(
        """INSERT INTO lending.accruals (tenant_id, subject_kind, subject_id, day, amount, total, cost, journal_id)
           VALUES (:tenant, 'product', :product, :day, :amount, :total, :cost, :journal)""",
        tenant=tx.tenant_id, product=product_id, day=day, amount=amount, total=total, cost=cost, journal=journal_id,
    )  # fmt: skip


def spread_by_day(tx: Tx, *, product: UUID | None, since: date) -> Sequence[AnyRow]:
    return tx.all(
        """SELECT a.subject_id AS product_id, p.name, p.asset, a.day, a.amount AS interest, a.cost, a.amount - a.cost AS spread
             FROM lending.accruals a
             JOIN LATERAL (SELECT name, asset FROM lending.loan_products p WHERE p.tenant_id = a.tenant_id AND p.id = a.subject_id
                            ORDER BY version DESC LIMIT 1) p ON true
            WHERE a.tenant_id = :tenant AND a.subject_kind = 'product' AND a.day >= :since
              AND (CAST(:product AS uuid) IS NULL OR a.subject_id = :product)
            ORDER BY a.day, p.name, a.subject_id""",
        tenant=tx.tenant_id, product=product, since=since,
    )  # fmt: skip


def running_of(found: Sequence[Mapping[str, Any]]) -> list[Running]:
    return [
        Running(
            rate_mode=RateMode(part["rate_mode"]),
            day_count=DayCount(part["day_count"]),
            rate=Decimal(part["rate"]),
            interest_from=date.fromisoformat(part["interest_from"]),
            principal=Decimal(part["principal"]),
        )
        for part in found
    ]


# --------------------------------------------------------------------------------------------------------------------------- due days

_GRACE = "CAST(p.terms ->> 'grace_days' AS integer)"


def loans_to_work_off(tx: Tx, *, today: date, after: UUID | None, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """(tenant, loan) of loans that today does something to, in the order of their ids; of all tenants, as the engine sees them.

    An instalment fell due, the loan ended unpaid, its owner wants what is due to be paid by itself, or being late costs another day.
    """
    rows = tx.all(
        f"""SELECT l.tenant_id, l.id FROM lending.loans l
             JOIN lending.loan_products p ON p.tenant_id = l.tenant_id AND p.id = l.product_id AND p.version = l.version
             LEFT JOIN LATERAL (SELECT min(i.due_on) FILTER (WHERE i.status = 'pending') AS pending,
                                       min(i.due_on) FILTER (WHERE i.status = 'due') AS due
                                  FROM lending.loan_instalments i WHERE i.loan_id = l.id AND i.status IN ('pending', 'due')) i ON true
            WHERE l.status IN ('active', 'matured_overdue') AND (CAST(:after AS uuid) IS NULL OR l.id > :after)
              AND (i.pending <= :today OR (l.status = 'active' AND l.matures_on < :today)
                   OR (l.status = 'active' AND i.due < :today
                       AND NOT EXISTS (SELECT FROM lending.loan_events e WHERE e.loan_id = l.id AND e.kind = 'overdue'
                                          AND e.payload ->> 'due_on' = CAST(i.due AS text)))
                   OR (l.auto_repay AND (i.due <= :today OR l.matures_on <= :today))
                   OR (least(i.due, CASE WHEN l.status = 'matured_overdue' THEN l.matures_on END) + {_GRACE} < :today
                       AND CAST(p.terms ->> 'penalty_rate' AS numeric) > 0
                       AND NOT EXISTS (SELECT FROM lending.loan_events e WHERE e.loan_id = l.id AND e.kind = 'penalty'
                                          AND e.payload ->> 'to' >= CAST(:today AS text))))
            ORDER BY l.id LIMIT :limit""",
        today=today, after=after, limit=limit,
    )  # fmt: skip
    return [(row.tenant_id, row.id) for row in rows]


def loans_to_sell_out(tx: Tx, *, today: date, after: UUID | None, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """(tenant, loan) of loans that ended, were not paid, and whose grace is over."""
    rows = tx.all(
        f"""SELECT l.tenant_id, l.id FROM lending.loans l
             JOIN lending.loan_products p ON p.tenant_id = l.tenant_id AND p.id = l.product_id AND p.version = l.version
            WHERE l.status = 'matured_overdue' AND l.matures_on + {_GRACE} < :today AND (CAST(:after AS uuid) IS NULL OR l.id > :after)
            ORDER BY l.id LIMIT :limit""",
        today=today, after=after, limit=limit,
    )  # fmt: skip
    return [(row.tenant_id, row.id) for row in rows]


def to_remind(
    tx: Tx, *, today: date, days: Sequence[int], after: UUID | None, limit: int
) -> Sequence[tuple[UUID, UUID, date]]:
    """(tenant, loan, due day) of what is due within the longest of these times and was not told since the shortest that holds."""
    rows = tx.all(
        """SELECT l.tenant_id, l.id, d.due_on FROM lending.loans l
             CROSS JOIN LATERAL (SELECT least(l.matures_on, (SELECT min(i.due_on) FROM lending.loan_instalments i
                                                               WHERE i.loan_id = l.id AND i.status = 'pending')) AS due_on) d
             CROSS JOIN LATERAL (SELECT min(n) AS step FROM unnest(CAST(:days AS integer[])) n WHERE n >= d.due_on - CAST(:today AS date)) s
            WHERE l.status = 'active' AND d.due_on > :today AND s.step IS NOT NULL AND d.due_on - s.step >= l.opened_on
              AND (CAST(:after AS uuid) IS NULL OR l.id > :after)
              AND NOT EXISTS (SELECT FROM lending.loan_events e WHERE e.loan_id = l.id AND e.kind = 'due_soon'
                                 AND e.payload ->> 'due_on' = CAST(d.due_on AS text)
                                 AND CAST(e.payload ->> 'days' AS integer) <= s.step)
            ORDER BY l.id LIMIT :limit""",
        today=today, days=list(days), after=after, limit=limit,
    )  # fmt: skip
    return [(row.tenant_id, row.id, row.due_on) for row in rows]


def was_told(tx: Tx, loan_id: UUID, kind: str, due_on: date) -> bool:
    return bool(
        tx.scalar(
            """SELECT EXISTS (SELECT FROM lending.loan_events WHERE loan_id = :loan AND kind = :kind
                                 AND payload ->> 'due_on' = :due)""",
            loan=loan_id, kind=kind, due=due_on.isoformat(),
        )
    )  # fmt: skip


# -------------------------------------------------------------------------------------------------------------------- floating rates


def floating(tx: Tx) -> Sequence[AnyRow]:
    """Products whose floating loans should be charged something else by their line than what was announced last; of all tenants.

    `version` is the newest floating one that was ever published: all of them share line, spread and day count, and so the index. It goes
    on when a fixed version has followed or none is offered any more, for loans keep the version they were made under.
    """
    return tx.all(
        """SELECT p.tenant_id, p.id, p.version, l.rate + CAST(p.terms ->> 'spread' AS numeric) AS wanted
             FROM (SELECT DISTINCT ON (tenant_id, id) tenant_id, id, version, funding_line_id, terms FROM lending.loan_products
                    WHERE published_at IS NOT NULL AND terms ->> 'rate_mode' = 'FLOATING'
                    ORDER BY tenant_id, id, version DESC) p
             JOIN lending.funding_lines l ON l.id = p.funding_line_id
             JOIN LATERAL (SELECT rate FROM lending.rate_indexes s WHERE s.tenant_id = p.tenant_id AND s.product_id = p.id
                            ORDER BY from_day DESC LIMIT 1) s ON true
            WHERE l.rate + CAST(p.terms ->> 'spread' AS numeric) <> s.rate"""
    )


def add_step(tx: Tx, product_id: UUID, *, from_day: date, factor: Decimal, rate: Decimal) -> bool:
    """False when a step of that day is announced already: what was announced is never changed."""
    done = tx.execute(
        """INSERT INTO lending.rate_indexes (tenant_id, product_id, from_day, factor, rate, announced_at)
           VALUES (:tenant, :product, :from_day, :factor, :rate, :now) ON CONFLICT DO NOTHING""",
        tenant=tx.tenant_id, product=product_id, from_day=from_day, factor=factor, rate=rate, now=tx.now,
    )  # fmt: skip
    return bool(done.rowcount)


def rates_to_tell(tx: Tx, *, since: date, after: tuple[UUID, UUID, date] | None, limit: int) -> Sequence[AnyRow]:
    """Loans that began before a rate that counts from after `since` and have not heard of it; of all tenants, as the engine sees them.

    `after` is tenant, loan and day of the last row of the page before.
    """
    tenant, loan, day = after or (None, None, None)
    return tx.all(
        """SELECT l.tenant_id, l.id, s.from_day, s.rate, s.before
             FROM (SELECT tenant_id, product_id, from_day, rate,
                          lag(rate) OVER (PARTITION BY tenant_id, product_id ORDER BY from_day) AS before FROM lending.rate_indexes) s
             JOIN lending.loans l ON l.tenant_id = s.tenant_id AND l.product_id = s.product_id
             JOIN lending.loan_products p ON p.tenant_id = l.tenant_id AND p.id = l.product_id AND p.version = l.version
            WHERE s.from_day > :since AND s.before IS NOT NULL AND l.opened_on < s.from_day AND l.status IN ('active', 'matured_overdue')
              AND p.terms ->> 'rate_mode' = 'FLOATING'
              AND (CAST(:loan AS uuid) IS NULL OR (l.tenant_id, l.id, s.from_day) > (:tenant, :loan, :day))
              AND NOT EXISTS (SELECT FROM lending.loan_events e WHERE e.loan_id = l.id AND e.kind = 'rate_announced'
                                 AND e.payload ->> 'from_day' = CAST(s.from_day AS text))
            ORDER BY l.tenant_id, l.id, s.from_day LIMIT :limit""",
        since=since, tenant=tenant, loan=loan, day=day, limit=limit,
    )  # fmt: skip


def note_rates(tx: Tx, news: Sequence[tuple[UUID, Mapping[str, str]]]) -> set[tuple[UUID, str]]:
    """Entries of many timelines, whose loans the caller has locked; answers loan and day of those that were not there yet."""
    rows = tx.all(
        """INSERT INTO lending.loan_events (tenant_id, loan_id, seq, kind, shown, payload, at)
           SELECT :tenant, n.loan, (SELECT coalesce(max(e.seq), 0) FROM lending.loan_events e WHERE e.loan_id = n.loan)
                  + row_number() OVER (PARTITION BY n.loan ORDER BY n.payload ->> 'from_day'), 'rate_announced', true, n.payload, :now
             FROM unnest(CAST(:loans AS uuid[]), CAST(:payloads AS jsonb[])) AS n (loan, payload)
            WHERE NOT EXISTS (SELECT FROM lending.loan_events e WHERE e.loan_id = n.loan AND e.kind = 'rate_announced'
                                 AND e.payload ->> 'from_day' = n.payload ->> 'from_day')
           RETURNING loan_id, payload ->> 'from_day' AS day""",
        tenant=tx.tenant_id, now=tx.now, loans=[loan for loan, _ in news], payloads=[json.dumps(payload) for _, payload in news],
    )  # fmt: skip
    return {(row.loan_id, row.day) for row in rows}


# ---------------------------------------------------------------------------------------------------------------------- sold out late


def pledged(tx: Tx, loan_id: UUID) -> Sequence[str]:
    """Which assets a loan has pledged: to look at their prices before its lock is taken."""
    rows = tx.all("SELECT asset FROM lending.loan_collaterals WHERE loan_id = :loan AND quantity > 0", loan=loan_id)
    return [row.asset for row in rows]


def add_evidence(
    tx: Tx, evidence_id: UUID, loan_id: UUID, *, level: str, debt: Decimal, prices: Mapping[str, Any]
) -> None:
    """What the collateral was worth when it was decided to sell it because nobody had paid."""
    tx.execute(
        """INSERT INTO lending.price_evidence (tenant_id, id, loan_id, from_level, to_level, line, debt, prices, at)
           VALUES (:tenant, :id, :loan, :level, 'LIQUIDATING', NULL, :debt, CAST(:prices AS jsonb), :now)""",
        tenant=tx.tenant_id, id=evidence_id, loan=loan_id, level=level, debt=debt, prices=json.dumps(prices), now=tx.now,
    )  # fmt: skip


def funded(tx: Tx, loan_id: UUID) -> Sequence[AnyRow]:
    """What came from the funding line for a loan and went back, by day; back is negative."""
    return tx.all(
        """SELECT CAST(at AT TIME ZONE 'UTC' AS date) AS day, CASE kind WHEN 'draw' THEN amount ELSE -amount END AS amount
             FROM lending.funding_moves WHERE loan_id = :loan AND status = 'done' AND kind IN ('draw', 'repay') ORDER BY id""",
        loan=loan_id,
    )  # fmt: skip

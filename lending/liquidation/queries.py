"""One function, one statement on liquidations, their orders, breakers and bad debts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from kernel.db import AnyRow, Tx
from lending.liquidation.record import Liquidation, Sale, Target, owed_document, read_owed
from lending.liquidation.states import LIQUIDATION, Cause, LiquidationStatus
from lending.products.states import LiquidationMode

EVERY_ASSET = "*"
_COLUMNS = ", ".join(f"q.{name}" for name in Liquidation.__dataclass_fields__)
_SALE = ", ".join(Sale.__dataclass_fields__)


def insert(tx: Tx, liquidation: Liquidation) -> None:
    tx.execute(
        """INSERT INTO lending.liquidations
               (tenant_id, id, loan_id, cause, mode, status, evidence_id, owed, plan, budget, wanted, opened_at, next_try_at)
           VALUES (:tenant, :id, :loan, :cause, :mode, :status, :evidence, CAST(:owed AS jsonb), CAST(:plan AS jsonb), :budget, :wanted,
                   :at, :at)""",
        tenant=tx.tenant_id, id=liquidation.id, loan=liquidation.loan_id, cause=liquidation.cause.value,
        mode=liquidation.mode.value, status=liquidation.status.value, evidence=liquidation.evidence_id,
        owed=json.dumps(owed_document(liquidation.owed)), plan=_plan_text(liquidation.plan), budget=liquidation.budget,
        wanted=liquidation.wanted, at=liquidation.opened_at,
    )  # fmt: skip


def lock(tx: Tx, liquidation_id: UUID) -> Liquidation | None:
    """Locked after its loan."""
    row = tx.first(f"SELECT {_COLUMNS} FROM lending.liquidations q WHERE q.id = :id FOR UPDATE", id=liquidation_id)
    return None if row is None else _liquidation(row)


def get(tx: Tx, liquidation_id: UUID) -> Liquidation | None:
    row = tx.first(
        f"SELECT {_COLUMNS} FROM lending.liquidations q WHERE q.tenant_id = :tenant AND q.id = :id",
        tenant=tx.tenant_id, id=liquidation_id,
    )  # fmt: skip
    return None if row is None else _liquidation(row)


def due(tx: Tx, *, limit: int) -> list[tuple[UUID, UUID]]:
    """(tenant, liquidation) of those to look at now; of all tenants for the engine."""
    rows = tx.all(
        """SELECT tenant_id, id FROM lending.liquidations
            WHERE status NOT IN ('done', 'shortfall') AND next_try_at <= :now ORDER BY next_try_at, id LIMIT :limit""",
        now=tx.now, limit=limit,
    )  # fmt: skip
    return [(row.tenant_id, row.id) for row in rows]


def page(tx: Tx, *, live: bool | None, before: UUID | None, limit: int) -> list[Liquidation]:
    rows = tx.all(
        f"""SELECT {_COLUMNS} FROM lending.liquidations q
             WHERE q.tenant_id = :tenant AND (CAST(:before AS uuid) IS NULL OR q.id < :before)
               AND (CAST(:live AS boolean) IS NULL OR :live = (q.status NOT IN ('done', 'shortfall')))
             ORDER BY q.id DESC LIMIT :limit""",
        tenant=tx.tenant_id, live=live, before=before, limit=limit,
    )  # fmt: skip
    return [_liquidation(row) for row in rows]


def evidence(tx: Tx, evidence_id: UUID) -> AnyRow | None:
    """What was seen when a sale was decided."""
    return tx.first(
        """SELECT id, from_level, to_level, line, debt, prices, at FROM lending.price_evidence
            WHERE tenant_id = :tenant AND id = :id""",
        tenant=tx.tenant_id, id=evidence_id,
    )  # fmt: skip


def change(tx: Tx, liquidation: Liquidation, *, to: LiquidationStatus | None = None, **columns: Any) -> bool:
    """Write these columns, and move to `to` where one is named; False when somebody else was faster."""
    if to is not None and to is not liquidation.status:
        LIQUIDATION.check(liquidation.status, to)
        columns["status"] = to.value
    assigned = "".join(f"{name} = :{name}, " for name in columns)
    done = tx.execute(
        f"""UPDATE lending.liquidations SET {assigned} row_version = row_version + 1
             WHERE id = :id AND row_version = :row_version""",
        **columns, id=liquidation.id, row_version=liquidation.row_version,
    )  # fmt: skip
    return bool(done.rowcount == 1)


def settled(tx: Tx, liquidation: Liquidation, document: Mapping[str, Any], *, to: LiquidationStatus) -> bool:
    """Ended, with what was settled."""
    LIQUIDATION.check(liquidation.status, to)
    done = tx.execute(
        """UPDATE lending.liquidations SET status = :to, settlement = CAST(:settlement AS jsonb), settled_at = :now,
                  row_version = row_version + 1 WHERE id = :id AND row_version = :row_version""",
        to=to.value, settlement=json.dumps(document), now=tx.now, id=liquidation.id, row_version=liquidation.row_version,
    )  # fmt: skip
    return bool(done.rowcount == 1)


def set_plan(tx: Tx, liquidation: Liquidation, plan: Mapping[str, Target]) -> bool:
    """New lowest prices; whoever looks at it next tries at once."""
    done = tx.execute(
        """UPDATE lending.liquidations SET plan = CAST(:plan AS jsonb), next_try_at = :now, row_version = row_version + 1
            WHERE id = :id AND row_version = :row_version""",
        plan=_plan_text(plan), now=tx.now, id=liquidation.id, row_version=liquidation.row_version,
    )  # fmt: skip
    return bool(done.rowcount == 1)


def look_at(tx: Tx, liquidation_id: UUID, *, at: datetime) -> None:
    """When to look at it next, where nothing else of it changes."""
    tx.execute("UPDATE lending.liquidations SET next_try_at = :at WHERE id = :id", id=liquidation_id, at=at)


def wake(tx: Tx, order_id: UUID) -> None:
    """An order ended: whose it was is looked at now."""
    tx.execute(
        """UPDATE lending.liquidations q SET next_try_at = least(q.next_try_at, :now)
             FROM lending.liquidation_orders o WHERE o.order_id = :order AND o.liquidation_id = q.id AND o.status = 'sent'""",
        order=order_id, now=tx.now,
    )  # fmt: skip


def _plan_text(plan: Mapping[str, Target]) -> str:
    return json.dumps({asset: target.document() for asset, target in sorted(plan.items())})


def _liquidation(row: AnyRow) -> Liquidation:
    known = {name: getattr(row, name) for name in Liquidation.__dataclass_fields__}
    known |= {
        "cause": Cause(row.cause),
        "mode": LiquidationMode(row.mode),
        "status": LiquidationStatus(row.status),
        "owed": read_owed(row.owed),
        "plan": {asset: Target.read(target) for asset, target in row.plan.items()},
    }
    return Liquidation(**known)


# ---------------------------------------------------------------------------------------------------------------------------- orders


def sales(tx: Tx, liquidation_id: UUID) -> list[Sale]:
    rows = tx.all(
        f"SELECT {_SALE} FROM lending.liquidation_orders WHERE liquidation_id = :id ORDER BY n", id=liquidation_id
    )
    return [Sale(**row._mapping) for row in rows]  # noqa: SLF001  the row's public name for this


def add_sale(
    tx: Tx, liquidation_id: UUID, *, n: int, order_id: UUID, asset: str, quantity: Decimal, floor: Decimal
) -> None:
    tx.execute(
        """INSERT INTO lending.liquidation_orders (tenant_id, liquidation_id, n, order_id, asset, quantity, floor_price, status)
           VALUES (:tenant, :id, :n, :order, :asset, :quantity, :floor, 'sent')""",
        tenant=tx.tenant_id, id=liquidation_id, n=n, order=order_id, asset=asset, quantity=quantity, floor=floor,
    )  # fmt: skip


def end_sale(tx: Tx, order_id: UUID, *, sold: Decimal, proceeds: Decimal) -> None:
    tx.execute(
        """UPDATE lending.liquidation_orders SET status = 'ended', sold = :sold, proceeds = :proceeds
            WHERE order_id = :order AND status = 'sent'""",
        order=order_id, sold=sold, proceeds=proceeds,
    )  # fmt: skip


# -------------------------------------------------------------------------------------------------------------- breakers, bad debts


def breaker(tx: Tx, assets: Iterable[str]) -> int:
    """The highest level that stands for any of the assets."""
    return int(
        tx.scalar(
            "SELECT coalesce(max(level), 0) FROM lending.breakers WHERE tenant_id = :tenant AND asset = ANY(:assets)",
            tenant=tx.tenant_id, assets=[EVERY_ASSET, *assets],
        )
    )  # fmt: skip


def breakers(tx: Tx) -> Sequence[AnyRow]:
    return tx.all(
        "SELECT asset, level, reason, set_by, at FROM lending.breakers WHERE tenant_id = :tenant ORDER BY asset",
        tenant=tx.tenant_id,
    )


def set_breaker(tx: Tx, asset: str, *, level: int, reason: str, by: UUID) -> None:
    tx.execute(
        """INSERT INTO lending.breakers (tenant_id, asset, level, reason, set_by, at)
           VALUES (:tenant, :asset, :level, :reason, :by, :now)
           ON CONFLICT (tenant_id, asset) DO UPDATE
              SET level = excluded.level, reason = excluded.reason, set_by = excluded.set_by, at = excluded.at""",
        tenant=tx.tenant_id, asset=asset, level=level, reason=reason, by=by, now=tx.now,
    )  # fmt: skip


def insert_bad_debt(
    tx: Tx, *, liquidation_id: UUID, loan_id: UUID, asset: str, insured: Decimal, lost: Decimal
) -> None:
    tx.execute(
        """INSERT INTO lending.bad_debts (tenant_id, liquidation_id, loan_id, asset, insured, lost, at)
           VALUES (:tenant, :id, :loan, :asset, :insured, :lost, :now)""",
        tenant=tx.tenant_id, id=liquidation_id, loan=loan_id, asset=asset, insured=insured, lost=lost, now=tx.now,
    )  # fmt: skip


def bad_debt(tx: Tx, liquidation_id: UUID) -> AnyRow | None:
    """The loss of a liquidation, and what its loan is now."""
    return tx.first(
        """SELECT b.liquidation_id, b.loan_id, b.asset, b.insured, b.lost, l.status FROM lending.bad_debts b
             JOIN lending.loans l ON l.id = b.loan_id
            WHERE b.tenant_id = :tenant AND b.liquidation_id = :id""",
        tenant=tx.tenant_id, id=liquidation_id,
    )  # fmt: skip


def one_pool_at_a_time(tx: Tx, asset: str) -> None:
    """Whoever takes from the insurance pool of this asset waits for the others' commits, and reads it after that."""
    tx.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(:name, 36))", name=f"{tx.tenant_id}:insurance.lending:{asset}"
    )


def void_instalments(tx: Tx, loan_id: UUID) -> None:
    """Nothing more falls due."""
    tx.execute(
        "UPDATE lending.loan_instalments SET status = 'void' WHERE loan_id = :loan AND status IN ('pending', 'due')",
        loan=loan_id,
    )

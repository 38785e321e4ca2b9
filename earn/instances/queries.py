"""One function, one statement on instances."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from earn.instances.record import Instance
from earn.instances.rules import Dates, Window
from earn.templates.terms import Terms
from kernel.db import AnyRow, Tx

_SELECT = """
    SELECT id, template_id, version, sale_date, name, asset, terms, sku, quota, opens_at, closes_at, value_date, maturity, withdrawn_at
      FROM earn.instances"""


def get(tx: Tx, instance_id: UUID) -> Instance | None:
    row = tx.first(f"{_SELECT} WHERE tenant_id = :tenant AND id = :id", tenant=tx.tenant_id, id=instance_id)
    return None if row is None else _instance(row)


def known(tx: Tx, ids: Collection[UUID]) -> Mapping[UUID, Instance]:
    rows = tx.all(f"{_SELECT} WHERE tenant_id = :tenant AND id = ANY(:ids)", tenant=tx.tenant_id, ids=list(ids))
    return {row.id: _instance(row) for row in rows}


def share(tx: Tx, instance_id: UUID) -> Instance | None:
    """Against whoever stops it or makes it anew, not against other buyers."""
    row = tx.first(f"{_SELECT} WHERE tenant_id = :tenant AND id = :id FOR SHARE", tenant=tx.tenant_id, id=instance_id)
    return None if row is None else _instance(row)


def share_next(tx: Tx, template_id: UUID, maturity: date, *, moment: datetime) -> Instance | None:
    """Where what matures on that date goes on: without a day between, or else the next that is on sale on that day; shared as above."""
    row = tx.first(
        f"""{_SELECT} WHERE tenant_id = :tenant AND template_id = :id AND value_date >= :maturity
              AND (value_date = :maturity OR sale_date = :maturity OR (opens_at <= :moment AND closes_at > :moment))
            ORDER BY value_date, sale_date DESC LIMIT 1 FOR SHARE""",
        tenant=tx.tenant_id, id=template_id, maturity=maturity, moment=moment,
    )  # fmt: skip
    return None if row is None else _instance(row)


def lock(tx: Tx, instance_id: UUID) -> Instance | None:
    """Against whoever sells of it, stops it or makes it anew."""
    row = tx.first(f"{_SELECT} WHERE tenant_id = :tenant AND id = :id FOR UPDATE", tenant=tx.tenant_id, id=instance_id)
    return None if row is None else _instance(row)


def lock_days(tx: Tx, template_id: UUID, days: Sequence[date]) -> Mapping[date, Instance]:
    """Those of a template's days that have an instance, locked in the order of their days."""
    rows = tx.all(
        f"{_SELECT} WHERE tenant_id = :tenant AND template_id = :id AND sale_date = ANY(:days) ORDER BY sale_date FOR UPDATE",
        tenant=tx.tenant_id, id=template_id, days=list(days),
    )  # fmt: skip
    return {row.sale_date: _instance(row) for row in rows}


def newest_day(tx: Tx, template_id: UUID, *, before: date) -> date | None:
    return tx.scalar(  # type: ignore[no-any-return]
        "SELECT max(sale_date) FROM earn.instances WHERE tenant_id = :tenant AND template_id = :id AND sale_date < :before",
        tenant=tx.tenant_id, id=template_id, before=before,
    )  # fmt: skip


def insert(tx: Tx, instance: Instance) -> None:
    tx.execute(
        """INSERT INTO earn.instances (tenant_id, id, template_id, version, sale_date, name, asset, terms, sku, quota, opens_at,
                                       closes_at, value_date, maturity, created_at)
           VALUES (:tenant, :id, :template, :version, :day, :name, :asset, CAST(:terms AS jsonb), :sku, :quota, :opens, :closes,
                   :value_date, :maturity, :now)""",
        **_written(tx, instance), template=instance.template_id, day=instance.dates.sale_date, asset=instance.asset,
    )  # fmt: skip


def rewrite(tx: Tx, instance: Instance) -> None:
    """Another version of a day of which nothing is sold yet."""
    tx.execute(
        """UPDATE earn.instances
              SET version = :version, name = :name, terms = CAST(:terms AS jsonb), sku = :sku, quota = :quota, opens_at = :opens,
                  closes_at = :closes, value_date = :value_date, maturity = :maturity, withdrawn_at = :withdrawn, created_at = :now
            WHERE tenant_id = :tenant AND id = :id""",
        **_written(tx, instance), withdrawn=instance.withdrawn_at,
    )  # fmt: skip


def _written(tx: Tx, instance: Instance) -> dict[str, object]:
    return {
        "tenant": tx.tenant_id, "id": instance.id, "version": instance.version, "name": instance.name,
        "terms": json.dumps(instance.terms.document()), "sku": instance.sku, "quota": instance.quota,
        "opens": instance.window.opens_at, "closes": instance.window.closes_at, "value_date": instance.dates.value_date,
        "maturity": instance.dates.maturity, "now": tx.now,
    }  # fmt: skip


def withdraw(tx: Tx, instance_id: UUID) -> None:
    tx.execute(
        "UPDATE earn.instances SET withdrawn_at = :now WHERE tenant_id = :tenant AND id = :id",
        tenant=tx.tenant_id, id=instance_id, now=tx.now,
    )  # fmt: skip


def for_sale(tx: Tx, *, only_open: bool, after: tuple[datetime, UUID] | None, limit: int) -> Sequence[Instance]:
    """Whose sale has not ended and was not stopped, the one that closes first at the top; only those that have opened, or all."""
    start, number = after or (None, None)
    rows = tx.all(
        f"""{_SELECT} WHERE tenant_id = :tenant AND closes_at > :now AND withdrawn_at IS NULL AND (NOT :open OR opens_at <= :now)
              AND (CAST(:start AS timestamptz) IS NULL OR (closes_at, id) > (:start, CAST(:number AS uuid)))
            ORDER BY closes_at, id LIMIT :limit""",
        tenant=tx.tenant_id, now=tx.now, open=only_open, start=start, number=number, limit=limit,
    )  # fmt: skip
    return [_instance(row) for row in rows]


def between(tx: Tx, first: date, last: date, *, template_id: UUID | None) -> Sequence[Instance]:
    """The days of sale from `first` to `last`, of one template or of all, by day and name."""
    rows = tx.all(
        f"""{_SELECT} WHERE tenant_id = :tenant AND sale_date BETWEEN :first AND :last
              AND (CAST(:template AS uuid) IS NULL OR template_id = :template) ORDER BY sale_date, name, id""",
        tenant=tx.tenant_id, first=first, last=last, template=template_id,
    )  # fmt: skip
    return [_instance(row) for row in rows]


def _instance(row: AnyRow) -> Instance:
    return Instance(
        id=row.id, template_id=row.template_id, version=row.version, name=row.name, asset=row.asset, terms=Terms.read(row.terms),
        sku=row.sku, quota=row.quota, window=Window(row.opens_at, row.closes_at),
        dates=Dates(row.sale_date, row.value_date, row.maturity), withdrawn_at=row.withdrawn_at,
    )  # fmt: skip

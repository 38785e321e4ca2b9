"""Statements on standings, rights and rules; the tenant stands in each WHERE beside row-level security."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from identity.eligibility.rules import CountryRule, Right, Standing
from identity.eligibility.states import Action, Level, Product, RuleState, Ruling, Screening
from kernel.db import AnyRow, Tx

_ASKED = """
SELECT s.level, s.country, s.screening,
       (SELECT json_agg(json_build_object('level', r.level, 'per_day', CAST(r.per_day AS text))) FROM identity.level_rights r
         WHERE r.tenant_id = :tenant AND r.product = :product AND r.action = :action
           AND r.valid_from <= clock.now AND (r.valid_until IS NULL OR r.valid_until > clock.now)) AS rights,
       (SELECT json_agg(json_build_object('country', c.country, 'verdict', c.verdict) ORDER BY c.valid_from DESC, c.id DESC)
          FROM identity.country_rules c
         WHERE c.tenant_id = :tenant AND c.state = 'standing' AND c.product IN (:product, '*') AND c.action IN (:action, '*')
           AND c.valid_from <= clock.now AND (c.valid_until IS NULL OR c.valid_until > clock.now)) AS countries
  FROM (SELECT kernel.business_now() AS now) AS clock
  LEFT JOIN identity.standings s ON s.tenant_id = :tenant AND s.customer_id = :customer"""


@dataclass(frozen=True, slots=True)
class Asked:
    """Everything one decision looks at; `rights` None where the house has written none of its own."""

    standing: Standing | None
    rights: tuple[Right, ...] | None
    countries: tuple[CountryRule, ...]


def ask(tx: Tx, customer: UUID, product: Product, action: Action) -> Asked:
    """One statement, on the way of every order."""
    row = tx.one(_ASKED, tenant=tx.tenant_id, customer=customer, product=product, action=action)
    return Asked(
        standing=_standing(row),
        rights=None if row.rights is None else tuple(_right(one) for one in row.rights),
        countries=tuple(CountryRule(one["country"], Ruling(one["verdict"])) for one in row.countries or ()),
    )


def _right(one: dict[str, Any]) -> Right:
    return Right(Level(one["level"]), None if one["per_day"] is None else Decimal(one["per_day"]))


def _standing(row: AnyRow | None) -> Standing | None:
    if row is None or row.level is None:
        return None
    return Standing(Level(row.level), row.country, Screening(row.screening))


def standing(tx: Tx, customer: UUID, *, lock: bool = False) -> Standing | None:
    row = tx.first(
        "SELECT level, country, screening FROM identity.standings WHERE tenant_id = :tenant AND customer_id = :customer"
        + (" FOR NO KEY UPDATE" if lock else ""),
        tenant=tx.tenant_id,
        customer=customer,
    )
    return _standing(row)


def insert(tx: Tx, customer: UUID, standing: Standing) -> None:
    tx.execute(
        "INSERT INTO identity.standings (tenant_id, customer_id, level, country, screening)"
        " VALUES (:tenant, :customer, :level, :country, :screening)",
        tenant=tx.tenant_id,
        customer=customer,
        level=int(standing.level),
        country=standing.country,
        screening=standing.screening.value,
    )


def update(tx: Tx, customer: UUID, standing: Standing) -> bool:
    row = tx.first(
        "UPDATE identity.standings SET level = :level, country = :country, screening = :screening, changed_at = :now"
        " WHERE tenant_id = :tenant AND customer_id = :customer RETURNING true",
        tenant=tx.tenant_id,
        customer=customer,
        level=int(standing.level),
        country=standing.country,
        screening=standing.screening.value,
        now=tx.now,
    )
    return row is not None


_RULE = "id, country, product, action, verdict, note, actor, created_at, valid_from, valid_until, state"


def insert_rule(tx: Tx, row: Mapping[str, Any]) -> None:
    tx.execute(
        f"INSERT INTO identity.country_rules (tenant_id, {_RULE}) VALUES (:tenant, :id, :country, :product, :action, :verdict,"
        " :note, :actor, :now, :valid_from, :valid_until, :state)",
        tenant=tx.tenant_id,
        now=tx.now,
        **row,
    )


def rule(tx: Tx, rule_id: UUID, *, lock: bool = False) -> AnyRow | None:
    return tx.first(
        f"SELECT {_RULE} FROM identity.country_rules WHERE tenant_id = :tenant AND id = :id"
        + (" FOR NO KEY UPDATE" if lock else ""),
        tenant=tx.tenant_id,
        id=rule_id,
    )


def move_rule(tx: Tx, rule_id: UUID, to: RuleState) -> None:
    tx.execute(
        "UPDATE identity.country_rules SET state = :to WHERE tenant_id = :tenant AND id = :id AND state = 'proposed'",
        tenant=tx.tenant_id,
        id=rule_id,
        to=to.value,
    )


def rules(tx: Tx, *, before: UUID | None, limit: int) -> list[AnyRow]:
    """Newest first: those in force, those to come, those that are over."""
    return tx.all(
        f"SELECT {_RULE} FROM identity.country_rules WHERE tenant_id = :tenant"
        " AND (CAST(:before AS uuid) IS NULL OR id < :before) ORDER BY id DESC LIMIT :limit",
        tenant=tx.tenant_id,
        before=before,
        limit=limit,
    )

"""The days of sale: made for this month and the next, shown with what is left of their quota, stopped.

Making them may be repeated on any day and any number of times: a day that is missing is made, a day of which nothing is sold follows
the version that governs it by now until its sale opens, and every other day is left as it is.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from earn import accounts
from earn.instances import queries, rules
from earn.instances.errors import InstanceNotFound, SaleEnded
from earn.instances.events import SaleStopped
from earn.instances.record import Instance
from earn.instances.states import InstanceStatus
from earn.templates import service as templates
from earn.templates.terms import TemplateVersion
from identity.audit import service as audit
from identity.tenants import service as tenants
from identity.tenants.states import Product
from kernel import commands, db, outbox
from kernel.day_count import add_months
from kernel.db import Tx
from kernel.errors import InvalidRequest
from kernel.ids import uuid7
from payments.inventory import service as inventory
from payments.inventory.service import Stock
from payments.products import service as products

__all__ = ["Instance", "InstanceView", "Planned", "known", "share", "share_next"]

SOLD_BY = "earn"
known, share, share_next = queries.known, queries.share, queries.share_next


@dataclass(frozen=True, slots=True)
class InstanceView:
    """`left`: what can still be bought of the quota; `sold`: what is paid or being paid for; `at`: when, in business time."""

    instance: Instance
    status: InstanceStatus
    left: Decimal
    sold: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class Planned:
    """How many days were made, follow another version than before, or were left as they are."""

    made: int = 0
    changed: int = 0
    kept: int = 0

    def __add__(self, other: Planned) -> Planned:
        return Planned(self.made + other.made, self.changed + other.changed, self.kept + other.kept)


# What is seen --------------------------------------------------------------------------------------------------------------------


def offers(tenant: UUID, *, only_open: bool, after: tuple[datetime, UUID] | None, limit: int) -> list[InstanceView]:
    """What is for sale or will be, the one that closes first at the top; nothing where the house has switched earn off.

    `only_open`: what can be bought from now, sold out or not.
    """
    if not tenants.offers(tenant, Product.EARN):
        return []
    with db.read_only(tenant=tenant, repeatable=True) as tx:
        return _views(tx, queries.for_sale(tx, only_open=only_open, after=after, limit=limit))


def calendar(tenant: UUID, month: date | None, *, template_id: UUID | None) -> tuple[date, list[InstanceView]]:
    """The first day of a month, of this one where none is named, and all its days of sale with their quota and what is sold."""
    with db.read_only(tenant=tenant, repeatable=True) as tx:
        first = (month or tx.now.date()).replace(day=1)
        last = first.replace(day=monthrange(first.year, first.month)[1])
        return first, _views(tx, queries.between(tx, first, last, template_id=template_id))


def view(tenant: UUID, instance_id: UUID) -> InstanceView:
    """One day of sale.

    Raises:
        InstanceNotFound
    """
    with db.read_only(tenant=tenant, repeatable=True) as tx:
        found = queries.get(tx, instance_id)
        if found is None:
            raise InstanceNotFound
        return _views(tx, [found])[0]


def _views(tx: Tx, found: Sequence[Instance]) -> list[InstanceView]:
    stock = inventory.exact(tx, [one.sku for one in found])
    return [_view(one, stock[one.sku], tx.now) for one in found]


def _view(one: Instance, stock: Stock, now: datetime) -> InstanceView:
    left = stock.available * one.terms.step
    return InstanceView(one, one.status(now, left=left), left, one.quota - left, now)


# What is made --------------------------------------------------------------------------------------------------------------------


def ask_for(tenant: UUID, month: date) -> Planned:
    """The days of a month, because somebody asked for them.

    Raises:
        InvalidRequest: before last month or beyond a year.
    """
    done = generate(tenant, month=near(tenant, month))
    with db.transaction(tenant=tenant) as tx:
        asked = rules.month_text(month)
        audit.record(
            tx, "earn_sales.planned", kind="month", resource=asked, made=done.made, changed=done.changed, kept=done.kept
        )
    return done


def generate(tenant: UUID, *, month: date | None = None) -> Planned:
    """The days of a month, or of this month, the next and those that were missed, of every published template, each in a transaction."""
    with db.read_only(tenant=tenant) as tx:
        wanted = templates.published_ids(tx)
    total = Planned()
    for template_id in wanted:
        with db.transaction(tenant=tenant) as tx:
            total += plan(tx, template_id, month=month)
    return total


def near(tenant: UUID, month: date) -> date:
    """The first day of a month that may be made: last month's at the earliest, next year's same month at the latest.

    Raises:
        InvalidRequest
    """
    with db.read_only(tenant=tenant) as tx:
        this = tx.now.date().replace(day=1)
    if not add_months(this, -1) <= month <= add_months(this, 12):
        raise InvalidRequest("month: from last month to a year ahead")
    return month


def plan(tx: Tx, template_id: UUID, *, month: date | None = None) -> Planned:
    """The days of one template. Step; whoever else plans the template waits."""
    templates.lock(tx, template_id)
    if month is None:
        missed = rules.missed_days(queries.newest_day(tx, template_id, before=tx.now.date().replace(day=1)), tx.now)
        days = tuple(sorted({*missed, *rules.wanted_days(tx.now)}))
    else:
        days = rules.days_of(month.year, month.month)
    wanted = templates.governing(tx, template_id, days)
    there = queries.lock_days(tx, template_id, days)
    made = [day for day, template in wanted.items() if day not in there and not template.terms.rests_on(day)]
    if made:
        accounts.open_all(tx, template_id, wanted[made[0]].asset)
    for day in made:
        _make(tx, wanted[day], day)
    changed = sum(_follow(tx, there[day], wanted[day]) for day in wanted if day in there)
    return Planned(len(made), changed, len(there) - changed)


def _make(tx: Tx, template: TemplateVersion, day: date) -> None:
    made = _instance(uuid7(), template, day)
    _stock(tx, made)
    queries.insert(tx, made)


def _follow(tx: Tx, one: Instance, template: TemplateVersion) -> bool:
    """Make a day anew that follows another version by now, unless its sale has opened or something of it is sold or being bought.

    One that became a holiday is stopped, and for sale again under a version that has no such holiday.
    """
    if one.version == template.version or one.window.opens_at <= tx.now:
        return False
    stock = inventory.exact(tx, [one.sku])[one.sku]
    if stock.available != one.terms.units:
        return False
    inventory.change(tx, sku=one.sku, by=-stock.available, actor=None)
    day = one.dates.sale_date
    stopped = None if one.terms.rests_on(day) else one.withdrawn_at
    if template.terms.rests_on(day):
        stopped = stopped or tx.now
    made = replace(_instance(one.id, template, day), withdrawn_at=stopped)
    _stock(tx, made)
    queries.rewrite(tx, made)
    return True


def _instance(instance_id: UUID, template: TemplateVersion, day: date) -> Instance:
    terms = template.terms
    return Instance(
        id=instance_id, template_id=template.id, version=template.version, name=template.name, asset=template.asset, terms=terms,
        sku=f"earn.{template.id}.{day.isoformat()}.{template.version}", quota=terms.daily_quota,
        window=rules.window(day, terms.opens, terms.closes, terms.zone),
        dates=rules.dates(day, lag_days=terms.lag_days, tenor=terms.tenor), withdrawn_at=None,
    )  # fmt: skip


def _stock(tx: Tx, one: Instance) -> None:
    """What is bought of it is principal that we owe: steps of it at the price of a step."""
    wish = products.Wish(
        sku=one.sku, name=f"{one.name} {one.dates.sale_date.isoformat()}", asset=one.asset, price=one.terms.step, stock=0,
        payees=[(accounts.principal(tx, one.template_id, one.asset), Decimal(1))], sold_by=SOLD_BY,
    )  # fmt: skip
    products.ensure(tx, wish)  # a version that governs the day again finds its own SKU, emptied
    there = inventory.exact(tx, [one.sku])[one.sku].available
    inventory.change(tx, sku=one.sku, by=one.terms.units - there, actor=None)


# What is stopped -----------------------------------------------------------------------------------------------------------------


def stop(*, tenant: UUID, actor: UUID, instance_id: UUID, key: str | None) -> None:
    """Sell nothing more of a day; what was sold runs on and is paid. A second stop changes nothing.

    Raises:
        InstanceNotFound, SaleEnded
    """

    def fn(tx: Tx) -> tuple[str, UUID]:
        found = queries.lock(tx, instance_id)
        if found is None:
            raise InstanceNotFound
        if found.window.closes_at <= tx.now:
            raise SaleEnded
        if found.withdrawn_at is None:
            queries.withdraw(tx, instance_id)
            fact = SaleStopped(instance_id, found.template_id, found.dates.sale_date)
            outbox.publish(tx, fact, key=str(instance_id))
        audit.about(tx, before={"stopped_at": found.withdrawn_at}, after={"stopped_at": found.withdrawn_at or tx.now})
        return "earn_instance", instance_id

    print_ = commands.fingerprint({"id": str(instance_id)})
    commands.run(
        tenant=tenant, principal=actor, route="POST /v1/earn/instances/{id}/stop", key=key, fingerprint=print_, fn=fn
    )

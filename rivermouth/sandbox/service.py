"""Use cases of the sandbox that touch the books: deposits, and venue balances that change from outside."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from identity.audit import service as audit
from identity.principals import service as principals
from kernel import db, schedules
from kernel.errors import InvalidRequest, NotFound
from kernel.ids import uuid7
from kernel.money import floor_to_scale
from payments.assets import service as assets
from payments.balances import service as balances
from wallet_bridge.funds import postings
from wallet_bridge.funds import service as funds


class UnknownAsset(InvalidRequest):
    """There is no such asset."""

    code = "unknown_asset"


def require_asset(asset: str) -> None:
    if asset not in assets.all_assets():
        raise UnknownAsset(asset=asset)


def deposit(*, email: str, asset: str, amount: Decimal, key: str | None) -> UUID:
    """Credit a customer of any tenant by e-mail (e-mails are unique per deployment); a repeat of the key books nothing more."""
    require_asset(asset)
    found = principals.find_by_email(email)
    if found is None:
        raise NotFound("there is no customer with this e-mail")
    with db.transaction(tenant=found.tenant_id) as tx:
        journal_id = postings.deposit(
            tx, customer_id=found.principal_id, asset=asset, amount=amount, key=f"sandbox:{key or uuid7()}"
        )
        audit.record(
            tx, "sandbox.deposited", kind="journal", resource=journal_id, customer=found.principal_id, asset=asset, amount=amount
        )  # fmt: skip
        return journal_id


def venue_balance_changed(tenant: UUID, *, venue: str, asset: str, free: Decimal) -> None:
    """Follow a balance that was set at the simulator: the ledger books the difference, funds learn of it at once."""
    require_asset(asset)
    with db.transaction(tenant=tenant) as tx:
        funds.store_report(tx, venue, {asset: (free, free)})  # locks the row: a fill booked meanwhile is seen below
        owned = -balances.exact(tx, funds.custody_account(tx, venue=venue, asset=asset))
        change = floor_to_scale(free, assets.scale(asset)) - owned  # venues may count finer than our books
        if change != 0:
            postings.fund_venue(tx, venue=venue, asset=asset, amount=change, key=f"sandbox:{uuid7()}")
        audit.record(
            tx, "sandbox.venue_balance_set", kind="venue_balance", resource=f"{venue}:{asset}", before={"owned": owned},
            after={"owned": free}, was=owned, now=free,
        )  # fmt: skip


def advance_clock(tenant: UUID, by: timedelta) -> UUID:
    """Ask for a jump of business time."""
    with db.transaction(tenant=tenant) as tx:
        advance_id = schedules.ask_for_advance(tx, by)
        audit.record(tx, "sandbox.clock_advanced", kind="clock_advance", resource=advance_id, by=by)
    return advance_id


def business_time() -> datetime:
    with db.read_only() as tx:
        return tx.now

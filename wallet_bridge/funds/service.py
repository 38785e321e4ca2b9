"""Reserve before sending, release with the outcome, and tell treasury when a venue runs dry.

The row is locked before the ledger's custody balance is read: a fill that spends it must release its reservation on the same row, so
what is read after the lock already knows that fill. In the global lock order this row stands where inventory stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from kernel import db, outbox
from kernel.db import Tx
from payments.accounts import service as accounts
from payments.accounts.states import AccountKind
from payments.balances import service as balances
from wallet_bridge.alerts import service as alerts
from wallet_bridge.funds import events, queries
from wallet_bridge.lines import service as lines


def at_venue(venue: str) -> str:
    """How treasury calls the place."""
    return f"venue:{venue}"


@dataclass(frozen=True, slots=True)
class Shortage:
    """Why a reservation was not made."""

    venue: str
    asset: str
    needed: Decimal
    usable: Decimal


@dataclass(frozen=True, slots=True)
class VenueBalance:
    """What treasury sees for one venue and asset."""

    venue: str
    asset: str
    free: Decimal
    total: Decimal
    ledger: Decimal
    reserved: Decimal
    usable: Decimal
    warning_line: Decimal
    below_line: bool
    reported_at: datetime | None


def custody_account(tx: Tx, *, venue: str, asset: str) -> int:
    """The ledger account of what we own at a venue; it runs negative (debit-normal)."""
    return accounts.house(tx, path=f"venue.{venue}", asset=asset, kind=AccountKind.CUSTODY, normal_side="debit")


def reserve(tx: Tx, *, venue: str, asset: str, amount: Decimal) -> Shortage | None:
    """Take `amount` out of what later orders may use at the venue; a shortage reserves nothing."""
    row = queries.lock(tx, venue=venue, asset=asset)
    if row is None:
        return Shortage(venue, asset, amount, Decimal(0))
    owned = -balances.exact(tx, custody_account(tx, venue=venue, asset=asset))
    usable = min(row.reported_free, owned) - row.reserved
    if amount > usable:
        return Shortage(venue, asset, amount, max(usable, Decimal(0)))
    queries.change_reserved(tx, venue=venue, asset=asset, by=amount)
    return None


def release(tx: Tx, *, venue: str, asset: str, amount: Decimal) -> None:
    if amount > 0:
        queries.lock(tx, venue=venue, asset=asset)
        queries.change_reserved(tx, venue=venue, asset=asset, by=-amount)


def note_shortage(tx: Tx, shortage: Shortage) -> None:
    """Tell treasury, as part of a transaction that commits."""
    alerts.short(
        tx, location=at_venue(shortage.venue), asset=shortage.asset, needed=shortage.needed, usable=shortage.usable
    )
    outbox.publish(
        tx,
        events.VenueBalanceLow(shortage.venue, shortage.asset, shortage.needed, shortage.usable),
        key=f"{shortage.venue}:{shortage.asset}",
    )


def report_shortage(tenant: UUID, shortage: Shortage) -> None:
    """Tell treasury in a transaction of its own: the denied order rolled back."""
    with db.transaction(tenant=tenant) as tx:
        note_shortage(tx, shortage)


def report(tenant: UUID, venue: str, reported: Mapping[str, tuple[Decimal, Decimal]]) -> None:
    """Store what the venue says, asset → (free, total). Lines are watched apart: see `wallet_bridge.alerts.watch`."""
    with db.transaction(tenant=tenant) as tx:
        store_report(tx, venue, reported)


def store_report(tx: Tx, venue: str, reported: Mapping[str, tuple[Decimal, Decimal]]) -> None:
    rows: list[dict[str, Any]] = [{"asset": a, "free": free, "total": total} for a, (free, total) in reported.items()]
    queries.upsert_reported(tx, venue=venue, rows=rows)


def report_wallet(
    tx: Tx, wallet: str, reported: Mapping[str, Decimal], *, free: Mapping[str, Decimal] | None = None
) -> None:
    """Store what the keeper of a wallet says that lies there; reconciliation compares it with `wallet.<name>:<asset>`.

    Args:
        free: what of it can be paid out now; without it, all.
    """
    for asset, amount in sorted(reported.items()):
        queries.upsert_wallet_report(
            tx,
            wallet=wallet,
            asset=asset,
            reported=amount,
            free=amount if free is None else free[asset],
            original=str(amount),
        )


def want_refresh(tx: Tx, venue: str) -> None:
    """Ask the engine to read this venue's balances again soon."""
    queries.want_refresh(tx, venue=venue)


def take_refreshes(tenant: UUID) -> list[str]:
    with db.transaction(tenant=tenant) as tx:
        return queries.take_refreshes(tx)


def known_venues(tx: Tx) -> list[str]:
    """Venues that have reported at least once."""
    return sorted({row.venue for row in queries.all_funds(tx) if row.reported_at is not None})


@dataclass(frozen=True, slots=True)
class VenueRoom:
    """What an order may spend at a venue right now, and the line below which treasury is warned."""

    usable: Decimal
    warning_line: Decimal


def room(tenant: UUID, asset: str) -> dict[str, VenueRoom]:
    """Usable funds of one asset by venue: the smaller of what the venue reports free and what the ledger says, less what is reserved."""
    with db.read_only(tenant=tenant, repeatable=True) as tx:
        seen = [row for row in balances_seen(tx) if row.asset == asset]
    return {row.venue: VenueRoom(row.usable, row.warning_line) for row in seen}


def room_at(tx: Tx, *, venue: str, asset: str) -> Decimal:
    """What could be reserved there at this moment; nothing is locked. Step."""
    row = next((row for row in queries.all_funds(tx) if (row.venue, row.asset) == (venue, asset)), None)
    if row is None:
        return Decimal(0)
    owned = -balances.exact(tx, custody_account(tx, venue=venue, asset=asset))
    return max(min(row.reported_free, owned) - row.reserved, Decimal(0))


def list_balances(tenant: UUID) -> list[VenueBalance]:
    with db.read_only(tenant=tenant, repeatable=True) as tx:
        return balances_seen(tx)


def balances_seen(tx: Tx) -> list[VenueBalance]:
    """What treasury sees at venues; needs one snapshot. Step."""
    owned = {b.path: -b.posted for b in balances.by_path_prefix(tx, "venue.")}
    standings = lines.standings(tx)
    return [
        _seen_by_treasury(
            row,
            owned.get(f"venue.{row.venue}:{row.asset}", Decimal(0)),
            standings.get((at_venue(row.venue), row.asset)),
        )
        for row in queries.all_funds(tx)
    ]


def _seen_by_treasury(row: queries.Funds, owned: Decimal, line: lines.Standing | None) -> VenueBalance:
    usable = max(min(row.reported_free, owned) - row.reserved, Decimal(0))
    warning_line = Decimal(0) if line is None else line.warning
    return VenueBalance(
        venue=row.venue,
        asset=row.asset,
        free=row.reported_free,
        total=row.reported_total,
        ledger=owned,
        reserved=row.reserved,
        usable=usable,
        warning_line=warning_line,
        below_line=usable < warning_line,
        reported_at=row.reported_at,
    )


@dataclass(frozen=True, slots=True)
class WalletReport:
    """What the keeper of a wallet said last."""

    wallet: str
    asset: str
    reported: Decimal
    free: Decimal
    reported_at: datetime


def wallet_reports(tx: Tx) -> list[WalletReport]:
    """Step."""
    rows = queries.wallet_reports(tx)
    return [WalletReport(row.wallet, row.asset, row.reported, row.free, row.reported_at) for row in rows]


def houses(tx: Tx) -> list[UUID]:
    """Tenants that have anything anywhere (the engine's role). Step."""
    return queries.houses(tx)

"""Sources of reconciliation: our custody accounts against what venues and wallets report that we have there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from kernel.db import Tx
from payments.accounts import service as accounts
from payments.accounts.states import AccountKind
from payments.assets import service as assets
from payments.balances import service as balances
from payments.reconciliation import moments
from payments.reconciliation.errors import ScopeUnknown
from payments.reconciliation.sources import Observation, Scope, Slice
from payments.reconciliation.states import Level
from wallet_bridge.funds import queries


@dataclass(frozen=True, slots=True)
class Reported:
    """One figure of the other side. `busy`: something of ours is on its way there."""

    place: str
    asset: str
    total: Decimal
    original: str
    at: datetime
    busy: bool


class VenueBalances:
    """Scope: a venue, or `venue:asset`. An asset that a venue's last report leaves out is not there any more."""

    levels = frozenset({Level.BATCH, Level.DAY})

    def read(self, tx: Tx, scope: Scope, position: str | None, limit: int) -> Slice:  # noqa: ARG002  one slice holds them all
        rows = [row for row in queries.all_funds(tx) if row.reported_at is not None]
        newest: dict[str, datetime] = {}
        busy = {row.venue for row in rows if row.reserved > 0}
        for row in rows:
            assert row.reported_at is not None
            newest[row.venue] = max(newest.get(row.venue, row.reported_at), row.reported_at)
        reported = [
            Reported(row.venue, row.asset, total, str(total), newest[row.venue], row.venue in busy)
            for row in rows
            for total in [row.reported_total if row.reported_at == newest[row.venue] else Decimal(0)]
        ]
        listed = {(row.venue, row.asset) for row in rows}
        for place, asset in _booked(tx, "venue."):
            if place in newest and (place, asset) not in listed:
                reported.append(Reported(place, asset, Decimal(0), "", newest[place], place in busy))
        return Slice(_observe(tx, _scoped(reported, scope), prefix="venue"), None)


class WalletBalances:
    """Scope: a wallet, or `wallet:asset`. Whoever keeps the keys reports; see `service.report_wallet`."""

    levels = frozenset(Level)

    def read(self, tx: Tx, scope: Scope, position: str | None, limit: int) -> Slice:  # noqa: ARG002  one slice holds them all
        reported = [
            Reported(row.wallet, row.asset, row.reported, row.original, row.reported_at, busy=False)
            for row in queries.wallet_reports(tx)
        ]
        return Slice(_observe(tx, _scoped(reported, scope), prefix="wallet"), None)


def _booked(tx: Tx, prefix: str) -> list[tuple[str, str]]:
    """(place, asset) of our custody accounts that hold something."""
    return [
        (b.path.removeprefix(prefix).rsplit(":", 1)[0], b.asset)
        for b in balances.by_path_prefix(tx, prefix)
        if b.posted
    ]


def _scoped(reported: list[Reported], scope: Scope) -> list[Reported]:
    if scope.name is None:
        return reported
    place, _, asset = scope.name.partition(":")
    found = [r for r in reported if r.place == place and asset in {"", r.asset}]
    if not found:
        raise ScopeUnknown("nothing is reported under this name")
    return found


def _observe(tx: Tx, reported: list[Reported], *, prefix: str) -> list[Observation]:
    known = assets.all_assets()
    return [
        _observation(tx, r, prefix) if r.asset in known else _foreign(r)
        for r in sorted(reported, key=lambda r: (r.place, r.asset))
    ]


def _observation(tx: Tx, seen: Reported, prefix: str) -> Observation:
    account = accounts.house(
        tx, path=f"{prefix}.{seen.place}", asset=seen.asset, kind=AccountKind.CUSTODY, normal_side="debit"
    )
    ours = moments.nearest(tx, account, theirs=seen.total, read_at=seen.at)
    return Observation(
        reference=f"{seen.place}:{seen.asset}", asset=seen.asset, ours=ours.amount, theirs=seen.total, theirs_text=seen.original,
        account_id=account, whole=True, moving=ours.moving or seen.busy,
        raw={"place": seen.place, "reported": seen.original, "reported_at": seen.at.isoformat(), "ledger_now": ours.now,
             "ledger_then": ours.amount},
    )  # fmt: skip


def _foreign(seen: Reported) -> Observation:
    """Something that our books have no asset for: only a person can say what it is."""
    return Observation(
        reference=f"{seen.place}:{seen.asset}", asset=seen.asset, ours=Decimal(0), theirs=seen.total, theirs_text=seen.original,
        whole=True, raw={"place": seen.place, "reported": seen.original, "reported_at": seen.at.isoformat()},
    )  # fmt: skip

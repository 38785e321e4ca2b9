"""All that we own at venues and in wallets as it stands, what leaves it in an hour, and samples of it for plots.

Reports come in wall time, so their age is told in wall time; samples are of business time, as everything else that is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from kernel import clock, db
from kernel.db import Tx
from payments.balances import service as balances
from payments.reports import service as reports
from wallet_bridge.custody import service as custody
from wallet_bridge.funds import service as funds
from wallet_bridge.levels import queries, rules
from wallet_bridge.levels.queries import Sample
from wallet_bridge.lines import rules as line_rules
from wallet_bridge.lines import service as lines
from wallet_bridge.lines.service import Standing
from wallet_bridge.lines.states import BalanceLevel

__all__ = [
    "Balance",
    "Sample",
    "history",
    "houses",
    "last_samples",
    "measure",
    "on_its_way",
    "overview",
    "place",
    "sample",
]

KEPT = timedelta(days=90)
MOST_POINTS = 500
SAMPLED_EVERY = timedelta(minutes=5)
_DELETE_AT_ONCE = 5_000
Place = tuple[str, str]
"""Location and asset."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """One asset at one place. `overdue`: for how long the report has been too old, below zero when it is not; None: never reported.

    `carried`: what of a wallet is too fine for the books.
    """

    location: str
    asset: str
    reported: Decimal | None
    free: Decimal | None
    ledger: Decimal
    carried: Decimal
    reserved: Decimal
    usable: Decimal
    in_transit: Decimal
    line: Standing | None
    level: BalanceLevel
    hours_left: Decimal | None
    reported_at: datetime | None
    overdue: timedelta | None

    @property
    def kind(self) -> str:
        return rules.kind_of(self.location)

    @property
    def difference(self) -> Decimal | None:
        return None if self.reported is None else self.reported - self.ledger - self.carried


@dataclass(frozen=True, slots=True)
class _Said:
    """What a place says of one asset; `reserved` is ours."""

    total: Decimal
    free: Decimal
    reserved: Decimal
    at: datetime


_transits: list[Callable[[Tx], Mapping[Place, Decimal]]] = []


def on_its_way(read: Callable[[Tx], Mapping[Place, Decimal]]) -> None:
    """From now on `read` says what is on its way to a place. For whoever moves money between places."""
    _transits.append(read)


def houses() -> list[UUID]:
    """Tenants that own anything anywhere. Only the engine may."""
    with db.read_only() as tx:
        return funds.houses(tx)


def now(tenant: UUID) -> list[Balance]:
    with db.read_only(tenant=tenant, repeatable=True) as tx:
        return overview(tx)


def overview(tx: Tx) -> list[Balance]:
    """Every balance that is reported, or that the ledger has; needs one snapshot. Step."""
    said, owned = _said(tx), _owned(tx)
    standings, leaves = lines.standings(tx), lines.outflows(tx)
    transit = _in_transit(tx)
    carried = {(f"wallet:{network}", asset): fine for (network, asset), fine in custody.carried(tx).items()}
    wall = clock.wall()
    places = said.keys() | {at for at, amount in owned.items() if amount} | transit.keys()
    return [
        _balance(
            at, said.get(at), owned.get(at, Decimal(0)), line=standings.get(at), per_hour=leaves.get(at, Decimal(0)),
            transit=transit.get(at, Decimal(0)), carried=carried.get(at, Decimal(0)), wall=wall,
        )
        for at in sorted(places)
    ]  # fmt: skip


def _balance(
    at: Place,
    said: _Said | None,
    owned: Decimal,
    *,
    line: Standing | None,
    per_hour: Decimal,
    transit: Decimal,
    carried: Decimal,
    wall: datetime,
) -> Balance:
    location, asset = at
    usable = rules.usable(said.free, owned, said.reserved) if said else Decimal(0)
    overdue = wall - said.at - rules.OLD_AFTER[rules.kind_of(location)] if said else None
    known = overdue is not None and overdue <= timedelta(0)
    return Balance(
        location=location, asset=asset, reported=said.total if said else None, free=said.free if said else None, ledger=owned,
        carried=carried, reserved=said.reserved if said else Decimal(0), usable=usable, in_transit=transit, line=line,
        level=line_rules.level(usable, line) if known else BalanceLevel.UNKNOWN,
        hours_left=line_rules.hours_left(usable, per_hour) if known else None,
        reported_at=said.at if said else None, overdue=overdue,
    )  # fmt: skip


def _said(tx: Tx) -> dict[Place, _Said]:
    found: dict[Place, _Said] = {}
    for row in funds.balances_seen(tx):
        if row.reported_at is not None:
            found[funds.at_venue(row.venue), row.asset] = _Said(row.total, row.free, row.reserved, row.reported_at)
    for wallet in funds.wallet_reports(tx):
        found[f"wallet:{wallet.wallet}", wallet.asset] = _Said(
            wallet.reported, wallet.free, Decimal(0), wallet.reported_at
        )
    return _without_what_left(found)


def _without_what_left(said: dict[Place, _Said]) -> dict[Place, _Said]:
    """What a place's newest reports leave out is not there any more: it is nothing, as of the newest."""
    newest: dict[str, datetime] = {}
    for (location, _), row in said.items():
        newest[location] = max(newest.get(location, row.at), row.at)
    nothing = Decimal(0)
    return {
        at: row
        if newest[at[0]] - row.at < rules.LEFT_OUT_AFTER
        else _Said(nothing, nothing, row.reserved, newest[at[0]])
        for at, row in said.items()
    }


def _owned(tx: Tx) -> dict[Place, Decimal]:
    """Our custody accounts; they run negative."""
    rows = [row for kind in rules.OLD_AFTER for row in balances.by_path_prefix(tx, f"{kind}.")]
    return {place(row.path): -row.posted for row in rows}


def place(path: str) -> Place:
    """Which place a custody account is of: `venue.okx:USDT` is USDT at `venue:okx`."""
    account, _, asset = path.rpartition(":")
    return account.replace(".", ":", 1), asset


def _in_transit(tx: Tx) -> dict[Place, Decimal]:
    found: dict[Place, Decimal] = {}
    for read in _transits:
        for at, amount in read(tx).items():
            found[at] = found.get(at, Decimal(0)) + amount
    return found


# ------------------------------------------------------------------------------------------------------------------- over time


def measure(tx: Tx) -> None:
    """What left each place in an hour of the last day, as the ledger has it. Step of the engine."""
    since = tx.now - timedelta(hours=rules.MEASURED_HOURS)
    kinds: dict[Place, list[tuple[str, Decimal, Decimal]]] = {}
    for kind in rules.OLD_AFTER:
        for row in reports.traffic(tx, f"{kind}.", since=since, until=tx.now):
            kinds.setdefault(place(row.path), []).append((row.kind, row.debit, row.credit))
    nothing = dict.fromkeys(lines.outflows(tx), Decimal(0))
    lines.note_outflows(tx, nothing | {at: rules.outflow_per_hour(traffic) for at, traffic in kinds.items()})


def sample(tenant: UUID, at: datetime) -> None:
    """Measure, then keep what every place holds now as of `at`; a moment that is kept already stays. Only the engine may."""
    with db.transaction(tenant=tenant) as tx:
        measure(tx)
    with db.transaction(tenant=tenant, repeatable=True) as tx:
        rows = [
            {
                "location": one.location,
                "asset": one.asset,
                "at": at,
                "reported": one.reported,
                "ledger": one.ledger,
                "usable": one.usable,
                "level": one.level.value,
                "residue": one.carried,
            }
            for one in overview(tx)
        ]
        queries.insert(tx, rows)


def history(tenant: UUID, *, location: str, asset: str, since: datetime, until: datetime) -> list[Sample]:
    """At most 500 points, evenly apart: the last sample of each stretch."""
    step = max((until - since) / MOST_POINTS, timedelta(seconds=1))
    with db.read_only(tenant=tenant) as tx:
        return queries.history(tx, location=location, asset=asset, since=since, until=until, step=step)[-MOST_POINTS:]


def last_samples(tx: Tx, *, since: datetime, until: datetime) -> dict[Place, Sample]:
    """The last one of each balance in this time. Step."""
    return queries.last_samples(tx, since=since, until=until)


def forget_old() -> None:
    """Delete samples older than ninety days of business time. Only the engine may."""
    deleted = _DELETE_AT_ONCE
    while deleted == _DELETE_AT_ONCE:
        with db.transaction() as tx:
            deleted = queries.delete_old(tx, before=tx.now - KEPT, limit=_DELETE_AT_ONCE)

"""What venues say they offer, and what has come there: stored by the engine's owner of a venue's withdrawals.

A deposit is ours when it has the transaction of a transfer; where one of the two sides names none, when address and amount are the same.
One deposit ends one transfer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID

from kernel import db, failpoints, ids
from payments.assets import service as assets
from venues.moves import DepositAddress, DepositReport, RailOffer
from wallet_bridge.funds import service as funds
from wallet_bridge.moves import queries, service
from wallet_bridge.moves.queries import Transfer

_SLACK = timedelta(minutes=5)  # between a venue's clock and ours
failpoints.declare("treasury.arrival.before_commit", "treasury.arrival.after_commit")


def wanted_assets(tenant: UUID, venue: str) -> list[str]:
    """Assets that we know and that the venue has reported."""
    known = assets.all_assets()
    return sorted({row.asset for row in funds.list_balances(tenant) if row.venue == venue and row.asset in known})


def store(
    tenant: UUID, venue: str, offers: Sequence[RailOffer], addresses: Mapping[tuple[str, str], DepositAddress]
) -> None:
    """What the venue offers now; an address that could not be read stays as it was."""
    with db.transaction(tenant=tenant) as tx:
        for offer in offers:
            found = addresses.get((offer.asset, offer.network))
            where = {"address": found.address if found else None, "memo": found.memo if found else None}
            queries.put_rail(tx, {"venue": venue, **asdict(offer), **where})
        queries.close_rails(tx, venue=venue, but=[(offer.asset, offer.network) for offer in offers])


def coming(tenant: UUID, venue: str) -> dict[str, datetime]:
    """Assets that are on their way there, and since when by the venue's clock, which knows no business time."""
    with db.read_only(tenant=tenant) as tx:
        rows = queries.coming(tx, destination=venue)
    found: dict[str, datetime] = {}
    for row in rows:
        began = ids.made_at(row.id)
        found[row.asset] = min(found.get(row.asset, began), began)
    return {asset: at - _SLACK for asset, at in found.items()}


def came(tenant: UUID, venue: str, deposits: Sequence[DepositReport]) -> int:
    """Close what has come; answers how many."""
    with db.read_only(tenant=tenant) as tx:
        waiting = queries.coming(tx, destination=venue)
        used = set(queries.deposits_of_others(tx, destination=venue))
    closed = 0
    for row in waiting:
        mine = next((one for one in deposits if one.venue_ref not in used and is_it(row, one)), None)
        if mine is None:
            continue
        used.add(mine.venue_ref)
        with db.transaction(tenant=tenant) as tx:
            closed += service.arrived(tx, row.id, mine)
            failpoints.hit("treasury.arrival.before_commit")
        failpoints.hit("treasury.arrival.after_commit")
    return closed


def is_it(row: Transfer, deposit: DepositReport) -> bool:
    """Whether this deposit is what left."""
    if deposit.asset != row.asset:
        return False
    if row.txid and deposit.txid:
        return _bare(row.txid) == _bare(deposit.txid)
    return deposit.address == row.address and deposit.amount == row.left_amount


def _bare(txid: str) -> str:
    return txid.lower().removeprefix("0x")

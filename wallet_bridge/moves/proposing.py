"""Rebalancing proposals: computed from lines, balances and what venues offer, kept until they expire or are taken."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from kernel import db
from kernel.db import AnyRow, Tx
from kernel.ids import uuid7
from venues.moves import MINUTES
from wallet_bridge.funds import service as funds
from wallet_bridge.moves import queries, rules, wallets
from wallet_bridge.moves.rules import Road, Stock
from wallet_bridge.moves.service import minutes_of
from wallet_bridge.moves.states import LEAVING, UNDER_WAY

KEPT = timedelta(minutes=30)


def standing(tenant: UUID) -> list[AnyRow]:
    """What is proposed now."""
    with db.read_only(tenant=tenant) as tx:
        return queries.open_proposals(tx)


def propose(tenant: UUID) -> None:
    """Compute anew: what is still right keeps its number, the rest is gone."""
    balances = funds.list_balances(tenant)
    with db.transaction(tenant=tenant) as tx:
        queries.lock_proposals(tx)
        wanted = {}
        stocks, roads = _picture(tx, balances)
        for one in rules.suggest(stocks, roads):
            road = one.road
            wanted[road.source, road.destination, road.asset, road.network, one.amount, road.fee] = one
        standing = {
            (row.source, row.destination, row.asset, row.network, row.amount, row.fee): row.id
            for row in queries.open_proposals(tx)
        }
        queries.expire_proposals(tx, [standing[k] for k in standing.keys() & wanted.keys()], at=tx.now + KEPT)
        queries.expire_proposals(tx, [standing[k] for k in standing.keys() - wanted.keys()], at=tx.now)
        stock = {(row.venue, row.asset): row for row in stocks}
        for key in wanted.keys() - standing.keys():
            source, destination, asset, network, amount, fee = key
            there = stock[destination, asset]
            queries.insert_proposal(
                tx,
                {
                    "id": uuid7(), "source": source, "destination": destination, "asset": asset, "network": network, "amount": amount,
                    "fee": fee, "minutes": wanted[key].road.minutes, "usable": there.usable, "line": there.line,
                    "expires_at": tx.now + KEPT,
                },
            )  # fmt: skip


def _picture(tx: Tx, balances: list[funds.VenueBalance]) -> tuple[list[Stock], list[Road]]:
    under_way = queries.page(tx, states=sorted(UNDER_WAY), before=None, limit=500)
    leaving = {(one.source, one.asset) for one in under_way if one.state in LEAVING}
    at_venues = [
        Stock(venue=row.venue, asset=row.asset, usable=row.usable, line=row.warning_line) for row in balances
    ]  # fmt: skip
    nothing = Decimal(0)
    stocks = [
        replace(
            stock,
            coming=sum((one.amount for one in under_way if (one.destination, one.asset) == (stock.venue, stock.asset)), nothing),
        )
        for stock in (*at_venues, *wallets.stocks(tx))
    ]  # fmt: skip
    return stocks, [road for road in _roads(tx) if (road.source, road.asset) not in leaving]


def _roads(tx: Tx) -> list[Road]:
    rails = queries.rails(tx)
    approved = {(row.venue, row.asset, row.network): row for row in queries.addresses(tx) if row.state == "active"}
    made = []
    for taking in rails:
        address = approved.get((taking.venue, taking.asset, taking.network))
        if not taking.deposits or address is None or taking.network not in MINUTES:
            continue
        if taking.address is not None and taking.address != address.address:
            continue
        made += [
            Road(
                source=one.venue, destination=taking.venue, asset=one.asset, network=one.network, fee=one.fee, minimum=one.minimum,
                scale=one.scale, minutes=minutes_of(one.network),
            )
            for one in rails
            if one.withdrawals and one.venue != taking.venue and (one.asset, one.network) == (taking.asset, taking.network)
        ]  # fmt: skip
    return made

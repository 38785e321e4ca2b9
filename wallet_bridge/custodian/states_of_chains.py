"""What the wallets hold, and how far each chain has been read: for reconciliation and for whoever is on call."""

from __future__ import annotations

import asyncio
from decimal import Decimal

from kernel import db
from kernel.money import canonical
from wallet_bridge.custodian.chains.port import ChainAway
from wallet_bridge.custodian.house import House
from wallet_bridge.custodian.transfers import service as transfers
from wallet_bridge.wire.schemas import BalanceOut, ChainStateOut


async def balances(house: House) -> list[BalanceOut]:
    """Networks whose node does not answer are left out; `/chain-state` tells of them."""
    found: list[BalanceOut] = []
    for name, network in house.networks.items():
        wallets = [("hot", house.hot(name)), *([("cold", network.cold)] if network.cold else [])]
        for wallet, address in wallets:
            leaving = await asyncio.to_thread(transfers.leaving, house, name, address)
            try:
                held = await house.chain(name).balances(address)
            except ChainAway:
                continue
            found += [
                BalanceOut.model_validate(
                    {
                        "wallet": wallet, "network": name, "asset": asset, "confirmed": canonical(amount),
                        "pending_out": canonical(leaving.get(asset, Decimal(0))), "address": address,
                    }
                )
                for asset, amount in held.items()
            ]  # fmt: skip
    return found


def states(house: House) -> list[ChainStateOut]:
    with db.read_only(repeatable=True) as tx:
        rows = {row.network: row for row in tx.all("SELECT * FROM custody.networks")}
        nonces = tx.all("SELECT network, name, next FROM custody.counters WHERE starts_with(name, 'nonce:')")
        open_ones = tx.all(
            """SELECT network, count(*) AS n FROM custody.transfers
                WHERE state IN ('accepted', 'signed', 'broadcast', 'confirming') GROUP BY network"""
        )
    next_nonce = {(row.network, row.name): row.next for row in nonces}
    waiting = {row.network: row.n for row in open_ones}
    found = []
    for name, network in house.networks.items():
        row = rows.get(name)
        tip, scanned = (row.tip, row.scanned) if row else (None, -1)
        found.append(
            ChainStateOut(
                network=name, kind=network.kind, tip=tip, scanned=scanned, lag=None if tip is None else tip - scanned,
                next_nonce=next_nonce.get((name, f"nonce:{house.hot(name)}")), open_transfers=waiting.get(name, 0),
                last_error=row.last_error if row else None, last_error_at=row.last_error_at if row else None,
            )
        )  # fmt: skip
    return found

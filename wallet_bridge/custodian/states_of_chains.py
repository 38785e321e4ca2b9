"""What the wallets hold, and how far each chain has been read: for reconciliation and for whoever is on call."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal
from functools import partial

from kernel import db
from wallet_bridge.custodian.chains.port import BlockRef, ChainAway
from wallet_bridge.custodian.deposits import service as deposits
from wallet_bridge.custodian.house import House
from wallet_bridge.custodian.sweeps import service as sweeps
from wallet_bridge.custodian.transfers import service as transfers
from wallet_bridge.wire.schemas import BalanceOut, ChainStateOut


async def balances(house: House) -> list[BalanceOut]:
    """As of the block that was read last, so that money on its way between our own wallets stands in one of them and never in two.

    Networks whose node does not answer are left out; `/chain-state` tells of them.
    """
    found: list[BalanceOut] = []
    for name in house.networks:
        with suppress(ChainAway):
            found += await _of(house, name)
    return found


async def _of(house: House, name: str) -> list[BalanceOut]:
    network, chain = house.network(name), house.chain(name)
    newest, stands = await chain.tip(), await asyncio.to_thread(deposits.place, name)
    at = stands or newest
    found: list[BalanceOut] = []
    for wallet, address in [("hot", house.hot(name)), *([("cold", network.cold)] if network.cold else [])]:
        held = await chain.balances(address, at)
        leaving = await asyncio.to_thread(partial(transfers.leaving, house, name, address, height=at.height))
        found += _lines(wallet, name, held, leaving, address)
    if stands and network.kind == "evm":  # where money lies in outputs, the hot wallet holds those of all addresses
        held, leaving = await asyncio.to_thread(_lying, house, name, at)
        found += _lines("deposits", name, held, leaving, None)
    return found


def _lying(house: House, name: str, at: BlockRef) -> tuple[Mapping[str, Decimal], Mapping[str, Decimal]]:
    """Raises: ChainAway, where that block was taken back meanwhile."""
    with db.read_only(repeatable=True) as tx:
        if not deposits.was_read(tx, name, at):
            raise ChainAway("the chain changed while it was read")
        return sweeps.lying(tx, house, name, height=at.height)


def _lines(
    wallet: str, name: str, held: Mapping[str, Decimal], leaving: Mapping[str, Decimal], address: str | None
) -> list[BalanceOut]:
    return [
        BalanceOut.model_validate(
            {
                "wallet": wallet, "network": name, "asset": asset, "confirmed": amount,
                "pending_out": leaving.get(asset, Decimal(0)), "address": address,
            }
        )
        for asset, amount in held.items()
    ]  # fmt: skip


def states(house: House) -> list[ChainStateOut]:
    with db.read_only(repeatable=True) as tx:
        rows = {row.network: row for row in tx.all("SELECT * FROM custody.networks")}
        untrusted = {
            row.network: row
            for row in tx.all("SELECT network, trouble, at FROM custody.safes WHERE trouble IS NOT NULL")
        }
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
        error, error_at = (row.last_error, row.last_error_at) if row else (None, None)
        if error is None and network.safe is not None and name in untrusted:
            error, error_at = untrusted[name].trouble, untrusted[name].at
        found.append(
            ChainStateOut(
                network=name, kind=network.kind, tip=tip, scanned=scanned, lag=None if tip is None else tip - scanned,
                next_nonce=next_nonce.get((name, f"nonce:{house.hot(name)}")), open_transfers=waiting.get(name, 0),
                last_error=error, last_error_at=error_at,
            )
        )  # fmt: skip
    return found

"""Deposit addresses are emptied into the hot wallet, by transfers like any other: taken, stored, then sent, and told by events.

An address has one of them at a time. A token's address needs coins for the fee first: it gets them by a transfer of their own, and the
money follows once those are final. Deposits are marked with the transfer that takes them, and are free again where it came to nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import Any, Literal

from kernel import db, failpoints
from kernel.clock import wall
from kernel.db import Tx
from wallet_bridge.custodian import counters, errors
from wallet_bridge.custodian.house import House
from wallet_bridge.custodian.sweeps import queries
from wallet_bridge.custodian.sweeps.record import Pile
from wallet_bridge.custodian.transfers import service as transfers
from wallet_bridge.custodian.transfers.inclusion import HOUSE
from wallet_bridge.wire.schemas import TransferIn, TransferOut
from wallet_bridge.wire.states import Source

REST = timedelta(hours=6)  # after one that failed
PATIENCE = timedelta(hours=1)  # with one that cannot be signed: its amount and fee were of another time
_COUNTER = "house"
failpoints.declare("custody.sweep.before_commit", "custody.sweep.after_commit")


def piles(house: House, name: str, asset: str) -> Sequence[Pile]:
    """Everything of this asset that is worth a sweep, so that none that cannot be swept keeps others from it."""
    least = house.network(name).asset(asset).sweep_from
    if least is None:
        return []
    with db.read_only() as tx:
        return queries.piles(tx, network=name, asset=asset, least=least, rested=wall() - REST)


def fund(house: House, name: str, pile: Pile, *, coins: Decimal) -> bool:
    """Coins for the fee, from the hot wallet; False where the pile is not as it was."""
    return _make(house, name, pile, "gas", asset=house.network(name).native, amount=coins, to=pile.address)


def sweep(house: House, name: str, pile: Pile, *, amount: Decimal, fee: Decimal) -> bool:
    """The money, for this fee at most; False where the pile is not as it was."""
    return _make(
        house, name, pile, "sweep", asset=pile.asset, amount=amount, to=house.hot(name), fee_cap=fee,
        source=Source.DEPOSITS, source_address=pile.address,
    )  # fmt: skip


def _make(house: House, name: str, pile: Pile, purpose: Literal["gas", "sweep"], *, to: str, **wanted: Any) -> bool:
    with db.transaction() as tx:
        counters.lock(tx, name, _COUNTER, first=1)
        if queries.pile(tx, network=name, asset=pile.asset, address=pile.address, rested=wall() - REST) != pile:
            return False
        made = ask(tx, house, name, purpose, destination={"type": "address", "address": to}, **wanted)
        if purpose == "sweep":
            queries.take(tx, network=name, pile=pile, by=made.id)
        failpoints.hit("custody.sweep.before_commit")
    failpoints.hit("custody.sweep.after_commit")
    return True


def ask(tx: Tx, house: House, name: str, kind: Literal["gas", "sweep", "cold"], **wanted: Any) -> TransferOut:
    """A transfer of the house's own, under the next of its references. Step."""
    number = counters.lock(tx, name, _COUNTER, first=1)
    counters.advance(tx, name, _COUNTER)
    fields = {
        "client_ref": f"{HOUSE}{kind}/{name}/{number}", "network": name, "purpose": "gas" if kind == "gas" else "sweep",
        "fee_cap": house.network(name).sweep_fee_cap,
    }  # fmt: skip
    return transfers.take_within(tx, house, TransferIn.model_validate(fields | wanted))[0]


def tidy(name: str) -> None:
    """What waits for too long is cancelled, and what came to nothing gives its deposits back: both are looked at anew."""
    with db.read_only() as tx:
        waiting = queries.waiting_since(tx, name, wall() - PATIENCE)
    for transfer_id in waiting:
        with suppress(errors.AlreadySigned):
            transfers.cancel(transfer_id)
    with db.transaction() as tx:
        queries.give_back(tx, name)


def lying(tx: Tx, house: House, name: str, *, height: int) -> tuple[Mapping[str, Decimal], Mapping[str, Decimal]]:
    """On deposit addresses as of this block, by asset, and what will still leave of it. Step."""
    native = house.network(name).native
    held = queries.lying(tx, network=name, native=native, height=height)
    return held, transfers.leaving_of(tx, house, name, queries.leaving_from(tx, name), height=height)

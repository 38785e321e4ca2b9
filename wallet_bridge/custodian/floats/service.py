"""The bounds of a hot wallet. Too little is told, and filled by people out of the cold wallet; too much goes to the cold wallet by itself.

What counts is what is free: the balance less what stored bytes still take of it and what waits to be signed.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from kernel import db, failpoints
from kernel.clock import wall
from kernel.db import Tx
from wallet_bridge.custodian.cold import drafts
from wallet_bridge.custodian.feed import service as feed
from wallet_bridge.custodian.house import House
from wallet_bridge.custodian.sweeps import service as sweeps
from wallet_bridge.custodian.transfers import service as transfers
from wallet_bridge.wire.schemas import FloatOut
from wallet_bridge.wire.states import EventType

REST = timedelta(hours=6)  # after a transfer to the cold wallet that failed
_LOW, _WITHIN, _HIGH = "low", "within", "high"
_EVENT = {_LOW: EventType.FLOAT_LOW, _HIGH: EventType.FLOAT_HIGH}
failpoints.declare("custody.float.before_commit", "custody.float.after_commit")


def judge(house: House, name: str, asset: str, *, held: Decimal, height: int) -> None:
    """Say once when the hot wallet crosses a bound; above the upper one, move what is over the target, one transfer at a time."""
    bounds = house.network(name).asset(asset).bounds
    if bounds is None:
        return
    with db.transaction() as tx:
        before = _level(tx, name, asset)
        free = held - transfers.promised(tx, house, name, asset, height=height)
        level = _LOW if free < bounds.min else _HIGH if free > bounds.max else _WITHIN
        moves = level == _HIGH and _has_cold(tx, house, name) and not _moves_already(tx, name, asset)
        if level == before and not moves:
            return
        if moves:
            sweeps.ask(tx, house, name, "cold", destination={"type": "cold"}, asset=asset, amount=free - bounds.target)
        if level != before:
            _tell(tx, house, name, asset, free, level)
        failpoints.hit("custody.float.before_commit")
    failpoints.hit("custody.float.after_commit")


def _tell(tx: Tx, house: House, name: str, asset: str, free: Decimal, level: str) -> None:
    tx.execute(
        "UPDATE custody.floats SET level = :level, at = :now WHERE network = :network AND asset = :asset",
        level=level, now=wall(), network=name, asset=asset,
    )  # fmt: skip
    bounds = house.network(name).asset(asset).bounds
    if level in _EVENT and bounds is not None:
        told = FloatOut(
            network=name, asset=asset, wallet="hot", address=house.hot(name), free=free, min=bounds.min, target=bounds.target,
            max=bounds.max,
        )  # fmt: skip
        feed.add(tx, _EVENT[level], told)


def _level(tx: Tx, name: str, asset: str) -> str:
    """As it was told last; nobody else judges it before this transaction ends."""
    tx.execute(
        "INSERT INTO custody.floats (network, asset, level, at) VALUES (:network, :asset, :level, :now) ON CONFLICT DO NOTHING",
        network=name, asset=asset, level=_WITHIN, now=wall(),
    )  # fmt: skip
    found: str = tx.scalar(
        "SELECT level FROM custody.floats WHERE network = :network AND asset = :asset FOR UPDATE",
        network=name,
        asset=asset,
    )
    return found


def _has_cold(tx: Tx, house: House, name: str) -> bool:
    network = house.network(name)
    return network.cold is not None and (network.safe is None or drafts.trouble(tx, name) is None)


def _moves_already(tx: Tx, name: str, asset: str) -> bool:
    found = tx.scalar(
        """SELECT EXISTS (SELECT 1 FROM custody.transfers
                           WHERE network = :network AND asset = :asset AND starts_with(client_ref, 'house/cold/')
                             AND (state IN ('accepted', 'signed', 'broadcast', 'confirming')
                                  OR (state = 'failed' AND updated_at > :rested)))""",
        network=name, asset=asset, rested=wall() - REST,
    )  # fmt: skip
    return bool(found)

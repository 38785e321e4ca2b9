"""Numbers that are handed out once: indexes of derivation, and nonces of the accounts that pay."""

from __future__ import annotations

from kernel.db import Tx


def lock(tx: Tx, network: str, name: str, *, first: int) -> int:
    """The next number, which nobody else gets before this transaction ends. It is used up only by `advance`. Step."""
    tx.execute(
        "INSERT INTO custody.counters (network, name, next) VALUES (:network, :name, :first) ON CONFLICT DO NOTHING",
        network=network, name=name, first=first,
    )  # fmt: skip
    found: int = tx.scalar(
        "SELECT next FROM custody.counters WHERE network = :network AND name = :name FOR UPDATE",
        network=network, name=name,
    )  # fmt: skip
    return found


def advance(tx: Tx, network: str, name: str) -> None:
    """The number that was locked is used. Step."""
    tx.execute(
        "UPDATE custody.counters SET next = next + 1 WHERE network = :network AND name = :name",
        network=network, name=name,
    )  # fmt: skip

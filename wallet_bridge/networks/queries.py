"""One function, one statement on networks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from kernel.db import Tx


@dataclass(frozen=True, slots=True)
class Offer:
    """One asset on one network. Fees for customers and minimums are in the asset, `fee_cap` is in `fee_asset`, the network's coin."""

    network: str
    asset: str
    title: str
    kind: str
    deposits: bool
    withdrawals: bool
    confirmations: int
    final_confirmations: int
    memo_required: bool
    minimum_deposit: Decimal
    minimum_withdrawal: Decimal
    withdrawal_fee: Decimal
    fee_asset: str
    fee_cap: Decimal
    explorer: str | None


_NAMES = tuple(Offer.__dataclass_fields__)
_COLUMNS = ", ".join(_NAMES)
_SET = ", ".join(f"{name} = EXCLUDED.{name}" for name in _NAMES if name not in {"network", "asset"})


def find(tx: Tx, *, network: str, asset: str) -> Offer | None:
    row = tx.first(
        f"SELECT {_COLUMNS} FROM wallet_bridge.networks WHERE tenant_id = :tenant AND network = :network AND asset = :asset",
        tenant=tx.tenant_id, network=network, asset=asset,
    )  # fmt: skip
    return Offer(*row) if row is not None else None


def all_of(tx: Tx) -> Sequence[Offer]:
    rows: list[Any] = tx.all(
        f"SELECT {_COLUMNS} FROM wallet_bridge.networks WHERE tenant_id = :tenant ORDER BY asset, network",
        tenant=tx.tenant_id,
    )
    return [Offer(*row) for row in rows]


def coin(tx: Tx, *, network: str) -> str | None:
    found: str | None = tx.scalar(
        "SELECT min(fee_asset) FROM wallet_bridge.networks WHERE tenant_id = :tenant AND network = :network",
        tenant=tx.tenant_id, network=network,
    )  # fmt: skip
    return found


def put(tx: Tx, offer: Offer) -> None:
    tx.execute(
        f"""INSERT INTO wallet_bridge.networks (tenant_id, {_COLUMNS}) VALUES (:tenant, {", ".join(f":{n}" for n in _NAMES)})
            ON CONFLICT (tenant_id, network, asset) DO UPDATE SET {_SET}""",
        tenant=tx.tenant_id, **asdict(offer),
    )  # fmt: skip

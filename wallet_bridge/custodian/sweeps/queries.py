"""One function, one statement on what lies on deposit addresses and the transfers that the custodian makes by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from kernel.db import Tx
from wallet_bridge.custodian.sweeps.record import Pile
from wallet_bridge.custodian.transfers.inclusion import GAS, HOUSE

_OPEN = "('accepted', 'signed', 'broadcast', 'confirming')"
_PILES = f"""
    SELECT d.address, d.asset, sum(d.amount) AS amount FROM custody.deposits d
     WHERE d.network = :network AND d.asset = :asset AND d.state = 'final' AND d.swept_by IS NULL
       AND NOT EXISTS (SELECT 1 FROM custody.transfers t
                        WHERE t.network = :network AND starts_with(t.client_ref, '{HOUSE}') AND t.state IN {_OPEN}
                          AND d.address IN (t.payer, t.address))
       AND NOT EXISTS (SELECT 1 FROM custody.transfers t
                        WHERE t.network = :network AND starts_with(t.client_ref, '{HOUSE}') AND t.state = 'failed'
                          AND t.asset = :asset AND t.payer = d.address AND t.updated_at > :rested)
"""
_GROUPED = "GROUP BY d.address, d.asset"


def piles(tx: Tx, *, network: str, asset: str, least: Decimal, rested: datetime) -> Sequence[Pile]:
    """Addresses with that much of final deposits that nothing takes yet."""
    rows = tx.all(
        f"{_PILES} {_GROUPED} HAVING sum(d.amount) >= :least ORDER BY min(d.height), d.address",
        network=network, asset=asset, least=least, rested=rested,
    )  # fmt: skip
    return [Pile(row.address, row.asset, row.amount) for row in rows]


def pile(tx: Tx, *, network: str, asset: str, address: str, rested: datetime) -> Pile | None:
    """What of it lies on one address."""
    row = tx.first(
        f"{_PILES} AND d.address = :address {_GROUPED}",
        network=network, asset=asset, address=address, rested=rested,
    )  # fmt: skip
    return None if row is None else Pile(row.address, row.asset, row.amount)


def take(tx: Tx, *, network: str, pile: Pile, by: UUID) -> None:
    """These deposits leave by that transfer."""
    tx.execute(
        """UPDATE custody.deposits SET swept_by = :by
            WHERE network = :network AND address = :address AND asset = :asset AND state = 'final' AND swept_by IS NULL""",
        by=by, network=network, address=pile.address, asset=pile.asset,
    )  # fmt: skip


def give_back(tx: Tx, network: str) -> None:
    """Deposits whose transfer came to nothing lie where they lay."""
    tx.execute(
        f"""UPDATE custody.deposits d SET swept_by = NULL FROM custody.transfers t
             WHERE t.network = :network AND starts_with(t.client_ref, '{HOUSE}') AND t.state IN ('failed', 'cancelled')
               AND d.swept_by = t.id""",
        network=network,
    )  # fmt: skip


def waiting_since(tx: Tx, network: str, before: datetime) -> Sequence[UUID]:
    """Transfers of the house that have waited to be signed for that long."""
    rows = tx.all(
        f"""SELECT id FROM custody.transfers
             WHERE network = :network AND starts_with(client_ref, '{HOUSE}') AND state = 'accepted' AND created_at < :before""",
        network=network, before=before,
    )  # fmt: skip
    return [row.id for row in rows]


def lying(tx: Tx, *, network: str, native: str, height: int) -> Mapping[str, Decimal]:
    """On all deposit addresses, by asset, as of this block: what came in and what we put there, less what was taken, and fees."""
    rows = tx.all(
        f"""WITH moved AS (
                SELECT t.asset, t.amount, t.source, t.client_ref, a.ok, a.fee FROM custody.transfers t
                  JOIN custody.attempts a ON a.transfer_id = t.id AND a.height <= :height
                 WHERE t.network = :network AND (t.source = 'deposits' OR starts_with(t.client_ref, '{GAS}')))
            SELECT asset, greatest(sum(amount), 0) AS amount FROM (  -- coins that nobody told us of may have paid a fee
                SELECT asset, amount FROM custody.deposits WHERE network = :network AND state <> 'orphaned' AND height <= :height
                UNION ALL SELECT asset, amount FROM moved WHERE ok AND starts_with(client_ref, '{GAS}')
                UNION ALL SELECT asset, -amount FROM moved WHERE ok AND source = 'deposits'
                UNION ALL SELECT :native, -fee FROM moved WHERE source = 'deposits'
            ) AS entries GROUP BY asset""",
        network=network, native=native, height=height,
    )  # fmt: skip
    return {row.asset: row.amount for row in rows}


def leaving_from(tx: Tx, network: str) -> Sequence[str]:
    """Deposit addresses that something is on its way out of."""
    rows = tx.all(
        f"SELECT DISTINCT payer FROM custody.transfers WHERE network = :network AND source = 'deposits' AND state IN {_OPEN}",
        network=network,
    )  # fmt: skip
    return [row.payer for row in rows]

"""One function, one statement on the cursor and on events that could not be applied."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from kernel.db import Tx

CUSTODIAN = "custodian"


@dataclass(frozen=True, slots=True)
class Cursor:
    """`seq` was applied, `head` is the newest the custodian has told of."""

    seq: int
    head: int
    read_at: datetime | None
    last_error: str | None
    last_error_at: datetime | None


def cursor(tx: Tx) -> Cursor:
    row = tx.first(
        "SELECT seq, head, read_at, last_error, last_error_at FROM wallet_bridge.cursors WHERE custodian = :name",
        name=CUSTODIAN,
    )
    return Cursor(*row) if row is not None else Cursor(0, 0, None, None, None)


def step(tx: Tx, seq: int) -> bool:
    """Move on to this event; False where another reader was faster, or an event before it was left out."""
    row = tx.first(
        """INSERT INTO wallet_bridge.cursors AS c (custodian, seq, head) SELECT :name, :seq, :seq WHERE :seq = 1
           ON CONFLICT (custodian) DO NOTHING RETURNING seq""",
        name=CUSTODIAN, seq=seq,
    )  # fmt: skip
    if row is None:
        row = tx.first(
            "UPDATE wallet_bridge.cursors SET seq = :seq WHERE custodian = :name AND seq = :seq - 1 RETURNING seq",
            name=CUSTODIAN, seq=seq,
        )  # fmt: skip
    return row is not None


def note_read(tx: Tx, *, head: int, at: datetime) -> None:
    tx.execute(
        """INSERT INTO wallet_bridge.cursors (custodian, seq, head, read_at) VALUES (:name, 0, :head, :at)
           ON CONFLICT (custodian) DO UPDATE SET head = EXCLUDED.head, read_at = EXCLUDED.read_at, last_error = NULL""",
        name=CUSTODIAN, head=head, at=at,
    )  # fmt: skip


def note_trouble(tx: Tx, *, error: str, at: datetime) -> None:
    tx.execute(
        """INSERT INTO wallet_bridge.cursors (custodian, seq, last_error, last_error_at) VALUES (:name, 0, :error, :at)
           ON CONFLICT (custodian) DO UPDATE SET last_error = EXCLUDED.last_error, last_error_at = EXCLUDED.last_error_at""",
        name=CUSTODIAN, error=error[:500], at=at,
    )  # fmt: skip


def put_aside(tx: Tx, *, seq: int, event: dict[str, Any], error: str) -> None:
    """As it came, but for the one character that no text of the database can hold."""
    tx.execute(
        """INSERT INTO wallet_bridge.stuck_events AS s (custodian, seq, event, error)
           VALUES (:name, :seq, CAST(:event AS jsonb), :error)
           ON CONFLICT (custodian, seq) DO UPDATE SET tries = s.tries + 1, last_at = now(), error = EXCLUDED.error""",
        name=CUSTODIAN, seq=seq, event=json.dumps(event).replace("\\u0000", "\\ufffd"), error=error[:500].replace("\0", "\ufffd"),
    )  # fmt: skip


def put_aside_earlier(tx: Tx, *, before: int, limit: int) -> list[Any]:
    """(seq, event) of those still open, oldest first, last tried before `before` seconds ago."""
    return tx.all(
        """SELECT seq, event FROM wallet_bridge.stuck_events
            WHERE custodian = :name AND done_at IS NULL AND last_at < now() - make_interval(secs => :before)
            ORDER BY seq LIMIT :limit""",
        name=CUSTODIAN, before=before, limit=limit,
    )  # fmt: skip


def lock_aside(tx: Tx, seq: int) -> bool:
    """False where somebody else has it in hand, or it is done."""
    row = tx.first(
        """SELECT seq FROM wallet_bridge.stuck_events
            WHERE custodian = :name AND seq = :seq AND done_at IS NULL FOR UPDATE SKIP LOCKED""",
        name=CUSTODIAN, seq=seq,
    )  # fmt: skip
    return row is not None


def end_aside(tx: Tx, seq: int) -> None:
    tx.execute(
        "UPDATE wallet_bridge.stuck_events SET done_at = now() WHERE custodian = :name AND seq = :seq",
        name=CUSTODIAN, seq=seq,
    )  # fmt: skip


def count_aside(tx: Tx) -> int:
    found: int = tx.scalar("SELECT count(*) FROM wallet_bridge.stuck_events WHERE done_at IS NULL")
    return found


def cost_is_new(tx: Tx, *, network: str, txid: str, asset: str, fee: Decimal) -> bool:
    """Write down what a transaction of ours cost; False where that is known."""
    row = tx.first(
        """INSERT INTO wallet_bridge.network_costs (tenant_id, network, txid, asset, fee)
           VALUES (:tenant, :network, :txid, :asset, :fee) ON CONFLICT DO NOTHING RETURNING txid""",
        tenant=tx.tenant_id, network=network, txid=txid, asset=asset, fee=fee,
    )  # fmt: skip
    return row is not None


def lock_residue(tx: Tx, *, network: str, asset: str) -> Decimal:
    """What is carried; whoever changes it holds the row."""
    tx.execute(
        """INSERT INTO wallet_bridge.residues (tenant_id, network, asset, carried) VALUES (:tenant, :network, :asset, 0)
           ON CONFLICT DO NOTHING""",
        tenant=tx.tenant_id, network=network, asset=asset,
    )  # fmt: skip
    carried: Decimal = tx.scalar(
        """SELECT carried FROM wallet_bridge.residues
            WHERE tenant_id = :tenant AND network = :network AND asset = :asset FOR NO KEY UPDATE""",
        tenant=tx.tenant_id, network=network, asset=asset,
    )  # fmt: skip
    return carried


def set_residue(tx: Tx, *, network: str, asset: str, carried: Decimal) -> None:
    tx.execute(
        """UPDATE wallet_bridge.residues SET carried = :carried
            WHERE tenant_id = :tenant AND network = :network AND asset = :asset""",
        tenant=tx.tenant_id, network=network, asset=asset, carried=carried,
    )  # fmt: skip


def residues(tx: Tx) -> dict[tuple[str, str], Decimal]:
    rows = tx.all(
        "SELECT network, asset, carried FROM wallet_bridge.residues WHERE tenant_id = :tenant AND carried <> 0",
        tenant=tx.tenant_id,
    )
    return {(row.network, row.asset): row.carried for row in rows}

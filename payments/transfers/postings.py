"""What transfers post: two lines, or the exact mirror of a journal; at once under the caller's key, later under the transfer's own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from identity.audit import service as audit
from kernel.db import Tx
from kernel.money import canonical
from payments.chart import JournalIn, Line, move
from payments.journal import service as journal
from payments.journal.service import Posted

__all__ = ["Posted", "asked", "batch", "reversal_of", "reverse", "reversed_by", "waited", "was_posted"]


def asked(
    *,
    key: str,
    asker: UUID,
    realm: str,
    from_account: int,
    to_account: int,
    amount: Decimal,
    memo: str | None,
    metadata: dict[str, str] | None,
    effective_at: datetime | None = None,
) -> JournalIn:
    """A transfer that is posted at once. `key` is the client's, so it stands under the client's own name."""
    return JournalIn(
        key=key,
        kind="transfer",
        lines=move(from_account, to_account, amount),
        principal=asker,
        actor=str(asker),
        realm=realm,
        meta=_meta(memo, metadata),
        effective_at=effective_at,
        entry=audit.prepare(
            "transfer.posted", kind="transfer", actor=asker, key=key,
            after={"realm": realm, "from": from_account, "to": to_account, "amount": canonical(amount), "memo": memo},
        ),
    )  # fmt: skip


def batch(*, tenant: UUID, journals: Sequence[JournalIn], mode: Literal["atomic", "continue"]) -> list[Posted]:
    return journal.post_batch(tenant=tenant, journals=journals, mode=mode)


def waited(
    tx: Tx,
    *,
    transfer_id: UUID,
    maker: UUID,
    realm: str,
    from_account: int,
    to_account: int,
    amount: Decimal,
    memo: str | None,
    metadata: dict[str, str] | None,
    effective_at: datetime | None,
) -> UUID:
    """A transfer that waited for its day or for a second person; whoever posts it meets the same key."""
    entry = JournalIn(
        key=f"s/transfer:{transfer_id}",
        kind="transfer",
        lines=move(from_account, to_account, amount),
        order_id=transfer_id,
        actor=str(maker),
        realm=realm,
        meta=_meta(memo, metadata),
        effective_at=effective_at,
    )
    return journal.post(tx, [entry])[0]


def reverse(
    tx: Tx,
    *,
    journal_id: UUID,
    lines: Sequence[tuple[int, Decimal]],
    realm: str,
    actor: UUID,
    memo: str | None,
    row: UUID | None,
) -> UUID:
    """The mirror of a journal, once for ever: its key names the journal and not who asked."""
    entry = JournalIn(
        key=reversal_of(journal_id),
        kind="reversal",
        lines=[Line(account, -amount) for account, amount in lines],
        order_id=row,
        reverses=journal_id,
        actor=str(actor),
        realm=realm,
        meta=_meta(memo, None),
    )
    return journal.post(tx, [entry])[0]


def reversal_of(journal_id: UUID) -> str:
    return f"s/reverse:{journal_id}"


def reversed_by(tx: Tx, journal_id: UUID) -> UUID | None:
    return journal.find(tx, key=reversal_of(journal_id))


def was_posted(tx: Tx, *, key: str, asker: UUID) -> UUID | None:
    """The journal that a client's key made."""
    return journal.find(tx, key=key, principal=asker)


def _meta(memo: str | None, metadata: dict[str, str] | None) -> dict[str, Any]:
    return {name: value for name, value in (("memo", memo), ("metadata", metadata)) if value}

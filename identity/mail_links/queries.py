"""Statements on links in mails; all but the look-up by token and the tidying run inside one tenant."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from identity.mail_links.states import Purpose
from kernel.db import Tx


def insert(
    tx: Tx, *, token_hash: bytes, purpose: Purpose, subject_id: UUID, now: datetime, expires_at: datetime
) -> None:
    tx.execute(
        "INSERT INTO identity.mail_links (tenant_id, token_hash, purpose, subject_id, minted_at, expires_at)"
        " VALUES (:tenant, :hash, :purpose, :subject, :now, :expires)",
        tenant=tx.tenant_id,
        hash=token_hash,
        purpose=purpose.value,
        subject=subject_id,
        now=now,
        expires=expires_at,
    )


def lookup(tx: Tx, token_hash: bytes) -> UUID | None:
    """The tenant of a link in any tenant."""
    return tx.scalar("SELECT tenant_id FROM identity.subject_by_mail_link(:hash)", hash=token_hash)  # type: ignore[no-any-return]


def subject_of(tx: Tx, token_hash: bytes, *, purpose: Purpose, now: datetime) -> UUID | None:
    """What a link that is still good is for."""
    return tx.scalar(  # type: ignore[no-any-return]
        "SELECT subject_id FROM identity.mail_links WHERE tenant_id = :tenant AND token_hash = :hash"
        " AND purpose = :purpose AND used_at IS NULL AND expires_at > :now",
        tenant=tx.tenant_id,
        hash=token_hash,
        purpose=purpose.value,
        now=now,
    )


def use(tx: Tx, token_hash: bytes, *, purpose: Purpose, now: datetime) -> UUID | None:
    """What it was for; None when it is not good (any more): of parallel uses one gets the answer."""
    row = tx.first(
        "UPDATE identity.mail_links SET used_at = :now WHERE tenant_id = :tenant AND token_hash = :hash"
        " AND purpose = :purpose AND used_at IS NULL AND expires_at > :now RETURNING subject_id",
        tenant=tx.tenant_id,
        hash=token_hash,
        purpose=purpose.value,
        now=now,
    )
    return None if row is None else row.subject_id


def use_all(tx: Tx, subject_id: UUID, *, purpose: Purpose, now: datetime) -> None:
    """None of these links opens anything any more."""
    tx.execute(
        "UPDATE identity.mail_links SET used_at = :now WHERE tenant_id = :tenant AND purpose = :purpose"
        " AND subject_id = :subject AND used_at IS NULL",
        tenant=tx.tenant_id,
        purpose=purpose.value,
        subject=subject_id,
        now=now,
    )


def delete_expired(tx: Tx, *, before: datetime, limit: int) -> int:
    """Of all tenants (the engine's role)."""
    return len(
        tx.all(
            "DELETE FROM identity.mail_links WHERE token_hash IN"
            " (SELECT token_hash FROM identity.mail_links WHERE expires_at < :before ORDER BY expires_at LIMIT :limit)"
            " RETURNING subject_id",
            before=before,
            limit=limit,
        )
    )

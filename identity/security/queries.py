"""Statements on second factors and recovery codes; all run inside one tenant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel.db import AnyRow, Tx


@dataclass(frozen=True, slots=True)
class FactorRow:
    """The state of somebody's second factors; secrets are sealed."""

    totp_secret: bytes | None
    totp_offered: bytes | None
    last_step: int
    locked_until: datetime | None
    weakened_at: datetime | None

    @classmethod
    def read(cls, row: AnyRow) -> FactorRow:
        return cls(
            None if row.totp_secret is None else bytes(row.totp_secret),
            None if row.totp_offered is None else bytes(row.totp_offered),
            row.last_step,
            row.locked_until,
            row.weakened_at,
        )


_READ = (
    "SELECT totp_secret, totp_offered, last_step, locked_until, weakened_at FROM identity.second_factors"
    " WHERE tenant_id = :tenant AND principal_id = :principal"
)


def get(tx: Tx, principal: UUID) -> FactorRow | None:
    row = tx.first(_READ, tenant=tx.tenant_id, principal=principal)
    return None if row is None else FactorRow.read(row)


def lock(tx: Tx, principal: UUID) -> FactorRow:
    """The row, made if need be, for this transaction alone."""
    tx.execute(
        "INSERT INTO identity.second_factors (tenant_id, principal_id) VALUES (:tenant, :principal) ON CONFLICT DO NOTHING",
        tenant=tx.tenant_id,
        principal=principal,
    )
    return FactorRow.read(tx.one(_READ + " FOR UPDATE", tenant=tx.tenant_id, principal=principal))


def offer_totp(tx: Tx, principal: UUID, sealed: bytes) -> None:
    tx.execute(
        "UPDATE identity.second_factors SET totp_offered = :sealed WHERE tenant_id = :tenant AND principal_id = :principal",
        tenant=tx.tenant_id,
        principal=principal,
        sealed=sealed,
    )


def take_offered_totp(tx: Tx, principal: UUID, *, step: int) -> None:
    tx.execute(
        "UPDATE identity.second_factors SET totp_secret = totp_offered, totp_offered = NULL, last_step = :step,"
        " failures = 0, locked_until = NULL WHERE tenant_id = :tenant AND principal_id = :principal",
        tenant=tx.tenant_id,
        principal=principal,
        step=step,
    )


def remove_totp(tx: Tx, principal: UUID) -> None:
    tx.execute(
        "UPDATE identity.second_factors SET totp_secret = NULL, totp_offered = NULL"
        " WHERE tenant_id = :tenant AND principal_id = :principal",
        tenant=tx.tenant_id,
        principal=principal,
    )


def accept_step(tx: Tx, principal: UUID, step: int) -> bool:
    """False when this step or a later one was accepted before."""
    row = tx.first(
        "UPDATE identity.second_factors SET last_step = :step, failures = 0, locked_until = NULL"
        " WHERE tenant_id = :tenant AND principal_id = :principal AND last_step < :step RETURNING true",
        tenant=tx.tenant_id,
        principal=principal,
        step=step,
    )
    return row is not None


def count_failure(tx: Tx, principal: UUID, *, most: int, locked_until: datetime) -> bool:
    """One more wrong code; the last of `most` locks, which is answered with True, and starts the count anew."""
    locked = tx.scalar(
        "UPDATE identity.second_factors SET failures = CASE WHEN failures + 1 >= :most THEN 0 ELSE failures + 1 END,"
        " locked_until = CASE WHEN failures + 1 >= :most THEN CAST(:until AS timestamptz) END"
        " WHERE tenant_id = :tenant AND principal_id = :principal RETURNING locked_until IS NOT NULL",
        tenant=tx.tenant_id,
        principal=principal,
        most=most,
        until=locked_until,
    )
    return bool(locked)


def note_weakened(tx: Tx, principal: UUID, *, now: datetime) -> None:
    tx.execute(
        "UPDATE identity.second_factors SET weakened_at = :now WHERE tenant_id = :tenant AND principal_id = :principal",
        tenant=tx.tenant_id,
        principal=principal,
        now=now,
    )


def replace_codes(tx: Tx, principal: UUID, hashes: Iterable[bytes]) -> None:
    tx.execute(
        "DELETE FROM identity.recovery_codes WHERE tenant_id = :tenant AND principal_id = :principal",
        tenant=tx.tenant_id,
        principal=principal,
    )
    tx.execute_many(
        "INSERT INTO identity.recovery_codes (tenant_id, principal_id, code_hash) VALUES (:tenant, :principal, :hash)",
        [{"tenant": tx.tenant_id, "principal": principal, "hash": hashed} for hashed in hashes],
    )


def use_code(tx: Tx, principal: UUID, hashed: bytes, *, now: datetime) -> bool:
    """False when there is no such code, or it was used."""
    row = tx.first(
        "UPDATE identity.recovery_codes SET used_at = :now WHERE tenant_id = :tenant AND principal_id = :principal"
        " AND code_hash = :hash AND used_at IS NULL RETURNING true",
        tenant=tx.tenant_id,
        principal=principal,
        hash=hashed,
        now=now,
    )
    return row is not None


def codes_left(tx: Tx, principal: UUID) -> int:
    return tx.scalar(  # type: ignore[no-any-return]
        "SELECT count(*) FROM identity.recovery_codes"
        " WHERE tenant_id = :tenant AND principal_id = :principal AND used_at IS NULL",
        tenant=tx.tenant_id,
        principal=principal,
    )


def methods(tx: Tx, principal: UUID) -> tuple[str, ...]:
    """By what somebody proves themselves beside the password; empty for who has no second factor."""
    row = tx.one(
        "SELECT EXISTS (SELECT FROM identity.second_factors"
        " WHERE tenant_id = :tenant AND principal_id = :principal AND totp_secret IS NOT NULL) AS totp,"
        " EXISTS (SELECT FROM identity.passkeys WHERE tenant_id = :tenant AND principal_id = :principal) AS passkey",
        tenant=tx.tenant_id,
        principal=principal,
    )
    return methods_of(totp=row.totp, passkey=row.passkey)


def methods_of(*, totp: bool, passkey: bool) -> tuple[str, ...]:
    if not totp and not passkey:
        return ()
    return (*(("passkey",) if passkey else ()), *(("totp",) if totp else ()), "recovery_code")

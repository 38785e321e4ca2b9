"""Use cases of second factors: enrol, confirm, remove, and judge a code.

Codes of one account are judged one after the other under its row's lock, so that of parallel uses exactly one wins and guesses are counted
wherever they come from. A right code that was used already is refused but counts as no guess: it is a client's repeat, not an attack.
Codes are judged by wall time; the pause after a change is business time, which a sandbox can advance.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from identity.audit import refusals
from identity.audit import service as audit
from identity.security import queries, rules
from identity.security.errors import (
    CoolingDown,
    SecondFactorInvalid,
    SecondFactorLocked,
    SecondFactorMissing,
    SecondFactorRequired,
)
from identity.security.events import CodesLocked, RecoveryCodesRenewed, SecondFactorEnrolled, SecondFactorRemoved
from identity.security.queries import FactorRow
from identity.sessions import ending
from identity.sessions import queries as sessions
from identity.sessions.states import EndReason
from kernel import crypto, log, outbox
from kernel.clock import wall
from kernel.db import Tx, read_only, retrying, transaction

FAILURES = 5
LOCKED_FOR = timedelta(minutes=15)
COOL_DOWN = timedelta(hours=24)
_TABLE = "identity.second_factors"

_log = log.get("identity")


@dataclass(frozen=True, slots=True)
class Proof:
    """What somebody shows beside the password."""

    totp: str | None = None
    recovery_code: str | None = None


NO_PROOF = Proof()


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Which factors somebody has."""

    totp: bool
    recovery_codes_left: int


@dataclass(frozen=True, slots=True)
class TotpOffer:
    """A secret for an authenticator app, shown once; `qr` holds the address as rows of 0 and 1."""

    secret: str
    address: str
    qr: list[str]


class _Verdict(StrEnum):
    RIGHT = "right"
    WRONG = "wrong"
    LOCKED = "locked"


def enrolled(*, tenant: UUID, principal: UUID) -> Enrolled:
    with read_only(tenant=tenant) as tx:
        row = queries.get(tx, principal)
        return Enrolled(row is not None and row.totp_secret is not None, queries.codes_left(tx, principal))


def require_at_login(*, tenant: UUID, principal: UUID, proof: Proof) -> None:
    """Whoever enrolled a factor must show it beside the right password.

    Raises:
        SecondFactorRequired, SecondFactorInvalid, SecondFactorLocked
    """
    with read_only(tenant=tenant) as tx:
        methods = queries.methods(tx, principal)
    if not methods:
        return
    if proof == NO_PROOF:
        raise SecondFactorRequired(methods=methods)
    check(tenant=tenant, principal=principal, proof=proof)


def check(*, tenant: UUID, principal: UUID, proof: Proof) -> None:
    """Spend a code. What it opens is the caller's business, in a transaction of its own: a spent code that opened nothing harms nobody.

    Raises:
        SecondFactorInvalid, SecondFactorLocked
    """
    now = wall()

    def once() -> tuple[_Verdict, datetime | None]:
        with transaction(tenant=tenant) as tx:
            row = queries.lock(tx, principal)
            return _judge(tx, principal, row, proof, now=now), row.locked_until

    verdict, locked_until = retrying(once)
    if verdict is not _Verdict.RIGHT:
        refusals.note(
            tenant, "second_factor.refused", kind="principal", resource=principal, subject=str(principal), why=verdict.value
        )  # fmt: skip
    _require_right(verdict, locked_until, now=now)


def _require_right(verdict: _Verdict, locked_until: datetime | None, *, now: datetime) -> None:
    """Refuse after the commit: a counted guess must not be rolled back with its refusal."""
    if verdict is _Verdict.LOCKED and locked_until is not None:
        raise SecondFactorLocked(retry_after_s=int((locked_until - now).total_seconds()) + 1)
    if verdict is _Verdict.WRONG:
        raise SecondFactorInvalid


def _judge(tx: Tx, principal: UUID, row: FactorRow, proof: Proof, *, now: datetime) -> _Verdict:
    if row.locked_until is not None and row.locked_until > now:
        return _Verdict.LOCKED
    if proof.totp is not None and row.totp_secret is not None:
        step = rules.matching_step(_open(tx, principal, row.totp_secret), proof.totp, now=now)
        if step is not None:
            return _Verdict.RIGHT if queries.accept_step(tx, principal, step) else _Verdict.WRONG
    elif (
        proof.totp is None
        and proof.recovery_code is not None
        and queries.use_code(tx, principal, rules.recovery_hash(proof.recovery_code), now=now)
    ):
        _tell(tx, "recovery_code.used", principal)
        return _Verdict.RIGHT
    return _wrong(tx, principal, now=now)


def _wrong(tx: Tx, principal: UUID, *, now: datetime) -> _Verdict:
    """Count a guess."""
    until = now + LOCKED_FOR
    if queries.count_failure(tx, principal, most=FAILURES, locked_until=until):
        outbox.publish(tx, CodesLocked(principal, until), key=str(principal))
        _tell(tx, "second_factor.locked", principal)
    return _Verdict.WRONG


def offer_totp(*, tenant: UUID, principal: UUID, account: str) -> TotpOffer:
    """A fresh secret; it counts once a code made with it is confirmed, and until then an older one stays."""
    secret = rules.new_secret()
    sealed = crypto.seal(secret.encode(), tenant=tenant, table=_TABLE, row=principal)
    with transaction(tenant=tenant) as tx:
        queries.lock(tx, principal)
        queries.offer_totp(tx, principal, sealed)
        _tell(tx, "second_factor.offered", principal)
    address = rules.address_of(secret, account=account)
    return TotpOffer(secret, address, rules.qr_rows(address))


def confirm_totp(*, tenant: UUID, principal: UUID, session_id: UUID, code: str) -> list[str]:
    """The offered secret is the factor from now on; answers the recovery codes, which are shown once.

    Sessions elsewhere have proven nothing with it; where it replaces another factor they end, and the pause begins.

    Raises:
        SecondFactorMissing: none was offered.
        SecondFactorInvalid, SecondFactorLocked
    """
    now, codes = wall(), rules.new_recovery_codes()

    def once() -> tuple[_Verdict, datetime | None]:
        with transaction(tenant=tenant) as tx:
            row = queries.lock(tx, principal)
            if row.totp_offered is None:
                raise SecondFactorMissing
            if row.locked_until is not None and row.locked_until > now:
                return _Verdict.LOCKED, row.locked_until
            step = rules.matching_step(_open(tx, principal, row.totp_offered), code, now=now)
            if step is None:
                return _wrong(tx, principal, now=now), None
            queries.take_offered_totp(tx, principal, step=step)
            queries.replace_codes(tx, principal, map(rules.recovery_hash, codes))
            if row.totp_secret is not None:
                weakened(tx, principal, session_id=session_id)
            sessions.forget_proofs(tx, principal, but=session_id)
            sessions.note_proof(tx, session_id, now=now)
            _tell(tx, "second_factor.enrolled", principal, before=row.totp_secret is not None, after=True)
            fact = SecondFactorEnrolled(principal, row.totp_secret is not None, now)
            outbox.publish(tx, fact, key=str(principal))
            return _Verdict.RIGHT, None

    verdict, locked_until = retrying(once)
    _require_right(verdict, locked_until, now=now)
    _log.info("a second factor was enrolled", principal=principal)
    return codes


def remove_totp(*, tenant: UUID, principal: UUID, session_id: UUID) -> None:
    """The password alone opens again; the other sessions end and the pause begins.

    Raises:
        SecondFactorMissing: none is enrolled.
    """
    with transaction(tenant=tenant) as tx:
        if queries.lock(tx, principal).totp_secret is None:
            raise SecondFactorMissing
        queries.remove_totp(tx, principal)
        if not queries.methods(tx, principal):
            queries.replace_codes(tx, principal, [])
        weakened(tx, principal, session_id=session_id)
        _tell(tx, "second_factor.removed", principal, before=True, after=False)
        outbox.publish(tx, SecondFactorRemoved(principal, wall()), key=str(principal))
    _log.warning("a second factor was removed", principal=principal)


def renew_recovery_codes(*, tenant: UUID, principal: UUID, session_id: UUID) -> list[str]:
    """Ten new codes; the old ones are worthless. A code stands in for the factor, so this is a factor replaced: see `weakened`.

    Raises:
        SecondFactorMissing: there is no factor that they could stand in for.
    """
    codes = rules.new_recovery_codes()
    with transaction(tenant=tenant) as tx:
        queries.lock(tx, principal)
        if not queries.methods(tx, principal):
            raise SecondFactorMissing
        queries.replace_codes(tx, principal, map(rules.recovery_hash, codes))
        weakened(tx, principal, session_id=session_id)
        _tell(tx, "recovery_codes.renewed", principal)
        outbox.publish(tx, RecoveryCodesRenewed(principal, wall()), key=str(principal))
    _log.warning("recovery codes were renewed", principal=principal)
    return codes


def weakened(tx: Tx, principal: UUID, *, session_id: UUID) -> None:
    """A change that a thief would make: every other session ends, and what a thief wants next stays shut for a day. Step."""
    queries.lock(tx, principal)
    queries.note_weakened(tx, principal, now=tx.now)
    ending.end_others(tx, principal, but=session_id, reason=EndReason.SECURITY_CHANGED)


def require_settled(tx: Tx, principal: UUID) -> None:
    """For what a thief would open after a change: keys, withdrawals, addresses. Step.

    Raises:
        CoolingDown: a password or factor was changed within the last day of business time; `until` says when it is over.
    """
    row = queries.get(tx, principal)
    if row is not None and row.weakened_at is not None and tx.now < row.weakened_at + COOL_DOWN:
        raise CoolingDown(until=(row.weakened_at + COOL_DOWN).isoformat())


def _tell(tx: Tx, action: str, principal: UUID, *, before: bool | None = None, after: bool | None = None) -> None:
    """Write down what happened to somebody's factors, by whether one is enrolled: never what it is."""
    audit.record(
        tx, action, kind="principal", resource=principal, actor=principal,
        before=None if before is None else {"totp": before}, after=None if after is None else {"totp": after},
    )  # fmt: skip


def _open(tx: Tx, principal: UUID, sealed: bytes) -> str:
    return crypto.unseal(sealed, tenant=tx.tenant_id, table=_TABLE, row=principal).decode()

"""Transfers: asked for by customers and posted at once, or stored where a second person or a day must come first.

A customer's transfer of now goes through the group commit and needs no row (`prepare` makes its journal). Everything that waits is a
row that is locked before any balance; its journal stands under a key of its own, so a repeat after a crash meets what was posted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from identity.approvals import service as approvals
from identity.audit import service as audit
from identity.eligibility import service as eligibility
from identity.eligibility.states import Product
from identity.principals.states import Realm
from kernel import commands, db, log
from kernel.commands import Outcome
from kernel.db import Tx
from kernel.errors import DomainError, IdempotencyConflict, InvalidRequest, InvalidTransition
from kernel.ids import uuid7
from payments.chart import JournalIn
from payments.errors import LedgerArchived, refusal
from payments.transfers import postings, queries, second_person
from payments.transfers.errors import AlreadyReversed, NotReversible, TransferNotFound
from payments.transfers.parties import Asker, Wish, resolve_one
from payments.transfers.postings import Posted
from payments.transfers.queries import NewTransfer
from payments.transfers.states import TRANSFER, TransferKind, TransferStatus

__all__ = ["Asker", "Transfer", "Wish"]

_ROUTE = "transfers"
_FARTHEST = timedelta(days=3660)
_S = TransferStatus
_log = log.get("transfers")


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """A transfer as it is now, wherever it stands."""

    id: UUID
    realm: str
    kind: TransferKind
    status: TransferStatus
    from_account: int
    to_account: int
    asset: str
    amount: Decimal
    memo: str | None
    metadata: dict[str, str]
    effective_at: datetime | None
    execute_at: datetime | None
    created_at: datetime
    created_by: UUID | None
    approved_by: UUID | None
    reason: str | None
    journal_id: UUID | None
    reverses: UUID | None
    reversed_by: UUID | None
    from_owner: UUID | None
    to_owner: UUID | None


def client_key(key: str) -> str:
    return f"c/transfers/{key}"


def fingerprint(wish: Wish) -> bytes:
    body: Mapping[str, Any] = {
        "from": wish.source, "to": wish.target, "asset": wish.asset, "amount": wish.amount.normalize(), "memo": wish.memo,
        "metadata": wish.metadata or {}, "effective_at": wish.effective_at, "execute_at": wish.execute_at,
    }  # fmt: skip
    return commands.fingerprint(body)


# At once -------------------------------------------------------------------------------------------------------------------------


def waits(asker: Asker, wish: Wish) -> bool:
    """Whether something must happen before this is posted."""
    return asker.staff or wish.execute_at is not None


def prepare(asker: Asker, wish: Wish, *, key: str) -> JournalIn:
    """The journal of a transfer that waits for nothing; the caller hands it to the group commit.

    Raises:
        AccountNotFound, AssetMismatch, SameAccount, AssetUnknown: the parties do not fit.
        IdempotencyConflict: the key was used for another command.
    """
    if wish.effective_at is not None:
        raise InvalidRequest("effective_at: only staff date a transfer")

    def once() -> JournalIn:
        with db.transaction(tenant=asker.tenant) as tx:
            if commands.used(tx, principal=asker.id, key=key):
                raise IdempotencyConflict
            require_eligible(tx, asker)
            parties = resolve_one(tx, asker, wish)
        return postings.asked(
            key=client_key(key),
            asker=asker.id,
            realm=asker.realm,
            from_account=parties.from_account,
            to_account=parties.to_account,
            amount=wish.amount,
            memo=wish.memo,
            metadata=wish.metadata,
        )

    return db.retrying(once)


def settle(asker: Asker, wish: Wish, posted: Posted) -> tuple[Transfer, bool]:
    """The transfer that the posting made, and whether it was made before.

    Raises:
        InsufficientFunds, AmountTooFine, AccountFrozen, AccountClosed, …: the ledger refused it.
        IdempotencyConflict: the key stands for another transfer.
    """
    if posted.status not in {"ok", "exists"} or posted.journal_id is None:
        raise refusal(posted.status)
    made = read(asker, posted.journal_id)
    again = posted.status == "exists"
    if again and (made.memo, made.metadata) != (wish.memo, wish.metadata or {}):
        raise IdempotencyConflict
    return made, again


def require_eligible(tx: Tx, asker: Asker) -> None:
    """A customer's own money moves for customers who are known; staff's transfers have their second person, play money is play.

    Raises:
        NotEligible
    """
    if not asker.staff and asker.realm == Realm.REAL:
        eligibility.require(tx, asker.id, Product.TRANSFERS)


# What waits ----------------------------------------------------------------------------------------------------------------------


def store(asker: Asker, wish: Wish, *, key: str | None) -> Outcome:
    """Keep a transfer until its day, or until a second person of the staff has said yes.

    Raises:
        InvalidRequest: the day has passed or is too far away.
    """

    def fn(tx: Tx) -> tuple[str, UUID]:
        if key is not None and postings.was_posted(tx, key=client_key(key), asker=asker.id):
            raise IdempotencyConflict
        _check_days(asker, wish, now=tx.now)
        require_eligible(tx, asker)
        parties = resolve_one(tx, asker, wish)
        made = new_row(asker, wish, parties.from_account, parties.to_account)
        queries.insert(tx, [made])
        _ask(tx, asker, made.id)
        return "transfer", made.id

    return commands.run(
        tenant=asker.tenant, principal=asker.id, route=_ROUTE, key=key, fingerprint=fingerprint(wish), fn=fn
    )


def _ask(tx: Tx, asker: Asker, transfer_id: UUID) -> None:
    """What staff ask for waits for a second person."""
    if asker.staff:
        row = queries.find(tx, transfer_id=transfer_id, realm=asker.realm)
        assert row is not None, "it was inserted in this transaction"
        second_person.ask(tx, [row], maker=asker.id)


def _check_days(asker: Asker, wish: Wish, *, now: datetime) -> None:
    if wish.execute_at is not None and not now < wish.execute_at <= now + _FARTHEST:
        raise InvalidRequest("execute_at must lie in the next ten years")
    if wish.effective_at is None:
        return
    if not asker.staff:
        raise InvalidRequest("effective_at: only staff date a transfer")
    if not now - _FARTHEST <= wish.effective_at <= now + _FARTHEST:
        raise InvalidRequest("effective_at must lie within ten years of now")


def new_row(
    asker: Asker,
    wish: Wish,
    from_account: int,
    to_account: int,
    *,
    reverses: UUID | None = None,
    batch: UUID | None = None,
) -> NewTransfer:
    return NewTransfer(
        id=uuid7(),
        realm=asker.realm,
        kind=TransferKind.REVERSAL if reverses else TransferKind.TRANSFER,
        from_account=from_account,
        to_account=to_account,
        amount=wish.amount,
        memo=wish.memo,
        metadata=wish.metadata or {},
        effective_at=wish.effective_at,
        execute_at=wish.execute_at,
        reverses=reverses,
        batch_id=batch,
        status=_S.AWAITING_APPROVAL if asker.staff else _S.SCHEDULED,
        created_by=asker.id,
    )


def approve(asker: Asker, transfer_id: UUID, *, key: str | None) -> Outcome:
    """The second person says yes: post it, or let it wait for its day. A refusal of the ledger leaves it as it was.

    Raises:
        SecondPersonRequired: by who asked for it, whichever account is used.
        InvalidTransition: it does not wait for approval.
        ApprovalVoid: it is not what was asked for any more.
    """

    def fn(tx: Tx) -> tuple[str, UUID]:
        row = _lock(tx, asker, transfer_id)
        if row.status != _S.AWAITING_APPROVAL:
            raise InvalidTransition(f"this transfer is {row.status}")
        approval_id = second_person.agree(tx, row, by=asker.id)
        _tell(tx, row, _go_on(tx, row, approved_by=asker.id))
        approvals.carried_out(tx, approval_id)
        return "transfer", transfer_id

    return _command(asker, "transfers/approve", transfer_id, key, fn)


def cancel(asker: Asker, transfer_id: UUID, *, key: str | None) -> Outcome:
    """Take back what has not been posted: customers their own, staff any.

    Raises:
        InvalidTransition: it is posted, refused or cancelled.
    """

    def fn(tx: Tx) -> tuple[str, UUID]:
        row = _lock(tx, asker, transfer_id)
        if row.status not in TRANSFER.sources(_S.CANCELLED):
            raise InvalidTransition(f"this transfer is {row.status}")
        _move(tx, transfer_id, _S.CANCELLED)
        second_person.take_back(tx, transfer_id)
        _tell(tx, row, _S.CANCELLED)
        return "transfer", transfer_id

    return _command(asker, "transfers/cancel", transfer_id, key, fn)


# What was decided in the inbox of approvals --------------------------------------------------------------------------------------


def carry_out(tx: Tx, *, transfer_id: UUID, approval_id: UUID) -> None:
    """Post what a second person agreed to, if it is still that; a step of the engine.

    When the ledger refuses, nothing has moved: the transfer waits as before, and a second person is asked again.
    """
    row = queries.lock(tx, transfer_id)
    if row is None or row.status != _S.AWAITING_APPROVAL:
        return
    checker = approvals.granted(tx, approval_id, second_person.subject(row))
    if checker is None:
        return
    try:
        became = _go_on(tx, row, approved_by=checker)
    except DomainError as error:
        if error.status >= 500:  # the ledger is being opened: what the database said makes the engine try again
            raise error.__cause__ or error from None
        _log.info("transfer_not_posted", transfer=str(transfer_id), code=error.code)
        approvals.failed(tx, approval_id, reason=error.code)
        second_person.ask(tx, [row], maker=row.created_by)
    else:
        approvals.carried_out(tx, approval_id)
        _decided(tx, row, became, actor=checker, approval=str(approval_id))


def drop(tx: Tx, *, transfer_id: UUID) -> None:
    """A second person said no: it waits no longer. A step of the engine."""
    row = queries.lock(tx, transfer_id)
    if row is not None and row.status == _S.AWAITING_APPROVAL:
        _move(tx, transfer_id, _S.CANCELLED)
        _decided(tx, row, _S.CANCELLED)


def _go_on(tx: Tx, row: Row[Any], *, approved_by: UUID) -> TransferStatus:
    """Approved: now, or on its day; answers which. The ledger is asked before the row is touched."""
    if row.execute_at is not None and row.execute_at > tx.now:
        _move(tx, row.id, _S.SCHEDULED, approved_by=approved_by)
        return _S.SCHEDULED
    _move(tx, row.id, _S.POSTED, approved_by=approved_by, journal_id=_post(tx, row))
    return _S.POSTED


def reverse(asker: Asker, transfer_id: UUID, *, memo: str | None, key: str | None) -> Outcome:
    """Post the exact mirror of a transfer, once: at once for who received it; staff need a second person.

    Raises:
        NotReversible: it is not posted, is a reversal itself, or went to somebody else.
        AlreadyReversed: it was, or the reversal waits for approval.
    """

    def fn(tx: Tx) -> tuple[str, UUID]:
        row = queries.find(tx, transfer_id=transfer_id, realm=asker.realm)
        if row is None or not _visible(asker, row):
            raise TransferNotFound
        if row.journal_id is None or row.kind != TransferKind.TRANSFER or not (asker.staff or row.to_owner == asker.id):
            raise NotReversible
        if row.reversed_by is not None or postings.reversed_by(tx, row.journal_id) is not None:
            raise AlreadyReversed
        if asker.staff:
            wish = Wish(source=None, target="", asset=row.asset, amount=row.amount, memo=memo)
            made = new_row(asker, wish, row.to_account, row.from_account, reverses=row.journal_id)
            if not queries.insert(tx, [made]):
                raise AlreadyReversed
            _ask(tx, asker, made.id)
            return "transfer", made.id
        return "transfer", _mirror(tx, row.journal_id, realm=row.realm, actor=asker.id, memo=memo, row=None)

    return _command(asker, "transfers/reverse", transfer_id, key, fn, memo=memo)


def _tell(tx: Tx, row: Row[Any], to: TransferStatus) -> None:
    audit.about(tx, before={"status": row.status}, after={"status": to.value}, amount=row.amount, became=to.value)


def _command(asker: Asker, route: str, transfer_id: UUID, key: str | None, fn: Any, **body: Any) -> Outcome:
    digest = commands.fingerprint({"id": transfer_id, **body})
    return commands.run(tenant=asker.tenant, principal=asker.id, route=route, key=key, fingerprint=digest, fn=fn)


def _lock(tx: Tx, asker: Asker, transfer_id: UUID) -> Row[Any]:
    row = queries.lock(tx, transfer_id, realm=asker.realm)
    if row is None:
        posted = queries.find(tx, transfer_id=transfer_id, realm=asker.realm)
        if posted is not None and _visible(asker, posted):
            raise InvalidTransition("this transfer was posted at once")
        raise TransferNotFound
    if not asker.staff and row.created_by != asker.id:
        raise TransferNotFound
    return row


def _move(tx: Tx, transfer_id: UUID, to: TransferStatus, **facts: Any) -> None:
    moved = queries.move(tx, transfer_id, to=to, sources=TRANSFER.sources(to), **facts)
    assert moved, "the row is locked and its state was looked at"


def _post(tx: Tx, row: Row[Any]) -> UUID:
    if row.kind == TransferKind.REVERSAL:
        return _mirror(tx, row.reverses, realm=row.realm, actor=row.created_by, memo=row.memo, row=row.id)
    return postings.waited(
        tx,
        transfer_id=row.id,
        maker=row.created_by,
        realm=row.realm,
        from_account=row.from_account,
        to_account=row.to_account,
        amount=row.amount,
        memo=row.memo,
        metadata=row.metadata,
        effective_at=row.effective_at,
    )


def _mirror(tx: Tx, journal_id: UUID, *, realm: str, actor: UUID, memo: str | None, row: UUID | None) -> UUID:
    lines = [(line.account_id, line.amount) for line in queries.lines(tx, journal_id)]
    if not lines:
        raise LedgerArchived
    try:
        return postings.reverse(tx, journal_id=journal_id, lines=lines, realm=realm, actor=actor, memo=memo, row=row)
    except IdempotencyConflict as error:  # its key names the journal: somebody else's reversal was first
        raise AlreadyReversed from error


# The day has come ----------------------------------------------------------------------------------------------------------------


def post_due(*, limit: int = 500) -> int:
    """Post what was scheduled and is due, each in a transaction of its own; returns how many were decided. For the engine.

    What the ledger refuses on the day is refused for good, with its reason; what the database could not do is tried again.
    """
    with db.read_only() as tx:
        waiting = queries.due(tx, limit=limit)
    return sum(_post_one(tenant, transfer_id) for tenant, transfer_id in waiting)


def _post_one(tenant: UUID, transfer_id: UUID) -> bool:
    def once() -> bool:
        with db.transaction(tenant=tenant) as tx:
            row = queries.lock_due(tx, transfer_id)
            if row is None:
                return False
            if (
                row.approved_by is None and row.realm == Realm.REAL
            ):  # a customer's own, who may have become another since
                eligibility.require(tx, row.created_by, Product.TRANSFERS)
            journal_id = _post(tx, row)
            _move(tx, transfer_id, _S.POSTED, journal_id=journal_id)
            _decided(tx, row, _S.POSTED, journal=journal_id)
        return True

    try:
        return db.retrying(once)
    except DomainError as error:
        if error.status >= 500:  # not an answer about this transfer: a ledger that is being opened, for one
            _log.warning("transfer_waits", transfer=str(transfer_id), code=error.code)
            return False
        _log.info("transfer_refused", transfer=str(transfer_id), code=error.code)
        with db.transaction(tenant=tenant) as tx:
            row = queries.lock_due(tx, transfer_id)
            if row is None:
                return False
            _move(tx, transfer_id, _S.REFUSED, reason=error.code)
            _decided(tx, row, _S.REFUSED, reason=error.code)
        return True


def _decided(tx: Tx, row: Row[Any], to: TransferStatus, *, actor: UUID | None = None, **details: Any) -> None:
    """What became of a transfer without a command of somebody's: `row` is as it was before."""
    before, after = {"status": row.status}, {"status": to.value}
    audit.record(
        tx, f"transfer.{to.value}", kind="transfer", resource=row.id, before=before, after=after, actor=actor, **details
    )


# Reads ---------------------------------------------------------------------------------------------------------------------------


def read(asker: Asker, transfer_id: UUID) -> Transfer:
    """One transfer: of those who made or received it, and of staff.

    Raises:
        TransferNotFound: there is none that the asker may see.
    """
    with db.read_only(tenant=asker.tenant) as tx:
        row = queries.find(tx, transfer_id=transfer_id, realm=asker.realm)
    if row is None or not _visible(asker, row):
        raise TransferNotFound
    return view(row)


def page(asker: Asker, *, status: TransferStatus | None, before: UUID | None, limit: int) -> list[Transfer]:
    """Newest first: what a customer made, or for staff everything."""
    with db.read_only(tenant=asker.tenant) as tx:
        rows = queries.page(
            tx,
            realm=asker.realm,
            maker=None if asker.staff else asker.id,
            status=status,
            before=before,
            limit=limit,
        )
    return [view(row) for row in rows]


def _visible(asker: Asker, row: Row[Any]) -> bool:
    if asker.staff or row.created_by == asker.id:
        return True
    return row.status == _S.POSTED and asker.id in {row.from_owner, row.to_owner}


def view(row: Row[Any]) -> Transfer:
    return Transfer(
        id=row.id,
        realm=row.realm,
        kind=TransferKind(row.kind),
        status=TransferStatus(row.status),
        from_account=row.from_account,
        to_account=row.to_account,
        asset=row.asset,
        amount=row.amount,
        memo=row.memo,
        metadata=row.metadata,
        effective_at=row.effective_at,
        execute_at=row.execute_at,
        created_at=row.created_at,
        created_by=row.created_by,
        approved_by=row.approved_by,
        reason=row.reason,
        journal_id=row.journal_id,
        reverses=row.reverses,
        reversed_by=row.reversed_by,
        from_owner=row.from_owner,
        to_owner=row.to_owner,
    )

"""What people do about a break: own it, note on it, propose how to close it; another person confirms, and only then money moves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from identity.approvals import service as approvals
from identity.audit import service as audit
from kernel import commands, log, outbox
from kernel.commands import Outcome
from kernel.db import AnyRow, Tx
from kernel.errors import DomainError
from payments.errors import AccountNotFound
from payments.reconciliation import events, postings, queries, second_person, ticket_queries
from payments.reconciliation.errors import (
    BreakNotFound,
    BreakNotOpen,
    ProposalChanged,
    ResolutionDoesNotFit,
)
from payments.reconciliation.states import BREAK, BreakClass, BreakState, Resolution

_log = log.get("tickets")


def propose(
    *, tenant: UUID, principal: UUID, item_id: UUID, resolution: Resolution, account: int | None, note: str | None,
    key: str | None,
) -> Outcome:  # fmt: skip
    """Say how a ticket is to be closed; nothing moves yet.

    Raises:
        BreakNotOpen: it waits by itself, was proposed already, or is closed.
        ResolutionDoesNotFit: money in suspense cannot be closed without going somewhere, and other such cases.
    """

    def step(tx: Tx) -> None:
        found = _lock(tx, item_id)
        _move(tx, item_id, BreakState.PROPOSED)
        _fit(tx, found, resolution, account)
        ticket_queries.propose(tx, item_id, resolution=resolution, target=account, by=principal)
        second_person.ask(tx, found, _ticket(tx, item_id))
        if note:
            ticket_queries.add_note(tx, item_id, author=principal, text=note)

    body = {"resolution": resolution.value, "account": account, "note": note}
    return _command(tenant, principal, item_id, "resolve", key, body, step)


def confirm(
    *, tenant: UUID, principal: UUID, item_id: UUID, key: str | None, proposed_at: datetime | None = None
) -> Outcome:
    """Agree with a proposal: the ticket is closed and its money goes where it was proposed.

    Args:
        proposed_at: of the proposal that was read; without it, whatever is proposed now.

    Raises:
        ProposalChanged: another proposal stands there now.
        SecondPersonRequired: the one who proposed cannot confirm, whichever account is used.
        BreakNotOpen: nothing is proposed, or it was decided in the inbox.
    """

    def step(tx: Tx) -> None:
        found, ticket = _lock(tx, item_id), ticket_queries.ticket(tx, item_id)
        if found.state != BreakState.PROPOSED or ticket is None:
            raise BreakNotOpen
        if proposed_at is not None and ticket.proposed_at != proposed_at:
            raise ProposalChanged
        approval_id = second_person.agree(tx, found, ticket, by=principal)
        _resolve(tx, found, ticket, by=principal)
        approvals.carried_out(tx, approval_id)

    body = {} if proposed_at is None else {"proposed_at": proposed_at.isoformat()}
    return _command(tenant, principal, item_id, "confirm", key, body, step)


def reject(*, tenant: UUID, principal: UUID, item_id: UUID, note: str, key: str | None) -> Outcome:
    """Disagree with a proposal, or take back the own one: the ticket is open again."""

    def step(tx: Tx) -> None:
        _lock(tx, item_id)
        _move(tx, item_id, BreakState.TICKETED)
        second_person.take_back(tx, item_id)
        ticket_queries.withdraw(tx, item_id)
        ticket_queries.add_note(tx, item_id, author=principal, text=note)

    return _command(tenant, principal, item_id, "reject", key, {"note": note}, step)


def add_note(*, tenant: UUID, principal: UUID, item_id: UUID, text: str, key: str | None) -> Outcome:
    def step(tx: Tx) -> None:
        _lock(tx, item_id)
        ticket_queries.add_note(tx, item_id, author=principal, text=text)

    return _command(tenant, principal, item_id, "notes", key, {"text": text}, step)


def assign(*, tenant: UUID, principal: UUID, item_id: UUID, owner: UUID, key: str | None) -> Outcome:
    """Hand the ticket to a colleague.

    Raises:
        ResolutionDoesNotFit: nobody of the staff has this id.
        BreakNotOpen: there is no ticket, or it is closed.
    """

    def step(tx: Tx) -> None:
        found = _lock(tx, item_id)
        if found.state not in {BreakState.TICKETED, BreakState.PROPOSED}:
            raise BreakNotOpen
        if not ticket_queries.staff_exists(tx, owner):
            raise ResolutionDoesNotFit("the owner of a ticket is somebody of the staff")
        ticket_queries.assign(tx, item_id, owner=owner)

    return _command(tenant, principal, item_id, "assign", key, {"owner": str(owner)}, step)


# What was decided in the inbox of approvals --------------------------------------------------------------------------------------


def carry_out(tx: Tx, *, item_id: UUID, approval_id: UUID) -> None:
    """Close a ticket as a second person agreed to, if it is still that; a step of the engine.

    When the ledger refuses, nothing has moved: the proposal stands as before, and a second person is asked again.
    """
    found, ticket = queries.lock_item(tx, item_id), ticket_queries.ticket(tx, item_id)
    if found is None or ticket is None or found.state != BreakState.PROPOSED:
        return
    checker = approvals.granted(tx, approval_id, second_person.subject(found, ticket))
    if checker is None:
        return
    try:
        _resolve(tx, found, ticket, by=checker)
    except DomainError as error:
        if error.status >= 500:  # the ledger is being opened: what the database said makes the engine try again
            raise error.__cause__ or error from None
        _log.info("ticket_not_closed", item=str(item_id), code=error.code)
        approvals.failed(tx, approval_id, reason=error.code)
        second_person.ask(tx, found, ticket)
    else:
        approvals.carried_out(tx, approval_id)
        _tell(tx, "break.confirmed", item_id, BreakState.RESOLVED, by=checker)


def drop(tx: Tx, *, item_id: UUID, by: UUID | None, reason: str | None) -> None:
    """A second person said no in the inbox: the ticket is open again. A step of the engine."""
    found = queries.lock_item(tx, item_id)
    if found is None or found.state != BreakState.PROPOSED:
        return
    _move(tx, item_id, BreakState.TICKETED)
    ticket_queries.withdraw(tx, item_id)
    if by is not None and reason:
        ticket_queries.add_note(tx, item_id, author=by, text=reason)
    _tell(tx, "break.rejected", item_id, BreakState.TICKETED, by=by)


def _tell(tx: Tx, action: str, item_id: UUID, after: BreakState, *, by: UUID | None) -> None:
    audit.record(
        tx, action, kind="break", resource=item_id, before={"state": BreakState.PROPOSED.value}, after={"state": after.value},
        actor=by,
    )  # fmt: skip


# Pieces --------------------------------------------------------------------------------------------------------------------------


def _resolve(tx: Tx, found: AnyRow, ticket: AnyRow, *, by: UUID) -> None:
    """The ledger is asked before the rows are touched."""
    journal_id = _settle(tx, found, ticket, actor=str(by))
    _move(tx, found.id, BreakState.RESOLVED, closed=True)
    fact = events.BreakResolved(found.id, ticket.resolution, ticket.proposed_by, by)
    outbox.publish(tx, fact, key=str(found.id))
    ticket_queries.confirm(tx, found.id, by=by, journal_id=journal_id)


def _ticket(tx: Tx, item_id: UUID) -> AnyRow:
    found = ticket_queries.ticket(tx, item_id)
    assert found is not None, "a break that was proposed on has a ticket"
    return found


def _command(
    tenant: UUID, principal: UUID, item_id: UUID, verb: str, key: str | None, body: dict[str, Any], step: Callable[[Tx], None]
) -> Outcome:  # fmt: skip
    def done(tx: Tx) -> tuple[str, UUID]:
        before = _lock(tx, item_id).state
        step(tx)
        audit.about(tx, before={"state": before}, after={"state": _lock(tx, item_id).state})
        return "break", item_id

    route = f"POST /v1/reconciliation/breaks/{item_id}/{verb}"
    return commands.run(
        tenant=tenant, principal=principal, route=route, key=key, fingerprint=commands.fingerprint(body), fn=done
    )


def _lock(tx: Tx, item_id: UUID) -> AnyRow:
    found = queries.lock_item(tx, item_id)
    if found is None:
        raise BreakNotFound
    return found


def _move(tx: Tx, item_id: UUID, target: BreakState, *, closed: bool = False) -> None:
    if not queries.move_item(tx, item_id, state=target, sources=_people_may(target), closed=closed):
        raise BreakNotOpen


def _people_may(target: BreakState) -> list[str]:
    """The moves of the table that people make; leaving `open` is the runs' business."""
    return [source for source in BREAK.sources(target) if source != BreakState.OPEN]


def _fit(tx: Tx, found: AnyRow, resolution: Resolution, account: int | None) -> None:
    if (resolution is Resolution.TO_ACCOUNT) != (account is not None):
        raise ResolutionDoesNotFit("an account belongs to `to_account`, and to nothing else")
    if found.suspended and resolution is Resolution.CLOSE:
        raise ResolutionDoesNotFit("the amount lies in suspense: say where it belongs")
    if not found.suspended and resolution is Resolution.GIVE_BACK:
        raise ResolutionDoesNotFit("nothing of this lies in suspense")
    movable = found.account_id is not None and found.difference != 0 and found.kind != BreakClass.PROJECTION
    if resolution is not Resolution.CLOSE and not movable:
        raise ResolutionDoesNotFit("there is no amount to move: close it with a note")
    if account is not None:
        target = ticket_queries.account_of(tx, account)
        if target is None:
            raise AccountNotFound
        if (target.asset, target.realm) != (found.asset, found.realm):
            raise ResolutionDoesNotFit("the account is of another asset or realm")
        lies_there = (
            target.path == f"suspense:{found.source}:{found.asset}" if found.suspended else account == found.account_id
        )
        if lies_there:
            raise ResolutionDoesNotFit("the amount lies in this account already")


def _settle(tx: Tx, found: AnyRow, ticket: AnyRow, *, actor: str) -> UUID | None:
    resolution = Resolution(ticket.resolution)
    if resolution is Resolution.CLOSE:
        return None
    correction = postings.Correction(
        item_id=found.id, source=found.source, reference=found.reference, asset=found.asset, account_id=found.account_id,
        debit_normal=found.normal_side == "debit", gap=found.difference, realm=found.realm,
    )  # fmt: skip
    journal = postings.close(
        tx, correction, resolution, suspended=found.suspended, target=ticket.target_account, actor=actor
    )
    return postings.post(tx, [journal])[0]

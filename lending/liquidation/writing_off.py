"""Giving up what a customer owes after a shortfall: two people end a claim whose loss was booked when the sale was settled."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from identity.approvals import service as approvals
from identity.approvals.events import ApprovalGranted
from identity.approvals.service import Subject
from identity.audit import service as audit
from identity.permissions import Permission
from kernel import commands
from kernel.db import AnyRow, Tx
from kernel.money import canonical
from lending.liquidation import queries
from lending.liquidation.errors import LiquidationNotFound, NoBadDebt
from lending.loans import queries as loans
from lending.loans import steps
from lending.loans.states import LoanStatus

KIND = "lending.write_off"
_TO_DECIDE = timedelta(days=7)


def ask(*, tenant: UUID, actor: UUID, liquidation_id: UUID, key: str | None) -> UUID:
    """Ask a second person to give the claim up; answers the approval.

    Raises:
        LiquidationNotFound, NoBadDebt: as they say.
    """

    def fn(tx: Tx) -> tuple[str, UUID]:
        if queries.get(tx, liquidation_id) is None:
            raise LiquidationNotFound
        row = queries.bad_debt(tx, liquidation_id)
        if row is None or row.status != LoanStatus.BAD_DEBT:
            raise NoBadDebt
        approval_id = approvals.request(
            tx, _subject(row), maker=actor, permission=Permission.LENDING_DECIDE, read_permission=Permission.LENDING_READ,
            expires_in=_TO_DECIDE,
        )  # fmt: skip
        audit.about(tx, after=_subject(row).summary)
        return "approval", approval_id

    done = commands.run(
        tenant=tenant, principal=actor, route="POST /v1/lending/liquidations/{id}/write-off", key=key,
        fingerprint=commands.fingerprint({"liquidation": liquidation_id}), fn=fn,
    )  # fmt: skip
    return done.id


def _subject(row: AnyRow) -> Subject:
    summary = {
        "loan": str(row.loan_id),
        "asset": row.asset,
        "insured": canonical(row.insured),
        "lost": canonical(row.lost),
    }
    return Subject(kind=KIND, resource_id=row.liquidation_id, summary=summary)


def granted(tx: Tx, fact: ApprovalGranted) -> None:
    """A second person agreed. Handler of an event consumer."""
    if fact.kind != KIND:
        return
    row = queries.bad_debt(tx, fact.resource_id)
    if row is None:
        return
    loan = loans.lock(tx, row.loan_id)
    checker = approvals.granted(tx, fact.approval_id, _subject(row))
    if loan is None or loan.status is not LoanStatus.BAD_DEBT or checker is None:
        return
    written = steps.write(tx, loan, to=LoanStatus.WRITTEN_OFF)
    steps.note(tx, written, "written_off", {})
    audit.record(
        tx, "loan.written_off", kind="loan", resource=loan.id, before={"status": loan.status.value},
        after={"status": LoanStatus.WRITTEN_OFF.value}, actor=checker, lost=canonical(row.lost),
    )  # fmt: skip
    approvals.carried_out(tx, fact.approval_id)

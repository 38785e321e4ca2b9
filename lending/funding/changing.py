"""Another limit or rate of a line: what is tighter counts at once, and if anything in it is looser, all of it waits for a second person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from identity.approvals import service as approvals
from identity.approvals.service import Subject
from identity.audit import service as audit
from identity.permissions import Permission
from kernel import commands
from kernel.db import Tx
from kernel.errors import DomainError
from kernel.money import canonical
from lending.funding import service
from lending.funding.service import Line

KIND = "lending.funding_change"
_TO_DECIDE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Price:
    """How much may be drawn, and what a year of it costs."""

    limit: Decimal
    rate: Decimal

    @property
    def plain(self) -> dict[str, str]:
        return {"limit": canonical(self.limit), "rate": canonical(self.rate)}


def change(
    *, tenant: UUID, actor: UUID, line_id: UUID, limit: Decimal | None, rate: Decimal | None, key: str | None
) -> UUID | None:
    """Another limit or rate from today on. What waited for a second person about this line is void, whatever is wanted now.

    Returns:
        The approval that it waits for; None where it counts already.

    Raises:
        FundingLineNotFound, FundingLimitTooLow, AmountTooFine: as they say.
    """

    def fn(tx: Tx) -> tuple[str, UUID]:
        line = service.accrue(tx, line_id)
        now = Price(line.limit, line.rate)
        wanted = Price(now.limit if limit is None else limit, now.rate if rate is None else rate)
        service.check_limit(line, wanted.limit)
        approvals.void(tx, kind=KIND, resource_id=line_id, reason="the line was changed")
        if wanted.limit > now.limit or wanted.rate > now.rate:
            return "approval", _ask(tx, line, wanted, actor=actor)
        if wanted != now:
            _apply(tx, line, wanted, actor=actor)
        return "funding_line", line_id

    body = {
        "line": line_id,
        "limit": None if limit is None else canonical(limit),
        "rate": None if rate is None else canonical(rate),
    }
    done = commands.run(
        tenant=tenant, principal=actor, route="PATCH /v1/lending/funding-lines/{id}", key=key,
        fingerprint=commands.fingerprint(body), fn=fn,
    )  # fmt: skip
    return done.id if done.kind == "approval" else None


def carry_out(tx: Tx, *, line_id: UUID, approval_id: UUID) -> None:
    """A second person agreed: it counts from today on, if the line still is what it was. Step of the engine."""
    line = service.accrue(tx, line_id)
    asked = approvals.asked(tx, approval_id)
    if asked is None:
        return
    after = asked.summary["after"]
    wanted = Price(Decimal(after["limit"]), Decimal(after["rate"]))
    checker = approvals.granted(tx, approval_id, _subject(line, wanted))
    if checker is None:
        return
    try:
        _apply(tx, line, wanted, actor=checker)
    except DomainError as refusal:
        approvals.failed(tx, approval_id, reason=refusal.code)
        return
    approvals.carried_out(tx, approval_id)


def _ask(tx: Tx, line: Line, wanted: Price, *, actor: UUID) -> UUID:
    approval_id = approvals.request(
        tx, _subject(line, wanted), maker=actor, permission=Permission.LENDING_DECIDE, read_permission=Permission.LENDING_READ,
        expires_in=_TO_DECIDE,
    )  # fmt: skip
    audit.record(
        tx, "funding_line.change_asked", kind="funding_line", resource=line.id, before=Price(line.limit, line.rate).plain,
        after=wanted.plain, actor=actor, waits=str(approval_id), limit=wanted.plain["limit"], rate=wanted.plain["rate"],
    )  # fmt: skip
    return approval_id


def _apply(tx: Tx, line: Line, wanted: Price, *, actor: UUID) -> None:
    service.change(tx, line.id, limit=wanted.limit, rate=wanted.rate)
    audit.record(
        tx, "funding_line.changed", kind="funding_line", resource=line.id, before=Price(line.limit, line.rate).plain,
        after=wanted.plain, actor=actor, limit=wanted.plain["limit"], rate=wanted.plain["rate"],
    )  # fmt: skip


def _subject(line: Line, wanted: Price) -> Subject:
    """With what is: whoever agrees to a change agrees to a step, and after another one it is a different step."""
    summary = {
        "name": line.name,
        "asset": line.asset,
        "before": Price(line.limit, line.rate).plain,
        "after": wanted.plain,
    }
    return Subject(kind=KIND, resource_id=line.id, summary=summary)

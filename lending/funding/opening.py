"""A new line takes two people: one describes it, and it is opened once another one has agreed to exactly that description."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from identity.approvals import service as approvals
from identity.approvals.service import Subject
from identity.audit import service as audit
from identity.permissions import Permission
from kernel import commands
from kernel.day_count import DayCount
from kernel.db import Tx
from kernel.errors import DomainError
from kernel.ids import uuid7
from kernel.money import canonical
from lending.funding import service
from lending.funding.service import Wish
from lending.funding.states import Adapter

KIND = "lending.funding_line"
_TO_DECIDE = timedelta(days=7)


def ask(*, tenant: UUID, actor: UUID, wish: Wish, key: str | None) -> UUID:
    """Ask a second person to open this line; answers the approval.

    Raises:
        FundingLineTaken, FundingSourceUnfit, AssetUnknown, AmountTooFine: as they say.
    """

    def fn(tx: Tx) -> tuple[str, UUID]:
        service.check(tx, wish)
        subject = _subject(uuid7(), wish)
        approval_id = approvals.request(
            tx, subject, maker=actor, permission=Permission.LENDING_DECIDE, read_permission=Permission.LENDING_READ,
            expires_in=_TO_DECIDE,
        )  # fmt: skip
        audit.about(tx, after=subject.summary, line=str(subject.resource_id), name=wish.name)
        return "approval", approval_id

    print_ = commands.fingerprint(_subject(tenant, wish).summary)
    route = "POST /v1/lending/funding-lines"
    return commands.run(tenant=tenant, principal=actor, route=route, key=key, fingerprint=print_, fn=fn).id


def carry_out(tx: Tx, *, line_id: UUID, approval_id: UUID) -> None:
    """A second person agreed: the line is there, if its name is still free. Step of the engine."""
    asked = approvals.asked(tx, approval_id)
    if asked is None:
        return
    subject = _subject(line_id, _wish(asked.summary))
    checker = approvals.granted(tx, approval_id, subject)
    if checker is None:
        return
    try:
        service.open_line(tx, _wish(asked.summary), line_id=line_id)
    except DomainError as refusal:
        approvals.failed(tx, approval_id, reason=refusal.code)
        return
    audit.record(
        tx, "funding_line.opened", kind="funding_line", resource=line_id, after=subject.summary, actor=checker,
        name=subject.summary["name"],
    )  # fmt: skip
    approvals.carried_out(tx, approval_id)


def _subject(line_id: UUID, wish: Wish) -> Subject:
    summary = {
        "name": wish.name,
        "adapter": wish.adapter.value,
        "source": wish.source,
        "asset": wish.asset,
        "limit": canonical(wish.limit),
        "rate": canonical(wish.rate),
        "day_count": wish.day_count.value,
    }
    return Subject(kind=KIND, resource_id=line_id, summary=summary)


def _wish(said: Mapping[str, Any]) -> Wish:
    """What was asked for, read back: a line that waits has no row of its own."""
    return Wish(
        name=said["name"],
        adapter=Adapter(said["adapter"]),
        source=said["source"],
        asset=said["asset"],
        limit=Decimal(said["limit"]),
        rate=Decimal(said["rate"]),
        day_count=DayCount(said["day_count"]),
    )

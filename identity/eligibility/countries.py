"""Rules of countries: what forbids counts at once, what allows takes a second person. None is changed later: the next one is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from identity.approvals import service as approvals
from identity.approvals.service import Subject
from identity.audit import service as audit
from identity.eligibility import queries
from identity.eligibility.errors import RuleInvalid
from identity.eligibility.states import RuleState, Ruling
from identity.permissions import Permission
from kernel import commands
from kernel.commands import Outcome
from kernel.db import AnyRow, Tx, read_only
from kernel.errors import NotFound
from kernel.ids import uuid7

KIND = "identity.country_rule"
_FARTHEST = timedelta(days=3660)
_ASKED_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """`*` is every country, every product, every action; without `valid_from` it counts from now on."""

    country: str
    product: str
    action: str
    verdict: Ruling
    note: str
    valid_from: datetime | None
    valid_until: datetime | None


def add(*, tenant: UUID, actor: UUID, wish: Wish, key: str | None) -> Outcome:
    """Write a rule down.

    Raises:
        RuleInvalid: it would begin in the past or end before it begins.
    """
    state = RuleState.PROPOSED if wish.verdict is Ruling.ALLOW else RuleState.STANDING
    body = {name: getattr(wish, name) for name in Wish.__slots__}

    def fn(tx: Tx) -> tuple[str, UUID]:
        since = wish.valid_from or tx.now
        if not tx.now <= since <= tx.now + _FARTHEST or (wish.valid_until is not None and wish.valid_until <= since):
            raise RuleInvalid
        rule_id = uuid7()
        row = {
            **body,
            "verdict": wish.verdict.value,
            "valid_from": since,
            "id": rule_id,
            "actor": actor,
            "state": state.value,
        }
        queries.insert_rule(tx, row)
        if state is RuleState.PROPOSED:
            made = queries.rule(tx, rule_id)
            assert made is not None, "it was inserted in this transaction"
            approvals.request(
                tx, _subject(made), maker=actor, permission=Permission.KYC_DECIDE, read_permission=Permission.KYC_READ,
                expires_in=_ASKED_FOR,
            )  # fmt: skip
        audit.about(tx, after=row, state=state.value)
        return "country_rule", rule_id

    print_ = commands.fingerprint(body)
    return commands.run(
        tenant=tenant, principal=actor, route="POST /v1/eligibility/rules", key=key, fingerprint=print_, fn=fn
    )


def _subject(row: AnyRow) -> Subject:
    fields = ("country", "product", "action", "verdict", "note")
    dates = {
        name: value and value.isoformat() for name, value in (("from", row.valid_from), ("until", row.valid_until))
    }
    return Subject(kind=KIND, resource_id=row.id, summary={name: getattr(row, name) for name in fields} | dates)


def carry_out(tx: Tx, *, rule_id: UUID, approval_id: UUID) -> None:
    """A second person agreed; a step of the engine."""
    row = queries.rule(tx, rule_id, lock=True)
    if row is None or row.state != RuleState.PROPOSED:
        return
    checker = approvals.granted(tx, approval_id, _subject(row))
    if checker is not None:
        queries.move_rule(tx, rule_id, RuleState.STANDING)
        approvals.carried_out(tx, approval_id)
        _record(tx, row, RuleState.STANDING, actor=checker)


def drop(tx: Tx, *, rule_id: UUID) -> None:
    """Nobody agreed; a step of the engine."""
    row = queries.rule(tx, rule_id, lock=True)
    if row is not None and row.state == RuleState.PROPOSED:
        queries.move_rule(tx, rule_id, RuleState.REFUSED)
        _record(tx, row, RuleState.REFUSED)


def _record(tx: Tx, row: AnyRow, to: RuleState, *, actor: UUID | None = None) -> None:
    audit.record(
        tx, "country_rule.decided", kind="country_rule", resource=row.id, before={"state": row.state},
        after={"state": to.value}, actor=actor, became=to.value,
    )  # fmt: skip


def read(tenant: UUID, rule_id: UUID) -> AnyRow:
    with read_only(tenant=tenant) as tx:
        row = queries.rule(tx, rule_id)
    if row is None:
        raise NotFound
    return row


def page(tenant: UUID, *, before: UUID | None, limit: int) -> Sequence[AnyRow]:
    with read_only(tenant=tenant) as tx:
        return queries.rules(tx, before=before, limit=limit)

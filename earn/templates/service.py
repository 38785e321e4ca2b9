"""Templates: drafts that staff edit, versions that a second person publishes, and which of them governs a day of sale.

A version never changes once it is published. To change a template is to publish its next version, which governs the days of sale from
its effective date on; what was sold before keeps the version it was sold under.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from earn.instances import rules as instances
from earn.plans import rules as plans
from earn.plans.errors import TermsImpossible
from earn.plans.rules import HIGHEST_APR, Row
from earn.templates import checks, queries
from earn.templates.checks import Surroundings, Wish
from earn.templates.errors import NoTemplateDraft, TemplateDraftExists, TemplateNotFound, TemplateRetired, TemplateUnfit
from earn.templates.events import TemplatePublished
from earn.templates.events import TemplateRetired as Retired
from earn.templates.queries import Story
from earn.templates.states import TemplateStatus
from earn.templates.terms import TemplateVersion
from identity.approvals import service as approvals
from identity.approvals.service import Subject
from identity.audit import service as audit
from identity.permissions import Permission
from identity.tenants import policies
from kernel import commands, db, outbox
from kernel.commands import Outcome
from kernel.db import Tx
from kernel.errors import InvalidRequest
from kernel.faults import Fault, refuse
from kernel.ids import SYSTEM, uuid7
from kernel.money import fits_scale
from payments.assets import service as assets
from payments.errors import AmountTooFine

__all__ = ["Preview", "TemplateVersion", "TemplateView", "Wish", "governing", "lock", "published_ids"]

KIND = "earn.template"
_TO_DECIDE = timedelta(days=7)
_S = TemplateStatus
lock = queries.lock
published_ids = queries.published_ids


@dataclass(frozen=True, slots=True)
class TemplateView:
    """A version as staff see it; `approval_id` is the newest question to a second person about a draft."""

    template: TemplateVersion
    story: Story
    approval_id: UUID | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a subscription of one day of sale would become."""

    template: TemplateVersion
    window: instances.Window
    dates: instances.Dates
    rows: Sequence[Row]
    apr: Decimal


def governing(tx: Tx, template_id: UUID, days: Sequence[date]) -> dict[date, TemplateVersion]:
    """The version that each of these days follows, holidays too; days before the first version began have none. Step."""
    known = queries.governing(tx, template_id)
    found = {}
    for day in days:
        begun = (one for one in known if one.effective_from is not None and one.effective_from <= day)
        if (one := next(begun, None)) is not None:
            found[day] = one
    return found


# What staff see ------------------------------------------------------------------------------------------------------------------


def views(tenant: UUID, *, after: tuple[UUID, int] | None, limit: int) -> list[TemplateView]:
    """The newest template first, and its newest version first."""
    with db.read_only(tenant=tenant, repeatable=True) as tx:
        return [_view(tx, *found) for found in queries.page(tx, after=after, limit=limit)]


def view(tenant: UUID, template_id: UUID, number: int | None = None) -> TemplateView:
    """A version, the newest unless it is named.

    Raises:
        TemplateNotFound
    """
    with db.read_only(tenant=tenant, repeatable=True) as tx:
        start = None if number is None else (template_id, number + 1)
        found = queries.page(tx, after=start, limit=1, only=template_id)
        if not found or number not in {None, found[0][0].version}:
            raise TemplateNotFound
        return _view(tx, *found[0])


def _view(tx: Tx, template: TemplateVersion, story: Story) -> TemplateView:
    asked = approvals.latest(tx, kind=KIND, resource_id=template.id) if template.status is _S.DRAFT else None
    return TemplateView(template, story, asked)


def preview(tenant: UUID, template_id: UUID, *, principal: Decimal, day: date) -> Preview:
    """The plan of a subscription on a day of sale under the newest version, whatever its status.

    Raises:
        TemplateNotFound, InvalidRequest: a principal that the template would not take.
        AmountTooFine
    """
    template = view(tenant, template_id).template
    terms, scale = template.terms, assets.scale(template.asset)
    if not fits_scale(principal, scale):
        raise AmountTooFine
    if principal < terms.minimum or principal % terms.step:
        raise InvalidRequest("principal: at least the minimum, and a multiple of the step")
    on = instances.dates(day, lag_days=terms.lag_days, tenor=terms.tenor)
    rows = plans.plan(principal, terms.plan(scale), value_date=on.value_date)
    window = instances.window(day, terms.opens, terms.closes, terms.zone)
    return Preview(template, window, on, rows, plans.applied_apr(principal, terms.tiers))


# What staff do -------------------------------------------------------------------------------------------------------------------


def create(*, tenant: UUID, actor: UUID, wish: Wish, template_id: UUID | None, key: str | None) -> Outcome:
    """A draft: of a new template, or the next version of `template_id`.

    Raises:
        TemplateNotFound, TemplateDraftExists, and what `checks.faults` finds.
    """

    def fn(tx: Tx) -> tuple[str, UUID]:
        _fitting(tx, wish, template_id)
        made, number = template_id or uuid7(), 1
        if template_id is not None:
            number = _locked(tx, template_id) + 1
            if queries.draft(tx, template_id) is not None:
                raise TemplateDraftExists
        queries.insert(tx, template_id=made, number=number, wish=wish, actor=actor)
        audit.about(tx, after=plain(wish), version=number)
        return "earn_template", made

    return _command(tenant, actor, "POST /v1/earn/templates", key, fn, id=str(template_id), wish=plain(wish))


def edit(*, tenant: UUID, actor: UUID, template_id: UUID, wish: Wish) -> None:
    """Type a draft again, whole; what a second person was asked before is void.

    Raises:
        TemplateNotFound, NoTemplateDraft, and what `checks.faults` finds.
    """

    def fn(tx: Tx) -> tuple[str, UUID]:
        _fitting(tx, wish, template_id)
        found = _draft(tx, template_id)
        queries.rewrite(tx, template_id=template_id, number=found.version, wish=wish, actor=actor)
        approvals.void(tx, kind=KIND, resource_id=template_id, reason="edited")
        audit.about(tx, before=document(found), after=plain(wish), version=found.version)
        return "earn_template", template_id

    _command(tenant, actor, "PUT /v1/earn/templates", None, fn)


def ask(*, tenant: UUID, actor: UUID, template_id: UUID, key: str | None) -> UUID:
    """Ask a second person to publish the draft as it stands; answers the approval.

    Raises:
        TemplateNotFound, NoTemplateDraft, and what `checks.faults` finds by now: the house's highest rate may be a lower one.
    """

    def fn(tx: Tx) -> tuple[str, UUID]:
        found = _draft(tx, template_id)
        _fitting(tx, _typed(found), template_id)
        approval_id = approvals.request(
            tx, _subject(found), maker=actor, permission=Permission.EARN_DECIDE, read_permission=Permission.EARN_READ,
            expires_in=_TO_DECIDE,
        )  # fmt: skip
        audit.about(tx, after=document(found), template=str(template_id), version=found.version)
        return "approval", approval_id

    return _command(tenant, actor, "POST /v1/earn/templates/{id}/publish", key, fn, id=str(template_id)).id


def retire(*, tenant: UUID, actor: UUID, template_id: UUID, number: int, key: str | None) -> None:
    """Plan no more days under a version, or give a draft up. What is planned already is withdrawn one by one.

    Raises:
        TemplateNotFound, TemplateRetired
    """

    def fn(tx: Tx) -> tuple[str, UUID]:
        _locked(tx, template_id)
        found = queries.version(tx, template_id, number)
        if found is None:
            raise TemplateNotFound
        if found.status is _S.RETIRED:
            raise TemplateRetired
        if found.status is _S.DRAFT:
            approvals.void(tx, kind=KIND, resource_id=template_id, reason="given up")
        _retire(tx, found)
        audit.about(tx, before={"status": found.status}, after={"status": _S.RETIRED}, version=number)
        return "earn_template", template_id

    _command(tenant, actor, "POST /v1/earn/templates/{id}/retire", key, fn, id=str(template_id), version=number)


# What a second person's yes does -------------------------------------------------------------------------------------------------


def carry_out(tx: Tx, *, template_id: UUID, approval_id: UUID) -> None:
    """Publish what was agreed to, if it is still that, and the house may still promise it. Step of the engine."""
    if not queries.lock(tx, template_id):
        return
    found = queries.draft(tx, template_id)
    if found is None:
        return
    checker = approvals.granted(tx, approval_id, _subject(found))
    if checker is None:
        return
    if max(tier.apr for tier in found.terms.tiers) > _highest_apr(tx):
        approvals.failed(tx, approval_id, reason=TermsImpossible.code)
        return
    publish(tx, found, by=checker)
    approvals.carried_out(tx, approval_id)


def publish(tx: Tx, found: TemplateVersion, *, by: UUID) -> None:
    """The draft governs the days from its effective date on, today at the earliest; versions it overtakes altogether end. Step."""
    today = instances.business_date(tx.now, found.terms.zone)
    begins = max(found.effective_from or today, today)
    for older in queries.governing(tx, found.id):
        if older.effective_from is None or older.effective_from >= begins:
            _retire(tx, older)
    queries.publish(tx, found.id, found.version, effective_from=begins)
    fact = TemplatePublished(found.id, found.version, found.name, found.asset, begins)
    outbox.publish(tx, fact, key=str(found.id))
    audit.record(
        tx, "earn_template.published", kind="earn_template", resource=found.id, after=document(found), actor=by,
        version=found.version, name=found.name, effective_from=begins.isoformat(),
    )  # fmt: skip


def ensure(tenant: UUID, wish: Wish) -> None:
    """Publish on nobody's account what is not there yet: for demo data, which no second person looks at."""
    with db.transaction(tenant=tenant) as tx:
        if queries.named(tx, wish.name) is not None:
            return
        _fitting(tx, wish, None)
        template_id = uuid7()
        queries.insert(tx, template_id=template_id, number=1, wish=wish, actor=SYSTEM)
        made = queries.draft(tx, template_id)
        assert made is not None, "it was written a line ago"
        publish(tx, made, by=SYSTEM)


# Pieces --------------------------------------------------------------------------------------------------------------------------


def document(template: TemplateVersion) -> dict[str, Any]:
    """Everything that a version promises, in texts: what a second person agrees to."""
    return plain(_typed(template))


def plain(wish: Wish) -> dict[str, Any]:
    """The same of what somebody typed."""
    begins = None if wish.effective_from is None else wish.effective_from.isoformat()
    return {"name": wish.name, "asset": wish.asset, "effective_from": begins, "terms": wish.terms.document()}


def _subject(template: TemplateVersion) -> Subject:
    return Subject(kind=KIND, resource_id=template.id, summary=document(template), version=template.version)


def _typed(template: TemplateVersion) -> Wish:
    return Wish(
        name=template.name, asset=template.asset, terms=template.terms, effective_from=template.effective_from
    )  # fmt: skip


def _highest_apr(tx: Tx) -> Decimal:
    """What the house lets itself promise; never more than anybody may."""
    return min(HIGHEST_APR, policies.in_force(tx).highest_apr)


def _fitting(tx: Tx, wish: Wish, template_id: UUID | None) -> None:
    """Whether there is such a template comes before what is wrong with the wish."""
    known = queries.page(tx, after=None, limit=1, only=template_id) if template_id is not None else ()
    others = set(queries.published_ids(tx, asset=wish.asset)) - {template_id}
    if template_id is not None and not known:
        raise TemplateNotFound
    zone_known = queries.knows_zone(tx, wish.terms.zone.key)
    found = checks.faults(wish, Surroundings(dict(assets.all_assets()), _highest_apr(tx), others))
    if not zone_known:
        found.append(Fault("terms.zone", TemplateUnfit("the database has no such time zone")))
    if known and known[0][0].asset != wish.asset:
        found.append(Fault("asset", TemplateUnfit("a template keeps its asset: make a new one for another")))
    refuse(found)


def _locked(tx: Tx, template_id: UUID) -> int:
    newest = queries.lock(tx, template_id)
    if not newest:
        raise TemplateNotFound
    return newest


def _draft(tx: Tx, template_id: UUID) -> TemplateVersion:
    _locked(tx, template_id)
    found = queries.draft(tx, template_id)
    if found is None:
        raise NoTemplateDraft
    return found


def _retire(tx: Tx, found: TemplateVersion) -> None:
    queries.retire(tx, found.id, found.version, start=found.status)
    outbox.publish(tx, Retired(found.id, found.version), key=str(found.id))


def _command(
    tenant: UUID, actor: UUID, route: str, key: str | None, fn: Callable[[Tx], tuple[str, UUID]], **body: Any
) -> Outcome:
    print_ = commands.fingerprint(body)
    return commands.run(tenant=tenant, principal=actor, route=route, key=key, fingerprint=print_, fn=fn)

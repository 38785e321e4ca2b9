"""All invariants of all packages: for `rivermouth check`, the schedule, finance's screen and the tests."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from broker.invariants import INVARIANTS as BROKER
from broker.revenue.invariants import INVARIANTS as REVENUE
from earn.invariants import INVARIANTS as EARN
from identity.audit import verifying
from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel import clock, db, log, signing
from kernel.crypto import MasterKeysMalformed
from kernel.http import Page
from kernel.invariants import Invariant, Result, check
from kernel.metrics import INVARIANT_VIOLATIONS, INVARIANTS_CHECKED
from kernel.settings import settings
from lending.invariants import INVARIANTS as LENDING
from payments.imports.invariants import INVARIANTS as IMPORTS
from payments.invariants import INVARIANTS as PAYMENTS
from payments.reconciliation import service as reconciliation
from payments.reconciliation.states import IncidentKind
from payments.transfers.invariants import INVARIANTS as TRANSFERS
from wallet_bridge.invariants import INVARIANTS as WALLET_BRIDGE

INVARIANTS: tuple[Invariant, ...] = (
    *PAYMENTS,
    *TRANSFERS,
    *IMPORTS,
    *WALLET_BRIDGE,
    *BROKER,
    *REVENUE,
    *LENDING,
    *EARN,
)
router = APIRouter(prefix="/v1/invariants", tags=["finance"])
_log = log.get("checks")
_AUDIT_BROKEN = "somebody changed the audit: `rivermouth audit verify` names the first broken entry"


class InvariantOut(BaseModel):
    """`count` is the number of violations; `ok` means that there is none."""

    name: str
    title: str
    ok: bool
    count: int


def check_all(tenant: UUID | None = None) -> list[Result]:
    """Count violations in one snapshot, for as long as it takes: of one tenant as *app*, of all tenants as *engine* with none set."""
    with db.read_only(tenant=tenant, repeatable=True, unlimited=True) as tx:
        return check(tx, INVARIANTS)


def check_on_schedule(_due: datetime) -> None:
    """The scheduled run: a violation opens an incident (log, metric, finance's list), which closes when the count is 0 again.

    The counts span all tenants, so the incident belongs to the house.
    """
    results = check_all()
    for result in results:
        INVARIANT_VIOLATIONS.labels(result.name).set(result.count)
        if not result.ok:
            _log.error("invariant_broken", name=result.name, count=result.count)
    INVARIANTS_CHECKED.set(clock.wall().timestamp())
    with db.transaction(tenant=settings().house_tenant) as tx:
        for result in results:
            if result.ok:
                reconciliation.close_incident(tx, IncidentKind.INVARIANT, result.name)
            else:
                reconciliation.raise_incident(
                    tx, IncidentKind.INVARIANT, result.name, f"{result.count}: {result.title}"
                )


def check_audit(_due: datetime) -> None:
    """The next stretch of the audit's chain. A fault opens an incident, which closes when a whole round has found none."""
    try:
        keys = signing.public_keys(settings(), settings().data_dir)
    except (OSError, MasterKeysMalformed) as error:
        _log.error("audit_keys_unreadable", error=repr(error))
        keys = {}
    done = verifying.check_some(keys)
    for broken in done.found:
        _log.error(
            "audit_broken", fault=broken.fault, seq=broken.seq, entry=broken.entry_id, checkpoint=broken.checkpoint_no
        )
    with db.transaction(tenant=settings().house_tenant) as tx:
        if done.found:
            reconciliation.raise_incident(tx, IncidentKind.INVARIANT, "audit_chain", _AUDIT_BROKEN)
        elif done.ended and not done.faults:
            reconciliation.close_incident(tx, IncidentKind.INVARIANT, "audit_chain")


@router.get("")
def invariants(principal: Annotated[Principal, requires(Permission.INVARIANTS_READ)]) -> Page[InvariantOut]:
    """What must always hold for your tenant's books, counted now."""
    results = check_all(principal.tenant_id)
    return Page(
        items=[InvariantOut(name=r.name, title=r.title, ok=r.ok, count=r.count) for r in results], next_cursor=None
    )

"""Reports over HTTP, for those who read the books."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel import db
from kernel.clock import Moment
from kernel.http import problem_responses
from payments.errors import LedgerArchived, NotFinalYet
from payments.reports import service
from payments.reports.rules import Branch
from payments.reports.schemas import BranchOut, ChartOut, SumOut, TrialBalanceOut, TrialRowOut, TrialTotalOut

router = APIRouter(prefix="/v1/ledger", tags=["ledger"])
At = Annotated[Moment | None, Query(description="A moment of business time; default now.")]


@router.get("/trial-balance", responses=problem_responses(NotFinalYet, LedgerArchived))
def trial_balance(principal: Annotated[Principal, requires(Permission.LEDGER_READ)], at: At = None) -> TrialBalanceOut:
    """Debits and credits per asset and kind of account; per asset the totals are equal."""
    with db.read_only(tenant=principal.tenant_id, repeatable=True) as tx:
        found = service.trial_balance(tx, realm=principal.realm, at=at)
    return TrialBalanceOut(
        realm=principal.realm,
        as_of=found.as_of,
        rows=[TrialRowOut.model_validate(row) for row in found.rows],
        totals=[TrialTotalOut.model_validate(total) for total in found.totals],
    )


@router.get("/chart", responses=problem_responses(NotFinalYet, LedgerArchived))
def chart(
    principal: Annotated[Principal, requires(Permission.LEDGER_READ)],
    under: Annotated[str | None, Query(max_length=200, description="The path of a branch.")] = None,
    depth: Annotated[int, Query(ge=1, le=6)] = 1,
    at: At = None,
) -> ChartOut:
    """The accounts as a tree by the parts of their paths, each level with its sums."""
    with db.read_only(tenant=principal.tenant_id, repeatable=True) as tx:
        branches = service.chart(tx, realm=principal.realm, under=under or None, depth=depth, at=at)
    return ChartOut(realm=principal.realm, under=under or None, items=[_out(branch) for branch in branches])


def _out(branch: Branch) -> BranchOut:
    return BranchOut(
        name=branch.name,
        path=branch.path,
        accounts=branch.accounts,
        sums=[SumOut(asset=asset, posted=amount) for asset, amount in branch.sums.items()],
        children=[_out(child) for child in branch.children.values()],
    )

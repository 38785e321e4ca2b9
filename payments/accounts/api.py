"""Accounts over HTTP: customers see their own, readers of the ledger all of their tenant."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query

from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel import db
from kernel.clock import Moment
from kernel.http import Page, cut, decode_cursor, problem_responses
from payments.accounts import service
from payments.accounts.schemas import AccountBalanceOut, AccountOut, EntryOut
from payments.balances import service as balances
from payments.errors import LedgerArchived, NotFinalYet
from payments.statements import service as statements

router = APIRouter(prefix="/v1/accounts", tags=["accounts"])
_LAST = 2**63 - 1


@router.get("")
def list_accounts(
    principal: Annotated[Principal, requires(Permission.ACCOUNTS_READ)],
    path: Annotated[str, Query(max_length=200, description="Only accounts whose path begins so.")] = "",
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[AccountOut]:
    """Your accounts with what is on them (readers of the ledger: all), in the order of their opening."""
    after = decode_cursor(cursor, int) if cursor else 0
    with db.read_only(tenant=principal.tenant_id) as tx:
        rows = service.page(
            tx, realm=principal.realm, owner=_owner(principal), prefix=path, after=after, limit=limit + 1
        )
    rows, more = cut(rows, limit, lambda one: one.account_id)
    return Page(items=[AccountOut.model_validate(row) for row in rows], next_cursor=more)


@router.get("/{id}")
def get_account(
    account_id: Annotated[int, Path(alias="id", ge=1, le=_LAST)],
    principal: Annotated[Principal, requires(Permission.ACCOUNTS_READ)],
) -> AccountOut:
    with db.read_only(tenant=principal.tenant_id) as tx:
        return AccountOut.model_validate(service.get(tx, account_id, owner=_owner(principal), realm=principal.realm))


@router.get("/{id}/balance", responses=problem_responses(NotFinalYet, LedgerArchived))
def get_balance(
    account_id: Annotated[int, Path(alias="id", ge=1, le=_LAST)],
    principal: Annotated[Principal, requires(Permission.ACCOUNTS_READ)],
    at: Annotated[Moment | None, Query(description="A moment of business time; without it: now.")] = None,
) -> AccountBalanceOut:
    """The sum of what was booked by then; 409 `not_final_yet` for a moment that may still get bookings."""
    with db.read_only(tenant=principal.tenant_id) as tx:
        account = service.get(tx, account_id, owner=_owner(principal), realm=principal.realm)
        balance = account.posted if at is None else balances.at(tx, account_id, at)
        moment = at or tx.now
    return AccountBalanceOut(id=account.id, asset=account.asset, at=moment, balance=balance)


@router.get("/{id}/entries")
def list_entries(
    account_id: Annotated[int, Path(alias="id", ge=1, le=_LAST)],
    principal: Annotated[Principal, requires(Permission.ACCOUNTS_READ)],
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[EntryOut]:
    """The lines of one account, newest first, each with the balance after it."""
    with db.read_only(tenant=principal.tenant_id, repeatable=True) as tx:
        service.get(tx, account_id, owner=_owner(principal), realm=principal.realm)
        page = statements.entries(tx, account_id, cursor=cursor or None, limit=limit)
    return Page(items=[EntryOut.model_validate(line) for line in page.items], next_cursor=page.next_cursor)


def _owner(principal: Principal) -> UUID | None:
    """Whose accounts may be seen; None: everybody's."""
    return None if principal.may(Permission.LEDGER_READ) else principal.id

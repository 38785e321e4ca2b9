"""Borrowing over HTTP: a quote, the loan, and all that its customer may do with it. Staff read every loan, with all four lines."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response

from broker.orders.errors import RealmNotOffered
from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel.http import IdempotencyKey, Page, cut, decode_cursor, problem_responses
from lending.desk import errors, quoting, service, statement_pdf, statements
from lending.desk import what_if as supposed
from lending.desk.schemas import (
    ExtensionIn,
    LoanIn,
    LoanOptionsIn,
    LoanOut,
    LoanQuoteIn,
    LoanQuoteOut,
    PledgeIn,
    RepaymentIn,
    WhatIfIn,
    WhatIfOut,
)
from lending.desk.service import Caller
from lending.desk.shown import ENTRIES_OF_A_STATEMENT
from lending.desk.statement_schemas import LoanStatementOut
from lending.loans.states import LoanStatus
from payments.errors import AmountTooFine, InsufficientFunds

router = APIRouter(prefix="/v1", tags=["loans"])
Borrower = Annotated[Principal, requires(Permission.LOANS_WRITE)]
Reader = Annotated[Principal, requires(Permission.LOANS_READ)]
_OWN = (errors.LoanNotFound, errors.LoanBusy)


@router.post(
    "/loan-quotes",
    status_code=201,
    responses={
        200: {"model": LoanQuoteOut},
        **problem_responses(
            errors.ProductNotFound, errors.ProductNotOffered, errors.BorrowAssetDiffers, errors.TenorNotOffered,
            errors.AmountNotOffered, errors.CollateralNotAccepted, errors.CollateralTooLow, errors.LendingLimitReached,
            errors.PriceNotTrusted, errors.HouseDoesNotLend, RealmNotOffered,
        ),
    },
)  # fmt: skip
def ask_loan_quote(body: LoanQuoteIn, response: Response, key: IdempotencyKey, principal: Borrower) -> LoanQuoteOut:
    """What a loan would be at the price of now; it stands until `expires_at`."""
    asked = quoting.Asked(
        product_id=body.product_id,
        collateral={pledge.asset: pledge.quantity for pledge in body.collateral},
        borrow_asset=body.borrow_asset,
        amount=body.amount,
        tenor_days=body.tenor_days,
    )
    view = quoting.ask(tenant=principal.tenant_id, customer=_real(principal), asked=asked, key=key)
    if view.replayed:
        response.status_code = 200
    return LoanQuoteOut.of(view)


@router.get("/loan-quotes/{id}", responses=problem_responses(errors.LoanQuoteNotFound))
def get_loan_quote(id: UUID, principal: Borrower) -> LoanQuoteOut:  # noqa: A002  the name of the path's place
    return LoanQuoteOut.of(quoting.read(tenant=principal.tenant_id, customer=principal.id, quote_id=id))


@router.post(
    "/loans",
    status_code=201,
    responses={
        200: {"model": LoanOut},
        **problem_responses(
            errors.LoanQuoteNotFound, errors.LoanQuoteExpired, errors.LendingLimitReached, errors.PriceNotTrusted,
            errors.FundingExhausted, errors.HouseDoesNotLend, InsufficientFunds, RealmNotOffered,
        ),
    },
)  # fmt: skip
def accept_loan_quote(body: LoanIn, response: Response, key: IdempotencyKey, principal: Borrower) -> LoanOut:
    """Pledge the collateral and receive the money. Taking a quote again answers the loan it made."""
    made = quoting.accept(tenant=principal.tenant_id, customer=_real(principal), quote_id=body.quote_id, key=key)
    found = service.view(_own(principal, None), made.id)
    if made.replayed:
        response.status_code = 200
    return LoanOut.of(found, staff=False)


@router.get("/loans")
def list_loans(
    principal: Reader,
    customer_id: UUID | None = None,
    status: Annotated[LoanStatus | None, Query()] = None,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> Page[LoanOut]:
    """Your loans, or everybody's for staff; newest first, each with the last of its events."""
    caller = _caller(principal, None)
    found = service.page(
        caller,
        of=customer_id,
        statuses=[status.value] if status else None,
        before=decode_cursor(cursor, UUID) if cursor else None,
        limit=limit + 1,
    )
    found, more = cut(found, limit, lambda one: one.gathered.loan.id)
    return Page(items=[LoanOut.of(each, staff=caller.customer is None) for each in found], next_cursor=more)


@router.get("/loans/{id}", responses=problem_responses(errors.LoanNotFound))
def get_loan(id: UUID, principal: Reader) -> LoanOut:  # noqa: A002
    return _now(principal, id)


@router.patch("/loans/{id}", responses=problem_responses(*_OWN))
def set_loan_options(id: UUID, body: LoanOptionsIn, principal: Borrower) -> LoanOut:  # noqa: A002
    """Standing orders: add collateral, or repay on the last day, from what is available."""
    service.set_options(_own(principal, None), id, auto_top_up=body.auto_top_up, auto_repay=body.auto_repay)
    return _now(principal, id)


@router.post(
    "/loans/{id}/repayments",
    responses=problem_responses(
        *_OWN,
        errors.NothingOwed,
        errors.PriceNotTrusted,
        errors.LiquidationsStopped,
        errors.LiquidationLineReached,
        errors.SaleDoesNotCover,
        InsufficientFunds,
        AmountTooFine,
    ),
)
def repay_loan(id: UUID, body: RepaymentIn, key: IdempotencyKey, principal: Borrower) -> LoanOut:  # noqa: A002
    """Pay from your account, or from the sale of collateral, what is due first; nothing left, and the collateral is yours again."""
    pay = service.repay_from_collateral if body.from_collateral else service.repay
    pay(_own(principal, key), id, amount=body.amount)
    return _now(principal, id)


@router.post(
    "/loans/{id}/collateral",
    responses=problem_responses(
        *_OWN, errors.CollateralNotAccepted, errors.LendingLimitReached, InsufficientFunds, AmountTooFine
    ),
)
def add_loan_collateral(id: UUID, body: PledgeIn, key: IdempotencyKey, principal: Borrower) -> LoanOut:  # noqa: A002
    service.add_collateral(_own(principal, key), id, asset=body.asset, quantity=body.quantity)
    return _now(principal, id)


@router.post(
    "/loans/{id}/collateral-withdrawals",
    responses=problem_responses(
        *_OWN, errors.CollateralNotAccepted, errors.WithdrawalTooLarge, errors.PriceNotTrusted, AmountTooFine
    ),
)
def withdraw_loan_collateral(id: UUID, body: PledgeIn, key: IdempotencyKey, principal: Borrower) -> LoanOut:  # noqa: A002
    """Take back what the loan does not need at the price of now."""
    service.take_back(_own(principal, key), id, asset=body.asset, quantity=body.quantity)
    return _now(principal, id)


@router.post(
    "/loans/{id}/extensions",
    responses=problem_responses(
        *_OWN, errors.ExtensionNotOffered, errors.TenorNotOffered, errors.PriceNotTrusted, InsufficientFunds
    ),
)
def extend_loan(id: UUID, body: ExtensionIn, key: IdempotencyKey, principal: Borrower) -> LoanOut:  # noqa: A002
    """Another term after this one; interest, fees and penalty are paid now."""
    service.extend(_own(principal, key), id, tenor_days=body.tenor_days)
    return _now(principal, id)


@router.post("/loans/{id}/what-if", responses=problem_responses(errors.LoanNotFound, errors.CollateralNotAccepted))
def what_if(id: UUID, body: WhatIfIn, principal: Reader) -> WhatIfOut:  # noqa: A002
    """The loan at other prices, or after a movement of money; nothing is changed."""
    caller = _caller(principal, None)
    asked = supposed.WhatIf(
        prices=body.prices,
        top_up=_pair(body.top_up),
        withdraw=_pair(body.withdraw),
        repay=body.repay,
    )
    return WhatIfOut.of(supposed.what_if(caller, id, asked), staff=caller.customer is None)


@router.get(
    "/loans/{id}/statement",
    response_model=LoanStatementOut,
    responses={
        200: {
            "content": {
                "text/csv": {"schema": {"type": "string"}},
                "application/pdf": {"schema": {"type": "string", "format": "binary"}},
            }
        },
        **problem_responses(errors.LoanNotFound),
    },
)
def loan_statement(
    id: UUID,  # noqa: A002
    principal: Reader,
    format: Annotated[Literal["json", "csv", "pdf"], Query()] = "json",  # noqa: A002
) -> Any:
    """Every movement of the loan's money and collateral, with the journal that booked it."""
    made = statements.statement_of(service.view(_caller(principal, None), id, entries=ENTRIES_OF_A_STATEMENT))
    if format == "json":
        return LoanStatementOut.of(made)
    made_as, media = (
        (statements.as_csv, "text/csv; charset=utf-8") if format == "csv" else (statement_pdf.as_pdf, "application/pdf")
    )
    return Response(
        made_as(made),
        media_type=media,
        headers={"Content-Disposition": f'attachment; filename="loan-{id}.{format}"'},
    )


def _real(principal: Principal) -> UUID:
    """Whose money it is.

    Raises:
        RealmNotOffered: nothing is lent in play money.
    """
    if principal.realm != "REAL":
        raise RealmNotOffered
    return principal.id


def _own(principal: Principal, key: str | None) -> Caller:
    """Whoever moves money moves it on a loan of their own."""
    return Caller(principal.tenant_id, principal.id, principal.id, key)


def _caller(principal: Principal, key: str | None) -> Caller:
    """Staff who may see the book see every loan; everybody else their own."""
    staff = principal.may(Permission.LENDING_READ)
    return Caller(principal.tenant_id, principal.id, None if staff else principal.id, key)


def _now(principal: Principal, loan_id: UUID) -> LoanOut:
    caller = _caller(principal, None)
    return LoanOut.of(service.view(caller, loan_id), staff=caller.customer is None)


def _pair(pledge: PledgeIn | None) -> tuple[str, Any] | None:
    return None if pledge is None else (pledge.asset, pledge.quantity)

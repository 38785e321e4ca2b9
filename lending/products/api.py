"""Loan products over HTTP: everybody sees what is offered, product staff write drafts, a second person publishes."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Response

from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel.errors import IdempotencyConflict
from kernel.http import IdempotencyKey, Page, problem_responses
from lending.products import errors, service
from lending.products.schemas import (
    LoanProductIn,
    LoanProductOut,
    NewLoanProductIn,
    ProductApprovalOut,
    ProductLinesIn,
    ProductLinesOut,
    RetireProductIn,
    StaffLoanProductOut,
    examined,
    offered,
    whole,
)

router = APIRouter(prefix="/v1", tags=["lending"])
_UNFIT = (
    errors.TermsDoNotFit,
    errors.FundingLineUnfit,
    errors.CollateralUnfit,
    errors.LinesDoNotFit,
    errors.HardLineTooLate,
    errors.LinesCrossedByInterest,
)


@router.get("/loan-products")
def list_loan_products(
    principal: Annotated[Principal, requires(Permission.PRODUCTS_READ)],
) -> Page[StaffLoanProductOut | LoanProductOut]:
    """What is offered. For staff of lending: every version of every product, newest first, with all its lines and terms."""
    if principal.may(Permission.LENDING_READ):
        every = service.views(principal.tenant_id, only_published=False)
        return Page(items=[whole(view) for view in every], next_cursor=None)
    found = service.views(principal.tenant_id, only_published=True)
    return Page(items=[offered(view) for view in found], next_cursor=None)


@router.post(
    "/loan-products",
    status_code=201,
    responses={
        200: {"model": StaffLoanProductOut, "description": "This Idempotency-Key made this draft before."},
        **problem_responses(*_UNFIT, errors.ProductNotFound, errors.DraftExists, IdempotencyConflict),
    },
)
def create_loan_product(
    body: NewLoanProductIn,
    response: Response,
    key: IdempotencyKey,
    principal: Annotated[Principal, requires(Permission.LENDING_WRITE)],
) -> StaffLoanProductOut:
    """A draft of a new product, or of the next version of one."""
    made = service.create(
        tenant=principal.tenant_id, actor=principal.id, wish=body.wish(), product_id=body.product_id, key=key
    )
    if made.replayed:
        response.status_code = 200
    return whole(service.view(principal.tenant_id, made.id))


@router.put("/loan-products/{id}", responses=problem_responses(*_UNFIT, errors.ProductNotFound, errors.NoDraft))
def edit_loan_product(
    product_id: Annotated[UUID, Path(alias="id")],
    body: LoanProductIn,
    principal: Annotated[Principal, requires(Permission.LENDING_WRITE)],
) -> StaffLoanProductOut:
    """Type a draft again, whole. What a second person was asked about it before is void."""
    service.edit(tenant=principal.tenant_id, actor=principal.id, product_id=product_id, wish=body.wish())
    return whole(service.view(principal.tenant_id, product_id))


@router.post(
    "/loan-products/{id}/publish",
    status_code=202,
    responses=problem_responses(errors.ProductNotFound, errors.NoDraft, IdempotencyConflict),
)
def publish_loan_product(
    product_id: Annotated[UUID, Path(alias="id")],
    key: IdempotencyKey,
    principal: Annotated[Principal, requires(Permission.LENDING_WRITE)],
) -> ProductApprovalOut:
    """Ask a second person to publish the draft as it stands. The version before it makes no new loans from then on."""
    return ProductApprovalOut(
        approval_id=service.ask(tenant=principal.tenant_id, actor=principal.id, product_id=product_id, key=key)
    )


@router.post(
    "/loan-products/{id}/retire",
    responses=problem_responses(errors.ProductNotFound, errors.ProductNotOffered, IdempotencyConflict),
)
def retire_loan_product(
    product_id: Annotated[UUID, Path(alias="id")],
    body: RetireProductIn,
    key: IdempotencyKey,
    principal: Annotated[Principal, requires(Permission.LENDING_WRITE)],
) -> StaffLoanProductOut:
    """Make no more loans under a version, or give a draft up. Loans that run keep their version."""
    service.retire(tenant=principal.tenant_id, actor=principal.id, product_id=product_id, number=body.version, key=key)
    found = service.views(principal.tenant_id, only_published=False)
    return whole(next(one for one in found if (one.product.id, one.product.version) == (product_id, body.version)))


@router.post("/loan-products:lines")
def examine_loan_product(
    body: ProductLinesIn, principal: Annotated[Principal, requires(Permission.LENDING_READ)]
) -> ProductLinesOut:
    """What is wrong with a product that is being typed, and what its lines mean: in the three conventions and in money."""
    faults, examples = service.examine(principal.tenant_id, body.wish(), dict(body.prices))
    return examined(faults, examples)

"""The address book over HTTP: customers add with a proof of who they are, look, and remove at once."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response

from identity.auth import Principal, requires
from identity.eligibility.errors import NotEligible
from identity.permissions import Permission
from identity.security.errors import CoolingDown, StepUpRequired
from identity.tenants.errors import ProductNotOffered
from kernel.errors import IdempotencyConflict
from kernel.http import IdempotencyKey, Page, decode_cursor, encode_cursor, problem_responses
from wallet_bridge.address_book import errors, service
from wallet_bridge.address_book.schemas import AddressBookIn, AddressBookOut, shown
from wallet_bridge.networks.errors import NetworkUnknown

router = APIRouter(prefix="/v1/address-book", tags=["wallet"])
Reader = Annotated[Principal, requires(Permission.WITHDRAWALS_READ)]
Writer = Annotated[Principal, requires(Permission.WITHDRAWALS_WRITE)]


@router.post(
    "",
    status_code=201,
    operation_id="add_address",
    responses={
        200: {"model": AddressBookOut, "description": "This Idempotency-Key added this address before."},
        **problem_responses(
            errors.AddressInvalid, errors.MemoRequired, errors.MemoNotTaken, errors.AddressKnown, errors.AddressBookFull,
            NetworkUnknown, NotEligible, ProductNotOffered, CoolingDown, StepUpRequired, IdempotencyConflict,
        ),
    },
)  # fmt: skip
def add(
    body: AddressBookIn,
    response: Response,
    key: IdempotencyKey,
    principal: Annotated[Principal, requires(Permission.WITHDRAWALS_WRITE, proven=True)],
) -> AddressBookOut:
    """Name an address you want to send to. You get a notice at once; after the house's delay it can be used."""
    made = service.add(tenant=principal.tenant_id, customer=principal.id, wish=body.wish(), key=key)
    if made.replayed:
        response.status_code = 200
    return shown(*service.read(principal.tenant_id, made.id, customer=principal.id))


@router.get("", operation_id="list_addresses")
def list_addresses(
    principal: Reader,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> Page[AddressBookOut]:
    """Your own, newest first."""
    before = decode_cursor(cursor, UUID) if cursor else None
    found = service.page(principal.tenant_id, customer=principal.id, before=before, limit=limit + 1)
    more = encode_cursor(found[limit - 1][0].id) if len(found) > limit else None
    return Page(items=[shown(*one) for one in found[:limit]], next_cursor=more)


@router.delete("/{id}", operation_id="remove_address", responses=problem_responses(errors.AddressNotFound))
def remove(entry_id: Annotated[UUID, Path(alias="id")], principal: Writer) -> AddressBookOut:
    """At once. What is on its way there goes on."""
    gone = service.remove(tenant=principal.tenant_id, customer=principal.id, entry_id=entry_id)
    return shown(*service.read(principal.tenant_id, gone.id, customer=principal.id))

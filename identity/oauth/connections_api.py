"""Routes of people: staff register programs, customers see which act for them, and anybody answers a program that asks."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from identity.auth import Principal, requires
from identity.oauth import service, wire
from identity.oauth.api import Issuer
from identity.oauth.errors import (
    ConnectionTaken,
    OAuthClientInvalid,
    OAuthNotConfigured,
    OAuthRequestInvalid,
    UserCodeUnknown,
)
from identity.oauth.schemas import (
    AskedOut,
    ConnectionOut,
    ConsentIn,
    DecidedOut,
    DeviceIn,
    DeviceOut,
    NewOAuthClientOut,
    OAuthClientIn,
    OAuthClientOut,
    PartnerIn,
    ProposalIn,
)
from identity.oauth.service import ClientRow, ConnectionRow, Partner
from identity.permissions import Permission
from identity.security.errors import CoolingDown, StepUpRequired
from identity.sessions.errors import SecretNotRepeatable, TooManyAttempts
from kernel.errors import IdempotencyConflict, NotFound
from kernel.http import IdempotencyKey, Page, cut, decode_cursor, problem_responses

router = APIRouter(prefix="/v1/oauth", tags=["oauth"])
Staff = Annotated[Principal, requires(Permission.OAUTH_CLIENTS_WRITE)]
ProvenStaff = Annotated[Principal, requires(Permission.OAUTH_CLIENTS_WRITE, proven=True)]
Owner = Annotated[Principal, requires(Permission.SECURITY_WRITE)]
ProvenOwner = Annotated[Principal, requires(Permission.SECURITY_WRITE, proven=True)]


@router.post(
    "/clients",
    status_code=201,
    operation_id="create_oauth_client",
    responses={
        200: {
            "model": NewOAuthClientOut,
            "description": "This Idempotency-Key made this client, which has no secret, before.",
        },
        **problem_responses(OAuthClientInvalid, StepUpRequired, SecretNotRepeatable, IdempotencyConflict),
    },
)
def create_client(
    body: OAuthClientIn, response: Response, key: IdempotencyKey, principal: ProvenStaff
) -> NewOAuthClientOut:
    """Register a program. Keep the secret: it is not shown again."""
    made = service.create_client(
        tenant=principal.tenant_id,
        principal=principal.id,
        name=body.name,
        grants=body.grants,
        scopes=body.scopes,
        redirect_uris=body.redirect_uris,
        confidential=body.confidential,
        partner=_partner(body.partner),
        key=key,
    )
    response.headers["Cache-Control"] = "no-store"
    if made.replayed:
        response.status_code = 200
    return NewOAuthClientOut(**_client(made.row).model_dump(), client_secret=made.secret)


@router.get("/clients", operation_id="list_oauth_clients")
def list_clients(
    principal: Staff,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> Page[OAuthClientOut]:
    """The programs of this house, the newest first."""
    before = decode_cursor(cursor, UUID) if cursor else None
    rows = service.list_clients(tenant=principal.tenant_id, before=before, limit=limit + 1)
    rows, more = cut(rows, limit, lambda one: one.id)
    return Page(items=[_client(row) for row in rows], next_cursor=more)


@router.delete(
    "/clients/{id}",
    status_code=204,
    operation_id="remove_oauth_client",
    responses=problem_responses(NotFound, StepUpRequired),
)
def remove_client(id: UUID, principal: ProvenStaff) -> None:  # noqa: A002  the name of the path's parameter
    """The program gets nothing any more; what it has of anybody ends at once."""
    service.remove_client(tenant=principal.tenant_id, principal=principal.id, client_id=id)


@router.post(
    "/clients/{id}/proposals",
    status_code=201,
    operation_id="propose_oauth_connection",
    responses={
        200: {"model": ConnectionOut, "description": "This Idempotency-Key made this proposal before."},
        **problem_responses(NotFound, OAuthClientInvalid, ConnectionTaken, StepUpRequired, IdempotencyConflict),
    },
)
def propose(id: UUID, body: ProposalIn, key: IdempotencyKey, principal: ProvenStaff) -> ConnectionOut:  # noqa: A002
    """Ask a customer to let a program act for them. It may do so when they have agreed, and not before."""
    made = service.propose(
        tenant=principal.tenant_id,
        principal=principal.id,
        client_id=id,
        customer=body.customer_id,
        scopes=body.scopes,
        subject=body.subject,
        key=key,
    )
    return _connection(made)


@router.get("/connections", operation_id="list_oauth_connections")
def list_connections(principal: Owner) -> Page[ConnectionOut]:
    """Programs that act for you, or ask to; all of them, on one page."""
    rows = service.connections(tenant=principal.tenant_id, principal=principal.id)
    return Page(items=[_connection(row) for row in rows])


@router.post(
    "/connections/{id}/agree",
    operation_id="agree_oauth_connection",
    responses=problem_responses(NotFound, StepUpRequired, CoolingDown),
)
def agree(id: UUID, principal: ProvenOwner) -> ConnectionOut:  # noqa: A002  the name of the path's parameter
    """Let the program act for you, within its scopes, until you end it."""
    return _connection(service.agree(tenant=principal.tenant_id, principal=principal.id, connection_id=id))


@router.delete(
    "/connections/{id}", status_code=204, operation_id="end_oauth_connection", responses=problem_responses(NotFound)
)
def disconnect(id: UUID, principal: Owner) -> None:  # noqa: A002  the name of the path's parameter
    """The program acts for you no more; within seconds its streams close too. Open orders stay."""
    service.disconnect(tenant=principal.tenant_id, principal=principal.id, connection_id=id)


class Question:
    """What a program asked, from the query."""

    def __init__(
        self,
        client_id: Annotated[str, Query(max_length=1024)],
        response_type: Annotated[str, Query(max_length=1024)] = "",
        redirect_uri: Annotated[str, Query(max_length=1024)] = "",
        scope: Annotated[str, Query(max_length=1024)] = "",
        state: Annotated[str, Query(max_length=1024)] = "",
        code_challenge: Annotated[str, Query(max_length=1024)] = "",
        code_challenge_method: Annotated[str, Query(max_length=1024)] = "",
    ) -> None:
        given = {**locals()}
        given.pop("self")
        self.fields: dict[str, str] = {name: value for name, value in given.items() if value}


@router.get(
    "/consent",
    operation_id="oauth_question",
    responses=problem_responses(OAuthRequestInvalid, OAuthNotConfigured),
)
def question(asked: Annotated[Question, Depends()], principal: Owner, issuer: Issuer) -> AskedOut:
    """What the program that sent this browser here wants."""
    found = wire.consider(asked.fields, tenant=principal.tenant_id, principal=principal.id, issuer=issuer)
    return AskedOut(program=found.program, scopes=list(found.scopes), redirect_to=found.redirect_to)


@router.post(
    "/consent",
    operation_id="oauth_allow",
    responses=problem_responses(OAuthRequestInvalid, OAuthNotConfigured, StepUpRequired, CoolingDown),
)
def allow(body: ConsentIn, response: Response, principal: ProvenOwner, issuer: Issuer) -> DecidedOut:
    """Yes: the program gets a code that is good once and for a minute. Where the browser goes with it stands in the answer."""
    return _decided(body, response, principal, issuer, allowed=True)


@router.post(
    "/consent/refuse",
    operation_id="oauth_refuse",
    responses=problem_responses(OAuthRequestInvalid, OAuthNotConfigured),
)
def refuse(body: ConsentIn, response: Response, principal: Owner, issuer: Issuer) -> DecidedOut:
    """No: the program is told, and gets nothing."""
    return _decided(body, response, principal, issuer, allowed=False)


def _decided(body: ConsentIn, response: Response, principal: Principal, issuer: str, *, allowed: bool) -> DecidedOut:
    response.headers["Cache-Control"] = "no-store"
    fields = {name: value for name, value in body.model_dump().items() if value}
    tenant, person = principal.tenant_id, principal.id
    return DecidedOut(redirect_to=wire.decide(fields, tenant=tenant, principal=person, issuer=issuer, allowed=allowed))


@router.get(
    "/devices", operation_id="waiting_oauth_device", responses=problem_responses(UserCodeUnknown, TooManyAttempts)
)
def waiting_device(user_code: Annotated[str, Query(min_length=1, max_length=32)], principal: Owner) -> DeviceOut:
    """The device that shows this code, before you answer it."""
    row = wire.waiting_device(tenant=principal.tenant_id, principal=principal.id, user_code=user_code)
    return DeviceOut(
        program=row.program,
        scopes=sorted(row.scopes),
        address=row.address,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )


@router.post(
    "/devices",
    status_code=204,
    operation_id="allow_oauth_device",
    responses=problem_responses(UserCodeUnknown, TooManyAttempts, StepUpRequired, CoolingDown),
)
def allow_device(body: DeviceIn, principal: ProvenOwner) -> None:
    """Let the device that shows this code act for you."""
    wire.answer_device(tenant=principal.tenant_id, principal=principal.id, user_code=body.user_code, allowed=True)


@router.post(
    "/devices/refuse",
    status_code=204,
    operation_id="refuse_oauth_device",
    responses=problem_responses(UserCodeUnknown, TooManyAttempts),
)
def refuse_device(body: DeviceIn, principal: Owner) -> None:
    """The device that shows this code gets nothing."""
    wire.answer_device(tenant=principal.tenant_id, principal=principal.id, user_code=body.user_code, allowed=False)


def _partner(given: PartnerIn | None) -> Partner | None:
    if given is None:
        return None
    return Partner(given.issuer, given.jwks, given.jwks_url, tuple(dict.fromkeys(given.origins)))


def _client(row: ClientRow) -> OAuthClientOut:
    return OAuthClientOut(
        id=row.id,
        client_id=row.key,
        name=row.name,
        grants=sorted(row.grants),
        scopes=sorted(row.scopes),
        redirect_uris=list(row.redirect_uris),
        confidential=row.secret_hash is not None,
        issuer=row.issuer,
        jwks_url=row.jwks_url,
        origins=list(row.origins),
        created_at=row.created_at,
    )


def _connection(row: ConnectionRow) -> ConnectionOut:
    return ConnectionOut(
        id=row.id,
        program=row.program,
        client_id=row.client_key,
        scopes=sorted(row.scopes),
        state=row.state,
        proposed_at=row.proposed_at,
        agreed_at=row.agreed_at,
        last_used_at=row.last_used_at,
    )

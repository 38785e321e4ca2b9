"""Cases over HTTP: the customer's side, and the side of those who decide. Documents leave by a link for one look, and by nothing else."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from identity.auth import Principal, requires
from identity.eligibility.states import Level
from identity.kyc import looks, service, uploads
from identity.kyc.errors import (
    DocumentTooLarge,
    DocumentUnreadable,
    DocumentUnsafe,
    DocumentUnsupported,
    KycCaseChanged,
    KycCaseClosed,
    KycCaseOpen,
    KycDocumentsMissing,
    KycLevelReached,
    KycOwnCase,
    KycTooManyDocuments,
    ScreeningOpen,
)
from identity.kyc.schemas import (
    ApplicantIn,
    ApplicantOut,
    CaseDecisionIn,
    CaseIn,
    CaseOut,
    CaseRowOut,
    DocumentOut,
    LinkOut,
    ReviewOut,
    RightOut,
    StandingOut,
)
from identity.kyc.service import Applicant, CaseView
from identity.kyc.states import CaseState, DocumentKind, MediaType
from identity.permissions import Permission
from identity.screening.schemas import ScreeningOut
from kernel.commands import Outcome
from kernel.crypto import MasterKeyMissing
from kernel.db import AnyRow
from kernel.errors import IdempotencyConflict, InvalidRequest, Unavailable
from kernel.http import IdempotencyKey, Page, cut, decode_cursor, problem_responses

router = APIRouter(prefix="/v1/kyc", tags=["kyc"])
Customer = Annotated[Principal, requires(Permission.KYC_WRITE)]
Reviewer = Annotated[Principal, requires(Permission.KYC_READ)]
_KINDS = [kind.value for kind in DocumentKind]
_FORM = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["kind", "file"],
                "properties": {
                    "kind": {"type": "string", "enum": _KINDS},
                    "file": {"type": "string", "format": "binary"},
                },
            }
        }
    },
}
_AGAIN: dict[int | str, dict[str, Any]] = {200: {"model": CaseOut, "description": "The same request was sent before."}}


@router.get("/standing", operation_id="get_own_standing")
def standing(principal: Customer) -> StandingOut:
    """How well we know you, and what that allows."""
    found = service.overview(tenant=principal.tenant_id, customer=principal.id)
    rights = [
        RightOut(
            product=product,
            verdict=decision.verdict,
            reasons=list(decision.told),
            level=decision.level,
            per_day=decision.per_day,
        )
        for product, decision in found.rights.items()
    ]
    cases = [_case(view) for view in found.cases]
    return StandingOut(level=found.standing.level, country=found.standing.country, rights=rights, cases=cases)


@router.post(
    "/cases",
    status_code=201,
    operation_id="begin_kyc_case",
    responses={**_AGAIN, **problem_responses(KycCaseOpen, KycLevelReached, IdempotencyConflict, MasterKeyMissing)},
)
def begin(body: CaseIn, response: Response, key: IdempotencyKey, principal: Customer) -> CaseOut:
    """Begin to show who you are; add documents, then hand it in."""
    made = service.begin(
        tenant=principal.tenant_id,
        customer=principal.id,
        level=Level(body.level),
        applicant=_applicant(body.applicant),
        key=key,
    )
    if made.replayed:
        response.status_code = 200
    return _own(principal, made.id)


@router.put("/cases/{id}/applicant", operation_id="change_kyc_applicant", responses=problem_responses(KycCaseClosed))
def change(id: UUID, body: ApplicantIn, principal: Customer) -> CaseOut:  # noqa: A002  the name in the path
    """Correct who you are, before the case is handed in or when more information is asked for."""
    service.change(tenant=principal.tenant_id, customer=principal.id, case_id=id, applicant=_applicant(body))
    return _own(principal, id)


@router.post(
    "/cases/{id}/documents",
    status_code=201,
    operation_id="add_kyc_document",
    openapi_extra={"requestBody": _FORM},
    responses={
        200: {"model": DocumentOut, "description": "The same request was sent before."},
        **problem_responses(
            DocumentUnsupported,
            DocumentTooLarge,
            DocumentUnsafe,
            DocumentUnreadable,
            KycCaseClosed,
            KycTooManyDocuments,
            IdempotencyConflict,
            Unavailable,
            MasterKeyMissing,
        ),
    },
)
async def add_document(
    id: UUID,  # noqa: A002  the name in the path
    request: Request,
    response: Response,
    key: IdempotencyKey,
    principal: Customer,
) -> DocumentOut:
    """A picture (JPEG, PNG, WebP) or a PDF, at most 6 MiB. We keep what it shows, made anew and encrypted, and not the file."""
    kind, raw = await uploads.read(request)
    if kind not in _KINDS:
        raise InvalidRequest(f"kind: one of {', '.join(_KINDS)}")

    def keep() -> tuple[Outcome, AnyRow]:
        tenant, customer = principal.tenant_id, principal.id
        made = service.add_document(
            tenant=tenant, customer=customer, case_id=id, kind=DocumentKind(kind), raw=raw, key=key
        )
        return made, service.read_own_document(tenant=tenant, customer=customer, document_id=made.id)

    made, row = await uploads.apart(keep)
    if made.replayed:
        response.status_code = 200
    return _document(row)


@router.post(
    "/cases/{id}/submit",
    operation_id="submit_kyc_case",
    responses=problem_responses(KycCaseClosed, KycCaseChanged, KycDocumentsMissing, IdempotencyConflict),
)
def submit(id: UUID, key: IdempotencyKey, principal: Customer) -> CaseOut:  # noqa: A002  the name in the path
    """Hand the case in; a person decides and you are told."""
    service.submit(tenant=principal.tenant_id, customer=principal.id, case_id=id, key=key)
    return _own(principal, id)


@router.get("/cases", operation_id="list_kyc_cases")
def list_cases(
    principal: Reviewer,
    state: Annotated[CaseState | None, Query()] = None,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[CaseRowOut]:
    """What was handed in, the oldest first; `state=in_review` is what waits for a decision."""
    after = decode_cursor(cursor, UUID) if cursor else None
    found = service.page(principal.tenant_id, state=state, after=after, limit=limit + 1)
    found, more = cut(found, limit, lambda one: one.id)
    return Page(items=[CaseRowOut.model_validate(dict(row._mapping)) for row in found], next_cursor=more)  # noqa: SLF001


@router.get("/cases/{id}", operation_id="get_kyc_case")
def get_case(id: UUID, principal: Reviewer) -> ReviewOut:  # noqa: A002  the name in the path
    """All of a case but the documents themselves."""
    return _review(service.review(principal.tenant_id, id))


@router.post(
    "/cases/{id}/decision",
    operation_id="decide_kyc_case",
    responses=problem_responses(KycCaseClosed, KycCaseChanged, KycOwnCase, ScreeningOpen, IdempotencyConflict),
)
def decide(
    id: UUID,  # noqa: A002  the name in the path
    body: CaseDecisionIn,
    key: IdempotencyKey,
    principal: Annotated[Principal, requires(Permission.KYC_DECIDE)],
) -> ReviewOut:
    """Approve, reject, or ask for more; the customer is told, with the reason."""
    service.decide(
        tenant=principal.tenant_id,
        by=principal.id,
        case_id=id,
        decision=body.decision,
        reason=body.reason,
        version=body.version,
        key=key,
    )
    return _review(service.review(principal.tenant_id, id))


@router.post("/documents/{id}/links", status_code=201, operation_id="link_kyc_document")
def link(id: UUID, response: Response, principal: Reviewer) -> LinkOut:  # noqa: A002  the name in the path
    """A link for one look within a minute; that you looked is written down."""
    made = looks.link(tenant=principal.tenant_id, viewer=principal.id, document_id=id)
    response.headers["Cache-Control"] = "no-store"
    return LinkOut(url=f"/v1/kyc/documents/{id}/file?token={made.token}", expires_at=made.expires_at)


@router.get(
    "/documents/{id}/file",
    operation_id="open_kyc_document",
    response_class=Response,
    responses={
        200: {"content": {media.value: {"schema": {"type": "string", "format": "binary"}} for media in MediaType}}
    },
)
def open_document(
    id: UUID,  # noqa: A002  the name in the path
    principal: Reviewer,
    token: Annotated[str, Query(min_length=43, max_length=43, pattern=r"^[A-Za-z0-9_-]+$")],
) -> Response:
    """The document that a link of yours opens, once."""
    row, body = looks.open_(tenant=principal.tenant_id, viewer=principal.id, document_id=id, token=token)
    picture = row.media_type == MediaType.JPEG
    name = f"{row.kind}-{row.id}.{'jpg' if picture else 'pdf'}"
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f'{"inline" if picture else "attachment"}; filename="{name}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }
    return Response(body, media_type=row.media_type, headers=headers)


def _applicant(body: ApplicantIn) -> Applicant:
    return Applicant(" ".join(body.full_name.split()), body.birth_date, body.country)


def _own(principal: Principal, case_id: UUID) -> CaseOut:
    return _case(service.read_own(tenant=principal.tenant_id, customer=principal.id, case_id=case_id))


def _case(view: CaseView) -> CaseOut:
    row = view.row
    return CaseOut(
        id=row.id,
        level=row.level,
        state=row.state,
        version=row.version,
        applicant=ApplicantOut.model_validate(view.applicant, from_attributes=True),
        documents=[_document(one) for one in view.documents],
        missing=[[DocumentKind(kind) for kind in wanted] for wanted in view.missing],
        created_at=row.created_at,
        submitted_at=row.submitted_at,
        decided_at=row.decided_at,
        reason=row.reason,
    )


def _document(row: AnyRow) -> DocumentOut:
    return DocumentOut.model_validate(row, from_attributes=True)


def _review(found: service.Review) -> ReviewOut:
    case, known = found.case, found.standing
    return ReviewOut.model_validate(
        {
            **dict(case.row._mapping),  # noqa: SLF001  the row's documented view
            "email": found.email,
            "applicant": ApplicantOut.model_validate(case.applicant, from_attributes=True),
            "documents": [_document(one) for one in case.documents],
            "missing": case.missing,
            "standing_level": None if known is None else known.level,
            "standing_screening": None if known is None else known.screening,
            "screening": found.screening and ScreeningOut.model_validate(dict(found.screening._mapping)),  # noqa: SLF001
        }
    )

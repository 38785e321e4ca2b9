"""Use cases of cases: a customer begins one, adds papers and hands it in; a person decides, never about themselves.

Who somebody says they are is sealed in the case. Reading names, comparing them with lists and making documents anew take time, so all of it
happens before the transaction that writes the result.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from uuid import UUID

from identity.audit import service as audit
from identity.eligibility import service as eligibility
from identity.eligibility.states import Action, Level, Product, Screening
from identity.kyc import files, providers, queries, rules
from identity.kyc.errors import (
    KycCaseChanged,
    KycCaseClosed,
    KycCaseOpen,
    KycDocumentsMissing,
    KycLevelReached,
    KycOwnCase,
    KycTooManyDocuments,
    ScreeningOpen,
)
from identity.kyc.events import KycCaseDecided, KycCaseSubmitted
from identity.kyc.rules import Applicant
from identity.kyc.states import BECOMES, EDITABLE, CaseState, DecisionWord, DocumentKind
from identity.principals import queries as principals
from identity.screening import service as screening
from identity.screening.service import Person
from identity.screening.states import ScreeningState
from kernel import commands, crypto, db, outbox
from kernel.commands import Outcome
from kernel.db import AnyRow, Tx, read_only, transaction
from kernel.errors import InvalidRequest, NotFound
from kernel.ids import uuid7

__all__ = ["Applicant", "CaseView", "DecisionWord", "DocumentKind", "Overview"]

MOST_DOCUMENTS = 12
SHOWN_CASES = 20
_CASES, _FILES = "identity.kyc_cases", "identity.kyc_files"
_NO_LIST = "not_screened"


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case with its papers; `applicant` for those who decide, and for the customer."""

    row: AnyRow
    applicant: Applicant
    documents: Sequence[AnyRow]
    missing: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Overview:
    """How well a customer is known, what that allows, and their cases, newest first."""

    standing: eligibility.Standing
    rights: dict[Product, eligibility.Decision]
    cases: Sequence[CaseView]


@dataclass(frozen=True, slots=True)
class Review:
    """All that a reviewer sees of one case."""

    case: CaseView
    email: str
    standing: eligibility.Standing | None
    screening: AnyRow | None


# The customer --------------------------------------------------------------------------------------------------------------------


def begin(*, tenant: UUID, customer: UUID, level: Level, applicant: Applicant, key: str | None) -> Outcome:
    """Begin a case.

    Raises:
        InvalidRequest, KycCaseOpen, KycLevelReached
    """
    case_id = uuid7()

    def fn(tx: Tx) -> tuple[str, UUID]:
        known = eligibility.standing(tx, customer)
        if known is None:
            raise NotFound
        _born(tx, applicant)
        if known.level >= level:
            raise KycLevelReached(level=int(known.level))
        made = queries.insert(
            tx, case_id=case_id, customer=customer, level=int(level), country=applicant.country,
            sealed_applicant=_seal(tenant, case_id, applicant),
        )  # fmt: skip
        if not made:
            raise KycCaseOpen(id=str(queries.undecided(tx, customer)))
        return "kyc_case", case_id

    body = {"level": level, "applicant": _plain(applicant)}
    return _command(tenant, customer, "POST /v1/kyc/cases", key, body, fn)


def change(*, tenant: UUID, customer: UUID, case_id: UUID, applicant: Applicant) -> None:
    """Say again who one is.

    Raises:
        InvalidRequest, NotFound, KycCaseClosed
    """
    with transaction(tenant=tenant) as tx:
        _born(tx, applicant)
        _own(tx, customer, case_id)
        queries.touch(tx, case_id, country=applicant.country, sealed_applicant=_seal(tenant, case_id, applicant))
        audit.record(tx, "kyc_case.changed", kind="kyc_case", resource=case_id, country=applicant.country)


def add_document(
    *, tenant: UUID, customer: UUID, case_id: UUID, kind: DocumentKind, raw: bytes, key: str | None
) -> Outcome:
    """Take a document in, made anew and sealed.

    Raises:
        NotFound, KycCaseClosed, KycTooManyDocuments
        DocumentUnsupported, DocumentTooLarge, DocumentUnsafe, DocumentUnreadable
    """
    with read_only(tenant=tenant) as tx:
        _own(tx, customer, case_id, lock=False)
    cleaned = files.clean(raw)
    document_id, digest = uuid7(), hashlib.sha256(raw).digest()
    sealed = crypto.seal(cleaned.body, tenant=tenant, table=_FILES, row=document_id)

    def fn(tx: Tx) -> tuple[str, UUID]:
        _own(tx, customer, case_id)
        if len(queries.documents(tx, [case_id])) >= MOST_DOCUMENTS:
            raise KycTooManyDocuments(most=MOST_DOCUMENTS)
        queries.insert_document(
            tx, document_id=document_id, case_id=case_id, kind=kind, media_type=cleaned.media_type.value,
            pages=cleaned.pages, size=len(cleaned.body), sent_sha256=digest, sealed=sealed,
        )  # fmt: skip
        queries.touch(tx, case_id)
        audit.about(tx, of=str(case_id), what=kind.value)
        return "kyc_document", document_id

    body = {"case": case_id, "kind": kind, "sha256": digest.hex()}
    return _command(tenant, customer, "POST /v1/kyc/cases/{id}/documents", key, body, fn)


def submit(*, tenant: UUID, customer: UUID, case_id: UUID, key: str | None) -> Outcome:
    """Hand a case in: the name is compared with the lists, the provider is asked, a person decides.

    Raises:
        NotFound, KycCaseClosed, KycDocumentsMissing
        KycCaseChanged: it was changed while the lists were read.
    """
    with read_only(tenant=tenant) as tx:
        seen = queries.get(tx, case_id)
    if seen is None or seen.customer_id != customer:
        raise NotFound
    applicant = _unseal(tenant, seen)
    compared = screening.compare(tenant, Person(applicant.full_name, applicant.birth_date.year))

    def fn(tx: Tx) -> tuple[str, UUID]:
        case = _own(tx, customer, case_id)
        if case.version != seen.version:
            raise KycCaseChanged
        lacking = rules.missing(Level(case.level), _kinds(queries.documents(tx, [case_id])))
        if lacking:
            raise KycDocumentsMissing(missing=lacking)
        provider = providers.chosen()
        moved = queries.move(
            tx, case_id, CaseState.SUBMITTED, submitted_at=tx.now, provider=provider.name, findings=None
        )
        assert moved, "it is locked and may be changed"
        screened = screening.keep(tx, customer, compared)
        found = [] if screened is not None or compared.lists else [_NO_LIST]
        report = provider.begin(tx, case_id=case_id, customer=customer, applicant=applicant)
        if report is not None:
            take_report(tx, case_id, [*found, *report])
        outbox.publish(tx, KycCaseSubmitted(case_id, customer, case.level, case.version), key=str(case_id))
        audit.about(tx, before={"state": case.state}, after={"state": CaseState.SUBMITTED.value}, level=case.level)
        return "kyc_case", case_id

    return _command(tenant, customer, "POST /v1/kyc/cases/{id}/submit", key, {"id": case_id}, fn)


def take_report(tx: Tx, case_id: UUID, findings: Sequence[str]) -> bool:
    """What the provider found: now a person has to look. Step; False when nobody waits for it any more."""
    return queries.move(tx, case_id, CaseState.IN_REVIEW, findings=list(findings))


def overview(*, tenant: UUID, customer: UUID) -> Overview:
    """For the customer."""
    with read_only(tenant=tenant) as tx:
        standing = eligibility.standing(tx, customer)
        if standing is None:
            raise NotFound
        rights = {one: eligibility.eligibility(tx, customer, one, Action.BEGIN) for one in Product}
        rows = queries.of_customer(tx, customer, limit=SHOWN_CASES)
        papers = queries.documents(tx, [row.id for row in rows])
    return Overview(standing, rights, [_view(tenant, row, papers) for row in rows])


def read_own(*, tenant: UUID, customer: UUID, case_id: UUID) -> CaseView:
    """One case, of the customer who asks.

    Raises:
        NotFound
    """
    with read_only(tenant=tenant) as tx:
        row = queries.get(tx, case_id)
        if row is None or row.customer_id != customer:
            raise NotFound
        papers = queries.documents(tx, [case_id])
    return _view(tenant, row, papers)


def read_own_document(*, tenant: UUID, customer: UUID, document_id: UUID) -> AnyRow:
    with read_only(tenant=tenant) as tx:
        row = queries.document(tx, document_id)
        case = None if row is None else queries.get(tx, row.case_id)
    if row is None or case is None or case.customer_id != customer:
        raise NotFound
    return row


# The reviewer --------------------------------------------------------------------------------------------------------------------


def page(tenant: UUID, *, state: CaseState | None, after: UUID | None, limit: int) -> list[AnyRow]:
    """What was handed in, the oldest first."""
    with read_only(tenant=tenant) as tx:
        return queries.page(tx, state=state, after=after, limit=limit)


def review(tenant: UUID, case_id: UUID) -> Review:
    with read_only(tenant=tenant) as tx:
        row = queries.get(tx, case_id)
        if row is None or row.state == CaseState.DRAFT:
            raise NotFound
        papers = queries.documents(tx, [case_id])
        who = principals.get(tx, row.customer_id)
        assert who is not None, "a case has a customer"
        known, latest = eligibility.standing(tx, row.customer_id), screening.latest(tx, row.customer_id)
    return Review(_view(tenant, row, papers), who.email, known, latest)


def decide(
    *, tenant: UUID, by: UUID, case_id: UUID, decision: DecisionWord, reason: str, version: int | None, key: str | None
) -> Outcome:
    """A person decides; the customer is told, with the reason.

    Raises:
        NotFound, KycCaseClosed, KycOwnCase
        KycCaseChanged: not the version that was looked at.
        ScreeningOpen: it cannot be approved while somebody on a list may be meant, or is.
    """
    to = BECOMES[decision]

    def fn(tx: Tx) -> tuple[str, UUID]:
        case = queries.get(tx, case_id, lock=True)
        if case is None or case.state == CaseState.DRAFT:
            raise NotFound
        if by in principals.accounts_of_person(tx, case.customer_id):
            raise KycOwnCase
        if version is not None and version != case.version:
            raise KycCaseChanged
        if not queries.move(tx, case_id, to, decided_by=by, decided_at=tx.now, reason=reason):
            raise KycCaseClosed(state=case.state)
        if to is CaseState.APPROVED:
            known = eligibility.standing(tx, case.customer_id)
            if known is None or known.screening in {Screening.REVIEW, Screening.CONFIRMED}:
                raise ScreeningOpen
            eligibility.raise_level(tx, case.customer_id, level=Level(case.level), country=case.country)
        fact = KycCaseDecided(case_id, case.customer_id, case.level, case.version, to.value, reason)
        outbox.publish(tx, fact, key=str(case_id))
        audit.about(tx, before={"state": case.state}, after={"state": to.value}, became=to.value, reason=reason)
        return "kyc_case", case_id

    body = {"id": case_id, "decision": decision, "reason": reason, "version": version}
    return _command(tenant, by, "POST /v1/kyc/cases/{id}/decision", key, body, fn)


# Lists of names ------------------------------------------------------------------------------------------------------------------


def rescreen(tenant: UUID, *, at_once: int = 200) -> tuple[int, int]:
    """Compare every customer with the lists as they are now: (compared, of them to be looked at). For the engine's role."""
    compared, hits, after = 0, 0, None
    while True:
        with read_only(tenant=tenant) as tx:
            rows = queries.known_names(tx, after=after, limit=at_once)
        for row in rows:
            result = screening.compare(tenant, _person(tenant, row))
            became = db.retrying(partial(_keep, tenant, row.id, result))
            compared, hits = compared + 1, hits + (became is ScreeningState.REVIEW)
        if len(rows) < at_once:
            return compared, hits
        after = rows[-1].id


def _keep(tenant: UUID, customer: UUID, result: screening.Compared) -> ScreeningState | None:
    with transaction(tenant=tenant) as tx:
        return screening.keep(tx, customer, result)


def _person(tenant: UUID, row: AnyRow) -> Person:
    if row.case_id is None:
        return Person(row.name)
    applicant = _opened(tenant, row.case_id, row.sealed_applicant)
    return Person(applicant.full_name, applicant.birth_date.year)


# Pieces --------------------------------------------------------------------------------------------------------------------------


def _born(tx: Tx, applicant: Applicant) -> None:
    if applicant.birth_date > tx.now.date():
        raise InvalidRequest("birth_date: nobody is born in the future")


def _own(tx: Tx, customer: UUID, case_id: UUID, *, lock: bool = True) -> AnyRow:
    """A case of this customer that may be changed."""
    case = queries.get(tx, case_id, lock=lock)
    if case is None or case.customer_id != customer:
        raise NotFound
    if case.state not in EDITABLE:
        raise KycCaseClosed(state=case.state)
    return case


def _view(tenant: UUID, row: AnyRow, papers: Sequence[AnyRow]) -> CaseView:
    own = [paper for paper in papers if paper.case_id == row.id]
    return CaseView(row, _unseal(tenant, row), own, rules.missing(Level(row.level), _kinds(own)))


def _kinds(papers: Sequence[AnyRow]) -> list[DocumentKind]:
    return [DocumentKind(paper.kind) for paper in papers]


def _plain(applicant: Applicant) -> dict[str, str]:
    return {
        "full_name": applicant.full_name,
        "birth_date": applicant.birth_date.isoformat(),
        "country": applicant.country,
    }


def _seal(tenant: UUID, case_id: UUID, applicant: Applicant) -> bytes:
    return crypto.seal(json.dumps(_plain(applicant)).encode(), tenant=tenant, table=_CASES, row=case_id)


def _unseal(tenant: UUID, row: AnyRow) -> Applicant:
    return _opened(tenant, row.id, row.sealed_applicant)


def _opened(tenant: UUID, case_id: UUID, sealed: bytes) -> Applicant:
    plain = json.loads(crypto.unseal(bytes(sealed), tenant=tenant, table=_CASES, row=case_id))
    return Applicant(plain["full_name"], date.fromisoformat(plain["birth_date"]), plain["country"])


def _command(
    tenant: UUID,
    by: UUID,
    route: str,
    key: str | None,
    body: Mapping[str, object],
    fn: Callable[[Tx], tuple[str, UUID]],
) -> Outcome:
    print_ = commands.fingerprint(body)
    return commands.run(tenant=tenant, principal=by, route=route, key=key, fingerprint=print_, fn=fn)

"""Cases on the wire."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from identity.eligibility.schemas import Country
from identity.eligibility.states import Level, Obstacle, Product, Ruling, Screening
from identity.kyc.states import CaseState, DecisionWord, DocumentKind, MediaType
from identity.screening.schemas import ScreeningOut
from kernel.money import DecimalString


class ApplicantIn(BaseModel):
    """Who you are, as your papers say it."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    full_name: Annotated[str, Field(min_length=1, max_length=200, pattern=r"\w")]
    birth_date: date
    country: Country


class ApplicantOut(BaseModel):
    full_name: str
    birth_date: date
    country: str


class CaseIn(BaseModel):
    """Which level you want to rise to: 1 or 2."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    level: Annotated[int, Field(ge=Level.IDENTIFIED, le=Level.VERIFIED)]
    applicant: ApplicantIn


class DocumentOut(BaseModel):
    """A document as it was made anew."""

    id: UUID
    case_id: UUID
    kind: DocumentKind
    media_type: MediaType
    size: int
    pages: int
    created_at: datetime


class CaseOut(BaseModel):
    """A case of your own; `missing`: what has to be added, each with the kinds that will do."""

    id: UUID
    level: int
    state: CaseState
    version: int
    applicant: ApplicantOut
    documents: list[DocumentOut]
    missing: list[list[DocumentKind]]
    created_at: datetime
    submitted_at: datetime | None
    decided_at: datetime | None
    reason: str | None


class RightOut(BaseModel):
    """Whether you may begin this; `level` is the one it takes, `per_day` in the reporting currency."""

    product: Product
    verdict: Ruling
    reasons: list[Obstacle]
    level: int | None
    per_day: DecimalString | None


class StandingOut(BaseModel):
    """How well we know you, what that allows, and your cases, newest first."""

    level: int
    country: str | None
    rights: list[RightOut]
    cases: list[CaseOut]


class CaseRowOut(BaseModel):
    """A case in the list of those who decide."""

    id: UUID
    customer_id: UUID
    email: str
    level: int
    state: CaseState
    version: int
    country: str
    findings: list[str] | None
    submitted_at: datetime | None
    decided_by: UUID | None
    decided_at: datetime | None
    reason: str | None


class ReviewOut(CaseRowOut):
    """All of a case; `findings` is what the provider found, `screening` what the lists of names say."""

    provider: str | None
    applicant: ApplicantOut
    documents: list[DocumentOut]
    missing: list[list[DocumentKind]]
    standing_level: int | None
    standing_screening: Screening | None
    screening: ScreeningOut | None


class CaseDecisionIn(BaseModel):
    """`version` of the case that was looked at; the customer reads the reason."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    decision: DecisionWord
    reason: Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
    version: Annotated[int | None, Field(ge=1, le=2**31 - 1)] = None


class LinkOut(BaseModel):
    """Opens one document once, for you alone, until `expires_at`."""

    url: str
    expires_at: datetime

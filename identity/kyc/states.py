"""Words of cases, and the one table of their moves."""

from __future__ import annotations

from enum import StrEnum

from kernel.states import States


class CaseState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"  # a provider has to report first
    IN_REVIEW = "in_review"  # a person has to decide
    MORE_INFORMATION = "more_information"  # the customer has to add something
    APPROVED = "approved"
    REJECTED = "rejected"


class DecisionWord(StrEnum):
    APPROVE = "approve"
    REJECT = "reject"
    MORE_INFORMATION = "more_information"


class DocumentKind(StrEnum):
    PASSPORT = "passport"
    IDENTITY_CARD = "identity_card"
    DRIVING_LICENCE = "driving_licence"
    PROOF_OF_ADDRESS = "proof_of_address"
    SELFIE = "selfie"
    OTHER = "other"


class MediaType(StrEnum):
    """What documents are after they were made anew."""

    JPEG = "image/jpeg"
    PDF = "application/pdf"


_S = CaseState
CASE = States(
    "kyc_case",
    CaseState,
    initial={_S.DRAFT},
    moves={
        _S.DRAFT: {_S.SUBMITTED},
        _S.SUBMITTED: {_S.IN_REVIEW},
        _S.IN_REVIEW: {_S.APPROVED, _S.REJECTED, _S.MORE_INFORMATION},
        _S.MORE_INFORMATION: {_S.SUBMITTED},
        _S.APPROVED: set(),
        _S.REJECTED: set(),
    },
)
BECOMES = {
    DecisionWord.APPROVE: _S.APPROVED,
    DecisionWord.REJECT: _S.REJECTED,
    DecisionWord.MORE_INFORMATION: _S.MORE_INFORMATION,
}
EDITABLE = frozenset({_S.DRAFT, _S.MORE_INFORMATION})

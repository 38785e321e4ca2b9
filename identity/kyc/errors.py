"""Why a case, a document or a decision is refused."""

from __future__ import annotations

from typing import ClassVar

from kernel.errors import DomainError


class KycCaseOpen(DomainError):
    """There is a case of yours already that is not decided; `id` names it."""

    code: ClassVar[str] = "kyc_case_open"
    status: ClassVar[int] = 409


class KycLevelReached(DomainError):
    """You have this level already."""

    code: ClassVar[str] = "kyc_level_reached"
    status: ClassVar[int] = 409


class KycCaseClosed(DomainError):
    """The case is in a state that does not allow this."""

    code: ClassVar[str] = "kyc_case_closed"
    status: ClassVar[int] = 409


class KycCaseChanged(DomainError):
    """The case is not what was looked at: it has changed since."""

    code: ClassVar[str] = "kyc_case_changed"
    status: ClassVar[int] = 409


class KycDocumentsMissing(DomainError):
    """This level takes more documents; `missing` lists them, each with the kinds that will do."""

    code: ClassVar[str] = "kyc_documents_missing"
    status: ClassVar[int] = 409


class KycTooManyDocuments(DomainError):
    """A case holds no more documents than this."""

    code: ClassVar[str] = "kyc_too_many_documents"
    status: ClassVar[int] = 409


class KycOwnCase(DomainError):
    """Nobody decides about themselves, whichever account is used."""

    code: ClassVar[str] = "kyc_own_case"
    status: ClassVar[int] = 403


class ScreeningOpen(DomainError):
    """The lists of names are not cleared up: somebody has to say whether it is this customer."""

    code: ClassVar[str] = "screening_open"
    status: ClassVar[int] = 409


class DocumentUnsupported(DomainError):
    """A document is a JPEG, PNG or WebP picture or a PDF, whatever its name says."""

    code: ClassVar[str] = "document_unsupported"
    status: ClassVar[int] = 400


class DocumentTooLarge(DomainError):
    """The document has more bytes, pixels or pages than we take."""

    code: ClassVar[str] = "document_too_large"
    status: ClassVar[int] = 400


class DocumentUnsafe(DomainError):
    """The PDF is encrypted, or holds scripts, forms or other files."""

    code: ClassVar[str] = "document_unsafe"
    status: ClassVar[int] = 400


class DocumentUnreadable(DomainError):
    """The document is broken, or takes too long to read."""

    code: ClassVar[str] = "document_unreadable"
    status: ClassVar[int] = 400

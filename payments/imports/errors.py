"""Why an import as a whole is refused; what is wrong with one row is told beside that row."""

from __future__ import annotations

from typing import ClassVar

from kernel.errors import DomainError


class InvalidImport(DomainError):
    """The file cannot be read as journals."""

    code: ClassVar[str] = "invalid_import"
    status: ClassVar[int] = 400


class FileKnown(DomainError):
    """A file with this key was imported before; its rows would be posted twice."""

    code: ClassVar[str] = "file_known"
    status: ClassVar[int] = 409


class DigestDiffers(DomainError):
    """The approval is of another file than this import holds."""

    code: ClassVar[str] = "digest_differs"
    status: ClassVar[int] = 409


class ImportNotWaiting(DomainError):
    """The import does not wait for a decision."""

    code: ClassVar[str] = "import_not_waiting"
    status: ClassVar[int] = 409

"""Why an export is refused."""

from __future__ import annotations

from typing import ClassVar

from kernel.errors import DomainError


class ExportNotReady(DomainError):
    """The export has no file: it is still at work, has failed, or its file was deleted."""

    code: ClassVar[str] = "export_not_ready"
    status: ClassVar[int] = 409


class ExportFileGone(DomainError):
    """The file of this export is not on this server."""

    code: ClassVar[str] = "export_file_gone"
    status: ClassVar[int] = 410

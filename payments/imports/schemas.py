"""An import as JSON: what was sent, who decided, and what became of the rows."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from kernel.money import DecimalString
from payments.imports.states import Format, ImportState


class ApproveIn(BaseModel):
    """The digest of the file that was looked at."""

    model_config = ConfigDict(extra="forbid")

    sha256: str = Field(pattern=r"^[0-9a-fA-F]{64}$")


class ImportOut(BaseModel):
    """`refused` counts rows by reason; `accepted` are those that would be posted (after the check) or were (after posting)."""

    id: UUID
    status: ImportState
    realm: str
    file_key: str
    format: Format
    dry_run: bool
    sha256: str
    rows: int
    progress: float
    accepted: int
    existed: int
    refused: dict[str, int]
    error: str | None
    uploaded_by: UUID
    uploaded_at: datetime
    decided_by: UUID | None
    decided_at: datetime | None
    finished_at: datetime | None


class ImportRowOut(BaseModel):
    """One journal of the file; `detail` says what is wrong with a row that cannot be read."""

    row: int
    line: int
    kind: str
    accounts: list[str]
    amounts: list[DecimalString]
    status: str
    detail: str | None
    journal_id: UUID | None

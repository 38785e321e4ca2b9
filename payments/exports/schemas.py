"""An export as JSON: what was asked for, how far it is, and the digest of the file."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from kernel.clock import Moment
from payments.accounts.numbers import AccountNumber
from payments.exports.states import ExportState, Format, What


class ExportIn(BaseModel):
    """`from` (inclusive) and `to` (exclusive) bound the booked time; `account` is needed for a statement."""

    model_config = ConfigDict(extra="forbid", validate_by_name=False)

    what: What
    format: Format = Format.CSV
    from_at: Moment | None = Field(default=None, alias="from")
    to_at: Moment | None = Field(default=None, alias="to")
    account: AccountNumber | None = None


class ExportOut(BaseModel):
    """`progress` is a fraction, absent while it is not known; `sha256` is that of the file."""

    id: UUID
    what: What
    format: Format
    realm: str
    account: AccountNumber | None
    from_at: datetime | None = Field(serialization_alias="from")
    to_at: datetime | None = Field(serialization_alias="to")
    status: ExportState
    progress: float | None
    rows: int
    bytes: int | None
    sha256: str | None
    error: str | None
    requested_by: UUID
    requested_at: datetime
    finished_at: datetime | None

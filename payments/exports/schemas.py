"""An export as JSON: what was asked for, how far it is, and the digest of the file."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from kernel.clock import Moment
from payments.accounts.numbers import AccountNumber
from payments.exports.states import ExportState, Format, What

Named = Annotated[str, Field(pattern=r"^[a-z]+\.[a-z_]+$", max_length=64)]


class ExportIn(BaseModel):
    """`from` (inclusive) and `to` (exclusive) bound the booked time; `account` is needed for a statement.

    What other packages export has names with a point, such as `earn.costs`; `docs/exports.md` lists them.
    """

    model_config = ConfigDict(extra="forbid", validate_by_name=False)

    what: What | Named
    format: Format = Format.CSV
    from_at: Moment | None = Field(default=None, alias="from")
    to_at: Moment | None = Field(default=None, alias="to")
    account: AccountNumber | None = None


class ExportOut(BaseModel):
    """`progress` is a fraction, absent while it is not known; `sha256` is that of the file."""

    id: UUID
    what: What | Named
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

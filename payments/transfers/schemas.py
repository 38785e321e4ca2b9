"""Transfers on the wire. Accounts are written as text: their number, or whom they belong to."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from kernel.money import DecimalString
from payments.transfers.states import TransferKind, TransferStatus


def _positive(value: DecimalString) -> DecimalString:
    if value <= 0:
        raise ValueError("a transfer carries more than nothing")
    return value


Party = Annotated[
    str,
    Field(
        min_length=1,
        max_length=254,
        pattern=r"^\S+$",
        description="An account's number, a customer's e-mail or id, or (staff) an account's path.",
        examples=["42", "ada@example.com"],
    ),
]
Memo = Annotated[str, Field(min_length=1, max_length=200, description="For people; both sides read it.")]
Word = Annotated[str, Field(min_length=1, max_length=64)]
Amount = Annotated[DecimalString, AfterValidator(_positive)]


class ItemIn(BaseModel):
    """Without `from` it comes out of your own account of the asset."""

    model_config = ConfigDict(extra="forbid")

    from_: Party | None = Field(default=None, alias="from")
    to: Party
    asset: Annotated[str, Field(pattern=r"^[A-Z0-9]{1,32}$", examples=["USDT"])]
    amount: Amount
    memo: Memo | None = None
    metadata: Annotated[
        dict[Word, Annotated[str, Field(max_length=500)]] | None,
        Field(max_length=20, description="For programs; both sides read it."),
    ] = None


class TransferIn(ItemIn):
    """`execute_at` posts it on that day (business time), as far as the funds of that day go."""

    execute_at: AwareDatetime | None = None
    effective_at: Annotated[
        AwareDatetime | None, Field(description="Staff only: the day it counts for in accounting.")
    ] = None


class BatchItemIn(ItemIn):
    """`linked` ties it to the next item: both are posted, or neither."""

    linked: bool = False


class BatchIn(BaseModel):
    """`atomic`: all or none. `continue`: each for itself, chains whole."""

    model_config = ConfigDict(extra="forbid")

    mode: Literal["atomic", "continue"]
    items: Annotated[list[BatchItemIn], Field(min_length=1, max_length=1000)]


class ReverseIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    memo: Memo | None = None


class TransferOut(BaseModel):
    """A transfer as it is now; `reversed_by` is the journal that took it back."""

    id: UUID
    kind: TransferKind
    status: TransferStatus
    from_: str = Field(alias="from")
    to: str
    asset: str
    amount: DecimalString
    memo: str | None
    metadata: dict[str, str]
    effective_at: datetime | None
    execute_at: datetime | None
    created_at: datetime
    created_by: UUID | None
    approved_by: UUID | None
    reason: str | None
    journal_id: UUID | None
    reverses: UUID | None
    reversed_by: UUID | None


class BatchItemOut(BaseModel):
    """`status`: ok, exists, awaiting_approval, not_posted (something it is tied to was refused), or the code of the refusal."""

    status: str
    id: UUID | None


class BatchOut(BaseModel):
    """One answer per item, in the order of the request."""

    items: list[BatchItemOut]

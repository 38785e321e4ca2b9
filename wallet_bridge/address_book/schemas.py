"""The address book on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from wallet_bridge.address_book.service import Entry, Wish
from wallet_bridge.address_book.states import EntryStatus


class AddressBookIn(BaseModel):
    """`memo` where the network needs one, and only there."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    network: Annotated[str, Field(min_length=1, max_length=32, pattern=r"^[A-Za-z0-9._-]+$", examples=["ethereum"])]
    address: Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[!-~]+$")]
    memo: Annotated[str | None, Field(min_length=1, max_length=64, pattern=r"^[!-~]+$")] = None
    label: Annotated[str, Field(min_length=1, max_length=64, examples=["My cold wallet"])]

    def wish(self) -> Wish:
        return Wish(self.network, self.address, self.memo, self.label)


class AddressBookOut(BaseModel):
    """Money can be sent there from `active_from` on."""

    id: UUID
    network: str
    address: str
    memo: str | None
    label: str
    status: EntryStatus
    active_from: datetime
    created_at: datetime


def shown(entry: Entry, status: EntryStatus) -> AddressBookOut:
    return AddressBookOut(
        id=entry.id, network=entry.network, address=entry.address, memo=entry.memo, label=entry.label, status=status,
        active_from=entry.active_from, created_at=entry.created_at,
    )  # fmt: skip

"""Routes of chat channels: the house's own, for staff. An address goes in and never comes out."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from identity.auth import Principal, requires
from identity.permissions import Permission
from identity.security.errors import StepUpRequired
from kernel.crypto import MasterKeyMissing
from kernel.errors import IdempotencyConflict, NotFound
from kernel.http import IdempotencyKey, Page, problem_responses
from notices.chat import service
from notices.chat.errors import ChannelAddressRefused, TooManyChannels
from notices.chat.schemas import ChannelIn, ChannelOut
from notices.chat.service import ChannelRow

router = APIRouter(prefix="/v1/channels", tags=["notices"])
Staff = Annotated[Principal, requires(Permission.CHANNELS_WRITE)]
ProvenStaff = Annotated[Principal, requires(Permission.CHANNELS_WRITE, proven=True)]


@router.post(
    "",
    status_code=201,
    operation_id="create_channel",
    responses=problem_responses(
        ChannelAddressRefused, TooManyChannels, StepUpRequired, IdempotencyConflict, MasterKeyMissing
    ),
)
def create(body: ChannelIn, key: IdempotencyKey, principal: ProvenStaff) -> ChannelOut:
    """Alert a chat room from now on; its first message says so."""
    row = service.create(
        tenant=principal.tenant_id,
        by=principal.id,
        name=body.name,
        address=body.address.get_secret_value(),
        topics=body.topics,
        language=body.language,
        key=key,
    )
    return _out(row)


@router.get("", operation_id="list_channels")
def list_channels(principal: Staff) -> Page[ChannelOut]:
    """All of them, the newest first, on one page."""
    return Page(items=[_out(row) for row in service.list_channels(tenant=principal.tenant_id)])


@router.delete("/{id}", status_code=204, operation_id="remove_channel", responses=problem_responses(NotFound))
def remove(id: UUID, principal: Staff) -> None:  # noqa: A002  the name of the path's parameter
    """Nothing more is sent there."""
    service.remove(tenant=principal.tenant_id, channel_id=id)


def _out(row: ChannelRow) -> ChannelOut:
    return ChannelOut(**{name: getattr(row, name) for name in ChannelOut.model_fields})

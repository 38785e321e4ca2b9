"""The reader of the custodian's events: from where we stand to the head, one after the other; a hint only says to look now."""

from __future__ import annotations

import asyncio

from pydantic import ValidationError

from kernel import log
from wallet_bridge.custody import service
from wallet_bridge.custody.client import Client, CustodianAway, CustodianRefuses
from wallet_bridge.wire.schemas import EventsOut

AT_ONCE = 200
_log = log.get("custody")


async def read(client: Client) -> int:
    """What follows the cursor, at most `AT_ONCE`; returns how many were applied.

    Raises:
        CustodianAway
    """
    stands = await asyncio.to_thread(service.place)
    try:
        told = EventsOut.model_validate(await client.get("/v1/events", {"after": stands, "limit": AT_ONCE}))
    except CustodianRefuses as error:
        raise CustodianAway(f"GET /v1/events: {error.code}") from None
    except ValidationError:
        raise CustodianAway("GET /v1/events: not as agreed") from None
    applied = 0
    for event in told.items:
        if event.seq != stands + 1:
            raise CustodianAway(f"GET /v1/events: {event.seq} follows {stands}")
        if not await asyncio.to_thread(service.apply, event):
            break  # somebody else reads, too
        stands, applied = event.seq, applied + 1
    await asyncio.to_thread(service.note_read, head=max(told.head, stands))
    return applied


async def trouble(error: CustodianAway) -> None:
    _log.warning("custodian_away", error=str(error))
    await asyncio.to_thread(service.note_trouble, str(error))

"""The address of the stream. A browser is known by its cookie, if the page is ours; a program by its first message."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Header, WebSocket

from identity import auth
from identity.auth import Principal, public
from identity.sessions import cookies
from kernel.errors import DomainError
from rivermouth.stream.connection import Connection
from rivermouth.stream.hub import Hub
from rivermouth.stream.sending import CloseCode

router = APIRouter(tags=["stream"], dependencies=[public(rate=None)])


class UpgradeRequired(DomainError):
    """This address speaks websocket; the protocol stands in docs/stream.md."""

    code = "upgrade_required"
    status = 426


_UPGRADE: dict[int | str, dict[str, Any]] = {
    426: {
        "description": "This address speaks websocket (`upgrade_required`).",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
}


@router.get("/v1/stream", operation_id="stream", status_code=426, responses=_UPGRADE)
def explain(_upgrade: Annotated[str | None, Header(alias="Upgrade")] = None) -> None:
    """The live stream: connect with a websocket, then subscribe to channels."""
    raise UpgradeRequired


@router.websocket("/v1/stream")
async def stream(socket: WebSocket) -> None:
    principal = await _from_cookie(socket)
    await socket.accept()
    hub: Hub = socket.app.state.stream
    connection = Connection(hub, socket, principal)
    if not hub.admit(connection):
        await socket.close(CloseCode.FULL, "full")
        return
    try:
        await connection.serve()
    finally:
        hub.dismiss(connection)


async def _from_cookie(socket: WebSocket) -> Principal | None:
    """A browser sends the cookie from any page: it counts only when the page came from this very host."""
    token = cookies.token_of(socket)
    if token is None or not cookies.from_our_page(socket):
        return None
    return await asyncio.to_thread(auth.authenticate, token)
